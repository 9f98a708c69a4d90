//! How problems look on the wire.

use index::problems::Problem;
use model::{Place, Severity};
use serde::Serialize;

use super::parameters::rfc3339;

/// One problem.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProblemWire {
    code: String,
    severity: Severity,
    message: String,
    help: Option<String>,
    field: Option<String>,
    place: Option<PlaceWire>,
    /// The file; known also where there is no place in it.
    location: Option<String>,
    entity_ref: Option<String>,
    /// Whether the entity is served, in an older or in this form.
    served: bool,
    root: Option<String>,
    since: Option<String>,
    owners: Vec<String>,
}

/// A spot in a file.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlaceWire {
    location: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    source_line: Option<String>,
}

impl From<&Place> for PlaceWire {
    fn from(place: &Place) -> Self {
        Self {
            location: place.location.to_string(),
            line: place.line,
            column: place.column,
            end_line: place.end_line,
            end_column: place.end_column,
            source_line: place.source_line.clone(),
        }
    }
}

impl From<&Problem> for ProblemWire {
    fn from(problem: &Problem) -> Self {
        let diagnostic = &problem.diagnostic;
        Self {
            code: diagnostic.code.to_string(),
            severity: diagnostic.severity,
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            field: diagnostic.field.clone(),
            place: diagnostic.place.as_ref().map(PlaceWire::from),
            location: problem.location.as_ref().map(ToString::to_string),
            entity_ref: problem.entity_ref.as_ref().map(ToString::to_string),
            served: problem.served,
            root: problem.root.map(|root| root.to_string()),
            since: problem.since.map(rfc3339),
            owners: problem.owners.iter().map(ToString::to_string).collect(),
        }
    }
}
