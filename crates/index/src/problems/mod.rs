//! Everything that is wrong with a moment of the catalog, in one list that can be asked by entity, owner, code and file.
//!
//! A problem comes from one of three places: it is on record (a document that is no entity, a file that cannot be read), it is
//! a warning that came with a healthy entity, or only the whole catalog can tell it (a reference that leads nowhere, an owner
//! that is nobody). The records are handed in; this module asks nobody.

mod board;
mod find;
mod select;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Diagnostic, EntityRef, Timestamp, Uid};

pub use board::Board;
pub use select::{ProblemCounts, ProblemQuery};

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The entity, when it can be told; it need not be in the catalog.
    pub entity_ref: Option<EntityRef>,
    /// What is wrong.
    pub diagnostic: Diagnostic,
    /// The file, as a location reference; known also where there is no place in it.
    pub location: Option<Arc<str>>,
    /// The root below which it was found, for a problem on record.
    pub root: Option<Uid>,
    /// Whether the entity is served, in an older or in this form.
    pub served: bool,
    /// When it was first seen, for a problem on record.
    pub since: Option<Timestamp>,
    /// Who owns the entity, as canonical references. For a document that is no entity yet: whoever alone owns the other
    /// entities of its file.
    pub owners: Vec<Arc<str>>,
}
