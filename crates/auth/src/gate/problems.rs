//! Problems on record.

use model::{EntityRef, Timestamp};
use store::{ProblemFilter, ProblemMoment, ProblemRecord, Root};

use super::{Gate, GateError};
use crate::boards::verdict_problem;

impl Gate {
    /// Lists the problems of all roots, newest first; none to an actor without `catalog.entity.read`, as problems quote
    /// entities and their files.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list_problems(&self) -> Result<Vec<ProblemRecord>, GateError> {
        if self.horizon.is_some() || self.require("catalog.entity.read").is_err() {
            return Ok(Vec::new());
        }
        Ok(self.door.store.list_problems().await?)
    }

    /// Lists the problems of one entity, newest first; none to an actor without `catalog.entity.read`.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list_problems_of(&self, entity_ref: &EntityRef) -> Result<Vec<ProblemRecord>, GateError> {
        if self.horizon.is_some() || self.require("catalog.entity.read").is_err() {
            return Ok(Vec::new());
        }
        let filter = ProblemFilter { root: None, entity_ref: Some(entity_ref.clone()) };
        Ok(self.door.store.list_problems_where(&filter).await?)
    }

    /// Lists what events showed to be wrong about one entity and nobody has settled; nothing to an actor without
    /// `catalog.entity.read`.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list_verdicts_on(&self, entity_ref: &EntityRef) -> Result<Vec<index::problems::Problem>, GateError> {
        // What people found out since was not known then.
        if self.horizon.is_some() || self.require("catalog.entity.read").is_err() {
            return Ok(Vec::new());
        }
        let all = self.door.store.list_open_verdicts().await?.into_iter();
        Ok(all.filter(|open| open.verdict.entity_ref == *entity_ref).map(verdict_problem).collect())
    }

    /// Lists how many problems there were from one moment to another, oldest first; nothing to an actor without
    /// `catalog.entity.read`, or who may not see the whole catalog.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list_problem_counts(&self, from: Timestamp, to: Timestamp) -> Result<Vec<ProblemMoment>, GateError> {
        if self.visibility() != index::Visibility::Everything {
            return Ok(Vec::new());
        }
        let to = self.horizon.map_or(to, |horizon| horizon.at.min(to));
        self.ask_aside(self.door.store.list_problem_counts(from, to)).await
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
