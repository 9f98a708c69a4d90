//! `/entities/unprocessed/...`: documents that did not become entities, as the plugin for unprocessed entities shows them.
//!
//! Backstage also has entities that wait for their first processing; here reading and processing are one step, so that
//! nothing is ever pending.

use axum::{http::StatusCode, response::Response};
use model::{Diagnostic, EntityRef, ErrorChain, Severity};
use serde::Serialize;
use serde_json::{Value, json};

use super::params::Params;
use crate::{Gate, Problem, View, answer};

#[derive(Serialize)]
struct Unprocessed {
    #[serde(rename = "type")]
    kind: &'static str,
    entities: Vec<UnprocessedEntity>,
}

/// A row, with the column names that the front end reads.
#[derive(Serialize)]
struct UnprocessedEntity {
    entity_id: String,
    entity_ref: String,
    unprocessed_entity: Value,
    next_update_at: Option<String>,
    last_discovery_at: Option<String>,
    errors: Vec<ErrorChain>,
    location_key: String,
}

/// Lists documents with errors, one row for each entity.
pub(super) async fn list_failed(gate: Gate) -> Result<Response, Problem> {
    let mut rows: Vec<UnprocessedEntity> = Vec::new();
    for problem in gate.list_problems().await? {
        if problem.diagnostic.severity != Severity::Error {
            continue;
        }
        let location = problem.location.as_str();
        let error = error_of(&problem.diagnostic);
        let entity_ref = problem.entity_ref.unwrap_or_else(|| EntityRef::new("location", "default", location));
        match rows.iter_mut().find(|row| row.entity_ref == entity_ref.as_str() && row.location_key == location) {
            Some(row) => row.errors.push(error),
            None => rows.push(row_of(&entity_ref, location, error)),
        }
    }
    Ok(answer::json_value(StatusCode::OK, &Unprocessed { kind: "failed", entities: rows }))
}

/// Lists nothing.
pub(super) async fn list_pending() -> Response {
    answer::json_value(StatusCode::OK, &Unprocessed { kind: "pending", entities: Vec::new() })
}

/// Forgets an entity that failed. The path names it by its reference, which is also its `entity_id` here. When an older, good
/// form is still served, that goes too; either comes back with the next reading if its file is unchanged.
pub(super) async fn delete_unprocessed(
    gate: Gate,
    view: View,
    Params(entity): Params<String>,
) -> Result<StatusCode, Problem> {
    gate.require("catalog.entity.delete")?;
    if let Some(doc) = view.find(&entity.trim_end_matches('/').to_lowercase()) {
        let seq = gate.remove_entity(doc.uid()).await?;
        gate.wait_for(seq).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

fn error_of(diagnostic: &Diagnostic) -> ErrorChain {
    diagnostic.error.clone().unwrap_or_else(|| ErrorChain::new("InputError", diagnostic.message.clone()))
}

fn row_of(entity_ref: &EntityRef, location: &str, error: ErrorChain) -> UnprocessedEntity {
    UnprocessedEntity {
        entity_id: entity_ref.as_str().to_owned(),
        entity_ref: entity_ref.as_str().to_owned(),
        unprocessed_entity: json!({
            "apiVersion": "backstage.io/v1alpha1",
            "kind": entity_ref.kind(),
            "metadata": {
                "namespace": entity_ref.namespace(),
                "name": entity_ref.name(),
                "annotations": { "backstage.io/managed-by-location": location },
            },
            "spec": {},
        }),
        next_update_at: None,
        last_discovery_at: None,
        errors: vec![error],
        location_key: location.to_owned(),
    }
}
