//! `POST /events`: what other programs report, as CloudEvents.

use std::time::{Duration, Instant};

use auth::{EventReceipt, ReportedEvent};
use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use serde::Serialize;

use super::{cloud_event, problem_json};
use crate::{App, Gate, Problem, answer};

/// The largest body, in bytes.
const LARGEST_BODY: usize = 1024 * 1024;

/// What became of the events of a request.
#[derive(Serialize)]
pub(super) struct ReceiptWire {
    /// How many were new.
    pub(super) accepted: u64,
    /// How many were on record already.
    pub(super) known: u64,
    /// How many concern no entity of the catalog.
    pub(super) unmatched: u64,
    /// Why nothing was recorded, where that is as it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ignored: Option<&'static str>,
}

/// Records events: `{accepted, known, unmatched}`.
pub(super) async fn post_events(State(app): State<App>, gate: Gate, request: Request) -> Result<Response, Problem> {
    gate.require("catalog.event.create")?;
    let (parts, body) = request.into_parts();
    let body = read_body(body).await?;
    let events = cloud_event::read_events(&parts.headers, &body)?;
    record(&app, &gate, events).await
}

/// Reads a body to its end.
///
/// # Errors
/// 413 when it is too long.
pub(super) async fn read_body(body: axum::body::Body) -> Result<Bytes, Problem> {
    to_bytes(body, LARGEST_BODY).await.map_err(|_| {
        let message = format!("a body may have {LARGEST_BODY} bytes; send fewer events at once");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeError", message)
    })
}

/// Records events, unless their sender has sent too many.
pub(super) async fn record(app: &App, gate: &auth::Gate, events: Vec<ReportedEvent>) -> Result<Response, Problem> {
    if let Err(wait) = app.meter().take(gate.actor().name(), events.len(), Instant::now()) {
        return Ok(too_many(wait));
    }
    let EventReceipt { new, known, unmatched } = gate.record_events(events).await?;
    let receipt = ReceiptWire { accepted: new, known, unmatched, ignored: None };
    Ok(answer::json_value(StatusCode::OK, &receipt))
}

fn too_many(wait: Duration) -> Response {
    let seconds = wait.as_secs() + 1;
    let message = format!("more events than one sender may send at once; go on in {seconds} s");
    let mut response = problem_json(&Problem::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsError", message));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}
