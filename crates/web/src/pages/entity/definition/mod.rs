//! `/catalog/:namespace/:kind/:name/definition`: what an API offers, as its definition says it; the source of that; and who
//! provides and consumes it.

mod page;
mod pieces;
mod prepared;
mod raw;

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use self::page::{Beside, DefinitionPage, Show};
use super::head::{EntityPath, Head, Refusal};
use crate::{
    App, Gate, View,
    pages::{Frame, facts::Facts, render},
};

pub(in crate::pages) use self::{
    prepared::{count_operations, outline},
    raw::show_raw,
};

/// What the address of the tab says.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages) struct DefinitionQuery {
    /// `source`, `try`; anything else is the outline.
    #[serde(default)]
    view: String,
    /// Narrows the operations.
    #[serde(default)]
    filter: String,
    /// The anchor of an operation to show in full, where there are too many to show all of them.
    #[serde(default)]
    operation: String,
    /// The name of a shape to show in full.
    #[serde(default)]
    schema: String,
}

/// Shows the definition of an API.
pub(in crate::pages) async fn show_definition(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    axum::extract::Path(path): EntityPath,
    Query(query): Query<DefinitionQuery>,
) -> Result<Response, Refusal> {
    let (head, frame) = Head::load(&app, &view, &gate, frame, &path, "definition").await?;
    let beside = Beside::load(&view, &head.doc);
    let Some(text) = definition_of(&head.facts) else {
        return Ok(render(&DefinitionPage::without_definition(frame, head, beside))?);
    };
    let outline = outline(head.facts.entity_type().unwrap_or_default(), &text).await;
    let show = Show::of(&query.view, &outline);
    let source = match show {
        Show::Source => {
            Some(prepared::source(&raw::file_name(&head.facts, &text), raw::language(&outline, &text), &text).await)
        }
        _ => None,
    };
    Ok(render(&DefinitionPage::new(frame, head, beside, outline, show, source, query))?)
}

/// The text of `spec.definition`; a definition that is written as YAML instead of text becomes JSON.
pub(in crate::pages) fn definition_of(facts: &Facts) -> Option<String> {
    match facts.json().pointer("/spec/definition")? {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Null => None,
        other => serde_json::to_string_pretty(other).ok(),
    }
}
