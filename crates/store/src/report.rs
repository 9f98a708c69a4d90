//! Reports: what the harvest saw of files, on its way into the store.

use model::{DeclaredRelation, Diagnostic, EntityBody, EntityRef, ErrorChain, LocationRef, Revision};

/// A file below a root as it was when last read, to ask the host only for what changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// The file.
    pub location: LocationRef,
    /// Its ETag.
    pub etag: Option<String>,
    /// Hash of its content.
    pub content_hash: Option<u64>,
    /// Hash of what else decided its processing: version of the program, kinds, rules. Another one means: process again.
    pub processing_hash: u64,
    /// What else the caller keeps of it, such as the Locations in it, to walk on without parsing; the store does not read it.
    pub nested: String,
    /// False when placeholders were fetched for it, so that an unchanged file may still have changed content.
    pub self_contained: bool,
}

/// What one reading of one file below a root gave.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// The file.
    pub location: LocationRef,
    /// The Location entities that name it, without duplicates.
    pub parents: Vec<EntityRef>,
    /// What was seen.
    pub outcome: FileOutcome,
}

/// What was seen of a file.
#[derive(Clone, Debug)]
pub enum FileOutcome {
    /// Nothing new; its entities stay.
    Unchanged,
    /// It could not be read. Its entities stay as they are.
    Failed {
        /// Why, for the owners.
        diagnostics: Vec<Diagnostic>,
    },
    /// It was read.
    Read(Box<ReadFile>),
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct ReadFile {
    /// To be kept for the next reading.
    pub known: KnownFile,
    /// The commit, where the host says so.
    pub revision: Option<Revision>,
    /// Healthy entities, in order of appearance; of two with one reference the last counts.
    pub entities: Vec<NewEntity>,
    /// Documents that are no healthy entities.
    pub rejected: Vec<RejectedDocument>,
    /// Problems of the file itself. When one is an error, entities that were in the file before and are missing now stay.
    pub diagnostics: Vec<Diagnostic>,
}

/// A healthy entity on its way into the store.
#[derive(Clone, Debug)]
pub struct NewEntity {
    /// Its identity.
    pub entity_ref: EntityRef,
    /// Its JSON text.
    pub body: EntityBody,
    /// What it declares.
    pub relations: Vec<DeclaredRelation>,
    /// Line of its document.
    pub line: u32,
    /// Warnings.
    pub warnings: Vec<Diagnostic>,
    /// Errors that came after its own processing: a Location whose targets failed. With errors the entity is visible only
    /// if it was before, or if `visible_despite_errors`.
    pub errors: Vec<ErrorChain>,
    /// See `errors`.
    pub visible_despite_errors: bool,
}

/// A document that is no healthy entity.
#[derive(Clone, Debug)]
pub struct RejectedDocument {
    /// Its identity, when it can be told. If that entity was fine before, its last good form stays and gets the errors.
    pub entity_ref: Option<EntityRef>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Line of its document.
    pub line: u32,
}
