//! Keys, backups, concurrent writers, opening.

use std::sync::Arc;

use model::{Seq, Timestamp};
use store::{Store, StoreError, StoredKey};

use crate::{
    on_both,
    world::{World, file, full, to_state},
};

on_both!(
    keeps_keys,
    keeps_everything_over_a_restart,
    writers_at_the_same_time_keep_commit_order,
    a_reader_beside_sees_what_is_written,
    a_backup_is_a_whole_store_or_refused,
    a_newer_schema_is_refused,
);

fn key(id: &str, created_at: i64) -> StoredKey {
    StoredKey {
        purpose: "guest-token".to_owned(),
        id: id.to_owned(),
        pem: "-----BEGIN".to_owned(),
        created_at: Timestamp(created_at),
        expires_at: Timestamp(created_at + 10),
    }
}

async fn keeps_keys(world: &mut World) {
    let store = &world.store;
    store.add_key(&key("a", 1)).await.unwrap();
    store.add_key(&key("b", 2)).await.unwrap();
    store.add_key(&key("a", 3)).await.unwrap();
    assert_eq!(store.list_keys("guest-token").await.unwrap(), [key("a", 3), key("b", 2)]);
    assert_eq!(store.list_keys("other").await.unwrap(), []);
    store.remove_key("guest-token", "a").await.unwrap();
    store.remove_key("guest-token", "a").await.unwrap();
    assert_eq!(store.list_keys("guest-token").await.unwrap(), [key("b", 2)]);
    assert!(!format!("{:?}", key("a", 1)).contains("BEGIN"), "a key does not show itself");
}

async fn keeps_everything_over_a_restart(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").done()]).await;
    let before = world.load().await;
    if world.is_sqlite() {
        let second = Store::open(&world.url).await;
        let text = second.err().unwrap().to_string();
        assert!(text.contains("another process is using") && text.contains("catalog.db"), "{text}");
    }
    world.store.close().await;
    let address = world.url.clone();
    let memory = Store::open("sqlite::memory:").await.unwrap();
    drop(std::mem::replace(&mut world.store, memory));
    world.store = Store::open(&address).await.unwrap();
    assert_eq!(world.load().await, before);
}

async fn writers_at_the_same_time_keep_commit_order(world: &mut World) {
    // On SQLite one process holds the file, so its writers share a store; on PostgreSQL they have one each.
    let mut stores = Vec::new();
    for _ in 0..4 {
        stores.push(if world.is_sqlite() { world.store.clone() } else { Store::open(&world.url).await.unwrap() });
    }
    let mut writers = tokio::task::JoinSet::new();
    for (writer, store) in stores.into_iter().enumerate() {
        let root = world.root(&format!("r{writer}")).await;
        writers.spawn(async move {
            let mut seen = Vec::new();
            for round in 0..12 {
                let (name, version) = (format!("w{writer}"), round.to_string());
                let report = file(&name).entity(&name, &version).entity("shared", &version).done();
                let applied = store.apply(root.id, vec![report], Timestamp(round)).await.unwrap();
                seen.push(applied.changes);
            }
            seen
        });
    }
    // A follower that never sees a number before a smaller one.
    let mut last = Seq(0);
    let mut written = Vec::new();
    while !writers.is_empty() {
        for change in world.store.changes_after(last, 1_000).await.unwrap() {
            assert_eq!(change.seq.0, last.0 + 1, "no number becomes visible before the one ahead of it");
            last = change.seq;
        }
        while let Some(done) = writers.try_join_next() {
            written.extend(done.unwrap().into_iter().flat_map(Arc::unwrap_or_clone));
        }
        tokio::task::yield_now().await;
    }
    written.sort_by_key(|change| change.seq);
    assert_eq!(world.store.changes_after(Seq(0), 1_000).await.unwrap(), written);
    let conflicts = world.problems().await.len();
    assert_eq!(conflicts, 6, "one of four holds the reference, three wait");
    let seq = Seq(written.len() as u64);
    let changes = Arc::new(written);
    world.note(store::Applied { seq, changes }).await;
}

async fn a_reader_beside_sees_what_is_written(world: &mut World) {
    let beside = Store::open_beside(&world.url).await.unwrap();
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").done()]).await;
    assert_eq!(to_state(beside.load_all().await.unwrap().1), world.load().await.1);
    assert_eq!(beside.counts().await.unwrap().files, 1);
}

async fn a_backup_is_a_whole_store_or_refused(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").done()]).await;
    let to = world.dir.path().join("copy.db");
    if !world.is_sqlite() {
        let refused = world.store.backup(&to).await.unwrap_err().to_string();
        assert!(refused.contains("pg_dump"), "{refused}");
        return;
    }
    world.store.backup(&to).await.unwrap();
    world.apply(&root, vec![file("a").entity("x", "2").done()]).await;
    let copy = Store::open(&format!("sqlite://{}", to.display())).await.unwrap();
    assert_eq!(copy.newest_seq().await.unwrap(), Seq(1));
    assert_eq!(to_state(copy.load_all().await.unwrap().1).keys().collect::<Vec<_>>(), [&full("x")]);
    assert!(matches!(world.store.backup(&to).await, Err(StoreError::BackupExists(_))));
    let nowhere = world.store.backup(&world.dir.path().join("no/such/folder.db")).await;
    assert!(matches!(nowhere, Err(StoreError::BackupFile { .. })));
    // A link is never followed, not even one that leads nowhere.
    #[cfg(unix)]
    {
        let link = world.dir.path().join("link.db");
        std::os::unix::fs::symlink(world.dir.path().join("elsewhere.db"), &link).unwrap();
        assert!(matches!(world.store.backup(&link).await, Err(StoreError::BackupExists(_))));
        for entry in std::fs::read_dir(world.dir.path()).unwrap().map(Result::unwrap) {
            let metadata = entry.metadata().unwrap();
            let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions());
            assert!(!metadata.is_file() || mode & 0o077 == 0, "others may read {}", entry.path().display());
        }
    }
    let beside = Store::open_beside(&world.url).await.unwrap();
    beside.backup(&world.dir.path().join("second.db")).await.unwrap();
}

async fn a_newer_schema_is_refused(world: &mut World) {
    world.store.execute_for_tests("INSERT INTO schema_version (version) VALUES (999)").await.unwrap();
    world.store.close().await;
    let memory = Store::open("sqlite::memory:").await.unwrap();
    drop(std::mem::replace(&mut world.store, memory));
    for opened in [Store::open(&world.url).await, Store::open_beside(&world.url).await] {
        let text = opened.err().unwrap().to_string();
        assert!(text.contains("schema version 999") && text.contains("use a newer program"), "{text}");
    }
}
