//! History: reading it back, and forgetting its far end.

use model::{Seq, Timestamp};
use store::StoreError;

use crate::{
    on_both,
    world::{World, file, full, to_state},
};

on_both!(
    changes_come_in_pages_in_order,
    a_moment_finds_its_number,
    pruning_keeps_every_later_moment,
    pruning_twice_or_for_nothing_is_harmless,
    an_entity_tells_its_story,
    numbers_beyond_the_newest_mean_now,
);

/// Makes five states: x added, x changed, y added, x removed, y changed.
async fn live(world: &mut World) -> model::Uid {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").done()]).await;
    world.apply(&root, vec![file("a").entity("x", "2").done()]).await;
    world.apply(&root, vec![file("b").entity("y", "1").done()]).await;
    world.finish(&root, &["b"]).await;
    world.apply(&root, vec![file("b").entity("y", "2").done()]).await;
    root.id
}

async fn changes_come_in_pages_in_order(world: &mut World) {
    live(world).await;
    let first = world.store.changes_after(Seq(0), 2).await.unwrap();
    assert_eq!(first.iter().map(|change| change.seq.0).collect::<Vec<_>>(), [1, 2]);
    let next = world.store.changes_after(Seq(2), 2).await.unwrap();
    assert_eq!(next.iter().map(|change| change.seq.0).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(world.store.changes_after(Seq(5), 2).await.unwrap(), []);
    assert_eq!(world.store.newest_seq().await.unwrap(), Seq(5));
}

async fn a_moment_finds_its_number(world: &mut World) {
    live(world).await;
    let log = world.store.changes_after(Seq(0), 10).await.unwrap();
    for change in &log {
        assert_eq!(world.store.seq_at(change.at).await.unwrap(), change.seq);
        assert_eq!(world.store.seq_at(Timestamp(change.at.0 - 1)).await.unwrap().0, change.seq.0 - 1);
    }
}

async fn pruning_keeps_every_later_moment(world: &mut World) {
    live(world).await;
    let log = world.store.changes_after(Seq(0), 10).await.unwrap();
    // Up to and with change 4, the removal of x: rows 1, 2 and 4 say nothing any more.
    let gone = world.store.prune(log[4].at).await.unwrap();
    assert_eq!(gone, 3);
    assert_eq!(world.store.oldest_seq().await.unwrap(), Seq(4));
    let then = to_state(world.store.load_as_of(Seq(4)).await.unwrap());
    assert_eq!(then.keys().collect::<Vec<_>>(), [&full("y")]);
    let before = world.store.load_as_of(Seq(3)).await;
    assert_eq!(before.unwrap_err().to_string(), "history reaches back to change 4, but change 3 was asked for");
    assert!(matches!(world.store.changes_after(Seq(0), 9).await, Err(StoreError::HistoryTooShort { .. })));
    // Also all of it: the current bodies stay.
    world.store.prune(Timestamp(i64::MAX)).await.unwrap();
    assert_eq!(world.version(&full("y")).await.unwrap(), "2");
    assert_eq!(world.store.counts().await.unwrap().changes, 1);
    let root = world.store.list_roots().await.unwrap().remove(0);
    world.apply(&root, vec![file("b").entity("y", "3").done()]).await;
    assert_eq!(world.store.newest_seq().await.unwrap(), Seq(6), "numbers are never given again");
}

async fn pruning_twice_or_for_nothing_is_harmless(world: &mut World) {
    assert_eq!(world.store.prune(Timestamp(i64::MAX)).await.unwrap(), 0);
    live(world).await;
    assert_eq!(world.store.prune(Timestamp(0)).await.unwrap(), 0);
    let moment = world.tick();
    assert_eq!(world.store.prune(moment).await.unwrap(), 4);
    assert_eq!(world.store.prune(moment).await.unwrap(), 0);
    assert_eq!(world.store.prune(Timestamp(0)).await.unwrap(), 0);
    assert_eq!(world.store.oldest_seq().await.unwrap(), Seq(5));
}

async fn an_entity_tells_its_story(world: &mut World) {
    live(world).await;
    let x = model::EntityRef::new("component", "default", "x");
    let story = world.store.changes_of(&x, 10).await.unwrap();
    assert_eq!(story.iter().map(|change| change.seq.0).collect::<Vec<_>>(), [4, 2, 1]);
    assert_eq!(world.store.changes_of(&x, 1).await.unwrap().len(), 1);
}

async fn numbers_beyond_the_newest_mean_now(world: &mut World) {
    live(world).await;
    assert_eq!(to_state(world.store.load_as_of(Seq(u64::MAX)).await.unwrap()), world.load().await.1);
}
