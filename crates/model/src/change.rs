//! Changes: the values that flow from the store to everything that is derived.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{DeclaredRelation, Diagnostic, EntityBody, EntityRef, ErrorChain, Uid};

/// The number of a change in the order of commits, counting from 1 without end. 0 is the empty catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seq(pub u64);

/// A moment in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

/// What happened to an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// The entity was not there before.
    Added,
    /// Its body, relations, parents or errors are others than before.
    Changed,
    /// It is gone.
    Removed,
}

/// The commit that a file was read at, as its host knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its identity: for git the hash in hexadecimal digits.
    pub commit: Arc<str>,
    /// Who wrote it: the account, or else the name that the commit holds.
    pub author: Option<Arc<str>>,
}

/// Why a change happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The file that the change was read from, as a location reference.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub location: Option<Arc<str>>,
    /// The commit of that file, where the host says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit: Option<Arc<str>>,
    /// Who wrote that commit, as the host names people, where it says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub author: Option<Arc<str>>,
    /// Who asked for it: `user:default/guest`, `external:ci`, or the name of a loop such as `refresh`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<Arc<str>>,
}

impl Cause {
    /// Who or what was behind it, for people: the commit and its author, `89abcdef01 by octocat`, or else who asked for it.
    #[must_use]
    pub fn in_short(&self) -> Option<String> {
        match (self.commit.as_deref().map(short_commit), &self.author) {
            (Some(commit), Some(author)) => Some(format!("{commit} by {author}")),
            (Some(commit), None) => Some(commit.to_owned()),
            (None, _) => self.actor.as_deref().map(str::to_owned),
        }
    }
}

/// The first digits of a commit, which tell it apart for people.
#[must_use]
pub fn short_commit(commit: &str) -> &str {
    commit.char_indices().nth(10).map_or(commit, |(end, _)| &commit[..end])
}

/// One entity as the store holds it: its body and what belongs to it, before incoming relations are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEntity {
    /// Canonical reference, the identity of the entity.
    pub entity_ref: EntityRef,
    /// Identity of this life of the entity.
    pub uid: Uid,
    /// The JSON text.
    pub body: EntityBody,
    /// The relations that this entity declares, in order of appearance, without duplicates.
    pub relations: Vec<DeclaredRelation>,
    /// Errors of the newest reading while `body` is the last good form; they are served as `status.items`.
    pub errors: Vec<ErrorChain>,
    /// The Location entities that the entity was read through; empty for the entity of a root location.
    pub parents: Vec<EntityRef>,
    /// The line of the file at which the document starts, counting from 1; 0 when there is no file.
    pub line: u32,
    /// Warnings about the entity, for its owners.
    pub warnings: Vec<Diagnostic>,
}

/// A committed change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the order of commits.
    pub seq: Seq,
    /// When it was committed.
    pub at: Timestamp,
    /// Which entity.
    pub entity_ref: EntityRef,
    /// What happened.
    pub kind: ChangeKind,
    /// The entity after the change; `None` when it was removed.
    pub entity: Option<Arc<StoredEntity>>,
    /// Why.
    pub cause: Cause,
}
