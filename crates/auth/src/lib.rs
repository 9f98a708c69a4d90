//! Who may do what, and the only way to write: a `Gate` is made for one actor, decides, and writes through `store`.

use model::{LocationRef, Seq, Uid};
use store::{ProblemRecord, Root};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person.
    User {
        /// `user:default/jane`, lower case.
        entity_ref: String,
        /// What the person owns things as.
        ownership: Vec<String>,
    },
    /// A program with a token of the configuration.
    Service {
        /// `external:ci`.
        subject: String,
        /// Where its token is good; empty for everywhere.
        restrictions: Vec<AccessRestriction>,
    },
    /// Nobody in particular, on an open server.
    Anyone,
}

/// One line of `backend.auth.externalAccess[].accessRestrictions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRestriction {
    /// Plugin id, such as `catalog`.
    pub plugin: String,
    /// Permission names; empty for all of the plugin.
    pub permissions: Vec<String>,
    /// `permissionAttribute.action`; empty for all.
    pub actions: Vec<String>,
}

/// A refusal or failure of a command.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The actor may not do it (403).
    #[error("{0}")]
    NotAllowed(String),
    /// The input is wrong (400).
    #[error("{0}")]
    Input(String),
    /// There is no such thing (404).
    #[error("{0}")]
    NotFound(String),
    /// It exists already (409).
    #[error("{0}")]
    Conflict(String),
    /// The database failed (500, or 503 when it cannot be reached).
    #[error("the database failed")]
    Store(#[source] store::StoreError),
}

/// The door for one actor.
pub struct Gate;

impl Gate {
    /// Registers a location.
    ///
    /// # Errors
    /// See [`GateError`].
    pub async fn register_location(&self, _location: &LocationRef) -> Result<Root, GateError> {
        todo!()
    }
    /// Changes the target of a location.
    ///
    /// # Errors
    /// See [`GateError`].
    pub async fn update_location(&self, _id: Uid, _location: &LocationRef) -> Result<(Root, Seq), GateError> {
        todo!()
    }
    /// Removes a location and its entities.
    ///
    /// # Errors
    /// See [`GateError`].
    pub async fn remove_location(&self, _id: Uid) -> Result<Seq, GateError> {
        todo!()
    }
    /// Lists registered locations.
    ///
    /// # Errors
    /// See [`GateError`].
    pub async fn list_locations(&self) -> Result<Vec<Root>, GateError> {
        todo!()
    }
    /// Removes an entity.
    ///
    /// # Errors
    /// See [`GateError`].
    pub async fn remove_entity(&self, _uid: Uid) -> Result<Seq, GateError> {
        todo!()
    }
    /// Rings for the roots of an entity.
    ///
    /// # Errors
    /// `NotFound` when the entity is not in the catalog.
    pub async fn refresh(&self, _entity_ref: &str) -> Result<(), GateError> {
        todo!()
    }
    /// Lists problems.
    ///
    /// # Errors
    /// See [`GateError`].
    pub async fn list_problems(&self) -> Result<Vec<ProblemRecord>, GateError> {
        todo!()
    }
    /// Waits until readers see this change.
    pub async fn wait_for(&self, _seq: Seq) {
        todo!()
    }
}
