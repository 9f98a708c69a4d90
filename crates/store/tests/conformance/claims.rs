//! Claims: who holds a reference that several files define.

use model::Severity;

use crate::{
    on_both,
    world::{World, added, cause, changed, file, full, location, removed, unchanged},
};

on_both!(
    the_first_file_stays_and_both_sides_are_told,
    the_oldest_claim_takes_over_when_the_winner_goes,
    a_waiting_claim_follows_its_file,
    one_file_below_two_roots_is_no_conflict,
    an_entity_that_moves_within_a_batch_is_one_change,
    an_entity_that_moves_between_batches_is_never_gone,
    removing_an_entity_lets_its_file_bring_it_back,
    removing_an_entity_lets_another_file_take_over,
    removing_what_is_not_there_is_no_error,
    finds_the_roots_of_an_entity,
);

async fn the_first_file_stays_and_both_sides_are_told(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "a").done()]).await;
    assert_eq!(world.apply(&root, vec![file("b").entity("X", "b").done()]).await, []);
    assert_eq!(world.version(&full("x")).await.unwrap(), "a");
    let both = [
        "a: W1008: `component:default/x` is also defined in `url:https://example.org/b`; the definition here is the one in the catalog",
        "b: W1008: `component:default/x` is already defined in `url:https://example.org/a`; the definition here is not in the catalog",
    ];
    assert_eq!(world.problems().await, both);
    let records = world.store.list_problems().await.unwrap();
    let place = records.iter().find_map(|record| record.diagnostic.place.clone()).unwrap();
    assert_eq!((&*place.location, place.line), ("url:https://example.org/b", 1));
    assert!(records.iter().all(|record| record.diagnostic.severity == Severity::Warning && record.served));
    world.apply(&root, vec![file("b").done()]).await;
    assert_eq!(world.problems().await, Vec::<String>::new());
}

async fn the_oldest_claim_takes_over_when_the_winner_goes(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "a").done()]).await;
    let uid = world.uid(&full("x")).await;
    world.apply(&root, vec![file("b").entity("x", "b").done(), file("c").entity("x", "c").done()]).await;
    assert_eq!(world.finish(&root, &["b", "c"]).await, [changed("x")]);
    assert_eq!(world.version(&full("x")).await.unwrap(), "b");
    assert_ne!(world.uid(&full("x")).await, uid, "another file's entity is another life");
    assert_eq!(world.problems().await.len(), 2, "b and c are in conflict still");
    assert_eq!(world.apply(&root, vec![file("b").done()]).await, [changed("x")]);
    assert_eq!(world.version(&full("x")).await.unwrap(), "c");
    assert_eq!(world.finish(&root, &[]).await, [removed("x")]);
}

async fn a_waiting_claim_follows_its_file(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "a").done()]).await;
    world.apply(&root, vec![file("b").entity("x", "1").done()]).await;
    assert_eq!(world.apply(&root, vec![file("b").entity("x", "2").done()]).await, []);
    let mut elsewhere = unchanged("b");
    elsewhere.parents.clear();
    assert_eq!(world.apply(&root, vec![elsewhere]).await, []);
    let sick = file("b").rejected(Some("x"), "bad").done();
    assert_eq!(world.apply(&root, vec![sick]).await, []);
    world.finish(&root, &["b"]).await;
    let x = world.find(&full("x")).await.unwrap();
    assert_eq!(world.version(&full("x")).await.unwrap(), "2");
    assert_eq!(x.errors[0].message, "bad");
}

async fn one_file_below_two_roots_is_no_conflict(world: &mut World) {
    let one = world.root("one").await;
    let two = world.root("two").await;
    world.apply(&one, vec![file("a").entity("x", "via one").done()]).await;
    let uid = world.uid(&full("x")).await;
    assert_eq!(world.apply(&two, vec![file("a").entity("x", "via two").done()]).await, []);
    assert_eq!(world.problems().await, Vec::<String>::new());
    world.apply(&one, vec![file("b").entity("x", "other").done()]).await;
    let now = world.tick();
    let applied = world.store.remove_root(one.id, &cause(), now).await.unwrap();
    assert_eq!(world.note(applied).await, [changed("x")]);
    assert_eq!(world.version(&full("x")).await.unwrap(), "via two");
    assert_eq!(world.uid(&full("x")).await, uid, "the same file's entity lives on");
}

async fn an_entity_that_moves_within_a_batch_is_one_change(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").done()]).await;
    let moved = vec![file("a").done(), file("b").entity("x", "1").done()];
    assert_eq!(world.apply(&root, moved).await, [changed("x")]);
    let back = vec![file("a").entity("x", "1").done(), file("b").done()];
    assert_eq!(world.apply(&root, back).await, [changed("x")]);
    assert_eq!(world.problems().await, Vec::<String>::new());
}

async fn an_entity_that_moves_between_batches_is_never_gone(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").done()]).await;
    assert_eq!(world.apply(&root, vec![file("b").entity("x", "1").done()]).await, []);
    assert_eq!(world.finish(&root, &["b"]).await, [changed("x")]);
    assert_eq!(world.problems().await, Vec::<String>::new());
}

async fn removing_an_entity_lets_its_file_bring_it_back(world: &mut World) {
    let root = world.root("all").await;
    let read = || file("a").entity("x", "1").entity("y", "1").done();
    world.apply(&root, vec![read()]).await;
    let uid = world.uid(&full("x")).await;
    let now = world.tick();
    let (applied, again) = world.store.remove_entity(uid, &cause(), now).await.unwrap();
    assert_eq!(applied.changes[0].cause.actor.as_deref(), Some("user:default/guest"));
    assert_eq!(world.note(applied).await, [removed("x")]);
    assert_eq!(again, Some(root.id));
    let known = &world.store.list_files(root.id).await.unwrap()[0];
    assert_eq!((&known.etag, known.content_hash), (&None, None), "so the file is read anew");
    assert_eq!(world.apply(&root, vec![read()]).await, [added("x")]);
    assert_ne!(world.uid(&full("x")).await, uid);
    assert_eq!(world.store.list_files(root.id).await.unwrap()[0].etag.as_deref(), Some("e1"));
}

async fn removing_an_entity_lets_another_file_take_over(world: &mut World) {
    let one = world.root("one").await;
    let two = world.root("two").await;
    world.apply(&one, vec![file("a").entity("x", "a").done()]).await;
    world.apply(&two, vec![file("a").entity("x", "a too").done()]).await;
    let uid = world.uid(&full("x")).await;
    let now = world.tick();
    let (applied, _) = world.store.remove_entity(uid, &cause(), now).await.unwrap();
    assert_eq!(world.note(applied).await, [removed("x")], "the same file below another root does not count");
    world.apply(&one, vec![file("a").entity("x", "a").done(), file("b").entity("x", "b").done()]).await;
    let (uid, now) = (world.uid(&full("x")).await, world.tick());
    let (applied, _) = world.store.remove_entity(uid, &cause(), now).await.unwrap();
    assert_eq!(world.note(applied).await, [changed("x")]);
    assert_eq!(world.version(&full("x")).await.unwrap(), "b");
}

async fn removing_what_is_not_there_is_no_error(world: &mut World) {
    let now = world.tick();
    let (applied, root) = world.store.remove_entity(model::Uid(5), &cause(), now).await.unwrap();
    assert_eq!((world.note(applied).await, root), (Vec::new(), None));
}

async fn finds_the_roots_of_an_entity(world: &mut World) {
    let one = world.root("one").await;
    let two = world.root("two").await;
    world.apply(&two, vec![file("a").entity("x", "1").done()]).await;
    world.apply(&one, vec![file("a").entity("x", "1").done(), file("b").entity("x", "1").done()]).await;
    let x = model::EntityRef::new("component", "default", "x");
    let roots = world.store.find_roots_of(&x).await.unwrap();
    assert_eq!(roots.iter().map(|root| root.id).collect::<Vec<_>>(), [two.id, one.id]);
    let nobody = model::EntityRef::new("component", "default", "nobody");
    assert_eq!(world.store.find_roots_of(&nobody).await.unwrap(), []);
    assert_eq!(roots[0].location, location("two"));
}
