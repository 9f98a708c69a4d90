//! `GET /kinds`: which kinds there are, and how many of each.

use axum::{extract::RawQuery, http::StatusCode, response::Response};
use index::Filter;
use serde_json::json;

use super::parameters::Parameters;
use crate::{Problem, View, answer};

/// Lists the kinds of the entities that the caller may see.
pub(super) async fn list_kinds(view: View, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let kinds = view.facets(&["kind".to_owned()], &Filter::All).pop().unwrap_or_default();
    let items: Vec<_> = kinds.into_iter().map(|kind| json!({ "kind": kind.value, "count": kind.count })).collect();
    Ok(answer::json_value(StatusCode::OK, &json!({ "items": items })))
}
