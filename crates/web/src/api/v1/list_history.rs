//! `GET /history`: what happened to an entity, to what it owns or consists of, or in the whole estate.

use auth::HistoryQuery;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use model::EntityRef;
use serde::Serialize;

use super::{happening_wire::HappeningWire, parameters::Parameters};
use crate::{
    App, Gate, Problem, View, answer, past, problem,
    telling::{self, Meant, Scope},
};

pub(super) const PARAMETERS: &[&str] =
    &["ref", "of", "kind", "owner", "what", "actor", "from", "to", "limit", "cursor"];

/// What happened, newest first.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HistoryAnswer {
    items: Vec<HappeningWire>,
    next: Option<String>,
    /// Whether entities that are meant are left out because they are too many.
    is_cut: bool,
}

/// Lists what happened: `{items, next, isCut}`.
pub(super) async fn list_history(
    State(app): State<App>,
    view: View,
    gate: Gate,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), PARAMETERS)?;
    let limit = u32::try_from(parameters.number("limit", 100, 1..=1000)?).unwrap_or(1000);
    let (query, is_cut) = parse_query(&app, &view, &parameters)?;
    let found = gate.history(&query, limit).await?;
    let answer = HistoryAnswer {
        items: found.items.iter().map(HappeningWire::from).collect(),
        next: found.next.map(telling::place_text),
        is_cut,
    };
    Ok(answer::json_value(StatusCode::OK, &answer))
}

fn parse_query(app: &App, view: &View, parameters: &Parameters) -> Result<(HistoryQuery, bool), Problem> {
    let entity_ref = parse_entity(parameters)?;
    let scope = parameters.word("of", &Scope::WORDS)?.and_then(Scope::parse);
    if scope.is_some() && entity_ref.is_none() {
        return Err(problem::input("`of` says what is meant by `ref`, which is not there"));
    }
    let owner = telling::parse_ref("owner", parameters.one("owner")?, "group")?;
    let named = entity_ref.as_ref().map(|entity_ref| (scope.unwrap_or_default(), entity_ref));
    let meant = Meant::of(view, named, owner.as_ref());
    let now = app.now();
    let time = |name: &str| parameters.one(name)?.map(|text| past::parse_time(name, text, now)).transpose();
    let query = HistoryQuery {
        refs: meant.refs,
        kind: parameters.one("kind")?.map(str::to_lowercase),
        what: telling::parse_what(parameters.one("what")?)?,
        actor: parameters.one("actor")?.map(str::to_owned),
        from: time("from")?,
        to: time("to")?,
        before: telling::parse_place("cursor", parameters.one("cursor")?)?,
    };
    Ok((query, meant.is_cut))
}

/// Reads `ref`, which need not be in the catalog any more.
pub(super) fn parse_entity(parameters: &Parameters) -> Result<Option<EntityRef>, Problem> {
    let Some(text) = parameters.one("ref")? else { return Ok(None) };
    EntityRef::parse(text).map(Some).map_err(|error| problem::input(error.to_string()))
}
