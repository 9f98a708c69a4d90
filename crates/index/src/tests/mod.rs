//! Folding any history gives the same catalog as building its end, and both answer as the naive reference does.

mod large;
mod naive;
mod questions;
mod quick;
mod search;
mod world;

use std::sync::Arc;

use model::{Cause, Change, ChangeKind, Seq, Timestamp};
use proptest::{prelude::*, strategy::ValueTree as _};

use self::{
    naive::Naive,
    questions::check_answers,
    world::{Entities, Event, Step, history, perform},
};
use crate::{Fold, Merged, Visibility};

fn change(step: &Step, seq: u64) -> Change {
    let (entity_ref, entity) = match step {
        Step::Put(entity) => (entity.entity_ref.clone(), Some(Arc::new((**entity).clone()))),
        Step::Remove(entity_ref) => (entity_ref.clone(), None),
    };
    let kind = if entity.is_some() { ChangeKind::Changed } else { ChangeKind::Removed };
    Change { seq: Seq(seq), at: Timestamp(0), entity_ref, kind, entity, cause: Cause::default() }
}

fn build(entities: &Entities) -> Fold {
    Fold::build(Seq(9), entities.values().map(|entity| Arc::new(entity.clone())).collect())
}

fn fold_history(history: &[Event], inline_docs: usize) -> (Fold, Entities) {
    let (mut fold, mut entities) = (Fold::empty(), Entities::new());
    fold.inline_docs = inline_docs;
    let mut merging: Option<Merged> = None;
    let mut seq = 0;
    for event in history {
        match event {
            Event::Batch(steps) => {
                let mut changes = Vec::new();
                for step in steps {
                    seq += 1;
                    perform(step, &mut entities);
                    changes.push(change(step, seq));
                }
                fold.apply(&changes);
                assert_eq!(fold.snapshot().seq(), Seq(seq));
            }
            Event::StartMerge => merging = fold.plan_merge().map(crate::MergePlan::run),
            Event::FinishMerge => {
                if let Some(merged) = merging.take() {
                    fold.install(merged);
                }
            }
        }
    }
    (fold, entities)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn folding_equals_building_and_the_naive_reference(history in history(), inline_docs in prop::sample::select(vec![0usize, 3, 4096])) {
        let (folded, entities) = fold_history(&history, inline_docs);
        let built = build(&entities);
        prop_assert_eq!(folded.fingerprint(), built.fingerprint());
        let naive = Naive::new(&entities);
        check_answers(&folded.snapshot().view(Visibility::Everything), &naive);
        check_answers(&built.snapshot().view(Visibility::Everything), &naive);
    }
}

#[test]
fn the_fingerprint_sees_every_difference() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let entity = world::entity().new_tree(&mut runner).unwrap().current();
    let of = |entity: &model::StoredEntity| {
        build(&Entities::from([(entity.entity_ref.clone(), entity.clone())])).fingerprint()
    };
    let first = of(&entity);
    let mut line = entity.clone();
    line.line += 1;
    assert_ne!(of(&line), first);
    let mut parents = entity.clone();
    parents.parents.push(entity.entity_ref.clone());
    assert_ne!(of(&parents), first);
    let mut errors = entity.clone();
    errors.errors.push(model::ErrorChain::new("Error", "m"));
    assert_ne!(of(&errors), first);
    let mut uid = entity.clone();
    uid.uid.0 ^= 1;
    assert_ne!(of(&uid), first);
    assert_ne!(Fold::empty().fingerprint(), first);
}
