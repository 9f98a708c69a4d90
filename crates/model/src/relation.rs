//! Relations between entities, as the declaring side states them.

use serde::{Deserialize, Serialize};

use crate::EntityRef;

/// A relation as declared by one entity (the originator), with the name it has in each direction.
///
/// `component:default/shop` with `spec.owner: team-a` declares
/// `{ forward: "ownedBy", reverse: "ownerOf", other: group:default/team-a }`:
/// the originator gets `ownedBy -> other`, the other side gets `ownerOf -> originator` whenever it exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeclaredRelation {
    /// Relation type on the originator.
    pub forward: std::sync::Arc<str>,
    /// Relation type on the other side.
    pub reverse: std::sync::Arc<str>,
    /// The entity at the other end; it need not exist.
    pub other: EntityRef,
    /// The line that declares it, counting from 1 at the line of the document, so that a document that moves stays as it is;
    /// 0 when it is not known.
    pub line: u32,
}

/// The two names of a relation, one for each direction.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RelationPair {
    /// The name on the entity that declares it, such as `ownedBy`.
    pub forward: std::sync::Arc<str>,
    /// The name on the entity at the other end, such as `ownerOf`.
    pub reverse: std::sync::Arc<str>,
}
