//! `GET /near`: what happened to an entity and to what it depends on, nearest first.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use model::Timestamp;
use serde::Serialize;

use super::{happening_wire::HappeningWire, list_history::parse_entity, parameters::Parameters};
use crate::{App, Gate, Problem, View, answer, problem, telling};

pub(super) const PARAMETERS: &[&str] = &["ref", "hours", "steps", "limit"];

/// How far back one may look, in hours, and how far away, in steps.
const MOST_HOURS: u64 = 24 * 90;
const MOST_STEPS: u64 = 6;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NearAnswer {
    items: Vec<HappeningWire>,
    /// How many entities were looked at.
    entities: usize,
    /// Whether entities or happenings are left out because they are too many.
    is_cut: bool,
}

/// Lists what happened nearby: `{items, entities, isCut}`.
pub(super) async fn list_near(
    State(app): State<App>,
    view: View,
    gate: Gate,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), PARAMETERS)?;
    let entity_ref =
        parse_entity(&parameters)?.ok_or_else(|| problem::input("`ref` is missing: near which entity?"))?;
    let hours = i64::try_from(parameters.number("hours", 24, 1..=MOST_HOURS)?).unwrap_or(24);
    let steps = u32::try_from(parameters.number("steps", 3, 0..=MOST_STEPS)?).unwrap_or(3);
    let limit = usize::try_from(parameters.number("limit", 100, 1..=1000)?).unwrap_or(1000);
    if view.find(entity_ref.as_str()).is_none() {
        return Err(problem::not_found(format!("entity `{entity_ref}` does not exist")));
    }
    let at = view.looking().map_or_else(|| app.now(), crate::past::Looking::at);
    let places = telling::nearby(&view, &entity_ref, steps);
    let near = gate.near(&places.entities, Timestamp(at.0.saturating_sub(hours * 3_600_000)), limit).await?;
    let answer = NearAnswer {
        items: near.items.iter().map(HappeningWire::from).collect(),
        entities: places.entities.len(),
        is_cut: places.is_cut || near.is_cut,
    };
    Ok(answer::json_value(StatusCode::OK, &answer))
}
