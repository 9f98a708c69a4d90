//! `/call-sheets`: sheets for programs, and the door for alerting tools.

mod alerts;
mod read;
mod schemas;
mod wire;
mod write;

pub(super) use alerts::hear_alert;
#[cfg(test)]
pub(super) use read::{LIST_PARAMETERS, TIMELINE_PARAMETERS};
pub(super) use read::{list_sheets, show_sheet, show_timeline, show_truth};
pub(super) use schemas::schemas;
pub(super) use write::{append_entry, open_sheet};

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::header,
};
use serde::de::DeserializeOwned;

use crate::{App, Problem, problem};

/// A JSON body. Only with the content type of JSON, which no page of another site may send by itself.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = content_type.is_some_and(|given| {
            given.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        });
        if !is_json {
            return Err(problem::unsupported_media_type(content_type.unwrap_or("undefined")));
        }
        let limit = app.settings().limits.body_bytes.max(LARGEST_ALERT);
        let bytes = Bytes::from_request(request, app).await.map_err(|_| problem::request_entity_too_large())?;
        if bytes.len() > limit {
            return Err(problem::request_entity_too_large());
        }
        let parsed = serde_json::from_slice(&bytes);
        parsed.map(Self).map_err(|error| problem::input(format!("the body cannot be read: {error}")))
    }
}

/// Alerting tools put hundreds of alerts into one message.
const LARGEST_ALERT: usize = 512 * 1024;
