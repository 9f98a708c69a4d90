//! The search plugin's API: one question, over the entities of the catalog.

mod document;
mod query;

use axum::{Router, routing::get};

use crate::App;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/query", get(query::query_search)).route("/query/", get(query::query_search))
}
