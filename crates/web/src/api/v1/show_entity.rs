//! `GET /entities/{ref}`: one entity, where it comes from, and what is wrong with it.

use axum::{
    extract::{Path, RawQuery},
    response::Response,
};
use index::{Doc, problems::Board};
use model::EntityRef;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    change_wire::CauseWire,
    parameters::{Parameters, rfc3339},
    problem_wire::ProblemWire,
};
use crate::{Gate, Problem, View, answer, problem};

#[derive(Serialize)]
struct EntityAnswer<'a> {
    entity: &'a RawValue,
    provenance: Provenance<'a>,
    problems: Vec<ProblemWire>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Provenance<'a> {
    /// The file, `url:...` or `file:...`.
    location: Option<&'a str>,
    /// The registered location that led to the file.
    origin: Option<&'a str>,
    line: Option<u32>,
    view_url: Option<&'a str>,
    edit_url: Option<&'a str>,
    read_through: Vec<EntityRef>,
    last_change: Option<LastChange>,
}

#[derive(Serialize)]
struct LastChange {
    seq: u64,
    at: String,
    cause: CauseWire,
}

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
    location: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, rename = "backstage.io/managed-by-origin-location", default)]
    origin: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, rename = "backstage.io/view-url", default)]
    view_url: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, rename = "backstage.io/edit-url", default)]
    edit_url: Option<std::borrow::Cow<'a, str>>,
}

/// Shows one entity with its provenance. What the caller may not see does not exist.
pub(super) async fn show_entity(
    view: View,
    gate: Gate,
    Path(text): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let entity_ref = EntityRef::parse(&text).map_err(|error| problem::input(error.to_string()))?;
    let unknown = || problem::not_found(format!("entity `{entity_ref}` does not exist"));
    let doc = view.find(entity_ref.as_str()).ok_or_else(unknown)?;
    let change = gate.last_change_of(&entity_ref).await?;
    let records = gate.list_problems_of(&entity_ref).await?;
    let everything = view.snapshot().view(index::Visibility::Everything);
    let mut records: Vec<_> = records.into_iter().map(auth::to_problem).collect();
    records.extend(gate.list_verdicts_on(&entity_ref).await?);
    let problems = Board::problems_of_entity(&everything, &doc, records).iter().map(ProblemWire::from).collect();
    Ok(render(&doc, change.as_ref(), problems))
}

fn render(doc: &Doc, change: Option<&auth::ChangeHead>, problems: Vec<ProblemWire>) -> Response {
    let json = doc.json();
    let text = std::str::from_utf8(&json).expect("the index serialises text");
    let entity: &RawValue = serde_json::from_str(text).expect("the index serialises JSON");
    // Annotations that are no texts are a matter of the author; provenance then goes without them.
    let annotations = serde_json::from_str::<Envelope<'_>>(text).map(|e| e.metadata.annotations).unwrap_or_default();
    let answer = EntityAnswer {
        entity,
        provenance: Provenance {
            location: annotations.location.as_deref(),
            origin: annotations.origin.as_deref(),
            line: Some(doc.line()).filter(|line| *line > 0),
            view_url: annotations.view_url.as_deref(),
            edit_url: annotations.edit_url.as_deref(),
            read_through: doc.parents(),
            last_change: change.map(|change| LastChange {
                seq: change.seq.0,
                at: rfc3339(change.at),
                cause: CauseWire::from(&change.cause),
            }),
        },
        problems,
    };
    answer::json_value(axum::http::StatusCode::OK, &answer)
}
