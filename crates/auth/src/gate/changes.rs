//! The change log, for those who keep copies.

use model::{Change, EntityRef, Seq};

use super::{Gate, GateError};

/// A page of the change log.
#[derive(Clone, Debug)]
pub struct ChangePage {
    /// The changes in order.
    pub changes: Vec<Change>,
    /// Where to go on: every change up to here is in this page or not for this actor.
    pub next: Seq,
    /// Whether more follow now.
    pub more: bool,
    /// The newest change that there is.
    pub newest: Seq,
}

impl Gate {
    /// Lists the changes after a number, at most `limit`; none to an actor without `catalog.entity.read`.
    ///
    /// # Errors
    /// `Store`.
    pub async fn changes_after(&self, after: Seq, limit: u32) -> Result<ChangePage, GateError> {
        let newest = self.door.store.newest_seq().await?;
        if self.require("catalog.entity.read").is_err() {
            return Ok(ChangePage { changes: Vec::new(), next: newest.max(after), more: false, newest });
        }
        let changes = self.door.store.changes_after(after, limit).await?;
        let next = changes.last().map_or(after, |change| change.seq);
        let more = changes.len() >= limit as usize && next < newest;
        Ok(ChangePage { changes, next, more, newest: newest.max(next) })
    }

    /// Returns the newest change of one entity that the snapshot holds: why it is as it is. `None` when the log no longer
    /// reaches back that far, or the actor may not see it.
    ///
    /// # Errors
    /// `Store`.
    pub async fn last_change_of(&self, entity_ref: &EntityRef) -> Result<Option<Change>, GateError> {
        if self.require("catalog.entity.read").is_err() {
            return Ok(None);
        }
        Ok(self.door.store.last_change_of(entity_ref).await?)
    }
}
