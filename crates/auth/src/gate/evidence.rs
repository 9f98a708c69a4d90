//! Why entities are as they are at a moment: their forms with the changes that made them so.

use std::collections::HashMap;

use index::View;
use model::{Change, EntityRef, Seq, Timestamp};

use super::{Gate, GateError};

impl Gate {
    /// Loads the change by which each of some entities became what it is in a view, be that the newest moment or a past one.
    /// Entities that the view does not show, and those whose change is no longer on record, are left out.
    ///
    /// # Errors
    /// `Store`.
    pub async fn forms_in(&self, view: &View, refs: &[EntityRef]) -> Result<HashMap<EntityRef, Change>, GateError> {
        if self.require("catalog.entity.read").is_err() {
            return Ok(HashMap::new());
        }
        let shown: Vec<EntityRef> = refs.iter().filter(|one| view.find(one.as_str()).is_some()).cloned().collect();
        let changes = self.ask_aside(self.door.store.forms_at(&shown, view.seq())).await?;
        Ok(changes.into_iter().map(|change| (change.entity_ref.clone(), change)).collect())
    }

    /// Returns when a view was the newest one: now, or the time of its last change.
    ///
    /// # Errors
    /// `Store`.
    pub async fn moment_of(&self, view: &View) -> Result<Timestamp, GateError> {
        if view.seq() >= self.door.live.snapshot().seq() {
            return Ok(self.now());
        }
        let last = self.door.store.newest_changes(Some(Seq(view.seq().0.saturating_add(1))), 1).await?;
        Ok(last.first().map_or_else(|| self.now(), |change| change.at))
    }
}
