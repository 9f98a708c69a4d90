//! The same comparison with enough entities that long lists, bits and several segments of each size come into play.

use model::{DeclaredRelation, EntityBody, EntityRef, StoredEntity};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

use super::{
    build, change,
    naive::Naive,
    questions::check_answers,
    world::{self, Entities, Step, perform},
};
use crate::{Direction, Filter, Fold, Order, PageQuery, Start, Visibility};

/// Entities numbered from 0 with bodies as random as in the small worlds.
fn population(count: usize) -> Vec<StoredEntity> {
    let mut runner = TestRunner::deterministic();
    let strategy = world::entity();
    (0..count)
        .map(|number| {
            let entity = strategy.new_tree(&mut runner).expect("nothing is rejected").current();
            let entity_ref = EntityRef::new("component", "default", &format!("name-{}", number * 7919 % count));
            let owner = EntityRef::new("group", "default", &format!("team-{}", number % 7));
            let body = entity
                .body
                .as_str()
                .replace("\"name\":\"", &format!("\"title\":\"N{}\",\"name\":\"{number}", number % 90));
            StoredEntity {
                uid: world::uid_of(&entity_ref, 0),
                entity_ref,
                body: EntityBody::from_json(body),
                relations: vec![DeclaredRelation {
                    forward: "ownedBy".into(),
                    reverse: "ownerOf".into(),
                    other: owner,
                    line: 0,
                }],
                ..entity
            }
        })
        .collect()
}

#[test]
fn large_catalogs_answer_as_the_naive_reference() {
    let mut entities = Entities::new();
    let mut fold = Fold::empty();
    fold.inline_docs = 50;
    let steps: Vec<Step> = population(700).into_iter().map(|entity| Step::Put(Box::new(entity))).collect();
    let mut seq = 0;
    let mut sizes = [400, 1, 1, 40, 7, 3, 90, 1, 100, 1, 1, 1].into_iter();
    let mut left = steps.as_slice();
    while let Some(size) = sizes.next().or((!left.is_empty()).then_some(left.len())) {
        let (now, later) = left.split_at(size.min(left.len()));
        left = later;
        seq += 1;
        now.iter().for_each(|step| perform(step, &mut entities));
        fold.apply(&now.iter().map(|step| change(step, seq)).collect::<Vec<_>>());
        // Some of the older ones go, so that every segment has dead documents.
        let gone: Vec<Step> = entities.keys().step_by(23).cloned().map(Step::Remove).collect();
        gone.iter().for_each(|step| perform(step, &mut entities));
        fold.apply(&gone.iter().map(|step| change(step, seq)).collect::<Vec<_>>());
    }
    let naive = Naive::new(&entities);
    let built = build(&entities);
    assert_eq!(fold.fingerprint(), built.fingerprint());
    check_answers(&fold.snapshot().view(Visibility::Everything), &naive);
    check_answers(&built.snapshot().view(Visibility::Everything), &naive);
}

#[test]
fn building_on_several_threads_equals_folding_one_by_one() {
    let entities: Entities = population(5_000).into_iter().map(|entity| (entity.entity_ref.clone(), entity)).collect();
    let mut fold = Fold::empty();
    let changes: Vec<_> = entities.values().map(|entity| change(&Step::Put(Box::new(entity.clone())), 1)).collect();
    for batch in changes.chunks(999) {
        fold.apply(batch);
        while let Some(plan) = fold.plan_merge() {
            let merged = plan.run();
            fold.install(merged);
        }
    }
    assert_eq!(fold.fingerprint(), build(&entities).fingerprint());
    assert_eq!(fold.snapshot().len(), entities.len());
}

#[test]
fn a_merge_stays_right_when_changes_come_in_between() {
    let mut entities = Entities::new();
    let mut fold = Fold::empty();
    fold.inline_docs = 0;
    for (seq, entity) in (1..).zip(population(4)) {
        let step = Step::Put(Box::new(entity));
        perform(&step, &mut entities);
        fold.apply(&[change(&step, seq)]);
    }
    let merged = fold.plan_merge().expect("four segments of one size are too many").run();
    let gone = Step::Remove(entities.keys().next().expect("four are there").clone());
    let mut last = entities.values().last().expect("four are there").clone();
    last.line += 1;
    for step in [gone, Step::Put(Box::new(last))] {
        perform(&step, &mut entities);
        fold.apply(&[change(&step, 9)]);
    }
    fold.install(merged);
    assert_eq!(fold.fingerprint(), build(&entities).fingerprint());
    assert_eq!(fold.snapshot().len(), 3);
    check_answers(&fold.snapshot().view(Visibility::Everything), &Naive::new(&entities));
}

/// Two sets that are large, whose common members are few and stand at the end of the order.
#[test]
fn few_matches_of_large_sets_are_paged_in_order() {
    let count = 4_096;
    let mut entities: Entities = Entities::new();
    let mut fold = Fold::empty();
    let steps: Vec<Step> = (0..count)
        .map(|number| {
            let owner = |team: usize| DeclaredRelation {
                forward: "ownedBy".into(),
                reverse: "ownerOf".into(),
                other: EntityRef::new("group", "default", &format!("team-{team}")),
                line: 0,
            };
            let relations = match number {
                n if n >= count - 30 => vec![owner(0), owner(1)],
                n => vec![owner(n % 2)],
            };
            let entity_ref = EntityRef::new("component", "default", &format!("name-{number:04}"));
            let body = format!(r#"{{"metadata":{{"name":"name-{number:04}"}},"apiVersion":"v1","kind":"Component"}}"#);
            Step::Put(Box::new(StoredEntity {
                uid: world::uid_of(&entity_ref, 0),
                entity_ref,
                body: EntityBody::from_json(body),
                relations,
                errors: Vec::new(),
                parents: Vec::new(),
                line: 1,
                warnings: Vec::new(),
            }))
        })
        .collect();
    steps.iter().for_each(|step| perform(step, &mut entities));
    fold.apply(&steps.iter().map(|step| change(step, 1)).collect::<Vec<_>>());
    let owned = |team: usize| Filter::Equals("relations.ownedby".into(), format!("group:default/team-{team}"));
    let view = fold.snapshot().view(Visibility::Everything);
    for direction in [Direction::Ascending, Direction::Descending] {
        let mut found = Vec::new();
        for offset in (0..40).step_by(8) {
            let page = view.page(&PageQuery {
                filter: Filter::And(vec![owned(0), owned(1)]),
                order: Order::Field("metadata.name".into(), direction),
                start: Start::Offset(offset),
                limit: Some(8),
                count: true,
            });
            assert_eq!(page.total, Some(30));
            found.extend(page.rows.iter().map(|row| row.doc.entity_ref().to_owned()));
        }
        let mut want: Vec<String> = (count - 30..count).map(|n| format!("component:default/name-{n:04}")).collect();
        if direction == Direction::Descending {
            want.reverse();
        }
        assert_eq!(found, want);
    }
}
