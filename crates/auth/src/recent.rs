//! The newest changes in memory, for those who listen. A thousand listeners that wake up at one change ask the database not
//! a thousand times but not at all, and what a change led from is looked up once for all of them.
//!
//! What is here was handed to the index with the snapshot that holds it. Bounded by number and by size; whoever is further
//! behind reads the log.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use model::{Change, ChangeKind, Seq, StoredEntity};
use store::{Store, StoreError};
use tokio::sync::OnceCell;

/// How many changes are kept at most.
const MOST_CHANGES: usize = 4_096;
/// How many bytes of bodies are kept at most.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The entity as it was before a change; `None` where it was not there.
pub(crate) type Before = Option<Arc<StoredEntity>>;

/// Changes that came together, in order and without a gap.
pub(crate) struct Batch {
    changes: Box<[Change]>,
    bytes: usize,
    befores: OnceCell<Box<[Before]>>,
}

/// What is known of the changes after a number.
pub(crate) enum Found {
    /// The batch that holds the next one.
    Batch(Arc<Batch>),
    /// There is none that is newer.
    End,
    /// It is too long ago.
    Forgotten,
}

/// The newest batches.
#[derive(Default)]
pub(crate) struct Recent {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Everything after this one is here.
    after: Seq,
    batches: VecDeque<Arc<Batch>>,
    changes: usize,
    bytes: usize,
}

impl Batch {
    fn new(changes: &[Change]) -> Self {
        let size = |change: &Change| change.entity.as_ref().map_or(0, |entity| entity.body.as_str().len()) + 256;
        Self { changes: changes.into(), bytes: changes.iter().map(size).sum(), befores: OnceCell::new() }
    }

    pub(crate) fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// What each change led from; asked of the database once.
    pub(crate) async fn befores(&self, store: &Store) -> Result<&[Before], StoreError> {
        self.befores.get_or_try_init(|| load_befores(store, &self.changes)).await.map(|befores| &**befores)
    }

    fn last(&self) -> Seq {
        self.changes.last().map_or(Seq(0), |change| change.seq)
    }
}

/// Looks up what each of some changes led from.
pub(crate) async fn load_befores(store: &Store, changes: &[Change]) -> Result<Box<[Before]>, StoreError> {
    let asked = changes.iter().filter(|change| change.kind != ChangeKind::Added).map(|change| change.seq);
    let steps = store.load_steps(&asked.collect::<Vec<_>>()).await?;
    let before = |change: &Change| {
        let at = steps.binary_search_by_key(&change.seq, |step| step.seq).ok()?;
        steps[at].before.clone()
    };
    Ok(changes.iter().map(before).collect())
}

impl Recent {
    /// Takes the newest changes.
    pub(crate) fn push(&self, changes: &[Change]) {
        let newest = &changes[changes.len().saturating_sub(MOST_CHANGES)..];
        let Some(first) = newest.first() else { return };
        let batch = Batch::new(newest);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.last().0 + 1 != first.seq.0 {
            *kept = Kept { after: Seq(first.seq.0 - 1), ..Kept::default() };
        }
        kept.changes += batch.changes.len();
        kept.bytes += batch.bytes;
        kept.batches.push_back(Arc::new(batch));
        while kept.batches.len() > 1 && (kept.changes > MOST_CHANGES || kept.bytes > MOST_BYTES) {
            let Some(oldest) = kept.batches.pop_front() else { break };
            kept.after = oldest.last();
            kept.changes -= oldest.changes.len();
            kept.bytes -= oldest.bytes;
        }
    }

    /// Takes note that readers see everything up to a number. Changes up to there that were not handed over are in the log.
    pub(crate) fn reach(&self, seq: Seq) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.last() < seq {
            *kept = Kept { after: seq, ..Kept::default() };
        }
    }

    /// Finds the changes after a number.
    pub(crate) fn after(&self, seq: Seq) -> Found {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if seq < kept.after {
            return Found::Forgotten;
        }
        let at = kept.batches.partition_point(|batch| batch.last() <= seq);
        kept.batches.get(at).map_or(Found::End, |batch| Found::Batch(Arc::clone(batch)))
    }
}

impl Kept {
    fn last(&self) -> Seq {
        self.batches.back().map_or(self.after, |batch| batch.last())
    }
}

#[cfg(test)]
mod tests {
    use model::{Cause, EntityRef, Timestamp};

    use super::*;

    fn changes(numbers: std::ops::RangeInclusive<u64>) -> Vec<Change> {
        let change = |seq| Change {
            seq: Seq(seq),
            at: Timestamp(0),
            entity_ref: EntityRef::new("component", "default", "shop"),
            kind: ChangeKind::Removed,
            entity: None,
            cause: Cause::default(),
        };
        numbers.map(change).collect()
    }

    fn first_after(recent: &Recent, seq: u64) -> Result<u64, &'static str> {
        match recent.after(Seq(seq)) {
            Found::Batch(batch) => Ok(batch.changes().iter().find(|change| change.seq > Seq(seq)).unwrap().seq.0),
            Found::End => Err("end"),
            Found::Forgotten => Err("forgotten"),
        }
    }

    #[test]
    fn knows_what_follows_a_number_or_that_it_does_not() {
        let recent = Recent::default();
        recent.reach(Seq(4));
        assert_eq!(first_after(&recent, 3), Err("forgotten"));
        assert_eq!(first_after(&recent, 4), Err("end"));
        recent.push(&changes(5..=7));
        recent.push(&changes(8..=8));
        assert_eq!(first_after(&recent, 3), Err("forgotten"));
        assert_eq!(first_after(&recent, 4), Ok(5));
        assert_eq!(first_after(&recent, 6), Ok(7));
        assert_eq!(first_after(&recent, 7), Ok(8));
        assert_eq!(first_after(&recent, 8), Err("end"));
    }

    #[test]
    fn a_gap_forgets_what_was_before_it() {
        let recent = Recent::default();
        recent.push(&changes(1..=3));
        recent.push(&changes(9..=9));
        assert_eq!(first_after(&recent, 2), Err("forgotten"));
        assert_eq!(first_after(&recent, 8), Ok(9));
        recent.reach(Seq(9));
        assert_eq!(first_after(&recent, 8), Ok(9), "it was handed over");
        recent.reach(Seq(12));
        assert_eq!(first_after(&recent, 9), Err("forgotten"), "the log has those");
        assert_eq!(first_after(&recent, 12), Err("end"));
    }

    #[test]
    fn is_bounded_and_keeps_the_newest() {
        let recent = Recent::default();
        for start in 0..10u64 {
            recent.push(&changes(start * 1000 + 1..=(start + 1) * 1000));
        }
        assert_eq!(first_after(&recent, 5_000), Err("forgotten"));
        assert_eq!(first_after(&recent, 6_000), Ok(6_001));
        recent.push(&changes(10_001..=20_000));
        assert_eq!(first_after(&recent, 20_000 - MOST_CHANGES as u64), Ok(20_001 - MOST_CHANGES as u64));
        assert_eq!(first_after(&recent, 9_999), Err("forgotten"));
    }
}
