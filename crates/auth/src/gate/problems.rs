//! Problems on record.

use store::{ProblemRecord, Root};

use super::{Gate, GateError};

impl Gate {
    /// Lists the problems of all roots, newest first; none to an actor without `catalog.entity.read`, as problems quote
    /// entities and their files.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list_problems(&self) -> Result<Vec<ProblemRecord>, GateError> {
        if self.require("catalog.entity.read").is_err() {
            return Ok(Vec::new());
        }
        Ok(self.door.store.list_problems().await?)
    }

    /// Lists all roots, those of the configuration included; none to an actor without `catalog.location.read`.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list_roots(&self) -> Result<Vec<Root>, GateError> {
        if self.require("catalog.location.read").is_err() {
            return Ok(Vec::new());
        }
        Ok(self.door.store.list_roots().await?)
    }
}
