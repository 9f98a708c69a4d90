//! Documents that are no healthy entities.

use model::ErrorChain;

use crate::{
    on_both,
    world::{World, added, changed, file, full, removed},
};

on_both!(
    a_rejected_document_keeps_its_last_good_form_with_the_error,
    a_document_that_never_was_good_is_only_a_problem,
    a_healthy_document_beside_a_sick_one_is_not_lost,
    a_document_without_a_reference_removes_nothing_but_itself,
    a_location_with_failed_targets_shows_only_if_it_was_there,
);

async fn a_rejected_document_keeps_its_last_good_form_with_the_error(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").done()]).await;
    let uid = world.uid(&full("x")).await;
    let sick = || file("a").rejected(Some("x"), "no owner").done();
    assert_eq!(world.apply(&root, vec![sick()]).await, [changed("x")]);
    assert_eq!(world.apply(&root, vec![sick()]).await, []);
    let x = world.find(&full("x")).await.unwrap();
    assert_eq!((x.uid, world.version(&full("x")).await.unwrap()), (uid, "1".to_owned()));
    assert_eq!(x.errors, [ErrorChain::new("InputError", "no owner")]);
    assert_eq!(x.relations.len(), 1);
    assert!(world.store.list_problems().await.unwrap()[0].served);
    let other = file("a").rejected(Some("x"), "no name").done();
    assert_eq!(world.apply(&root, vec![other]).await, [changed("x")]);
    assert_eq!(world.find(&full("x")).await.unwrap().errors.len(), 1, "errors replace each other");
    assert_eq!(world.apply(&root, vec![file("a").entity("x", "1").done()]).await, [changed("x")]);
    assert_eq!(world.find(&full("x")).await.unwrap().errors, []);
    assert_eq!(world.problems().await, Vec::<String>::new());
}

async fn a_document_that_never_was_good_is_only_a_problem(world: &mut World) {
    let root = world.root("all").await;
    assert_eq!(world.apply(&root, vec![file("a").rejected(Some("x"), "bad").done()]).await, []);
    assert_eq!(world.problems().await, ["a: E0001: bad"]);
    let record = &world.store.list_problems().await.unwrap()[0];
    assert_eq!((record.entity_ref.as_ref().unwrap().as_str(), record.served), (&*full("x"), false));
    let about = store::ProblemFilter { entity_ref: record.entity_ref.clone(), root: Some(root.id) };
    assert_eq!(world.store.list_problems_where(&about).await.unwrap().len(), 1);
    let other = store::ProblemFilter { root: Some(model::Uid(1)), ..Default::default() };
    assert_eq!(world.store.list_problems_where(&other).await.unwrap().len(), 0);
    assert_eq!(world.apply(&root, vec![file("a").entity("x", "1").done()]).await, [added("x")]);
    assert_eq!(world.problems().await, Vec::<String>::new());
}

async fn a_healthy_document_beside_a_sick_one_is_not_lost(world: &mut World) {
    let root = world.root("all").await;
    let mixed = file("a").entity("x", "1").rejected(Some("y"), "bad").rejected(None, "a list").done();
    assert_eq!(world.apply(&root, vec![mixed]).await, [added("x")]);
    assert_eq!(world.problems().await, ["a: E0001: a list", "a: E0001: bad"]);
}

async fn a_document_without_a_reference_removes_nothing_but_itself(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").entity("y", "1").done()]).await;
    let odd = file("a").entity("x", "1").rejected(None, "a list").done();
    assert_eq!(world.apply(&root, vec![odd]).await, [removed("y")]);
}

async fn a_location_with_failed_targets_shows_only_if_it_was_there(world: &mut World) {
    let root = world.root("all").await;
    let sick = |visible| file("a").entity("x", "1").with_error("no such file", visible).done();
    assert_eq!(world.apply(&root, vec![sick(false)]).await, []);
    assert_eq!(world.problems().await, ["a: E0703: no such file"]);
    assert_eq!(world.apply(&root, vec![file("a").entity("x", "1").done()]).await, [added("x")]);
    assert_eq!(world.apply(&root, vec![sick(false)]).await, [changed("x")]);
    assert_eq!(world.find(&full("x")).await.unwrap().errors[0].message, "no such file");
    assert_eq!(world.apply(&root, vec![file("a").done()]).await, [removed("x")]);
    assert_eq!(world.apply(&root, vec![sick(true)]).await, [added("x")]);
}
