//! Roots: registering, configuring, changing, removing.

use model::{EntityRef, LocationRef, Uid};
use store::{RootOrigin, RootState, StoreError};

use crate::{
    on_both,
    world::{World, cause, failed, file, full, location, origin_of, removed},
};

on_both!(
    registers_a_location_once,
    names_a_root_as_backstage_does,
    retargeting_keeps_id_and_reference_but_no_entities,
    removing_a_location_takes_its_entities_along,
    configured_roots_follow_the_configuration,
    configured_roots_are_not_for_the_api,
    a_failed_harvest_is_remembered,
    a_root_that_is_gone_takes_no_files,
);

async fn registers_a_location_once(world: &mut World) {
    let root = world.root("all").await;
    let now = world.tick();
    let again = world.store.register_root(&location("all"), now).await;
    assert_eq!(again.unwrap_err().to_string(), "Location url:https://example.org/all already exists");
    assert_eq!(world.store.list_roots().await.unwrap(), std::slice::from_ref(&root));
    assert_eq!(world.store.find_root(root.id).await.unwrap(), Some(root.clone()));
    let found = world.store.find_root_by_location(&location("all"), RootOrigin::Registered).await.unwrap();
    assert_eq!(found, Some(root));
    assert_eq!(world.store.find_root_by_location(&location("all"), RootOrigin::Config).await.unwrap(), None);
}

async fn names_a_root_as_backstage_does(world: &mut World) {
    let root = world.root("all").await;
    assert_eq!(root.entity_ref, store::generated_ref(&location("all")));
    // `printf url:https://a | sha1sum`
    let name = "generated-502165061b2046e0031fe09c7cc1d0df2ca21679";
    assert_eq!(
        store::generated_ref(&LocationRef::new("url", "https://a")),
        EntityRef::new("location", "default", name)
    );
}

async fn retargeting_keeps_id_and_reference_but_no_entities(world: &mut World) {
    let root = world.root("old").await;
    world.root("taken").await;
    world.apply(&root, vec![file("a").entity("x", "1").done()]).await;
    let now = world.tick();
    let taken = world.store.retarget_root(root.id, &location("taken"), &cause(), now).await;
    assert!(matches!(taken, Err(StoreError::LocationExists(_))));
    let missing = world.store.retarget_root(Uid(1), &location("new"), &cause(), now).await;
    assert_eq!(missing.unwrap_err().to_string(), "Found no location with ID 00000000-0000-0000-0000-000000000001");
    let (same, applied) = world.store.retarget_root(root.id, &location("old"), &cause(), now).await.unwrap();
    assert_eq!((world.note(applied).await, same.due_at), (Vec::new(), now), "the same target changes nothing");
    let now = world.tick();
    let (new, applied) = world.store.retarget_root(root.id, &location("new"), &cause(), now).await.unwrap();
    assert_eq!(world.note(applied).await, [removed("x")]);
    assert_eq!((new.id, &new.entity_ref), (root.id, &root.entity_ref));
    assert_eq!((&new.location, new.due_at), (&location("new"), now));
    assert_eq!(world.store.list_files(root.id).await.unwrap(), []);
}

async fn removing_a_location_takes_its_entities_along(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").done(), failed("b", "gone")]).await;
    let now = world.tick();
    let applied = world.store.remove_root(root.id, &cause(), now).await.unwrap();
    assert_eq!(applied.changes[0].cause.actor.as_deref(), Some("user:default/guest"));
    assert_eq!(world.note(applied).await, [removed("x")]);
    assert_eq!(world.store.list_roots().await.unwrap(), []);
    assert_eq!(world.problems().await, Vec::<String>::new());
    let again = world.store.remove_root(root.id, &cause(), now).await;
    assert!(matches!(again, Err(StoreError::LocationMissing(_))));
}

async fn configured_roots_follow_the_configuration(world: &mut World) {
    let now = world.tick();
    let registered = world.root("one").await;
    let wanted = [location("one"), location("two"), location("one")];
    let applied = world.store.set_config_roots(&wanted, &cause(), now).await.unwrap();
    world.note(applied).await;
    let roots = world.store.list_roots().await.unwrap();
    assert_eq!(roots.len(), 3, "{roots:?}");
    let mut origins = origin_of(&roots);
    origins.retain(|origin| *origin == RootOrigin::Config);
    assert_eq!(origins.len(), 2);
    let two = world.store.find_root_by_location(&location("two"), RootOrigin::Config).await.unwrap().unwrap();
    world.apply(&two, vec![file("a").entity("x", "1").done()]).await;
    let now = world.tick();
    let applied = world.store.set_config_roots(&wanted, &cause(), now).await.unwrap();
    assert_eq!(world.note(applied).await, []);
    assert_eq!(world.store.find_root(two.id).await.unwrap().unwrap().entities, 1, "a root that stays is left alone");
    let applied = world.store.set_config_roots(&[], &cause(), now).await.unwrap();
    assert_eq!(world.note(applied).await, [removed("x")]);
    let left = world.store.list_roots().await.unwrap();
    assert_eq!(left.iter().map(|root| root.id).collect::<Vec<_>>(), [registered.id]);
}

async fn configured_roots_are_not_for_the_api(world: &mut World) {
    let now = world.tick();
    world.store.set_config_roots(&[location("one")], &cause(), now).await.unwrap();
    let root = world.store.list_roots().await.unwrap().remove(0);
    let removed = world.store.remove_root(root.id, &cause(), now).await;
    assert!(matches!(removed, Err(StoreError::LocationMissing(_))));
    let moved = world.store.retarget_root(root.id, &location("two"), &cause(), now).await;
    assert!(matches!(moved, Err(StoreError::LocationMissing(_))));
}

async fn a_failed_harvest_is_remembered(world: &mut World) {
    let root = world.root("all").await;
    world.finish(&root, &[]).await;
    let ok_at = world.store.find_root(root.id).await.unwrap().unwrap().last_ok_at;
    let now = world.tick();
    let state = RootState { error: Some("status 500".to_owned()), due_at: now };
    let applied = world.store.finish(root.id, &[], state, now).await.unwrap();
    world.note(applied).await;
    let root = world.store.find_root(root.id).await.unwrap().unwrap();
    assert_eq!((root.last_ok_at, root.last_tried_at), (ok_at, Some(now)));
    assert_eq!(root.last_error.as_deref(), Some("status 500"));
    let later = world.tick();
    world.store.mark_due(root.id, later).await.unwrap();
    assert_eq!(world.store.find_root(root.id).await.unwrap().unwrap().due_at, later);
}

async fn a_root_that_is_gone_takes_no_files(world: &mut World) {
    let root = world.root("all").await;
    let now = world.tick();
    world.store.remove_root(root.id, &cause(), now).await.unwrap();
    let late = world.store.apply(root.id, vec![file("a").entity("x", "1").done()], now).await;
    assert!(matches!(late, Err(StoreError::LocationMissing(_))));
    assert_eq!(world.find(&full("x")).await, None);
}
