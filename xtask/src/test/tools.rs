//! What the test command needs beside Rust: found, or installed where that is allowed, or named.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::bail;

use super::Count;
use crate::workspace;

/// A program, and the Debian packages that have it and what it needs to be useful.
struct Tool {
    program: &'static str,
    packages: &'static [&'static str],
    what: &'static str,
}

const POSTGRES: Tool = Tool { program: "initdb", packages: &["postgresql"], what: "PostgreSQL's server" };
const PYTHON: Tool = Tool { program: "python3", packages: &["python3"], what: "Python 3" };
const NODE: Tool = Tool { program: "node", packages: &["nodejs"], what: "Node.js" };
const NPM: Tool = Tool { program: "npm", packages: &["npm"], what: "npm" };
const CHROMIUM: Tool = Tool { program: "chromium", packages: &["chromium", "fonts-liberation"], what: "Chromium" };

/// Makes sure that what every run needs is there. Root installs missing packages with apt-get; anybody else is told what to
/// install.
pub fn provide() -> anyhow::Result<Count> {
    let with_shared: &[&Tool] = if workspace::shared().is_some() { &[&PYTHON, &NODE, &NPM] } else { &[] };
    let mut wanted = vec![&POSTGRES];
    wanted.extend(with_shared);
    provide_all(&wanted)?;
    println!("everything is there");
    Ok(Count::one(true))
}

/// Makes sure that what the browser tests need is there.
pub fn provide_browser() -> anyhow::Result<()> {
    provide_all(&[&NODE, &NPM, &CHROMIUM])
}

fn provide_all(wanted: &[&'static Tool]) -> anyhow::Result<()> {
    let missing = find_missing(wanted);
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|tool| tool.packages).copied().collect();
    let line = format!("apt-get install -y --no-install-recommends {}", packages.join(" "));
    for tool in &missing {
        println!("missing: {} ({})", tool.what, tool.program);
    }
    if !is_root() || find_program("apt-get").is_none() {
        bail!("install what is missing, for example with `sudo {line}`, and start again");
    }
    println!("installing: {line}");
    // A package index that is a little old is better than none, so a failed update is not the end.
    let _outcome = Command::new("apt-get").args(["update", "-qq"]).status();
    let mut install = Command::new("apt-get");
    install.args(["install", "-y", "-qq", "--no-install-recommends"]).args(&packages);
    // The package of PostgreSQL would start a server of its own, which nobody needs here.
    install.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
    let installed = install.status()?.success();
    let missing = find_missing(wanted);
    if !installed || !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|tool| tool.what).collect();
        bail!("`{line}` did not help; still missing: {}", names.join(", "));
    }
    Ok(())
}

fn find_missing(wanted: &[&'static Tool]) -> Vec<&'static Tool> {
    wanted.iter().copied().filter(|tool| find_program(tool.program).is_none()).collect()
}

/// Looks in `PATH`, and where Debian keeps the programs of PostgreSQL's server.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let packaged =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path().join("bin"));
    std::env::split_paths(&path).chain(packaged).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    Path::new("/proc/self").metadata().is_ok_and(|metadata| metadata.uid() == 0)
}
