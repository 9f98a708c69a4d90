//! Entities: removing one, and having its files read again.

use std::time::Duration;

use model::{EntityRef, Seq, Timestamp, Uid};

use super::{Gate, GateError};
use crate::Ring;

/// How long an entity that somebody removed stays away before its file is read again, in milliseconds: long enough that whoever
/// looks after removing it finds it gone, and shorter than in Backstage, where it is a second.
const AWAY_MS: u32 = 600;

impl Gate {
    /// Removes an entity. It comes back with a new uid a moment later while its file is there. An unknown uid is no error, as
    /// in Backstage.
    ///
    /// # Errors
    /// `NotAllowed` without `catalog.entity.delete`.
    pub async fn remove_entity(&self, uid: Uid) -> Result<Seq, GateError> {
        self.require("catalog.entity.delete")?;
        let (applied, root) = self.door.store.remove_entity(uid, &self.cause(), self.now()).await?;
        let seq = self.committed(applied);
        if let Some(root) = root {
            self.door.store.mark_due(root, Timestamp(self.now().0 + i64::from(AWAY_MS))).await?;
            (self.door.bell)(Ring::Later(root, Duration::from_millis(AWAY_MS.into())));
        }
        Ok(seq)
    }

    /// Has the roots of an entity read again.
    ///
    /// # Errors
    /// `NotAllowed` without `catalog.entity.refresh`, `NotFound` when the entity is not in the catalog or not to be seen.
    pub async fn refresh(&self, entity_ref: &str) -> Result<(), GateError> {
        self.require("catalog.entity.refresh")?;
        let unknown = || GateError::NotFound(format!("Entity {entity_ref} not found"));
        let parsed = EntityRef::parse(entity_ref).map_err(|error| GateError::Input(error.to_string()))?;
        if self.view().find(parsed.as_str()).is_none() {
            return Err(unknown());
        }
        for root in self.door.store.find_roots_of(&parsed).await? {
            self.door.store.mark_due(root.id, self.now()).await?;
            (self.door.bell)(Ring::Root(root.id));
        }
        Ok(())
    }

    /// Finds the root that an entity is read through: how fresh it is, and what is wrong with reading it. `None` when nothing
    /// is known, or the actor may not see the entity.
    ///
    /// # Errors
    /// `Store`.
    pub async fn find_root_of(&self, entity_ref: &EntityRef) -> Result<Option<store::Root>, GateError> {
        if self.horizon.is_some() || self.require("catalog.entity.read").is_err() {
            return Ok(None);
        }
        Ok(self.ask_aside(self.door.store.find_roots_of(entity_ref)).await?.into_iter().next())
    }
}
