//! How problems look on the wire, and those that only the whole catalog can tell: references that lead nowhere and owners
//! that are nobody.

use auth::ProblemRecord;
use index::{Doc, Filter, Order, PageQuery, Start, View};
use model::{Diagnostic, EntityRef, Place, Severity};
use serde::Serialize;

use super::parameters::rfc3339;

/// The codes of `ingest`'s table for what is found here.
const DANGLING_REFERENCE: &str = "W1006";
const OWNER_UNKNOWN: &str = "W1007";

/// One problem.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProblemWire {
    pub(super) code: String,
    pub(super) severity: Severity,
    message: String,
    help: Option<String>,
    field: Option<String>,
    place: Option<PlaceWire>,
    /// The file; known also where there is no place in it.
    pub(super) location: Option<String>,
    pub(super) entity_ref: Option<String>,
    /// Whether the entity is served, in an older or in this form.
    served: bool,
    pub(super) root: Option<String>,
    since: Option<String>,
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

impl From<Place> for PlaceWire {
    fn from(place: Place) -> Self {
        Self {
            location: place.location.to_string(),
            line: place.line,
            column: place.column,
            end_line: place.end_line,
            end_column: place.end_column,
            source_line: place.source_line,
        }
    }
}

impl From<ProblemRecord> for ProblemWire {
    fn from(record: ProblemRecord) -> Self {
        Self {
            location: Some(record.location.to_string()),
            root: Some(record.root.to_string()),
            since: Some(rfc3339(record.since)),
            served: record.served,
            ..Self::of(record.entity_ref.as_ref(), record.diagnostic)
        }
    }
}

impl ProblemWire {
    fn of(entity_ref: Option<&EntityRef>, diagnostic: Diagnostic) -> Self {
        Self {
            code: diagnostic.code.to_string(),
            severity: diagnostic.severity,
            message: diagnostic.message,
            help: diagnostic.help,
            field: diagnostic.field,
            location: diagnostic.place.as_ref().map(|place| place.location.to_string()),
            place: diagnostic.place.map(PlaceWire::from),
            entity_ref: entity_ref.map(ToString::to_string),
            served: true,
            root: None,
            since: None,
        }
    }

    fn dangling(entity_ref: &EntityRef, relation: &str, missing: &EntityRef) -> Self {
        let (code, message, help) = if relation == "ownedBy" {
            (
                OWNER_UNKNOWN,
                format!("the owner `{missing}` is no known group or user"),
                "name a group that exists, for example `owner: group:default/<team>`",
            )
        } else {
            (
                DANGLING_REFERENCE,
                format!("`{relation}` refers to `{missing}`, which is not in the catalog"),
                "check the spelling, kind and namespace, or register the file that defines it",
            )
        };
        Self {
            code: code.to_owned(),
            severity: Severity::Warning,
            message,
            help: Some(help.to_owned()),
            field: (relation == "ownedBy").then(|| "spec.owner".to_owned()),
            place: None,
            location: None,
            entity_ref: Some(entity_ref.to_string()),
            served: true,
            root: None,
            since: None,
        }
    }
}

/// All problems that the caller may see: those on record, warnings about healthy entities, and those of the whole
/// catalog.
/// A problem of an entity that exists but is hidden from the caller is left out.
pub(super) fn of_catalog(view: &View, everything: &View, records: Vec<ProblemRecord>) -> Vec<ProblemWire> {
    let is_hidden = |entity_ref: &EntityRef| {
        view.find(entity_ref.as_str()).is_none() && everything.find(entity_ref.as_str()).is_some()
    };
    let mut problems: Vec<ProblemWire> = records
        .into_iter()
        .filter(|record| !record.entity_ref.as_ref().is_some_and(is_hidden))
        .map(ProblemWire::from)
        .collect();
    for doc in view.with_warnings() {
        let entity_ref = EntityRef::parse(doc.entity_ref()).ok();
        problems.extend(doc.warnings().into_iter().map(|warning| ProblemWire::of(entity_ref.as_ref(), warning)));
    }
    problems.extend(
        view.dangling().iter().map(|(entity, relation, missing)| ProblemWire::dangling(entity, relation, missing)),
    );
    problems.extend(odd_owners(view));
    problems
}

/// The problems of one entity. `everything` tells hidden from missing.
pub(super) fn of_entity(everything: &View, doc: &Doc, records: Vec<ProblemRecord>) -> Vec<ProblemWire> {
    let mut problems: Vec<ProblemWire> = records.into_iter().map(ProblemWire::from).collect();
    let Ok(entity_ref) = EntityRef::parse(doc.entity_ref()) else { return problems };
    problems.extend(doc.warnings().into_iter().map(|warning| ProblemWire::of(Some(&entity_ref), warning)));
    for (relation, other) in doc.relations() {
        let Ok(other) = EntityRef::parse(&other) else { continue };
        let is_nobody = relation == "ownedBy" && !matches!(other.kind(), "group" | "user");
        if is_nobody || everything.find(other.as_str()).is_none() {
            problems.push(ProblemWire::dangling(&entity_ref, &relation, &other));
        }
    }
    problems
}

/// Owners that exist but are neither group nor user.
fn odd_owners(view: &View) -> Vec<ProblemWire> {
    let owners = view.facets(&["relations.ownedby".to_owned()], &Filter::All).pop().unwrap_or_default();
    let mut problems = Vec::new();
    for owner in owners {
        let owner = owner.value.to_lowercase();
        if owner.starts_with("group:") || owner.starts_with("user:") || view.find(&owner).is_none() {
            continue;
        }
        let Ok(owner_ref) = EntityRef::parse(&owner) else { continue };
        let page = view.page(&PageQuery {
            filter: Filter::Equals("relations.ownedby".to_owned(), owner),
            order: Order::EntityRef,
            start: Start::Offset(0),
            limit: None,
            count: false,
        });
        let owned = page.rows.iter().filter_map(|row| EntityRef::parse(row.doc.entity_ref()).ok());
        problems.extend(owned.map(|entity| ProblemWire::dangling(&entity, "ownedBy", &owner_ref)));
    }
    problems
}
