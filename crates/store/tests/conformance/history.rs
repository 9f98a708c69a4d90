//! History: reading it back, and forgetting its far end.

use model::{ChangeKind, EntityRef, Seq, Timestamp};
use store::{Around, ChangeAt, ChangeFilter, HistoryStart, StoreError};

use crate::{
    on_both,
    world::{World, file, full, to_state},
};

on_both!(
    changes_come_in_pages_in_order,
    a_moment_finds_its_number,
    a_moment_is_found_where_changes_are_forgotten,
    a_moment_knows_what_surrounds_it,
    a_turn_leads_from_any_moment_to_any_other,
    what_was_touched_between_two_moments_has_two_forms,
    pruning_keeps_every_later_moment,
    pruning_twice_or_for_nothing_is_harmless,
    an_entity_tells_its_story,
    changes_are_found_by_what_is_known_of_them,
    numbers_beyond_the_newest_mean_now,
    the_newest_changes_come_first_and_without_bodies,
    changes_of_many_entities_are_joined,
    a_change_knows_what_it_led_from_and_to,
    the_form_of_a_moment_comes_with_its_cause,
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

async fn a_moment_is_found_where_changes_are_forgotten(world: &mut World) {
    assert_eq!(world.store.seq_at(Timestamp(i64::MAX)).await.unwrap(), Seq(0));
    assert_eq!(world.store.history_start().await.unwrap(), HistoryStart { seq: Seq(0), at: None });
    live(world).await;
    let log = world.store.changes_after(Seq(0), 10).await.unwrap();
    let start = world.store.history_start().await.unwrap();
    assert_eq!(start, HistoryStart { seq: Seq(0), at: Some(log[0].at) });
    world.store.prune(log[4].at).await.unwrap();
    // Rows 1, 2 and 4 are gone; the moment after change 4 is the oldest.
    assert_eq!(world.store.seq_at(Timestamp(log[4].at.0 - 1)).await.unwrap(), Seq(4));
    assert_eq!(world.store.seq_at(log[2].at).await.unwrap(), Seq(4));
    assert_eq!(world.store.seq_at(log[1].at).await.unwrap(), Seq(2));
    assert_eq!(world.store.seq_at(log[4].at).await.unwrap(), Seq(5));
    let start = world.store.history_start().await.unwrap();
    assert_eq!(start, HistoryStart { seq: Seq(4), at: Some(log[4].at) });
}

async fn a_moment_knows_what_surrounds_it(world: &mut World) {
    let root = world.root("all").await;
    world.apply(&root, vec![file("a").entity("x", "1").entity("y", "1").done()]).await;
    world.apply(&root, vec![file("a").entity("x", "2").entity("y", "2").done()]).await;
    let log = world.store.changes_after(Seq(0), 10).await.unwrap();
    let at = |n: usize| Some(ChangeAt { seq: log[n - 1].seq, at: log[n - 1].at });
    let around = async |seq| world.store.around(Seq(seq)).await.unwrap();
    assert_eq!(around(0).await, Around { newest: None, earlier: None, later: at(2) });
    assert_eq!(around(2).await, Around { newest: at(2), earlier: None, later: at(4) });
    // In the midst of what was committed at once.
    assert_eq!(around(3).await, Around { newest: at(3), earlier: at(2), later: at(4) });
    assert_eq!(around(4).await, Around { newest: at(4), earlier: at(2), later: None });
    assert_eq!(around(99).await, Around { newest: at(4), earlier: at(2), later: None });
}

async fn a_turn_leads_from_any_moment_to_any_other(world: &mut World) {
    live(world).await;
    let store = &world.store;
    let at = async |seq| to_state(store.load_as_of(Seq(seq)).await.unwrap());
    for (from, to) in (0..6).flat_map(|from| (0..6).map(move |to| (from, to))) {
        let mut state = at(from).await;
        for change in store.load_turn(Seq(from), Seq(to), 10).await.unwrap().unwrap() {
            match change.entity {
                Some(entity) => state.insert(change.entity_ref.to_string(), entity),
                None => state.remove(change.entity_ref.as_str()),
            };
        }
        assert_eq!(state, at(to).await, "{from} to {to}");
    }
    assert_eq!(store.load_turn(Seq(0), Seq(5), 1).await.unwrap(), None, "more differs than is wanted");
    store.prune(Timestamp(i64::MAX)).await.unwrap();
    assert!(matches!(store.load_turn(Seq(5), Seq(2), 10).await, Err(StoreError::HistoryTooShort { .. })));
}

async fn what_was_touched_between_two_moments_has_two_forms(world: &mut World) {
    live(world).await;
    let touched = world.store.touched_between(Seq(1), Seq(5), 10).await.unwrap();
    let lines: Vec<_> = touched.iter().map(|one| (one.entity_ref.name(), one.last.0, one.changes)).collect();
    assert_eq!(lines, [("x", 4, 2), ("y", 5, 2)]);
    assert_eq!(world.store.touched_between(Seq(1), Seq(5), 1).await.unwrap().len(), 1);
    let last: Vec<Seq> = touched.iter().map(|one| one.last).collect();
    let forms = world.store.load_two_forms(Seq(1), &last).await.unwrap();
    let lines: Vec<_> = forms.iter().map(|form| (form.seq.0, form.before.is_some(), form.after.is_some())).collect();
    assert_eq!(lines, [(4, true, false), (5, false, true)], "x was there and is gone, y is new");
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
    let x = ChangeFilter { refs: Some(vec![EntityRef::new("component", "default", "x")]), ..ChangeFilter::default() };
    assert_eq!(listed(world, &x, 10).await, [4, 2, 1]);
    assert_eq!(listed(world, &x, 1).await, [4]);
    assert_eq!(listed(world, &ChangeFilter { before: Some(Seq(4)), after: Some(Seq(1)), ..x }, 9).await, [2]);
}

async fn listed(world: &World, filter: &ChangeFilter, limit: u32) -> Vec<u64> {
    let heads = world.store.list_changes(filter, limit).await.unwrap();
    heads.iter().map(|head| head.seq.0).collect()
}

async fn changes_are_found_by_what_is_known_of_them(world: &mut World) {
    live(world).await;
    let all = ChangeFilter::default();
    assert_eq!(listed(world, &all, 9).await, [5, 4, 3, 2, 1]);
    let removed = ChangeFilter { what: Some(ChangeKind::Removed), ..all.clone() };
    assert_eq!(listed(world, &removed, 9).await, [4]);
    assert_eq!(listed(world, &ChangeFilter { kind: Some("component".to_owned()), ..all.clone() }, 2).await, [5, 4]);
    // What would be a wildcard is a letter like any other.
    assert_eq!(listed(world, &ChangeFilter { kind: Some("c%".to_owned()), ..all.clone() }, 9).await, [0; 0]);
    assert_eq!(listed(world, &ChangeFilter { actor: Some("refresh".to_owned()), ..removed }, 9).await, [4]);
    assert_eq!(listed(world, &ChangeFilter { actor: Some("nobody".to_owned()), ..all }, 9).await, [0; 0]);
}

async fn numbers_beyond_the_newest_mean_now(world: &mut World) {
    live(world).await;
    assert_eq!(to_state(world.store.load_as_of(Seq(u64::MAX)).await.unwrap()), world.load().await.1);
}

async fn the_newest_changes_come_first_and_without_bodies(world: &mut World) {
    live(world).await;
    let first = world.store.newest_changes(None, 2).await.unwrap();
    assert_eq!(first.iter().map(|head| head.seq.0).collect::<Vec<_>>(), [5, 4]);
    assert_eq!((first[1].entity_ref.name(), first[1].kind), ("x", ChangeKind::Removed));
    assert_eq!(first[0].cause.actor.as_deref(), Some("refresh"));
    let rest = world.store.newest_changes(Some(Seq(4)), 10).await.unwrap();
    assert_eq!(rest.iter().map(|head| head.seq.0).collect::<Vec<_>>(), [3, 2, 1]);
}

async fn changes_of_many_entities_are_joined(world: &mut World) {
    live(world).await;
    let component = |name: &str| EntityRef::new("component", "default", name);
    let store = &world.store;
    let seqs = async |refs: &[EntityRef], limit| {
        let filter = ChangeFilter { refs: Some(refs.to_vec()), ..ChangeFilter::default() };
        let heads = store.list_changes(&filter, limit).await.unwrap();
        heads.iter().map(|head| head.seq.0).collect::<Vec<_>>()
    };
    assert_eq!(seqs(&[component("x")], 10).await, [4, 2, 1]);
    assert_eq!(seqs(&[component("x"), component("y"), component("x")], 3).await, [5, 4, 3]);
    assert_eq!(seqs(&[], 3).await, Vec::<u64>::new());
    // More than are asked about at a time, with the known ones at both ends.
    let mut many: Vec<_> = (0..2_500).map(|i| component(&format!("none{i}"))).collect();
    many.insert(0, component("x"));
    many.push(component("y"));
    assert_eq!(seqs(&many, 4).await, [5, 4, 3, 2]);
}

async fn a_change_knows_what_it_led_from_and_to(world: &mut World) {
    live(world).await;
    let steps = world.store.load_steps(&[Seq(4), Seq(1), Seq(2), Seq(99)]).await.unwrap();
    let lines: Vec<_> = steps.iter().map(|step| (step.seq.0, step.before.is_some(), step.after.is_some())).collect();
    assert_eq!(lines, [(1, false, true), (2, true, true), (4, true, false)]);
    let (before, after) = (steps[1].before.as_ref().unwrap(), steps[1].after.as_ref().unwrap());
    let facts = model::compare_entities(before, after);
    assert_eq!(facts.iter().map(ToString::to_string).collect::<Vec<_>>(), ["metadata.version: 1 → 2"]);
    world.store.prune(Timestamp(i64::MAX)).await.unwrap();
    let left = world.store.load_steps(&[Seq(2), Seq(5)]).await.unwrap();
    assert_eq!(left.iter().map(|step| (step.seq.0, step.before.is_some())).collect::<Vec<_>>(), [(5, false)]);
}

async fn the_form_of_a_moment_comes_with_its_cause(world: &mut World) {
    live(world).await;
    let component = |name: &str| EntityRef::new("component", "default", name);
    let store = &world.store;
    let forms = async |refs: &[EntityRef], moment: u64| {
        let changes = store.forms_at(refs, Seq(moment)).await.unwrap();
        changes.into_iter().map(|change| (change.entity_ref.name().to_owned(), change.seq.0)).collect::<Vec<_>>()
    };
    let both = [component("y"), component("x"), component("x"), component("none")];
    let named = |forms: &[(&str, u64)]| forms.iter().map(|(name, seq)| ((*name).to_owned(), *seq)).collect::<Vec<_>>();
    assert_eq!(forms(&both, 3).await, named(&[("x", 2), ("y", 3)]));
    assert_eq!(forms(&both, 4).await, named(&[("y", 3)]), "what is removed is not there");
    assert_eq!(forms(&both, u64::MAX).await, named(&[("y", 5)]));
    assert_eq!(forms(&[], 5).await, []);
    let mut many: Vec<_> = (0..1_200).map(|i| component(&format!("none{i}"))).collect();
    many.insert(0, component("x"));
    many.push(component("y"));
    assert_eq!(forms(&many, 2).await, named(&[("x", 2)]));
    let change = store.forms_at(&[component("x")], Seq(1)).await.unwrap().remove(0);
    assert!(change.cause.location.is_some());
    assert_eq!(change.entity.unwrap().relations[0].line, 7, "lines of relations are kept");
}
