//! Call sheets: opened once for an alert, appended to, closed, and what their answers make of the catalog.

use model::{EntityRef, Timestamp};
use store::{NewSheet, NewSheetEntry, SheetEffect, SheetVerdict};

use crate::{
    on_both,
    world::{World, file},
};

on_both!(
    entries_are_appended_and_told_in_order,
    an_alert_opens_one_sheet_while_that_is_open,
    lists_tell_open_from_closed,
    a_wrong_answer_holds_until_the_entity_changes,
    a_wrong_answer_can_be_settled_and_given_again,
    answers_are_counted_by_day,
);

fn entry(kind: &str, effect: SheetEffect) -> NewSheetEntry {
    NewSheetEntry { kind: kind.to_owned(), body: format!("{{\"kind\":\"{kind}\"}}"), effect }
}

fn sheet(id: &str, at: i64, alert_key: Option<&str>) -> NewSheet {
    NewSheet {
        id: id.to_owned(),
        title: format!("Event {id}"),
        at: Timestamp(at),
        actor: "user:default/jane".to_owned(),
        alert_key: alert_key.map(str::to_owned),
        entries: vec![entry("opened", SheetEffect::None)],
    }
}

fn shop() -> EntityRef {
    EntityRef::new("component", "default", "shop")
}

fn answer(right: bool) -> SheetEffect {
    SheetEffect::Answered(SheetVerdict {
        question: "owner".to_owned(),
        entity_ref: shop(),
        other: Some(EntityRef::new("group", "default", "team-a")),
        is_right: right,
        note: Some("it is team-b".to_owned()),
    })
}

async fn append(world: &World, id: &str, at: i64, effect: SheetEffect) -> Option<u32> {
    let entries = [entry("x", effect)];
    world.store.append_to_call_sheet(id, Timestamp(at), "guest", &entries).await.unwrap()
}

async fn entries_are_appended_and_told_in_order(world: &mut World) {
    world.store.open_call_sheet(&sheet("a", 5, None)).await.unwrap().unwrap();
    assert_eq!(append(world, "a", 6, SheetEffect::Titled("Other".to_owned())).await, Some(2));
    assert_eq!(append(world, "nowhere", 6, SheetEffect::None).await, None);
    let entries = world.store.load_call_sheet("a").await.unwrap();
    let told: Vec<_> = entries.iter().map(|entry| (entry.number, entry.at.0, entry.actor.as_str())).collect();
    assert_eq!(told, [(1, 5, "user:default/jane"), (2, 6, "guest")]);
    assert_eq!(entries[0].body, "{\"kind\":\"opened\"}");
    assert_eq!(world.store.call_sheet_revision("a").await.unwrap(), Some(2));
    assert_eq!(world.store.call_sheet_revision("nowhere").await.unwrap(), None);
    assert_eq!(world.store.list_call_sheets(None, 9, 0).await.unwrap()[0].title, "Other");
}

async fn an_alert_opens_one_sheet_while_that_is_open(world: &mut World) {
    world.store.open_call_sheet(&sheet("a", 1, Some("k"))).await.unwrap().unwrap();
    assert_eq!(world.store.open_call_sheet(&sheet("b", 2, Some("k"))).await.unwrap(), Err("a".to_owned()));
    assert_eq!(world.store.find_call_sheet_of_alert("k").await.unwrap().as_deref(), Some("a"));
    append(world, "a", 3, SheetEffect::Closed).await;
    assert_eq!(world.store.find_call_sheet_of_alert("k").await.unwrap(), None);
    world.store.open_call_sheet(&sheet("b", 4, Some("k"))).await.unwrap().unwrap();
    append(world, "a", 5, SheetEffect::Reopened).await;
    assert_eq!(world.store.find_call_sheet_of_alert("k").await.unwrap().as_deref(), Some("b"));
}

async fn lists_tell_open_from_closed(world: &mut World) {
    for (id, at) in [("a", 1), ("b", 2), ("c", 3)] {
        world.store.open_call_sheet(&sheet(id, at, None)).await.unwrap().unwrap();
    }
    append(world, "b", 4, SheetEffect::Closed).await;
    let ids = async |is_open, limit, offset| {
        let heads = world.store.list_call_sheets(is_open, limit, offset).await.unwrap();
        heads.into_iter().map(|head| head.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None, 9, 0).await, ["c", "b", "a"]);
    assert_eq!(ids(Some(true), 9, 0).await, ["c", "a"]);
    assert_eq!(ids(Some(false), 9, 0).await, ["b"]);
    assert_eq!(ids(None, 1, 1).await, ["b"]);
}

async fn a_wrong_answer_holds_until_the_entity_changes(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("all").entity("shop", "1").done()]).await;
    world.store.open_call_sheet(&sheet("a", 1, None)).await.unwrap().unwrap();
    let before = world.store.problem_revision().await.unwrap();
    append(world, "a", 2, answer(false)).await;
    assert_ne!(world.store.problem_revision().await.unwrap(), before);
    let open = world.store.list_open_verdicts().await.unwrap();
    assert_eq!((open.len(), open[0].sheet_id.as_str(), open[0].answered_at), (1, "a", Timestamp(2)));
    assert_eq!(open[0].verdict.entity_ref, shop());
    assert_eq!(open[0].verdict.note.as_deref(), Some("it is team-b"));
    world.apply(&root, vec![file("all").entity("shop", "2").done()]).await;
    assert_eq!(world.store.list_open_verdicts().await.unwrap(), []);
}

async fn a_wrong_answer_can_be_settled_and_given_again(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("all").entity("shop", "1").done()]).await;
    world.store.open_call_sheet(&sheet("a", 1, None)).await.unwrap().unwrap();
    append(world, "a", 2, answer(false)).await;
    let settled = SheetEffect::Settled {
        question: "owner".to_owned(),
        entity_ref: shop(),
        other: Some(EntityRef::new("group", "default", "team-a")),
    };
    append(world, "a", 3, settled).await;
    assert_eq!(world.store.list_open_verdicts().await.unwrap(), []);
    append(world, "a", 4, answer(false)).await;
    assert_eq!(world.store.list_open_verdicts().await.unwrap().len(), 1);
    append(world, "a", 5, answer(true)).await;
    assert_eq!(world.store.list_open_verdicts().await.unwrap(), []);
}

async fn answers_are_counted_by_day(world: &mut World) {
    const DAY: i64 = 86_400_000;
    for (id, at, right) in [("a", 1, true), ("b", 2, false), ("c", DAY + 1, true)] {
        world.store.open_call_sheet(&sheet(id, at, None)).await.unwrap().unwrap();
        append(world, id, at, answer(right)).await;
    }
    let days = world.store.count_verdicts().await.unwrap();
    let days: Vec<_> = days.iter().map(|day| (day.day.0, day.right, day.all)).collect();
    assert_eq!(days, [(0, 1, 2), (DAY, 1, 1)]);
}
