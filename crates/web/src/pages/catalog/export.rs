//! `/catalog/export`: the list that the catalog shows, as a file.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, header},
    response::Response,
};

use super::{
    kind_of,
    query::{CatalogQuery, Personal},
    table,
};
use crate::{
    App, Gate, Problem, View,
    api::v1::{ExportFormat, stream_entities},
    pages::Frame,
    problem,
};

/// Answers with everything that the list holds, not only its page, in its order and with its columns.
pub(in crate::pages) async fn export_catalog(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = CatalogQuery::parse(raw.as_deref())?;
    let pairs: Vec<_> = url::form_urlencoded::parse(raw.as_deref().unwrap_or_default().as_bytes()).collect();
    let format = pairs.iter().find(|(name, _)| name == "format").map_or("csv", |(_, value)| value.as_ref());
    let columns = table::columns(&kind_of(&app, &query.kind), &query);
    let paths: Vec<&str> =
        ["ref", "title"].into_iter().chain(columns.iter().map(|column| column.id.as_str())).collect();
    let parsed = ExportFormat::parse(format, &paths);
    let parsed =
        parsed.ok_or_else(|| problem::input(format!("`format` must be csv, ndjson or yaml, not `{format}`")))?;
    let personal = Personal::load(&app, &view, &gate, &frame).await?;
    let name = format!("attachment; filename=\"{}.{format}\"", file_name(&query.kind));
    let mut response = stream_entities(view, parsed, query.filter(&personal), query.order());
    let disposition = HeaderValue::from_str(&name).map_err(|_| problem::input("`filters[kind]` is no kind"))?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

/// Letters and digits only: it goes into a header and onto a disk.
fn file_name(kind: &str) -> String {
    let name: String = kind.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    if name.is_empty() { "catalog".to_owned() } else { name }
}
