//! `GET /compare`: what differs between two moments.

use auth::CompareQuery;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    happening_wire::DifferenceWire,
    parameters::{Parameters, rfc3339},
};
use crate::{
    App, Gate, Problem, View, answer,
    pages::parse_difference,
    past::{self, Edge},
    telling,
};

pub(super) const PARAMETERS: &[&str] = &["from", "to", "kind", "owner", "system", "what", "limit", "offset"];

#[derive(Serialize)]
struct CompareAnswer {
    from: EdgeWire,
    to: EdgeWire,
    counts: Map<String, Value>,
    items: Vec<DifferenceWire>,
    total: usize,
    next: Option<usize>,
}

#[derive(Serialize)]
struct EdgeWire {
    seq: u64,
    at: String,
}

impl From<&Edge> for EdgeWire {
    fn from(edge: &Edge) -> Self {
        Self { seq: edge.seq.0, at: rfc3339(edge.at) }
    }
}

/// Compares two moments: `{from, to, counts, items, total, next}`. `next` is the offset of the next page.
pub(super) async fn compare(
    State(app): State<App>,
    view: View,
    gate: Gate,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), PARAMETERS)?;
    let moment = |name: &str| Ok::<_, Problem>(parameters.one(name)?.unwrap_or_default().to_owned());
    let (from, to) = past::find_edges(&app, &view, &moment("from")?, &moment("to")?).await?;
    let offset = usize::try_from(parameters.number("offset", 0, 0..=u64::from(u32::MAX))?).unwrap_or(usize::MAX);
    let query = CompareQuery {
        from: from.seq,
        to: to.seq,
        kind: parameters.one("kind")?.map(str::to_lowercase),
        owner: telling::parse_ref("owner", parameters.one("owner")?, "group")?,
        system: telling::parse_ref("system", parameters.one("system")?, "system")?,
        what: parse_difference(parameters.one("what")?)?,
        offset,
        limit: usize::try_from(parameters.number("limit", 100, 1..=1000)?).unwrap_or(1000),
    };
    let found = gate.compare(&query).await?;
    let end = offset.saturating_add(found.rows.len());
    let answer = CompareAnswer {
        from: EdgeWire::from(&from),
        to: EdgeWire::from(&to),
        counts: found.counts.iter().map(|(kind, count)| (kind.word().to_owned(), (*count).into())).collect(),
        items: found.rows.iter().map(DifferenceWire::from).collect(),
        total: found.total,
        next: (end < found.total && !found.rows.is_empty()).then_some(end),
    };
    Ok(answer::json_value(StatusCode::OK, &answer))
}
