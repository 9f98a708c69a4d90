//! Harvest, restart and size of one estate on one database.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::{estate::Estate, feed, load, process, reads};
use crate::{
    http,
    server::{Server, Start},
    workspace,
};

const LONGEST_HARVEST: Duration = Duration::from_secs(1800);
/// How long a server has had nothing to do when it is at rest: the search structures are made then, and what they were made of
/// went back to the system.
const REST: Duration = Duration::from_secs(15);

/// Harvests, restarts, and measures reads.
pub fn measure(estate: &Estate, database: &str, seconds: u64) -> anyhow::Result<Value> {
    let postgres = (database == "postgres").then(testkit::PostgresServer::start);
    let url = postgres.as_ref().map(testkit::PostgresServer::create_database);
    let postgres_folder =
        url.as_deref().and_then(|url| url.split("host=").nth(1)).map(|dir| PathBuf::from(dir).join("data"));
    let data = workspace::scratch(&format!("bench/data-{database}"))?;
    fs::remove_dir_all(&data)?;
    fs::create_dir_all(&data)?;
    let config = data.join("app-config.yaml");
    let receiver = feed::Receiver::start()?;
    fs::write(&config, config_for(&estate.root, &receiver.host))?;
    let binary = workspace::target().join("release/callboard");
    // As the unit and the container in `deploy/` have it.
    let environment = &[("MIMALLOC_PURGE_DELAY", "1")];
    let start = Start { binary: &binary, config: &config, data: &data, database: url.as_deref(), environment };
    let database_cpu = || postgres_folder.as_deref().map_or(0.0, process::cpu_seconds_in);

    let (begun, database_before) = (Instant::now(), database_cpu());
    let mut server = start.spawn()?;
    let first_200 = wait_for_answer(&mut server, begun)?;
    server.wait_for("the whole estate", LONGEST_HARVEST, |server| count(server.port) >= estate.entities)?;
    let visible = begun.elapsed().as_secs_f64();
    let cpu = process::cpu_seconds(server.pid());
    let database_cpu_used = database_cpu() - database_before;
    let (_, peak) = process::memory_mb(server.pid());
    println!("  harvest {visible:.2} s, CPU {cpu:.2} + {database_cpu_used:.2} s, peak {peak:.0} MB");
    drop(server);

    let begun = Instant::now();
    let mut server = start.spawn()?;
    let restart = wait_for_answer(&mut server, begun)?;
    server.wait_for("the estate after the restart", LONGEST_HARVEST, |server| count(server.port) >= estate.entities)?;
    let whole = begun.elapsed().as_secs_f64();
    server.wait_for_harvest(LONGEST_HARVEST)?;
    std::thread::park_timeout(REST);
    let (at_rest, _) = process::memory_mb(server.pid());
    println!("  restart {restart:.2} s to the first 200, {whole:.2} s to all, {at_rest:.0} MB");
    let change = measure_change(&mut server, estate)?;
    let rows = reads::measure(server.port, server.pid(), estate, seconds)?;
    let (after_reads, _) = process::memory_mb(server.pid());
    // Last, because it removes entities.
    let feed = feed::measure(&mut server, &receiver)?;
    let disk = postgres_folder
        .as_deref()
        .map_or_else(|| process::folder_mb(&data), |dir| process::folder_mb(&dir.join("base")));
    Ok(json!({
        "entities": estate.entities, "database": database, "machine": process::machine(),
        "harvest": { "first200": first_200, "visible": visible, "cpu": cpu, "databaseCpu": database_cpu_used, "peak": peak },
        "restart": { "first200": restart, "all": whole, "memory": at_rest, "memoryAfterReads": after_reads },
        "changeVisible": change.from_file_ms, "changeAfterWrite": change.from_database_ms, "disk": disk, "reads": rows, "feed": feed,
        "clients": load::CLIENTS,
    }))
}

fn config_for(root: &Path, receiver: &str) -> String {
    format!(
        "backend:\n  auth: {{ dangerouslyDisableDefaultAuthPolicy: true }}\ncatalog:\n  processingInterval: {{ hours: 2 }}\n  rules:\n    \
         - allow: [Component, System, API, Resource, Location, Domain, Group, User, Template]\n  locations:\n    - type: file\n      \
         target: {}\ncallboard:\n  webhooks: {{ allow: ['{receiver}'] }}\n",
        root.display()
    )
}

/// Seconds from `begun` to the first good answer that holds an entity; an answer from an empty catalog is none.
fn wait_for_answer(server: &mut Server, begun: Instant) -> anyhow::Result<f64> {
    server.wait_for("the first answer", LONGEST_HARVEST, |server| {
        let answer = http::send(server.port, "GET", "/api/catalog/entities/by-query?limit=1", None);
        answer.is_ok_and(|answer| answer.status == 200 && !answer.json()["items"][0].is_null())
    })?;
    Ok(begun.elapsed().as_secs_f64())
}

/// Entities in the catalog that are no Locations: those are ours, not the estate's.
fn count(port: u16) -> u64 {
    let answer = http::send(port, "GET", "/api/catalog/entity-facets?facet=kind", None);
    let facets = answer.map(|answer| answer.json()).unwrap_or_default();
    let kinds = facets["facets"]["kind"].as_array().cloned().unwrap_or_default();
    kinds.iter().filter(|row| row["value"] != "Location").filter_map(|row| row["count"].as_u64()).sum()
}

/// Milliseconds until the API shows what was changed.
struct ChangeTimes {
    /// From the moment that the file is written: with noticing it, reading it and the rest of its root.
    from_file_ms: f64,
    /// From the moment that the harvest hands the change to the database: with the transaction, and with our own polling.
    from_database_ms: f64,
}

/// Changes a file of the estate, and puts it back.
fn measure_change(server: &mut Server, estate: &Estate) -> anyhow::Result<ChangeTimes> {
    let text = fs::read_to_string(&estate.some_file)?;
    let name = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("name: "))
        .context("the file of the estate holds no name")?
        .trim_matches('"')
        .to_owned();
    let kind = text.lines().find_map(|line| line.strip_prefix("kind: ")).context("the file holds no kind")?;
    let kind = kind.trim().trim_matches('"').to_lowercase();
    let mark = "changed-by-the-measurement";
    let changed = text.replacen("metadata:\n", &format!("metadata:\n  description: {mark}\n"), 1);
    // The generator may have written a description already; a key that stands twice would be an error.
    let changed = if text.contains("  description:") {
        text.replacen("  description: ", &format!("  description: {mark} "), 1)
    } else {
        changed
    };
    let changed = changed.replace(&format!("{mark} \""), &format!("\"{mark} "));
    ensure!(changed != text, "the file of the estate cannot be changed");
    let path = format!("/api/catalog/entities/by-name/{kind}/default/{name}");
    let status = http::send(server.port, "GET", "/api/v1/status", None)?.json();
    let after = status["catalog"]["seq"].as_u64().context("the server does not say how far its catalog goes")?;
    let begun = Instant::now();
    fs::write(&estate.some_file, &changed)?;
    let is_seen = || {
        http::send(server.port, "GET", &path, None)
            .is_ok_and(|answer| answer.json()["metadata"]["description"].as_str().is_some_and(|d| d.contains(mark)))
    };
    // Asked closely: the steps of `wait_for` are as long as what is measured.
    while !is_seen() {
        ensure!(begun.elapsed() < Duration::from_secs(120), "changed {kind} {name}, and it is not seen");
        std::thread::park_timeout(Duration::from_millis(1));
    }
    let from_file_ms = begun.elapsed().as_secs_f64() * 1000.0;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0;
    fs::write(&estate.some_file, text)?;
    let changes = http::send(server.port, "GET", &format!("/api/v1/changes?after={after}&limit=1"), None)?.json();
    let written = changes["items"][0]["at"].as_str().context("the change is not in the log")?.to_owned();
    let from_database_ms = now - milliseconds(&written)?;
    println!(
        "  change visible {from_file_ms:.0} ms after the file, {from_database_ms:.0} ms after the database was told"
    );
    Ok(ChangeTimes { from_file_ms, from_database_ms })
}

/// A moment as the API writes it, in milliseconds since 1970.
fn milliseconds(moment: &str) -> anyhow::Result<f64> {
    let seconds = process::output("date", &["-u", "-d", moment, "+%s.%3N"]);
    Ok(seconds.parse::<f64>().with_context(|| format!("`{moment}` is no time"))? * 1000.0)
}
