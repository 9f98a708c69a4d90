//! Reading sheets, and the truth rate that their answers make.

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};
use sheets::Rate;

use super::wire;
use crate::{
    App, Gate, Problem, answer,
    api::v1::parameters::{Parameters, rfc3339},
    pages::call_sheets,
};

pub(in crate::api::v1) const LIST_PARAMETERS: &[&str] = &["state", "limit", "offset"];
pub(in crate::api::v1) const TIMELINE_PARAMETERS: &[&str] = &["format"];

/// Lists sheets, newest first.
pub(in crate::api::v1) async fn list_sheets(gate: Gate, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), LIST_PARAMETERS)?;
    let is_open = parameters.word("state", &["open", "closed"])?.map(|word| word == "open");
    let limit = u32::try_from(parameters.number("limit", 50, 1..=500)?).unwrap_or(500);
    let offset = u32::try_from(parameters.number("offset", 0, 0..=u64::from(u32::MAX))?).unwrap_or(u32::MAX);
    let mut heads = gate.list_call_sheets(is_open, limit + 1, offset).await?;
    let has_more = heads.len() > limit as usize;
    heads.truncate(limit as usize);
    let next = has_more.then(|| offset.saturating_add(limit));
    let items: Vec<Value> = heads.iter().map(wire::head).collect();
    Ok(answer::json_value(StatusCode::OK, &json!({ "items": items, "next": next })))
}

/// Shows a sheet.
pub(in crate::api::v1) async fn show_sheet(
    State(app): State<App>,
    gate: Gate,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let sheet = gate.load_call_sheet(&id).await?;
    let url = call_sheets::sheet_url(&app, &sheet);
    Ok(answer::json_value(StatusCode::OK, &wire::sheet(&sheet, &url)))
}

/// Writes the timeline of a sheet.
pub(in crate::api::v1) async fn show_timeline(
    gate: Gate,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), TIMELINE_PARAMETERS)?;
    let format = parameters.word("format", &["json", "markdown", "csv"])?.unwrap_or("json");
    call_sheets::write_timeline(&gate, &id, format).await
}

/// Shows the truth rate with its history.
pub(in crate::api::v1) async fn show_truth(gate: Gate, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    gate.require("callsheet.read")?;
    let days = gate.truth_history().await?;
    let rate = |rate: Rate| json!({ "right": rate.right, "answers": rate.all, "percent": rate.percent() });
    let history: Vec<Value> =
        days.iter().map(|day| json!({ "day": rfc3339(day.day), "rate": rate(day.rate) })).collect();
    let now = rate(call_sheets::newest_rate(&days));
    Ok(answer::json_value(StatusCode::OK, &json!({ "rate": now, "history": history })))
}
