//! Finding the problems that a moment of the catalog itself tells.

use std::{borrow::Cow, sync::Arc};

use model::{Code, DEFAULT_NAMESPACE, Diagnostic, EntityRef, Place, Severity};
use serde::Deserialize;

use super::Problem;
use crate::{Doc, Filter, Order, PageQuery, Start, View};

/// The codes of `ingest`'s table for what is found here, which this room may not name.
const DANGLING_REFERENCE: &str = "W1006";
const OWNER_UNKNOWN: &str = "W1007";

/// The relation to an owner, as it is served and as key of a filter.
const OWNED_BY: &str = "ownedBy";
pub(super) const OWNED_BY_KEY: &str = "relations.ownedby";
/// The key of the annotation that names an entity's file.
pub(super) const LOCATION_KEY: &str = "metadata.annotations.backstage.io/managed-by-location";

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    metadata: Metadata<'a>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow, default)]
    annotations: Annotations<'a>,
}

#[derive(Default, Deserialize)]
struct Annotations<'a> {
    #[serde(borrow, rename = "backstage.io/managed-by-location", default)]
    location: Option<Cow<'a, str>>,
}

/// The file of an entity.
fn location_of(doc: &Doc) -> Option<Arc<str>> {
    // Annotations that are no texts are a matter of the author; the file is unknown then.
    serde_json::from_str::<Envelope<'_>>(&doc.descriptor_json()).ok()?.metadata.annotations.location.map(Into::into)
}

/// The owners of an entity.
pub(super) fn owners_of(doc: &Doc) -> Vec<Arc<str>> {
    let mut owners = Vec::new();
    doc.visit_related(OWNED_BY, |owner| owners.push(Arc::from(owner)));
    owners
}

/// The problems of all healthy entities.
pub(super) fn of_catalog(view: &View) -> Vec<Problem> {
    let mut found = Vec::new();
    for doc in view.with_warnings() {
        found.extend(warnings_of(&doc));
    }
    let mut last: Option<(EntityRef, Doc)> = None;
    for (entity_ref, relation, missing) in view.dangling() {
        // In order of entity, so that each is looked up once.
        if last.as_ref().is_none_or(|(known, _)| *known != entity_ref) {
            last = view.find(entity_ref.as_str()).map(|doc| (entity_ref.clone(), doc));
        }
        let Some((_, doc)) = &last else { continue };
        found.push(dangling(doc, &entity_ref, &relation, &missing));
    }
    found.extend(odd_owners(view));
    found
}

/// The problems of one healthy entity.
pub(super) fn of_entity(everything: &View, doc: &Doc) -> Vec<Problem> {
    let mut found = warnings_of(doc);
    let Ok(entity_ref) = EntityRef::parse(doc.entity_ref()) else { return found };
    for (relation, other) in doc.relations() {
        let Ok(other) = EntityRef::parse(&other) else { continue };
        let is_nobody = relation == OWNED_BY && !matches!(other.kind(), "group" | "user");
        if is_nobody || everything.find(other.as_str()).is_none() {
            found.push(dangling(doc, &entity_ref, &relation, &other));
        }
    }
    found
}

fn warnings_of(doc: &Doc) -> Vec<Problem> {
    let warnings = doc.warnings();
    if warnings.is_empty() {
        return Vec::new();
    }
    let (entity_ref, location, owners) = (EntityRef::parse(doc.entity_ref()).ok(), location_of(doc), owners_of(doc));
    let to_problem = |diagnostic: Diagnostic| Problem {
        entity_ref: entity_ref.clone(),
        location: diagnostic.place.as_ref().map(|place| place.location.clone()).or_else(|| location.clone()),
        diagnostic,
        root: None,
        served: true,
        since: None,
        owners: owners.clone(),
    };
    warnings.into_iter().map(to_problem).collect()
}

/// Owners that exist but are neither group nor user.
fn odd_owners(view: &View) -> Vec<Problem> {
    let owners = view.facets(&[OWNED_BY_KEY.to_owned()], &Filter::All).pop().unwrap_or_default();
    let mut found = Vec::new();
    for owner in owners {
        let owner = owner.value.to_lowercase();
        if owner.starts_with("group:") || owner.starts_with("user:") || view.find(&owner).is_none() {
            continue;
        }
        let Ok(owner_ref) = EntityRef::parse(&owner) else { continue };
        let page = view.page(&PageQuery {
            filter: Filter::Equals(OWNED_BY_KEY.to_owned(), owner),
            order: Order::EntityRef,
            start: Start::Offset(0),
            limit: None,
            count: false,
        });
        for row in &page.rows {
            let Ok(entity_ref) = EntityRef::parse(row.doc.entity_ref()) else { continue };
            found.push(dangling(&row.doc, &entity_ref, OWNED_BY, &owner_ref));
        }
    }
    found
}

fn dangling(doc: &Doc, entity_ref: &EntityRef, relation: &str, missing: &EntityRef) -> Problem {
    let (code, message, help) = if relation == OWNED_BY {
        (
            OWNER_UNKNOWN,
            format!("the owner `{missing}` is no known group or user"),
            format!("name a group that exists, for example `owner: group:{DEFAULT_NAMESPACE}/<team>`"),
        )
    } else {
        (
            DANGLING_REFERENCE,
            format!("`{relation}` refers to `{missing}`, which is not in the catalog"),
            "check the spelling, kind and namespace, or register the file that defines it".to_owned(),
        )
    };
    let location = location_of(doc);
    // The document is the nearest spot that is known without its file.
    let line = doc.line();
    let place = location.clone().filter(|_| line > 0).map(|location| Place {
        location,
        line,
        column: 1,
        end_line: line,
        end_column: 1,
        source_line: None,
    });
    Problem {
        entity_ref: Some(entity_ref.clone()),
        diagnostic: Diagnostic {
            code: Code(code.into()),
            severity: Severity::Warning,
            message,
            help: Some(help),
            place,
            field: (relation == OWNED_BY).then(|| "spec.owner".to_owned()),
            error: None,
        },
        location,
        root: None,
        served: true,
        since: None,
        owners: owners_of(doc),
    }
}
