//! Files: comparing by content, failing, coming and going.

use model::{EntityRef, Severity};

use crate::{
    on_both,
    world::{World, added, changed, failed, file, full, location, removed, unchanged},
};

on_both!(
    writes_only_differences,
    an_entity_keeps_its_uid_over_changes_and_gets_a_new_one_after_deletion,
    the_last_of_two_documents_with_one_reference_counts,
    knows_files_as_they_were_read,
    a_failed_file_keeps_its_entities_and_says_why_until_it_is_read,
    a_broken_file_keeps_what_is_missing_from_it,
    finish_removes_what_was_not_seen,
    new_parents_of_an_unchanged_file_change_its_entities,
    parents_found_late_in_a_batch_keep_what_was_read,
    the_cause_names_file_commit_and_author,
    a_large_batch_arrives_whole,
    letter_case_makes_no_other_entity,
);

async fn writes_only_differences(world: &mut World) {
    let root = world.root("all").await;
    let first = || file("a").entity("x", "1").with_warning("odd").entity("y", "1").done();
    assert_eq!(world.apply(&root, vec![first()]).await, [added("x"), added("y")]);
    assert_eq!(world.apply(&root, vec![first()]).await, []);
    assert_eq!(world.apply(&root, vec![unchanged("a")]).await, []);
    let second = file("a").entity("x", "2").with_warning("odd").entity("y", "1").done();
    assert_eq!(world.apply(&root, vec![second]).await, [changed("x")]);
    assert_eq!(world.version(&full("x")).await.unwrap(), "2");
    let calm = file("a").entity("x", "2").entity("y", "1").done();
    assert_eq!(world.apply(&root, vec![calm]).await, [changed("x")], "a warning that is gone is a difference");
    let shrunk = file("a").entity("x", "2").done();
    assert_eq!(world.apply(&root, vec![shrunk]).await, [removed("y")]);
}

async fn an_entity_keeps_its_uid_over_changes_and_gets_a_new_one_after_deletion(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").done()]).await;
    let uid = world.uid(&full("x")).await;
    world.apply(&root, vec![file("a").entity("x", "2").done()]).await;
    assert_eq!(world.uid(&full("x")).await, uid);
    world.apply(&root, vec![file("a").done()]).await;
    world.apply(&root, vec![file("a").entity("x", "2").done()]).await;
    assert_ne!(world.uid(&full("x")).await, uid);
}

async fn the_last_of_two_documents_with_one_reference_counts(world: &mut World) {
    let root = world.root("all").await;
    let changes = world.apply(&root, vec![file("a").entity("x", "1").entity("X", "2").done()]).await;
    assert_eq!(changes, [added("x")]);
    assert_eq!(world.version(&full("x")).await.unwrap(), "2");
}

async fn letter_case_makes_no_other_entity(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("Shop", "1").done()]).await;
    assert_eq!(world.apply(&root, vec![file("a").entity("shop", "2").done()]).await, [changed("shop")]);
}

async fn knows_files_as_they_were_read(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("b").etag("e7").nested("[1]").done(), failed("a", "gone")]).await;
    let files = world.store.list_files(root.id).await.unwrap();
    assert_eq!(files.iter().map(|file| &file.location).collect::<Vec<_>>(), [&location("a"), &location("b")]);
    let (a, b) = (&files[0], &files[1]);
    assert_eq!((&a.etag, a.content_hash), (&None, None), "a file that never was read has nothing to compare with");
    assert_eq!((b.etag.as_deref(), b.content_hash), (Some("e7"), Some(u64::MAX)));
    assert_eq!((b.processing_hash, &*b.nested, b.self_contained), (u64::MAX - 1, "[1]", true));
    world.apply(&root, vec![failed("b", "gone")]).await;
    let files = world.store.list_files(root.id).await.unwrap();
    assert_eq!(files[1].etag.as_deref(), Some("e7"), "a failed reading forgets nothing");
}

async fn a_failed_file_keeps_its_entities_and_says_why_until_it_is_read(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").says(Severity::Warning, "odd").done()]).await;
    assert_eq!(world.apply(&root, vec![failed("a", "status 500")]).await, []);
    assert_eq!(world.problems().await, ["a: E0001: odd", "a: E0001: status 500"]);
    let since = world.store.list_problems().await.unwrap()[0].since;
    world.apply(&root, vec![failed("a", "status 500")]).await;
    assert_eq!(world.store.list_problems().await.unwrap()[0].since, since, "a problem that stays keeps its date");
    world.finish(&root, &["a"]).await;
    assert!(world.find(&full("x")).await.is_some());
    world.apply(&root, vec![unchanged("a")]).await;
    assert_eq!(world.problems().await, ["a: E0001: odd"]);
    world.apply(&root, vec![file("a").entity("x", "1").done()]).await;
    assert_eq!(world.problems().await, Vec::<String>::new());
}

async fn a_broken_file_keeps_what_is_missing_from_it(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").entity("y", "1").done()]).await;
    let broken = || file("a").entity("x", "2").says(Severity::Error, "no YAML").done();
    assert_eq!(world.apply(&root, vec![broken()]).await, [changed("x")]);
    assert!(world.find(&full("y")).await.is_some());
    assert_eq!(world.problems().await, ["a: E0001: no YAML"]);
    assert_eq!(world.apply(&root, vec![file("a").entity("x", "2").done()]).await, [removed("y")]);
    assert_eq!(world.problems().await, Vec::<String>::new());
}

async fn finish_removes_what_was_not_seen(world: &mut World) {
    let root = world.root("all").await;
    let files = vec![file("a").entity("x", "1").done(), file("b").entity("y", "1").done(), failed("c", "gone")];
    world.apply(&root, files).await;
    assert_eq!(world.finish(&root, &["a", "b", "c"]).await, []);
    assert_eq!(world.finish(&root, &["a"]).await, [removed("y")]);
    assert_eq!(world.problems().await, Vec::<String>::new(), "the problems of a file go with it");
    let left = world.store.list_files(root.id).await.unwrap();
    assert_eq!(left.iter().map(|file| &file.location).collect::<Vec<_>>(), [&location("a")]);
    let state = &world.store.list_roots().await.unwrap()[0];
    assert_eq!((state.last_ok_at, state.due_at.0, state.entities), (state.last_tried_at, world.now + 100, 1));
}

async fn new_parents_of_an_unchanged_file_change_its_entities(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").parents(&["one"]).done()]).await;
    let mut report = unchanged("a");
    report.parents = vec![EntityRef::new("location", "default", "one"), EntityRef::new("location", "default", "two")];
    assert_eq!(world.apply(&root, vec![report.clone()]).await, [changed("x")]);
    assert_eq!(world.find(&full("x")).await.unwrap().parents, report.parents);
    assert_eq!(world.apply(&root, vec![report]).await, []);
}

async fn parents_found_late_in_a_batch_keep_what_was_read(world: &mut World) {
    let root = world.root("all").await;
    let mut late = unchanged("a");
    late.parents.push(EntityRef::new("location", "default", "late"));
    let first = vec![file("a").entity("x", "1").done(), late.clone()];
    assert_eq!(world.apply(&root, first).await, [added("x")]);
    assert_eq!(world.find(&full("x")).await.unwrap().parents, late.parents);
    let second = vec![file("a").entity("x", "2").done(), late.clone()];
    assert_eq!(world.apply(&root, second).await, [changed("x")]);
    assert_eq!(world.find(&full("x")).await.unwrap().parents, late.parents);
    assert_eq!(world.version(&full("x")).await.unwrap(), "2");
    assert_eq!(world.apply(&root, vec![failed("a", "status 500"), late]).await, []);
    assert_eq!(world.problems().await, ["a: E0001: status 500"]);
    world.apply(&root, vec![file("a").entity("x", "2").done()]).await;
    assert_eq!(world.problems().await, Vec::<String>::new());
}

async fn the_cause_names_file_commit_and_author(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").commit("abc").done()]).await;
    world.finish(&root, &[]).await;
    let log = world.store.changes_after(model::Seq(0), 10).await.unwrap();
    let said: Vec<_> = log
        .iter()
        .map(|c| (c.cause.location.as_deref(), c.cause.commit.as_deref(), c.cause.author.as_deref()))
        .collect();
    let file = Some("url:https://example.org/a");
    assert_eq!(said, [(file, Some("abc"), Some("octocat")), (file, None, None)]);
    assert!(log.iter().all(|change| change.cause.actor.as_deref() == Some("refresh")));
}

async fn a_large_batch_arrives_whole(world: &mut World) {
    let root = world.root("all").await;
    let names: Vec<String> = (0..1_000).map(|n| format!("n{n}")).collect();
    let files = || names.iter().map(|name| file(name).entity(name, "1").done()).collect::<Vec<_>>();
    assert_eq!(world.apply(&root, files()).await.len(), 1_000);
    assert_eq!(world.apply(&root, files()).await.len(), 0);
    assert_eq!(world.load().await.1.len(), 1_000);
    let seen: Vec<&str> = names.iter().take(3).map(String::as_str).collect();
    assert_eq!(world.finish(&root, &seen).await.len(), 997);
}
