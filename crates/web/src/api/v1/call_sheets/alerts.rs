//! The door for alerting tools: their webhooks open sheets.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};
use sheets::alerts::{self, Tool};

use super::Json;
use crate::{
    App, Gate, Problem, View, answer,
    pages::call_sheets::{self, Heard},
    problem,
};

/// Opens a sheet for an alert, or notes it on the one that is open. What names nothing of the catalog is accepted and
/// answered with the reason, because tools take a refusal for a reason to try again.
pub(in crate::api::v1) async fn hear_alert(
    State(app): State<App>,
    view: View,
    gate: Gate,
    Path(tool): Path<String>,
    Json(body): Json<Value>,
) -> Result<Response, Problem> {
    let Some(tool) = Tool::parse(&tool) else {
        let known: Vec<&str> = Tool::ALL.iter().map(|tool| tool.word()).collect();
        return Err(problem::not_found(format!(
            "no webhook of `{tool}` is understood; known are {}",
            known.join(", ")
        )));
    };
    let alert = alerts::read(tool, &body)
        .ok_or_else(|| problem::input(format!("the body is none of {}'s webhooks", tool.title())))?;
    let (status, id, reason) = match call_sheets::hear_alert(&app, &view, &gate, tool, alert).await? {
        Heard::Opened(id) => (StatusCode::CREATED, Some(id), None),
        Heard::Noted(id) => (StatusCode::OK, Some(id), None),
        Heard::Nothing(reason) => (StatusCode::OK, None, Some(reason)),
    };
    let url = id.as_ref().map(|id| format!("{}/call-sheets/{id}", app.settings().base_url));
    Ok(answer::json_value(status, &json!({ "id": id, "url": url, "reason": reason })))
}
