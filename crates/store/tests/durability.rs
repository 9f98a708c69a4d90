//! A process killed at any moment loses nothing that it was told is written, and never leaves half a batch.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
};

use model::{ChangeKind, Seq, StoredEntity};
use store::Store;

const KILLS: u64 = 20;

#[tokio::test]
async fn killing_the_writer_loses_nothing_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    kill_and_look(&format!("sqlite://{}/catalog.db", dir.path().display())).await;
}

#[tokio::test]
async fn killing_the_writer_loses_nothing_on_postgres() {
    if let Some(url) = testkit::postgres() {
        kill_and_look(&url).await;
    }
}

async fn kill_and_look(url: &str) {
    let mut acknowledged: Vec<(Seq, String)> = Vec::new();
    for round in 0..KILLS {
        // Versions rise over all rounds, so that each batch differs from the one before.
        let first = round * 1_000_000 + 1;
        acknowledged.extend(write_and_kill(url, first));
        let store = Store::open(url).await.unwrap();
        check(&store, &acknowledged).await;
        store.close().await;
    }
    assert!(acknowledged.len() as u64 > KILLS, "there was something to lose");
}

/// Runs the writer and kills it in the middle of its work; returns what it said was written.
fn write_and_kill(url: &str, first: u64) -> Vec<(Seq, String)> {
    let mut child = Command::new(writer()).args([url, &first.to_string()]).stdout(Stdio::piped()).spawn().expect(
        "the example `write_until_killed` is built beside the tests; run `cargo build --examples` if it is not",
    );
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let batches = 1 + RandomState::new().hash_one(first) % 12;
    let mut said = Vec::new();
    for _ in 0..batches {
        said.push(lines.next().expect("the writer writes until it is killed").unwrap());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it died counts too; a line without its end was not said.
    said.extend(lines.map_while(Result::ok));
    said.iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(seq, v)| (Seq(seq.parse().unwrap()), v.to_owned()))
        .collect()
}

fn writer() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.parent().and_then(|deps| deps.parent()).unwrap().join("examples/write_until_killed")
}

async fn check(store: &Store, acknowledged: &[(Seq, String)]) {
    let (newest, all) = store.load_all().await.unwrap();
    let (last, version) = acknowledged.last().unwrap();
    assert!(newest >= *last, "{last:?} was acknowledged, but {newest:?} is the newest");
    let versions: Vec<String> = all.iter().map(version_of).collect();
    assert_eq!(versions.len(), 60);
    assert!(versions.iter().all(|each| *each == versions[0]), "a batch is written wholly or not at all: {versions:?}");
    for entity in store.load_as_of(*last).await.unwrap() {
        assert_eq!(version_of(&entity), *version, "what was acknowledged is in history");
    }
    let mut folded = BTreeMap::new();
    for (change, number) in store.changes_after(Seq(0), u32::MAX).await.unwrap().iter().zip(1..) {
        assert_eq!(change.seq.0, number, "no number is missing");
        assert_ne!(change.kind, ChangeKind::Removed);
        folded.insert(change.entity_ref.clone(), change.entity.clone().unwrap());
    }
    let all: BTreeMap<_, _> = all.into_iter().map(|entity| (entity.entity_ref.clone(), entity)).collect();
    assert_eq!(folded, all, "the log leads to the state");
}

fn version_of(entity: &Arc<StoredEntity>) -> String {
    let body: serde_json::Value = serde_json::from_str(entity.body.as_str()).unwrap();
    body["metadata"]["version"].as_str().unwrap().to_owned()
}
