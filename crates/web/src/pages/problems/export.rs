//! `/problems/export`: the same list as a file.

use std::borrow::Cow;

use axum::{
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use index::problems::Problem as Wrong;

use super::query::{ProblemsQuery, severity_word};
use crate::{
    App, Problem, View,
    api::v1::{ProblemWire, write_csv_line},
    problem,
};

const COLUMNS: [&str; 11] =
    ["severity", "code", "message", "help", "entity", "owner", "field", "location", "line", "column", "since"];

/// Answers with all problems that the list holds, not only its page.
pub(in crate::pages) async fn export_problems(
    State(app): State<App>,
    view: View,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = ProblemsQuery::parse(raw.as_deref())?;
    let board = view.board(&app).await?;
    let found = board.select(&view, &query.to_board());
    let (content, media_type) = match query.format.as_str() {
        "csv" => (write_csv(&found), "text/csv; charset=utf-8"),
        "ndjson" => (write_ndjson(&found)?, "application/x-ndjson"),
        other => return Err(problem::input(format!("`format` must be csv or ndjson, not `{other}`"))),
    };
    let disposition = format!("attachment; filename=\"problems.{}\"", query.format);
    let headers = [(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, content).into_response())
}

fn write_csv(found: &[&Wrong]) -> Vec<u8> {
    let mut out = Vec::new();
    write_csv_line(COLUMNS.into_iter().map(Cow::Borrowed), &mut out);
    for problem in found {
        write_csv_line(cells(problem).into_iter(), &mut out);
    }
    out
}

fn cells(problem: &Wrong) -> [Cow<'_, str>; COLUMNS.len()] {
    let diagnostic = &problem.diagnostic;
    let place = diagnostic.place.as_ref();
    let owned = |text: Option<String>| Cow::Owned(text.unwrap_or_default());
    [
        Cow::Borrowed(severity_word(diagnostic.severity)),
        Cow::Borrowed(&diagnostic.code.0),
        Cow::Borrowed(&diagnostic.message),
        Cow::Borrowed(diagnostic.help.as_deref().unwrap_or_default()),
        Cow::Borrowed(problem.entity_ref.as_ref().map_or("", model::EntityRef::as_str)),
        Cow::Owned(problem.owners.join(";")),
        Cow::Borrowed(diagnostic.field.as_deref().unwrap_or_default()),
        Cow::Borrowed(problem.location.as_deref().unwrap_or_default()),
        owned(place.map(|place| place.line.to_string())),
        owned(place.map(|place| place.column.to_string())),
        owned(problem.since.and_then(|at| jiff::Timestamp::from_millisecond(at.0).ok()).map(|at| at.to_string())),
    ]
}

fn write_ndjson(found: &[&Wrong]) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::new();
    for problem in found {
        serde_json::to_writer(&mut out, &ProblemWire::from(*problem)).map_err(|error| problem::internal(&error))?;
        out.push(b'\n');
    }
    Ok(out)
}
