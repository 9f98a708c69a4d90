//! `GET /events`: what other programs have reported.

use auth::{EventFilter, EventPlace};
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use model::{EventKind, Timestamp};
use serde::Serialize;

use super::{happening_wire::EventWire, list_history::parse_entity, parameters::Parameters};
use crate::{App, Gate, Problem, answer, past, problem};

pub(super) const PARAMETERS: &[&str] = &["ref", "kind", "source", "actor", "from", "unmatched", "limit", "cursor"];

#[derive(Serialize)]
struct EventsAnswer {
    items: Vec<EventWire>,
    next: Option<String>,
}

/// Lists events, newest first: `{items, next}`.
pub(super) async fn list_events(
    State(app): State<App>,
    gate: Gate,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), PARAMETERS)?;
    let limit = u32::try_from(parameters.number("limit", 100, 1..=1000)?).unwrap_or(1000);
    let words = EventKind::ALL.map(EventKind::word);
    let filter = EventFilter {
        before: parse_cursor(parameters.one("cursor")?)?,
        from: parameters.one("from")?.map(|text| past::parse_time("from", text, app.now())).transpose()?,
        kind: parameters.word("kind", &words)?.and_then(EventKind::parse),
        source: parameters.one("source")?.map(str::to_owned),
        actor: parameters.one("actor")?.map(str::to_owned),
        refs: parse_entity(&parameters)?.map(|entity_ref| vec![entity_ref]),
        unmatched: parameters.word("unmatched", &["true", "false"])? == Some("true"),
    };
    let (events, next) = gate.list_events(&filter, limit).await?;
    let answer = EventsAnswer {
        next: next.map(|place| format!("{}.{}", place.at.0, place.number)),
        items: events.iter().map(EventWire::from).collect(),
    };
    Ok(answer::json_value(StatusCode::OK, &answer))
}

fn parse_cursor(text: Option<&str>) -> Result<Option<EventPlace>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let place = text
        .split_once('.')
        .and_then(|(at, number)| Some(EventPlace { at: Timestamp(at.parse().ok()?), number: number.parse().ok()? }));
    let unknown = || problem::input("`cursor` is none that this server gave; ask without it for the newest");
    place.map(Some).ok_or_else(unknown)
}
