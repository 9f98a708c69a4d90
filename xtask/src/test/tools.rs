//! What the test command needs beside Rust: found, or installed where that is allowed, or named.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::bail;

use super::Count;
use crate::workspace;

/// A program, and the Debian package that has it.
struct Tool {
    program: &'static str,
    package: &'static str,
    what: &'static str,
    only_with_shared: bool,
}

const TOOLS: &[Tool] = &[
    Tool { program: "initdb", package: "postgresql", what: "PostgreSQL's server", only_with_shared: false },
    Tool { program: "python3", package: "python3", what: "Python 3", only_with_shared: true },
    Tool { program: "node", package: "nodejs", what: "Node.js", only_with_shared: true },
    Tool { program: "npm", package: "npm", what: "npm", only_with_shared: true },
];

/// Makes sure that all tools are there. Root installs missing packages with apt-get; anybody else is told what to install.
pub fn provide() -> anyhow::Result<Count> {
    let missing = find_missing();
    if missing.is_empty() {
        println!("everything is there");
        return Ok(Count::one(true));
    }
    let packages: Vec<&str> = missing.iter().map(|tool| tool.package).collect();
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
    let missing = find_missing();
    if !installed || !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|tool| tool.what).collect();
        bail!("`{line}` did not help; still missing: {}", names.join(", "));
    }
    Ok(Count::one(true))
}

fn find_missing() -> Vec<&'static Tool> {
    let shared = workspace::shared().is_some();
    TOOLS
        .iter()
        .filter(|tool| shared || !tool.only_with_shared)
        .filter(|tool| find_program(tool.program).is_none())
        .collect()
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
