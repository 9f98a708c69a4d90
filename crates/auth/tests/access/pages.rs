//! What pages ask of a gate: stars, history, problems, locations.

use std::sync::Arc;

use auth::{Actor, Boards, GateError, Ring, UnregisterPlan, plan_unregister};
use index::{Visibility, problems::ProblemQuery};
use model::{ChangeKind, EntityRef, Seq, Severity, Timestamp, Uid};

use crate::world::{World, closed, location, restriction, service};

const BROWSER: &str = "browser:01234567-89ab-4cde-8f01-23456789abcd";

fn shop() -> EntityRef {
    EntityRef::new("component", "default", "shop")
}

fn user(name: &str) -> Actor {
    Actor::User { entity_ref: format!("user:default/{name}"), ownership: Vec::new() }
}

fn blind() -> Actor {
    service(vec![restriction("catalog", &["catalog.location.read"], &[])])
}

#[tokio::test]
async fn people_star_what_they_see_under_their_own_name() {
    let world = World::new(closed()).await;
    let root = world.gate(Actor::Anyone).register_location(&location("a")).await.unwrap();
    world.harvest(&root, "shop").await;
    let jane = world.gate(user("jane"));
    jane.set_star("user:default/jane", &shop(), true).await.unwrap();
    assert_eq!(jane.list_stars("user:default/jane").await.unwrap()[0].entity_ref, shop());
    let other = jane.list_stars("user:default/john").await.unwrap_err();
    assert!(matches!(other, GateError::NotAllowed(_)), "{other}");
    let none = EntityRef::new("component", "default", "none");
    assert!(matches!(jane.set_star("user:default/jane", &none, true).await, Err(GateError::NotFound(_))));
    jane.set_star("user:default/jane", &none, false).await.unwrap();
    let guest = world.gate(Actor::Anyone);
    guest.set_star(BROWSER, &shop(), true).await.unwrap();
    for wrong in ["browser:1", "browser:", "guest", "user:default/jane"] {
        assert!(matches!(guest.list_stars(wrong).await, Err(GateError::NotAllowed(_))), "{wrong}");
    }
    assert_eq!(guest.list_most_starred(5).await.unwrap()[0].people, 2);
    let blind = world.gate(blind());
    assert!(blind.list_stars(BROWSER).await.unwrap().is_empty());
    assert!(blind.list_most_starred(5).await.unwrap().is_empty());
    assert!(matches!(blind.set_star(BROWSER, &shop(), true).await, Err(GateError::NotFound(_))));
}

#[tokio::test]
async fn changes_are_told_with_what_differs() {
    let world = World::new(closed()).await;
    let gate = world.gate(Actor::Anyone);
    let root = gate.register_location(&location("a")).await.unwrap();
    world.harvest_body(&root, "shop", r#""owner":"a""#).await;
    world.harvest_body(&root, "shop", r#""owner":"b""#).await;
    let told = gate.newest_changes(None, 10).await.unwrap();
    assert_eq!(
        told.iter().map(|change| (change.seq.0, change.kind)).collect::<Vec<_>>(),
        [(2, ChangeKind::Changed), (1, ChangeKind::Added)]
    );
    assert_eq!(told[0].facts.iter().map(ToString::to_string).collect::<Vec<_>>(), ["spec.owner: a → b"]);
    assert!(told[1].facts.is_empty());
    assert_eq!(gate.newest_changes(Some(Seq(2)), 10).await.unwrap(), told[1..]);
    assert_eq!(gate.changes_of_any(&[shop()], 1).await.unwrap(), told[..1]);
    world.store.remove_root(root.id, &model::Cause::default(), Timestamp(9)).await.unwrap();
    assert_eq!(gate.newest_changes(None, 10).await.unwrap(), told, "readers do not see the newest yet");
    assert_eq!(gate.changes_of_any(&[shop()], 10).await.unwrap(), told);
    let blind = world.gate(blind());
    assert!(blind.newest_changes(None, 10).await.unwrap().is_empty());
    assert!(blind.changes_of_any(&[shop()], 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_location_can_be_read_again_at_once() {
    let world = World::new(closed()).await;
    let gate = world.gate(Actor::Anyone);
    let root = gate.register_location(&location("a")).await.unwrap();
    world.rings.lock().unwrap().clear();
    gate.refresh_location(root.id).await.unwrap();
    assert_eq!(*world.rings.lock().unwrap(), [Ring::Root(root.id)]);
    assert!(matches!(gate.refresh_location(Uid(1)).await, Err(GateError::NotFound(_))));
    assert!(matches!(world.gate(blind()).refresh_location(root.id).await, Err(GateError::NotAllowed(_))));
}

#[tokio::test]
async fn a_board_is_built_once_and_anew_when_something_changed() {
    let world = World::new(closed()).await;
    let boards = Boards::new(world.store.clone(), Arc::clone(&world.door.live));
    assert!(boards.latest().problems().is_empty());
    let root = world.gate(Actor::Anyone).register_location(&location("a")).await.unwrap();
    world.harvest(&root, "shop").await;
    let (first, second) = tokio::join!(boards.newest(), boards.newest());
    let first = first.unwrap();
    assert!(Arc::ptr_eq(&first, &second.unwrap()), "two who ask at once share one");
    assert!(Arc::ptr_eq(&first, &boards.newest().await.unwrap()));
    assert!(Arc::ptr_eq(&first, &boards.latest()));
    // A failed reading changes the records alone.
    world.fail(&root, "status 500").await;
    let next = boards.newest().await.unwrap();
    let view = world.door.live.snapshot().view(Visibility::Everything);
    let errors = next.select(&view, &ProblemQuery { severities: vec![Severity::Error], ..ProblemQuery::default() });
    assert_eq!((errors.len(), errors[0].diagnostic.message.as_str()), (1, "status 500"));
    assert_eq!(errors[0].location.as_deref(), Some(root.location.as_str()));
    let nothing = world.door.live.snapshot().view(Visibility::Nothing);
    assert!(next.select(&nothing, &ProblemQuery::default()).is_empty());
}

#[tokio::test]
async fn unregistering_says_what_it_takes_along() {
    let world = World::new(closed()).await;
    let gate = world.gate(Actor::Anyone);
    let root = gate.register_location(&location("a")).await.unwrap();
    world.harvest_with_origin(&root, &["shop", "bag"], root.location.as_str()).await;
    let plan = async || {
        let view = world.door.live.snapshot().view(Visibility::Everything);
        plan_unregister(&view, &gate.list_roots().await.unwrap(), &view.find("component:default/shop").unwrap())
    };
    let UnregisterPlan::RemoveLocation { root: found, entities, total } = plan().await else { panic!("registered") };
    assert_eq!((found.id, total), (root.id, 2));
    assert_eq!(entities.iter().map(EntityRef::name).collect::<Vec<_>>(), ["bag", "shop"]);
    world.harvest_with_origin(&root, &["shop"], "url:https://example.org/gone.yaml").await;
    assert_eq!(plan().await, UnregisterPlan::DeleteOrphan);
    let configured = location("configured");
    world
        .store
        .set_config_roots(std::slice::from_ref(&configured), &model::Cause::default(), Timestamp(3))
        .await
        .unwrap();
    world.harvest_with_origin(&root, &["shop"], configured.as_str()).await;
    assert_eq!(plan().await, UnregisterPlan::Configured { location: configured });
}
