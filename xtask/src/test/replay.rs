//! Replays the recorded requests against the real binary.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use anyhow::{Context as _, ensure};

use super::{Count, differences, fixture_host::FixtureHost};
use crate::{
    server::{Server, Start},
    workspace,
};

/// On SQLite.
pub fn on_sqlite() -> anyhow::Result<Count> {
    both_ways("sqlite", || Ok(None))
}

/// On PostgreSQL.
pub fn on_postgres() -> anyhow::Result<Count> {
    let server = testkit::PostgresServer::start();
    both_ways("postgres", || Ok(Some(server.create_database())))
}

/// Starts a server on the recorded fixture with an empty database, harvested. The fixture's host must be up.
///
/// # Errors
/// When a part of `../shared` is missing or the server does not get ready.
pub fn start_on_fixture(name: &str, database: Option<&str>) -> anyhow::Result<Server> {
    let conformance = folder()?;
    let data = workspace::scratch(name)?;
    fs::remove_dir_all(&data)?;
    let catalog = conformance.join("catalog").display().to_string();
    let start = Start {
        binary: &workspace::target().join("debug/callboard"),
        config: &conformance.join("app-config.yaml"),
        data: &data,
        database,
        environment: &[("FIXTURE_DIR", &catalog)],
    };
    let mut server = start.run()?;
    server.wait_for_harvest(Duration::from_secs(60))?;
    Ok(server)
}

/// The recordings.
///
/// # Errors
/// When one of their parts is missing.
pub fn folder() -> anyhow::Result<PathBuf> {
    let folder = workspace::shared().context("../shared is not there")?.join("conformance");
    for part in ["catalog", "cases.jsonl", "scenarios.jsonl", "replay.py", "app-config.yaml", "client-smoke.mjs"] {
        ensure!(folder.join(part).exists(), "`{}` is missing", folder.join(part).display());
    }
    Ok(folder)
}

fn both_ways(name: &str, database: impl Fn() -> anyhow::Result<Option<String>>) -> anyhow::Result<Count> {
    let listed = differences::load()?;
    let _host = FixtureHost::start_or_share(&folder()?.join("catalog"), "url-root.yaml")?;
    let mut total = Count::default();
    for (strict, lists) in [(false, vec![&listed.plain]), (true, vec![&listed.plain, &listed.strict])] {
        let database = database()?;
        let server = start_on_fixture(&format!("replay-{name}"), database.as_deref())?;
        let (same, differing) = replay(&server, strict)?;
        ensure!(same.len() + differing.len() > 300, "only {} cases ran", same.len() + differing.len());
        let count = differences::judge(&same, &differing, &lists, &listed.races);
        let way = if strict { "with message texts" } else { "without message texts" };
        println!("{way}: {} same, {} differ", same.len(), differing.len());
        total.passed += count.passed;
        total.failed += count.failed;
    }
    Ok(total)
}

type Outcome = (Vec<String>, Vec<(String, String)>);

fn replay(server: &Server, strict: bool) -> anyhow::Result<Outcome> {
    let mut command = Command::new("python3");
    command.arg(folder()?.join("replay.py")).args(["--base", &server.base(), "-v"]);
    if strict {
        command.arg("--strict");
    }
    let output = command.output().context("python3 cannot be started")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (mut same, mut differing) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let name = |rest: &str| rest.trim().split_once('/').map(|(_, name)| name.to_owned());
        if let Some(name) = line.strip_prefix("same ").and_then(name) {
            same.push(name);
        } else if let Some((case, why)) = line.strip_prefix("DIFFERS ").and_then(|rest| rest.split_once(": ")) {
            differing.push((name(case).unwrap_or_else(|| case.to_owned()), why.to_owned()));
        }
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(errors.is_empty(), "replay.py broke off, the server's log is {}:\n{errors}", server.log.display());
    Ok((same, differing))
}
