//! How changes look on the wire.

use auth::SeenChange;
use model::{Cause, ChangeKind, StoredEntity};
use serde::Serialize;
use serde_json::value::RawValue;

use super::parameters::rfc3339;

/// One change.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeWire<'a> {
    seq: u64,
    at: String,
    entity_ref: &'a str,
    kind: ChangeKind,
    cause: CauseWire,
    /// The entity as its author and the processing left it; only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<&'a RawValue>,
    /// The entity as it was before; only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a RawValue>,
}

/// Why something changed.
#[derive(Serialize)]
pub(super) struct CauseWire {
    location: Option<String>,
    commit: Option<String>,
    author: Option<String>,
    actor: Option<String>,
}

/// Which forms of the entity changes carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bodies {
    /// The one after the change.
    pub(super) after: bool,
    /// The one before it.
    pub(super) before: bool,
}

impl<'a> ChangeWire<'a> {
    /// Takes a change over.
    pub(super) fn new(seen: &'a SeenChange, bodies: Bodies) -> Self {
        let SeenChange { change, before } = seen;
        Self {
            seq: change.seq.0,
            at: rfc3339(change.at),
            entity_ref: change.entity_ref.as_str(),
            kind: change.kind,
            cause: CauseWire::from(&change.cause),
            entity: change.entity.as_deref().filter(|_| bodies.after).and_then(body),
            before: before.as_deref().filter(|_| bodies.before).and_then(body),
        }
    }
}

fn body(entity: &StoredEntity) -> Option<&RawValue> {
    serde_json::from_str(entity.body.as_str()).ok()
}

impl From<&Cause> for CauseWire {
    fn from(cause: &Cause) -> Self {
        Self {
            location: cause.location.as_deref().map(str::to_owned),
            commit: cause.commit.as_deref().map(str::to_owned),
            author: cause.author.as_deref().map(str::to_owned),
            actor: cause.actor.as_deref().map(str::to_owned),
        }
    }
}
