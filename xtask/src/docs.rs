//! `cargo xtask docs`: writes `docs/reference` from the tables in the code.

use std::{fs, process::Command};

use anyhow::{Context as _, ensure};

use crate::workspace;

/// The pages that `callboard reference` makes.
const PAGES: &[&str] = &["configuration", "cli", "diagnostics", "permissions", "metrics"];

/// What to do with a page that is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Write it.
    Write,
    /// Report it.
    Check,
}

/// Writes or checks all pages; tells whether all were as they should be.
///
/// # Errors
/// When the binary cannot be built, or the folder cannot be written.
pub fn run(mode: Mode) -> anyhow::Result<bool> {
    let folder = workspace::root().join("docs/reference");
    fs::create_dir_all(&folder)?;
    let built = workspace::cargo(&["build", "--quiet", "--package", "callboard"])
        .status()
        .context("cargo cannot be started")?;
    ensure!(built.success(), "the binary cannot be built");
    let binary = workspace::target().join("debug/callboard");
    let mut all_good = true;
    for page in PAGES {
        let output =
            Command::new(&binary).args(["reference", page]).output().context("the binary cannot be started")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let path = folder.join(page).with_extension("md");
        if fs::read(&path).is_ok_and(|text| text == output.stdout) {
            continue;
        }
        all_good = false;
        match mode {
            Mode::Write => {
                fs::write(&path, &output.stdout)?;
                println!("written: docs/reference/{page}.md");
            }
            Mode::Check => println!("docs/reference/{page}.md is not up to date; run `cargo xtask docs`"),
        }
    }
    Ok(all_good || mode == Mode::Write)
}
