//! Documents in, entities with relations and diagnostics out.
//!
//! Pure: no network, no disk, no async, no `Result`. Parsing always gives a value and the diagnostics that belong to it.
//! What a document means, and whether it is accepted, is decided as Backstage decides it; the words for its owners are ours.

mod body;
mod check;
pub mod codes;
mod entity;
mod from_json;
mod json;
mod kinds;
mod parse;
mod process;
mod report;
mod rules;
mod syntax_help;
mod yaml;

use std::{collections::HashMap, sync::Arc};

use model::{DeclaredRelation, Diagnostic, EntityBody, EntityRef, ErrorChain, LocationRef, Presence, ScmUrls};

pub use kinds::{Column, DEFINITION_SCHEMAS, KindInfo, Kinds};
pub use parse::{ParsedFile, parse, parse_with_limits};
pub use process::{process, validate_entity};
pub use rules::Rules;
pub use yaml::Limits;

/// What the processing of a file depends on beside its text.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The file.
    pub location: &'a LocationRef,
    /// The root location through which the file was found; `catalog.rules` look at this one.
    pub origin: &'a LocationRef,
    /// Links of the source host for the file.
    pub urls: &'a ScmUrls,
    /// Built-in and own kinds, extra schemas and organisation rules.
    pub kinds: &'a Kinds,
    /// `catalog.rules`.
    pub rules: &'a Rules,
}

/// A `$text`, `$json` or `$yaml` that has to be fetched before [`process()`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttachmentRequest {
    /// `text`, `json` or `yaml`.
    pub resolver: &'static str,
    /// As written: a web address, or a path relative to the file.
    pub target: String,
}

/// Why an attachment is not there.
#[derive(Clone, Debug)]
pub enum AttachmentError {
    /// The target could not be made into an address (relative path in a `file:` location, other repository ...). The text is
    /// what Backstage says after `Placeholder $text could not form a URL out of X and Y, `: `TypeError: Invalid URL`.
    Unresolvable(String),
    /// The address could not be read.
    Unreadable(ErrorChain),
}

/// What was fetched, by the target as written.
pub type Attachments = HashMap<String, Result<Arc<[u8]>, AttachmentError>>;

/// A file after processing.
#[derive(Debug)]
pub struct Processed {
    /// The documents in order of appearance. Null documents are left out.
    pub documents: Vec<Document>,
    /// Problems of the file itself (YAML errors, limits); their documents are missing above.
    pub diagnostics: Vec<Diagnostic>,
    /// The error with which Backstage would fail the Location that read this file: YAML error, no envelope, kind not allowed.
    pub location_error: Option<ErrorChain>,
}

/// One document of a file.
#[derive(Debug)]
pub enum Document {
    /// A healthy entity.
    Entity(Box<ProcessedEntity>),
    /// A document that is no healthy entity.
    Rejected(Box<Rejected>),
}

/// A healthy entity.
#[derive(Debug)]
pub struct ProcessedEntity {
    /// Its identity.
    pub entity_ref: EntityRef,
    /// Its JSON text; see [`EntityBody`] for the layout.
    pub body: EntityBody,
    /// What it declares, in order of appearance, without duplicates.
    pub relations: Vec<DeclaredRelation>,
    /// For a Location: what it wants read.
    pub nested: Option<NestedTargets>,
    /// Line of the file at which the document starts, counting from 1.
    pub line: u32,
    /// Warnings.
    pub warnings: Vec<Diagnostic>,
}

/// The targets of a Location entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestedTargets {
    /// `spec.type`; `None` inherits the type of the file's own location.
    pub location_type: Option<String>,
    /// `spec.target` and `spec.targets`, as written.
    pub targets: Vec<String>,
    /// `spec.presence`.
    pub presence: Presence,
}

/// A document that is no healthy entity.
#[derive(Debug)]
pub struct Rejected {
    /// Its identity, when it can be told.
    pub entity_ref: Option<EntityRef>,
    /// What is wrong, the first being what Backstage would report; at least one is an error.
    pub diagnostics: Vec<Diagnostic>,
    /// Line of the file at which the document starts.
    pub line: u32,
}
