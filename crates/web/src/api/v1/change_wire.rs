//! How changes look on the wire.

use model::{Cause, Change, ChangeKind};
use serde::Serialize;
use serde_json::value::RawValue;

use super::parameters::rfc3339;

/// One change.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeWire {
    seq: u64,
    at: String,
    entity_ref: String,
    kind: ChangeKind,
    cause: CauseWire,
    /// The entity as its author and the processing left it; only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<Box<RawValue>>,
}

/// Why something changed.
#[derive(Serialize)]
pub(super) struct CauseWire {
    location: Option<String>,
    commit: Option<String>,
    actor: Option<String>,
}

/// Whether changes carry the entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bodies {
    /// They do.
    With,
    /// They do not.
    Without,
}

impl ChangeWire {
    /// Takes a change over.
    pub(super) fn new(change: &Change, bodies: Bodies) -> Self {
        let entity = change
            .entity
            .as_ref()
            .filter(|_| bodies == Bodies::With)
            .and_then(|entity| RawValue::from_string(entity.body.as_str().to_owned()).ok());
        Self {
            seq: change.seq.0,
            at: rfc3339(change.at),
            entity_ref: change.entity_ref.to_string(),
            kind: change.kind,
            cause: CauseWire::from(&change.cause),
            entity,
        }
    }
}

impl From<&Cause> for CauseWire {
    fn from(cause: &Cause) -> Self {
        Self {
            location: cause.location.as_deref().map(str::to_owned),
            commit: cause.commit.as_deref().map(str::to_owned),
            actor: cause.actor.as_deref().map(str::to_owned),
        }
    }
}
