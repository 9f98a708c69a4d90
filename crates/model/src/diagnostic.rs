//! Diagnostics: what is wrong with a document, where, and what to write instead.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::ErrorChain;

/// The stable code of a kind of problem, such as `E0103`. `ingest::codes` holds the table of all of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Code(pub std::borrow::Cow<'static, str>);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// The entity is in the catalog, but something about it should be mended.
    Warning,
    /// The document is not in the catalog, or its last good form is served instead.
    Error,
}

/// A spot in a source file. Lines and columns count from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The location reference of the file, `url:...` or `file:...`.
    pub location: Arc<str>,
    /// First line of the spot.
    pub line: u32,
    /// First column of the spot.
    pub column: u32,
    /// Last line of the spot.
    pub end_line: u32,
    /// The column just after the spot.
    pub end_column: u32,
    /// The text of the first line, cut to 400 characters, for showing the spot without the file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source_line: Option<String>,
}

/// One problem, for the people who own the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Which kind of problem.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, as one sentence without a full stop.
    pub message: String,
    /// What to write instead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub help: Option<String>,
    /// Where; `None` when the problem has no place in a file (a target that cannot be read).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<Place>,
    /// The field that is at fault, as a dotted path (`spec.owner`), when there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// For errors: the same problem as Backstage's API reports it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<ErrorChain>,
}
