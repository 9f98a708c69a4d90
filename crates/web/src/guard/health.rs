//! Whether the server lives, whether it is ready, and the keys that belong to no one plugin.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{App, Problem};

/// Ready from the moment the catalog has been loaded; before that, and until then only, 503. Without its database a replica
/// goes on answering from memory, so it stays ready and says that it is degraded.
pub(super) async fn show_readiness(State(app): State<App>) -> Response {
    if let Some(since) = app.live().stale_since() {
        let since = jiff::Timestamp::from_millisecond(since.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string();
        let message = "The database cannot be reached: reads go on from memory, writes are refused";
        return Json(json!({ "status": "degraded", "message": message, "staleSince": since })).into_response();
    }
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
