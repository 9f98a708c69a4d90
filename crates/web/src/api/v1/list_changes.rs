//! `GET /changes`: the change log, in pages, as a long poll, or as a stream.
//!
//! Promise: every change comes at least once and in order; a change that was heard of can be read. Who asks for changes that
//! are no longer on record gets 410 and starts anew from an export. A filter moves on over what it leaves out: `next` says how
//! far it has come.

use std::time::Duration;

use auth::{ChangePage, ChangeQuery};
use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use model::Seq;
use serde::Serialize;

use super::{
    change_parameters::{FILTER, read_query},
    change_wire::ChangeWire,
    parameters::Parameters,
    stream_changes,
};
use crate::{App, Gate, Problem, answer, problem};

pub(super) const PARAMETERS: &[&str] =
    &["after", "limit", "wait", "include", FILTER[0], FILTER[1], FILTER[2], FILTER[3], FILTER[4], FILTER[5]];

/// The longest long poll: below the usual time limits of proxies, and of our own.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(30);

#[derive(Serialize)]
struct ChangesAnswer<'a> {
    items: Vec<ChangeWire<'a>>,
    next: u64,
    more: bool,
    newest: u64,
}

/// Lists changes after a number.
pub(super) async fn list_changes(
    State(app): State<App>,
    gate: Gate,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), PARAMETERS)?;
    let after = Seq(parameters.number("after", 0, 0..=u64::MAX - 1)?);
    let limit = usize::try_from(parameters.number("limit", 100, 1..=1000)?).unwrap_or(1000);
    let (query, bodies) = read_query(&parameters)?;
    if wants_stream(&headers) {
        let after = last_event_id(&headers)?.unwrap_or(after);
        return stream_changes::stream_changes(&app, gate.0, after, query, bodies).await;
    }
    let wait = parameters.duration("wait", LONGEST_WAIT)?;
    let page = poll(&gate, after, limit, &query, wait).await?;
    let answer = ChangesAnswer {
        items: page.changes.iter().map(|change| ChangeWire::new(change, bodies)).collect(),
        next: page.next.0,
        more: page.more,
        newest: page.newest.0,
    };
    Ok(answer::json_value(StatusCode::OK, &answer))
}

/// Loads a page; an empty one only when the wait is over.
async fn poll(
    gate: &auth::Gate,
    after: Seq,
    limit: usize,
    query: &ChangeQuery,
    wait: Option<Duration>,
) -> Result<ChangePage, Problem> {
    let mut page = gate.changes_after(after, limit, query).await?;
    let Some(wait) = wait else { return Ok(page) };
    let deadline = tokio::time::Instant::now() + wait;
    while page.changes.is_empty() {
        let has_more = page.more || tokio::time::timeout_at(deadline, gate.wait_past(page.next)).await.is_ok();
        if !has_more || tokio::time::Instant::now() >= deadline {
            break;
        }
        page = gate.changes_after(page.next, limit, query).await?;
    }
    Ok(page)
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|part| part.trim().starts_with("text/event-stream"))
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<Seq>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.trim().parse().ok()).filter(|number| *number < u64::MAX);
    number
        .map(|number| Some(Seq(number)))
        .ok_or_else(|| problem::input("`Last-Event-ID` must be the number of a change"))
}
