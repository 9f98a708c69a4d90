//! Gates: every command needs its permission, and what it writes reaches readers.

use auth::{Actor, ChangeQuery, GateError, Ring};
use model::{ChangeKind, EntityRef, Seq, Uid};

use crate::world::{World, closed, location, restriction, service};

/// Does everything a gate can do, with the one permission that a method needs and with all others.
#[tokio::test]
async fn every_command_needs_its_permission() {
    let names = ["register", "update", "remove", "remove entity", "refresh"];
    let needed = [
        "catalog.location.create",
        "catalog.location.create",
        "catalog.location.delete",
        "catalog.entity.delete",
        "catalog.entity.refresh",
    ];
    for (command, needed) in names.into_iter().zip(needed) {
        for granted in auth::permissions() {
            let world = World::new(closed()).await;
            let root = world.gate(Actor::Anyone).register_location(&location("a")).await.unwrap();
            world.harvest(&root, "shop").await;
            let uid = uid_of_shop(&world);
            let grants = vec![
                restriction("catalog", &[granted.name], &[]),
                restriction("catalog", &["catalog.entity.read"], &[]),
            ];
            let gate = world.gate(service(grants));
            let outcome = match command {
                "register" => gate.register_location(&location("b")).await.map(drop),
                "update" => gate.update_location(root.id, &location("c")).await.map(drop),
                "remove" => gate.remove_location(root.id).await.map(drop),
                "remove entity" => gate.remove_entity(uid).await.map(drop),
                _ => gate.refresh("component:default/shop").await,
            };
            match outcome {
                Ok(()) => assert_eq!(granted.name, needed, "{command}"),
                Err(GateError::NotAllowed(text)) => {
                    assert_ne!(granted.name, needed, "{command}");
                    assert!(text.contains(needed), "{text}");
                }
                Err(other) => panic!("{command}: {other}"),
            }
        }
    }
}

#[tokio::test]
async fn what_a_gate_writes_reaches_readers() {
    let world = World::new(closed()).await;
    let gate = world.gate(Actor::Anyone);
    let root = gate.register_location(&location("a")).await.unwrap();
    assert_eq!(*world.rings.lock().unwrap(), [Ring::Root(root.id)]);
    world.harvest(&root, "shop").await;
    let twice = gate.register_location(&location("a")).await.unwrap_err();
    assert!(matches!(&twice, GateError::Conflict(text) if text.contains("already exists")), "{twice}");
    assert_eq!(gate.list_locations().await.unwrap().len(), 1);
    let seq = gate.remove_location(root.id).await.unwrap();
    gate.wait_for(seq).await;
    assert!(world.door.live.snapshot().is_empty());
    assert!(matches!(gate.remove_location(root.id).await.unwrap_err(), GateError::NotFound(_)));
    let change = gate.last_change_of(&EntityRef::new("component", "default", "shop")).await.unwrap().unwrap();
    assert_eq!((change.kind, change.cause.actor.as_deref()), (ChangeKind::Removed, Some("guest")));
}

fn uid_of_shop(world: &World) -> Uid {
    world.door.live.snapshot().view(index::Visibility::Everything).find("component:default/shop").unwrap().uid()
}

#[tokio::test]
async fn what_was_removed_stays_away_for_a_moment() {
    let world = World::new(closed()).await;
    let gate = world.gate(Actor::Anyone);
    let root = gate.register_location(&location("a")).await.unwrap();
    world.harvest(&root, "shop").await;
    let uid = uid_of_shop(&world);
    world.rings.lock().unwrap().clear();
    let seq = gate.remove_entity(uid).await.unwrap();
    gate.wait_for(seq).await;
    assert!(world.door.live.snapshot().is_empty());
    let rings = world.rings.lock().unwrap().clone();
    assert!(matches!(rings[..], [Ring::Later(id, wait)] if id == root.id && !wait.is_zero()), "{rings:?}");
}

#[tokio::test]
async fn refreshing_and_removing_what_is_not_there() {
    let world = World::new(closed()).await;
    let gate = world.gate(Actor::Anyone);
    assert!(matches!(gate.refresh("component:default/none").await.unwrap_err(), GateError::NotFound(_)));
    assert!(matches!(gate.refresh("no kind").await.unwrap_err(), GateError::Input(_)));
    assert!(gate.remove_entity(Uid(7)).await.is_ok(), "as in Backstage");
    assert!(world.rings.lock().unwrap().is_empty());
}

#[tokio::test]
async fn hidden_things_are_not_listed() {
    let world = World::new(closed()).await;
    let root = world.gate(Actor::Anyone).register_location(&location("a")).await.unwrap();
    world.harvest(&root, "shop").await;
    let gate = world.gate(service(vec![restriction("catalog", &["catalog.location.create"], &[])]));
    assert!(gate.list_locations().await.unwrap().is_empty());
    assert!(gate.list_roots().await.unwrap().is_empty());
    assert!(gate.list_problems().await.unwrap().is_empty());
    let page = gate.changes_after(Seq(0), 10, &ChangeQuery::default()).await.unwrap();
    assert!(page.changes.is_empty() && page.next == page.newest);
    assert!(gate.last_change_of(&EntityRef::new("component", "default", "shop")).await.unwrap().is_none());
}

#[tokio::test]
async fn changes_come_in_order_and_only_when_they_can_be_read() {
    let world = World::new(closed()).await;
    let gate = world.gate(Actor::Anyone);
    let root = gate.register_location(&location("a")).await.unwrap();
    world.harvest(&root, "one").await;
    world.harvest(&root, "two").await;
    let mut after = Seq(0);
    let mut seen = Vec::new();
    loop {
        let page = gate.changes_after(after, 1, &ChangeQuery::default()).await.unwrap();
        seen.extend(page.changes.iter().map(|change| (change.change.entity_ref.name().to_owned(), change.change.kind)));
        after = page.next;
        if !page.more {
            break;
        }
    }
    let want = [("one", ChangeKind::Added), ("two", ChangeKind::Added), ("one", ChangeKind::Removed)];
    let mut seen: Vec<_> = seen.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
    // The removal and the addition of the second reading are one transaction; only their place after the first counts.
    assert_eq!(seen.remove(0), want[0]);
    assert!(seen.contains(&want[1]) && seen.contains(&want[2]), "{seen:?}");
    let behind = world.door.live.snapshot().seq();
    world.store.remove_root(root.id, &model::Cause::default(), model::Timestamp(2)).await.unwrap();
    assert!(
        gate.changes_after(behind, 10, &ChangeQuery::default()).await.unwrap().changes.is_empty(),
        "readers do not see it yet"
    );
}

#[tokio::test]
async fn whoever_listens_to_what_is_new_asks_the_database_nothing() {
    let world = World::new(closed()).await;
    let gate = world.gate(Actor::Anyone);
    let root = gate.register_location(&location("a")).await.unwrap();
    world.harvest(&root, "one").await;
    world.harvest(&root, "two").await;
    let query = ChangeQuery { with_before: true, ..ChangeQuery::default() };
    let asked = gate.changes_after(Seq(1), 10, &query).await.unwrap();
    world.store.close().await;
    let told = gate.changes_after(Seq(0), 10, &ChangeQuery::default()).await.unwrap();
    assert_eq!((told.changes.len(), told.next, told.more), (3, told.newest, false));
    let again = gate.changes_after(Seq(1), 10, &query).await.unwrap();
    assert_eq!(again.changes, asked.changes, "what changes led from is looked up once for everybody");
    assert!(again.changes.iter().any(|seen| seen.before.is_some()), "{again:?}");
}
