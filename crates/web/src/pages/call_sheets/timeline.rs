//! `/call-sheets/:id/timeline`: the timeline as a file.

use axum::{
    extract::{Path, RawQuery},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use url::form_urlencoded;

use crate::{Gate, Problem, problem};

/// Answers with the timeline as JSON, Markdown or CSV.
pub(in crate::pages) async fn export_timeline(
    gate: Gate,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = raw.unwrap_or_default();
    let format = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "format");
    write_timeline(&gate, &id, format.as_ref().map_or("markdown", |(_, format)| format)).await
}

/// Writes the timeline of a sheet.
///
/// # Errors
/// 400 for another format, 404 when there is no such sheet.
pub(crate) async fn write_timeline(gate: &Gate, id: &str, format: &str) -> Result<Response, Problem> {
    let sheet = gate.load_call_sheet(id).await?;
    let (text, media_type, ending) = match format {
        "json" => (sheets::timeline_json(&sheet).to_string(), "application/json; charset=utf-8", "json"),
        "markdown" => (sheets::timeline_markdown(&sheet), "text/markdown; charset=utf-8", "md"),
        "csv" => (sheets::timeline_csv(&sheet), "text/csv; charset=utf-8", "csv"),
        other => return Err(problem::input(format!("`format` must be json, markdown or csv, not `{other}`"))),
    };
    let day = jiff::Timestamp::from_millisecond(sheet.opened_at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let day = day.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d").to_string();
    let disposition = format!("attachment; filename=\"call-sheet-{day}.{ending}\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment")),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    ];
    Ok((headers, text).into_response())
}
