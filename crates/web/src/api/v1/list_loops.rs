//! `GET /loops`: how the loops are doing.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use serde::Serialize;
use serde_json::json;

use super::parameters::{Parameters, rfc3339};
use crate::{App, Gate, LoopStatus, Problem, answer};

/// A loop on the wire.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoopWire {
    name: String,
    period_ms: u64,
    running: bool,
    rounds: u64,
    last_started_at: Option<String>,
    last_duration_ms: Option<u64>,
    last_error: Option<String>,
    note: Option<String>,
}

impl From<LoopStatus> for LoopWire {
    fn from(status: LoopStatus) -> Self {
        Self {
            name: status.name,
            period_ms: status.period_ms,
            running: status.running,
            rounds: status.rounds,
            last_started_at: status.last_started_at.map(rfc3339),
            last_duration_ms: status.last_duration_ms,
            last_error: status.last_error,
            note: status.note,
        }
    }
}

/// Lists the loops.
pub(super) async fn list_loops(
    State(app): State<App>,
    gate: Gate,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    gate.require("catalog.ingestion.read")?;
    let items: Vec<LoopWire> = app.workshop().status().await.loops.into_iter().map(LoopWire::from).collect();
    Ok(answer::json_value(StatusCode::OK, &json!({ "items": items })))
}
