//! Runs the official JavaScript client against the real binary.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, ensure};

use super::{Count, fixture_host::FixtureHost, replay};
use crate::workspace;

/// Installs the client at the versions of the lock file, and lets it call every method.
pub fn run() -> anyhow::Result<Count> {
    let conformance = replay::folder()?;
    let installed = install()?;
    let _host = FixtureHost::start_or_share(&conformance.join("catalog"), "url-root.yaml")?;
    let server = replay::start_on_fixture("client", None)?;
    let mut command = Command::new("node");
    command.arg(conformance.join("client-smoke.mjs"));
    command.env("CLIENT_FROM", installed.join("package.json")).env("BASE_URL", server.base());
    let output = command.output().context("node cannot be started")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut count = Count::default();
    for line in text.lines() {
        match line.split(' ').next() {
            Some("PASS") => count.passed += 1,
            Some("FAIL") => {
                println!("{line}");
                count.failed += 1;
            }
            _ => println!("{line}"),
        }
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(count.passed + count.failed > 0, "the client did not start:\n{errors}");
    if !output.status.success() && count.failed == 0 {
        println!("{errors}");
        count.failed = 1;
    }
    Ok(count)
}

/// Copies `conformance/client` below `target` and installs there; a second time there is nothing to do.
fn install() -> anyhow::Result<PathBuf> {
    let source = workspace::root().join("conformance/client");
    let folder = workspace::scratch("client-packages")?;
    let lock = fs::read(source.join("package-lock.json")).context("conformance/client has no lock file")?;
    let done = folder.join("installed-lock.json");
    if fs::read(&done).is_ok_and(|installed| installed == lock) {
        return Ok(folder);
    }
    for file in ["package.json", "package-lock.json"] {
        fs::copy(source.join(file), folder.join(file))?;
    }
    let mut command = Command::new("npm");
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&folder);
    ensure!(command.status().context("npm cannot be started")?.success(), "npm could not install the client");
    fs::write(done, lock)?;
    Ok(folder)
}
