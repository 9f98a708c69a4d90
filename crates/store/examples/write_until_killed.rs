//! Writes batches until it is killed, and prints `<seq> <version>` after each one that was committed.
//! The test `durability` kills it at random moments and looks whether everything printed is there.

use std::io::Write;

use model::{EntityBody, EntityRef, LocationRef, Timestamp};
use store::{FileOutcome, FileReport, KnownFile, NewEntity, ReadFile, RootOrigin, Store, StoreError};

/// How many entities each batch writes; all of them get the same version.
const ENTITIES: usize = 60;

#[tokio::main]
async fn main() -> Result<(), StoreError> {
    let url = std::env::args().nth(1).expect("the address of a database is given");
    let start: u64 = std::env::args().nth(2).and_then(|text| text.parse().ok()).expect("a first version is given");
    let store = Store::open(&url).await?;
    let location = LocationRef::new("url", "https://example.org/all");
    let root = match store.find_root_by_location(&location, RootOrigin::Registered).await? {
        Some(root) => root,
        None => store.register_root(&location, Timestamp(0)).await?,
    };
    for version in start.. {
        let applied =
            store.apply(root.id, vec![report(version)], Timestamp(i64::try_from(version).unwrap_or(0))).await?;
        let mut out = std::io::stdout().lock();
        // When nobody reads any more, there is nothing left to write for.
        if writeln!(out, "{} {version}", applied.seq.0).and_then(|()| out.flush()).is_err() {
            break;
        }
    }
    Ok(())
}

fn report(version: u64) -> FileReport {
    let location = LocationRef::new("url", "https://example.org/all/file");
    let entities = (0..ENTITIES).map(|number| entity(number, version)).collect();
    let known = KnownFile {
        location: location.clone(),
        etag: Some(version.to_string()),
        content_hash: Some(version),
        processing_hash: 0,
        nested: String::new(),
        self_contained: true,
    };
    let read = ReadFile { known, revision: None, entities, rejected: Vec::new(), diagnostics: Vec::new() };
    FileReport { location, parents: Vec::new(), outcome: FileOutcome::Read(Box::new(read)) }
}

fn entity(number: usize, version: u64) -> NewEntity {
    let name = format!("n{number}");
    NewEntity {
        entity_ref: EntityRef::new("component", "default", &name),
        body: EntityBody::from_json(format!(
            r#"{{"metadata":{{"name":"{name}","version":"{version}"}},"apiVersion":"a/v1","kind":"Component"}}"#
        )),
        relations: Vec::new(),
        line: 1,
        warnings: Vec::new(),
        errors: Vec::new(),
        visible_despite_errors: false,
    }
}
