//! Backstage's wire shapes, exactly.

mod auth;
pub(in crate::api) mod catalog;
mod permission;
mod search;

use axum::{Router, middleware};

use crate::{App, problem};

/// The plugins, each below its own prefix and with its own error envelope.
pub(crate) fn routes() -> Router<App> {
    let plugin = |routes: Router<App>| routes.layer(middleware::from_fn(problem::envelope));
    Router::new()
        .nest("/api/catalog", plugin(catalog::routes()))
        .nest("/api/auth", plugin(auth::routes()))
        .nest("/api/permission", plugin(permission::routes()))
        .nest("/api/search", plugin(search::routes()))
}
