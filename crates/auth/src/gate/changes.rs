//! The change log, for those who keep copies.

use model::{Change, EntityRef, Seq};
use store::{ChangeFilter, ChangeHead};

use super::{Gate, GateError};

/// A page of the change log.
#[derive(Clone, Debug)]
pub struct ChangePage {
    /// The changes in order. Each is in the published catalog already, so that whoever hears of it can read it.
    pub changes: Vec<Change>,
    /// Where to go on: every change up to here is in this page, or not for this actor.
    pub next: Seq,
    /// Whether more follow now.
    pub more: bool,
    /// The newest change that readers see.
    pub newest: Seq,
    /// How far the log reaches back: asking for what comes after an older number gives nothing, as it is no longer known.
    pub oldest: Seq,
}

impl Gate {
    /// Lists the changes after a number, at most `limit`; none to an actor without `catalog.entity.read`.
    ///
    /// # Errors
    /// `Store`.
    pub async fn changes_after(&self, after: Seq, limit: u32) -> Result<ChangePage, GateError> {
        let newest = self.newest();
        let oldest = self.door.store.oldest_seq().await?;
        if self.require("catalog.entity.read").is_err() {
            return Ok(ChangePage { changes: Vec::new(), next: newest.max(after), more: false, newest, oldest });
        }
        if after < oldest {
            return Ok(ChangePage { changes: Vec::new(), next: after, more: false, newest, oldest });
        }
        let mut changes = self.door.store.changes_after(after, limit).await?;
        changes.retain(|change| change.seq <= newest);
        let next = changes.last().map_or(after, |change| change.seq);
        Ok(ChangePage { more: next < newest && !changes.is_empty(), changes, next, newest, oldest })
    }

    /// Waits until readers see a change after `seq`. Waits for ever when none comes.
    pub async fn wait_past(&self, seq: Seq) {
        match self.horizon {
            None => self.door.live.wait_for(Seq(seq.0 + 1)).await,
            // Nothing happens in the past.
            Some(_) => std::future::pending().await,
        }
    }

    /// Returns the newest change of one entity on record: why it is as it is. `None` when the log no longer reaches back
    /// that far, or the actor may not see it.
    ///
    /// # Errors
    /// `Store`.
    pub async fn last_change_of(&self, entity_ref: &EntityRef) -> Result<Option<ChangeHead>, GateError> {
        if self.require("catalog.entity.read").is_err() {
            return Ok(None);
        }
        let before = self.horizon.map(|horizon| Seq(horizon.seq.0.saturating_add(1)));
        let refs = Some(vec![entity_ref.clone()]);
        let newest = ChangeFilter { before, refs, ..ChangeFilter::default() };
        Ok(self.door.store.list_changes(&newest, 1).await?.into_iter().next())
    }
}
