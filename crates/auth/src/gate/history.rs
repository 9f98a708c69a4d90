//! History for people: the newest changes, each with what it changed.

use model::{Cause, ChangeKind, EntityRef, FactChange, Seq, Timestamp, compare_entities};
use store::{ChangeFilter, ChangeHead, Step};

use super::{Gate, GateError};

/// A change as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldChange {
    /// Its place in the order of commits.
    pub seq: Seq,
    /// When it was committed.
    pub at: Timestamp,
    /// Which entity.
    pub entity_ref: EntityRef,
    /// What happened: `Added` is the first reading.
    pub kind: ChangeKind,
    /// Why.
    pub cause: Cause,
    /// What differs, for a change; empty when that is not known any more.
    pub facts: Vec<FactChange>,
}

impl Gate {
    /// Lists the newest changes that the actor may see, newest first, at most `limit`: those before a change, or the newest of
    /// all. Each is in the published catalog already.
    ///
    /// # Errors
    /// `Store`.
    pub async fn newest_changes(&self, before: Option<Seq>, limit: u32) -> Result<Vec<ToldChange>, GateError> {
        if self.require("catalog.entity.read").is_err() {
            return Ok(Vec::new());
        }
        let before = Some(self.published_before(before));
        let heads = self.ask_aside(self.door.store.newest_changes(before, limit)).await?;
        self.tell(heads).await
    }

    /// Lists the newest changes of some entities, newest first, at most `limit`; none that the actor may not see.
    ///
    /// # Errors
    /// `Store`.
    pub async fn changes_of_any(&self, refs: &[EntityRef], limit: u32) -> Result<Vec<ToldChange>, GateError> {
        if self.require("catalog.entity.read").is_err() {
            return Ok(Vec::new());
        }
        let filter = ChangeFilter {
            before: Some(self.published_before(None)),
            refs: Some(refs.to_vec()),
            ..ChangeFilter::default()
        };
        let heads = self.ask_aside(self.door.store.list_changes(&filter, limit)).await?;
        self.tell(heads).await
    }

    /// The first number that readers do not see yet, or a smaller one that was asked for.
    pub(super) fn published_before(&self, before: Option<Seq>) -> Seq {
        let next = Seq(self.newest().0.saturating_add(1));
        before.map_or(next, |before| before.min(next))
    }

    pub(super) async fn tell(&self, mut heads: Vec<ChangeHead>) -> Result<Vec<ToldChange>, GateError> {
        if self.visibility() != index::Visibility::Everything {
            // What was visible when it changed cannot be told for entities that are gone, so those are left out.
            let view = self.view();
            heads.retain(|head| view.find(head.entity_ref.as_str()).is_some());
        }
        let changed = heads.iter().filter(|head| head.kind == ChangeKind::Changed).map(|head| head.seq);
        let changed: Vec<_> = changed.collect();
        let steps = self.ask_aside(self.door.store.load_steps(&changed)).await?;
        Ok(heads.into_iter().map(|head| told(head, &steps)).collect())
    }
}

fn told(head: ChangeHead, steps: &[Step]) -> ToldChange {
    let ChangeHead { seq, at, entity_ref, kind, cause } = head;
    let step = steps.binary_search_by_key(&seq, |step| step.seq).ok().map(|at| &steps[at]);
    let facts = match step {
        Some(Step { before: Some(before), after: Some(after), .. }) => compare_entities(before, after),
        _ => Vec::new(),
    };
    ToldChange { seq, at, entity_ref, kind, cause, facts }
}
