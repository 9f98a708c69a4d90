//! `kill -9` at any moment loses nothing that was answered, and the next start goes on.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use crate::support::{Database, Server, Setup, component, write};

/// Kills on each database.
const KILLS: u32 = 100;

#[tokio::test]
async fn a_hundred_kills_on_sqlite_lose_nothing() {
    kill_again_and_again(Database::Sqlite).await;
}

#[tokio::test]
async fn a_hundred_kills_on_postgres_lose_nothing() {
    match testkit::postgres() {
        Some(url) => kill_again_and_again(Database::Postgres(url)).await,
        None => eprintln!("skipped: PostgreSQL is switched off"),
    }
}

/// What the server has promised so far.
#[derive(Default)]
struct Promised {
    /// Registered locations: id and target.
    locations: BTreeMap<String, String>,
    /// Uids of entities that were seen.
    uids: BTreeMap<String, String>,
    /// The newest change number that was seen.
    seq: u64,
}

async fn kill_again_and_again(database: Database) {
    let data = tempfile::tempdir().expect("a folder");
    let estate = tempfile::tempdir().expect("a folder");
    for file in 0..20 {
        write_file(estate.path(), file, 0);
    }
    let setup = Setup::new(data.path(), &[estate.path()]).on(database);
    let mut promised = Promised::default();
    for round in 1..=KILLS {
        // Every other time one more process dies on its way up: while it migrates, loads or harvests.
        if round % 2 == 0 {
            setup.start_and_kill_after(Duration::from_micros(u64::from(round * 6_133 % 250_000))).await;
        }
        let server = setup.start().await;
        check_promises(&server, &mut promised).await;
        write_file(estate.path(), round % 20, round);
        let target = format!("http://127.0.0.1:9/round-{round}.yaml");
        let registering =
            server.try_ask("POST", "/api/catalog/locations", Some(json!({ "type": "url", "target": target })));
        // The moment of the kill is spread over the first part of a run by the round, not by chance, so that a failure comes again.
        let moment = tokio::time::sleep(Duration::from_micros(u64::from(round * 7919 % 60_000)));
        tokio::select! {
            answer = registering => {
                if let Ok((201, body)) = answer {
                    let id = body["location"]["id"].as_str().expect("an id").to_owned();
                    promised.locations.insert(id, target);
                }
            }
            () = moment => {}
        }
        server.kill().await;
    }
    let server = setup.start().await;
    check_promises(&server, &mut promised).await;
    for file in 0..20 {
        let newest = (1..=KILLS).rev().find(|round| round % 20 == file).unwrap_or(0);
        server
            .until("the newest text of each file is served", async |server| {
                let entity = server.entity("component", &format!("part-{file}-0")).await?;
                (entity["spec"]["owner"] == format!("team-{newest}")).then_some(())
            })
            .await;
    }
    assert_eq!(
        server.get("/api/catalog/entities?filter=kind=component&fields=metadata.name").await.as_array().map(Vec::len),
        Some(20 * 30)
    );
    assert!(!promised.locations.is_empty(), "some registrations were answered");
}

fn write_file(estate: &std::path::Path, file: u32, round: u32) {
    let text: String =
        (0..30).map(|i| format!("{}---\n", component(&format!("part-{file}-{i}"), &format!("team-{round}")))).collect();
    write(&estate.join(format!("part-{file}/catalog-info.yaml")), &text);
}

async fn check_promises(server: &Server, promised: &mut Promised) {
    let locations = server.get("/api/catalog/locations").await;
    let there: BTreeMap<&str, &str> = locations
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|item| Some((item["data"]["id"].as_str()?, item["data"]["target"].as_str()?)))
        .collect();
    for (id, target) in &promised.locations {
        assert_eq!(there.get(id.as_str()), Some(&target.as_str()), "a registration that was answered is there");
    }
    let entities = server.get("/api/catalog/entities?filter=kind=component").await;
    let seen: BTreeMap<String, String> = entities.as_array().expect("a list").iter().filter_map(name_and_uid).collect();
    for (name, uid) in &promised.uids {
        assert_eq!(seen.get(name), Some(uid), "{name} was served before and is the same now");
    }
    promised.uids = seen;
    let changes = server.get(&format!("/api/v1/changes?after={}&limit=1", promised.seq)).await;
    let newest = changes["newest"].as_u64().or_else(|| changes["seq"].as_u64()).unwrap_or(promised.seq);
    assert!(newest >= promised.seq, "numbers never go back");
    promised.seq = newest;
}

fn name_and_uid(entity: &Value) -> Option<(String, String)> {
    Some((entity["metadata"]["name"].as_str()?.to_owned(), entity["metadata"]["uid"].as_str()?.to_owned()))
}
