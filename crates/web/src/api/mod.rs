//! The two shelves of the API: Backstage's wire shapes, and our own.

mod backstage;
pub(crate) mod v1;

use axum::Router;

use crate::App;

/// All API routes.
pub(crate) fn routes() -> Router<App> {
    Router::new().merge(backstage::routes()).nest("/api/v1", v1::routes())
}
