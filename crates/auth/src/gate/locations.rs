//! Registered locations.

use model::{LocationRef, Seq, Uid};
use store::{Root, RootOrigin};

use super::{Gate, GateError};
use crate::Ring;

impl Gate {
    /// Registers a location and has it read at once.
    ///
    /// # Errors
    /// `NotAllowed` without `catalog.location.create`, `Conflict` when it is registered already.
    pub async fn register_location(&self, location: &LocationRef) -> Result<Root, GateError> {
        self.require("catalog.location.create")?;
        let root = self.door.store.register_root(location, self.now()).await?;
        (self.door.bell)(Ring::Root(root.id));
        Ok(root)
    }

    /// Changes the target of a registered location, and has it read at once.
    ///
    /// # Errors
    /// `NotAllowed` without `catalog.location.create`, `NotFound`, `Conflict` when another location has that target.
    pub async fn update_location(&self, id: Uid, location: &LocationRef) -> Result<(Root, Seq), GateError> {
        self.require("catalog.location.create")?;
        let (root, applied) = self.door.store.retarget_root(id, location, &self.cause(), self.now()).await?;
        let seq = self.committed(applied);
        (self.door.bell)(Ring::Root(root.id));
        Ok((root, seq))
    }

    /// Removes a registered location with its entities.
    ///
    /// # Errors
    /// `NotAllowed` without `catalog.location.delete`, `NotFound`.
    pub async fn remove_location(&self, id: Uid) -> Result<Seq, GateError> {
        self.require("catalog.location.delete")?;
        let applied = self.door.store.remove_root(id, &self.cause(), self.now()).await?;
        Ok(self.committed(applied))
    }

    /// Has a root of any origin read at once, also one that rests after a failure.
    ///
    /// # Errors
    /// `NotAllowed` without `catalog.entity.refresh`, `NotFound`.
    pub async fn refresh_location(&self, id: Uid) -> Result<(), GateError> {
        self.require("catalog.entity.refresh")?;
        if self.door.store.find_root(id).await?.is_none() {
            return Err(GateError::NotFound(format!("Found no location with ID {id}")));
        }
        self.door.store.mark_due(id, self.now()).await?;
        (self.door.bell)(Ring::Root(id));
        Ok(())
    }

    /// Lists the registered locations, by id; none to an actor without `catalog.location.read`.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list_locations(&self) -> Result<Vec<Root>, GateError> {
        if self.require("catalog.location.read").is_err() {
            return Ok(Vec::new());
        }
        let roots = self.door.store.list_roots().await?;
        Ok(roots.into_iter().filter(|root| root.origin == RootOrigin::Registered).collect())
    }
}
