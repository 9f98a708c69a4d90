//! What operators meet: full disks, damaged files, servers that are away. Each has its own words, and is over when it is over.

use model::{EntityBody, EntityRef, LocationRef, Timestamp};
use store::{FileOutcome, FileReport, KnownFile, NewEntity, ReadFile, Store, StoreError};

fn big_file(name: &str, entities: usize) -> FileReport {
    let location = LocationRef::new("url", &format!("https://example.org/{name}"));
    let entity = |number| NewEntity {
        entity_ref: EntityRef::new("component", "default", &format!("{name}-{number}")),
        body: EntityBody::from_json(format!(
            r#"{{"metadata":{{"name":"{name}-{number}","note":"{:x}"}}}}"#,
            number * 7_919
        )),
        relations: Vec::new(),
        line: 1,
        warnings: Vec::new(),
        errors: Vec::new(),
        visible_despite_errors: false,
    };
    let known = KnownFile {
        location: location.clone(),
        etag: None,
        content_hash: None,
        processing_hash: 0,
        nested: String::new(),
        self_contained: true,
    };
    let entities = (0..entities).map(entity).collect();
    let read = ReadFile { known, revision: None, entities, rejected: Vec::new(), diagnostics: Vec::new() };
    FileReport { location, parents: Vec::new(), outcome: FileOutcome::Read(Box::new(read)) }
}

#[tokio::test]
async fn a_full_disk_is_named_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/catalog.db", dir.path().display());
    let store = Store::open_with_pragmas(&url, &[("max_page_count", "60")]).await.unwrap();
    let root = store.register_root(&LocationRef::new("url", "https://example.org/"), Timestamp(1)).await.unwrap();
    store.apply(root.id, vec![big_file("small", 3)], Timestamp(2)).await.unwrap();
    let before = store.load_all().await.unwrap();
    let error = store.apply(root.id, vec![big_file("large", 5_000)], Timestamp(3)).await.unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
    assert!(error.is_unavailable() && error.to_string().contains("the disk is full"), "{error}");
    assert_eq!(store.load_all().await.unwrap(), before, "reading goes on");
    store.execute_for_tests("PRAGMA max_page_count = 100000").await.unwrap();
    let applied = store.apply(root.id, vec![big_file("large", 5_000)], Timestamp(4)).await.unwrap();
    assert_eq!((applied.changes.len(), applied.seq.0), (5_000, 5_003), "writing goes on when there is room again");
}

#[tokio::test]
async fn a_database_in_memory_is_a_whole_store() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let other = Store::open("sqlite::memory:").await.unwrap();
    let root = store.register_root(&LocationRef::new("url", "https://example.org/"), Timestamp(1)).await.unwrap();
    store.apply(root.id, vec![big_file("a", 5_000)], Timestamp(2)).await.unwrap();
    let (all, counts, roots) = tokio::join!(store.load_all(), store.counts(), store.list_roots());
    assert_eq!((all.unwrap().1.len(), counts.unwrap().entities, roots.unwrap().len()), (5_000, 5_000, 1));
    assert_eq!(other.list_roots().await.unwrap(), [], "each has its own");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("catalog.db");
    std::fs::write(&path, "this is no database, but it is long enough to look like one. ".repeat(40)).unwrap();
    let error = Store::open(&format!("sqlite://{}", path.display())).await.err().unwrap();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("damaged or is no SQLite database"), "{error}");
}

#[tokio::test]
async fn a_folder_that_is_missing_is_named() {
    let error = Store::open("sqlite:///nowhere/at/all/catalog.db").await.err().unwrap();
    assert!(error.to_string().contains("/nowhere/at/all/catalog.db.lock"), "{error}");
}

#[tokio::test]
async fn an_address_of_another_kind_is_refused_without_its_password() {
    let error = Store::open("mysql://jane:secret@example.org/db").await.err().unwrap().to_string();
    assert!(error.contains("mysql://...@example.org/db") && !error.contains("secret"), "{error}");
}

#[tokio::test]
async fn a_store_opened_beside_only_reads() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/catalog.db", dir.path().display());
    assert!(Store::open_beside(&url).await.is_err(), "there is nothing to read yet");
    let serving = Store::open(&url).await.unwrap();
    let beside = Store::open_beside(&url).await.unwrap();
    let error = beside.register_root(&LocationRef::new("url", "https://x"), Timestamp(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    assert_eq!(serving.list_roots().await.unwrap(), []);
}

#[tokio::test]
async fn postgres_may_go_away_and_come_back() {
    if testkit::is_skipped() {
        return;
    }
    let server = testkit::PostgresServer::start();
    let url = server.create_database();
    let store = Store::open(&url).await.unwrap();
    let root = store.register_root(&LocationRef::new("url", "https://example.org/"), Timestamp(1)).await.unwrap();
    store.apply(root.id, vec![big_file("a", 3)], Timestamp(2)).await.unwrap();
    server.stop();
    let read = store.list_roots().await.unwrap_err();
    assert!(read.is_unavailable(), "{read:?}");
    let write = store.apply(root.id, vec![big_file("a", 4)], Timestamp(3)).await.unwrap_err();
    assert!(write.is_unavailable() && write.to_string().contains("cannot be reached"), "{write:?}");
    let open = Store::open(&url).await.err().unwrap();
    assert!(open.is_unavailable(), "{open:?}");
    server.restart();
    assert_eq!(store.apply(root.id, vec![big_file("a", 4)], Timestamp(4)).await.unwrap().changes.len(), 1);
    assert_eq!(store.load_all().await.unwrap().1.len(), 4);
}
