//! Events from outside.

use model::{EntityRef, EventKind, NewEvent, Timestamp};
use store::{EventFilter, EventPlace, RecordedEvents};

use crate::{on_both, world::World};

on_both!(an_event_is_kept_once, events_are_found_by_what_is_known_of_them, old_events_are_forgotten,);

fn shop() -> EntityRef {
    EntityRef::new("component", "default", "shop")
}

fn event(id: &str, at: i64, kind: EventKind, refs: Vec<EntityRef>) -> NewEvent {
    NewEvent {
        source: "https://ci.example.org".to_owned(),
        id: id.to_owned(),
        kind,
        event_type: "org.example.test".to_owned(),
        at: Timestamp(at),
        subject: Some("shop".to_owned()),
        title: format!("Event {id}"),
        link: Some("https://ci.example.org/1".to_owned()),
        actor: Some("jane".to_owned()),
        outcome: None,
        refs,
    }
}

async fn listed(world: &World, filter: EventFilter) -> Vec<String> {
    let events = world.store.list_events(&filter, 10).await.unwrap();
    events.into_iter().map(|event| event.event.id).collect()
}

async fn three(world: &World) {
    let events = [
        event("a", 10, EventKind::Deployment, vec![shop(), EntityRef::new("system", "default", "all")]),
        event("b", 20, EventKind::Flag, vec![shop()]),
        event("c", 20, EventKind::Alert, Vec::new()),
    ];
    let recorded = world.store.record_events(&events, "external:ci", Timestamp(30)).await.unwrap();
    assert_eq!(recorded, RecordedEvents { new: 3, known: 0 });
}

async fn an_event_is_kept_once(world: &mut World) {
    three(world).await;
    let again = NewEvent { title: "Other".to_owned(), ..event("a", 99, EventKind::Other, Vec::new()) };
    let elsewhere = NewEvent { source: "https://other.example.org".to_owned(), ..again.clone() };
    let recorded = world.store.record_events(&[again, elsewhere], "guest", Timestamp(40)).await.unwrap();
    assert_eq!(recorded, RecordedEvents { new: 1, known: 1 });
    let all = world.store.list_events(&EventFilter::default(), 10).await.unwrap();
    assert_eq!(
        all.iter().map(|event| event.event.title.as_str()).collect::<Vec<_>>(),
        ["Other", "Event c", "Event b", "Event a"]
    );
    let first = all.last().unwrap();
    assert_eq!((first.reporter.as_str(), first.received_at), ("external:ci", Timestamp(30)));
    assert_eq!(
        first.event.refs.iter().map(EntityRef::as_str).collect::<Vec<_>>(),
        ["component:default/shop", "system:default/all"]
    );
    assert_eq!(first.event.link.as_deref(), Some("https://ci.example.org/1"));
}

async fn events_are_found_by_what_is_known_of_them(world: &mut World) {
    three(world).await;
    let all = EventFilter::default();
    assert_eq!(listed(world, EventFilter { refs: Some(vec![shop()]), ..all.clone() }).await, ["b", "a"]);
    assert_eq!(listed(world, EventFilter { refs: Some(Vec::new()), ..all.clone() }).await, [""; 0]);
    assert_eq!(listed(world, EventFilter { unmatched: true, ..all.clone() }).await, ["c"]);
    assert_eq!(listed(world, EventFilter { kind: Some(EventKind::Deployment), ..all.clone() }).await, ["a"]);
    assert_eq!(listed(world, EventFilter { from: Some(Timestamp(11)), ..all.clone() }).await, ["c", "b"]);
    assert_eq!(listed(world, EventFilter { actor: Some("jane".to_owned()), ..all.clone() }).await, ["c", "b", "a"]);
    assert_eq!(listed(world, EventFilter { source: Some("x".to_owned()), ..all.clone() }).await, [""; 0]);
    // Page by page, also between two of one moment.
    let newest = world.store.list_events(&all, 1).await.unwrap().remove(0);
    let place = EventPlace { at: newest.event.at, number: newest.number };
    assert_eq!(listed(world, EventFilter { before: Some(place), ..all }).await, ["b", "a"]);
}

async fn old_events_are_forgotten(world: &mut World) {
    three(world).await;
    assert_eq!(world.store.sweep_events(Timestamp(10)).await.unwrap(), 0);
    assert_eq!(world.store.sweep_events(Timestamp(20)).await.unwrap(), 1);
    assert_eq!(listed(world, EventFilter::default()).await, ["c", "b"]);
    assert_eq!(listed(world, EventFilter { refs: Some(vec![shop()]), ..EventFilter::default() }).await, ["b"]);
}
