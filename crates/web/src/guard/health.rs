//! Whether the server lives, whether it is ready, and the keys that belong to no one plugin.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{App, Problem};

/// Ready from the moment the catalog has been loaded; before that, and until then only, 503.
pub(super) async fn show_readiness(State(app): State<App>) -> Response {
    if app.live().is_loaded() {
        return Json(json!({ "status": "ok" })).into_response();
    }
    let body = json!({ "status": "error", "message": "The catalog has not been loaded yet" });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}

/// Alive as long as it can answer.
pub(super) async fn show_liveness() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// All plugins share one set of keys, as they are one program here.
pub(super) async fn list_plugin_keys(State(app): State<App>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "keys": app.access().public_keys().await? })))
}
