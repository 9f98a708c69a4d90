//! The permission plugin's routes.

use axum::Router;

use crate::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
}
