//! Packages of npm at the versions of a lock file, and the lines that test programs in JavaScript print.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};

use crate::test::Count;

/// Installs what the lock file in `source` names below `folder`; a second time there is nothing to do.
///
/// # Errors
/// When there is no lock file, or npm cannot install.
pub fn install(source: &Path, folder: &Path) -> anyhow::Result<()> {
    let lock = fs::read(source.join("package-lock.json"))
        .with_context(|| format!("`{}` has no lock file", source.display()))?;
    let done = folder.join("node_modules/installed-lock.json");
    if fs::read(&done).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    if source != folder {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(source.join(file), folder.join(file))?;
        }
    }
    let mut command = Command::new("npm");
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    ensure!(command.status().context("npm cannot be started")?.success(), "npm could not install the packages");
    fs::write(done, lock)?;
    Ok(())
}

/// Whether passed checks are shown, or only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// Shown.
    Shown,
    /// Counted.
    Counted,
}

/// Runs a program that prints `PASS ...` or `FAIL ...` for each check, and counts them; other lines are shown.
///
/// # Errors
/// When it cannot be started, or ends before its first check.
pub fn count_checks(command: &mut Command, passed: Passed) -> anyhow::Result<Count> {
    Ok(run_checks(command, passed)?.0)
}

/// The same, with the names of the checks that failed.
///
/// # Errors
/// When it cannot be started, or ends before its first check.
pub fn run_checks(command: &mut Command, passed: Passed) -> anyhow::Result<(Count, Vec<String>)> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{program}` cannot be started"))?;
    let mut count = Count::default();
    let mut failed = Vec::new();
    for line in BufReader::new(child.stdout.take().context("its output is piped")?).lines() {
        let line = line?;
        let (verdict, name) = line.split_once(' ').unwrap_or((&line, ""));
        match verdict {
            "PASS" => {
                count.passed += 1;
                if passed == Passed::Shown {
                    println!("{line}");
                }
            }
            "FAIL" => {
                count.failed += 1;
                failed.push(name.to_owned());
                println!("{line}");
            }
            _ => println!("{line}"),
        }
    }
    let status = child.wait()?;
    ensure!(count.passed + count.failed > 0, "`{program}` ended with {status} before its first check");
    if !status.success() && count.failed == 0 {
        count.failed = 1;
    }
    Ok((count, failed))
}
