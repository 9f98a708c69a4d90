//! What one request may cost: size of its head and body, time, and how many may be under way.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State as Extract},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::sync::Semaphore;

use super::refusal::refuse;
use crate::Problem;

/// No body may be larger, in bytes; routes that read JSON have a lower limit of their own.
pub(super) const LARGEST_BODY: usize = 1024 * 1024;

/// Longest pause between two pieces of a body.
pub(super) const BODY_PAUSE: Duration = Duration::from_secs(15);

/// Request line and headers together, in bytes. Source: Node's `--max-http-header-size`.
const LARGEST_HEAD: usize = 16 * 1024;

/// What the limits count with.
pub(super) struct State {
    pub(super) slots: Semaphore,
    pub(super) timeout: Duration,
}

/// Refuses what is too large, too much or too slow.
pub(super) async fn limit(Extract(state): Extract<Arc<State>>, request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let line = method.as_str().len() + uri.path_and_query().map_or(1, |both| both.as_str().len()) + 12;
    if line + size_of_headers(request.headers()) > LARGEST_HEAD {
        return StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
    }
    if declared_length(request.headers()).is_some_and(|length| length > LARGEST_BODY as u64) {
        return refuse(&method, &uri, &too_large());
    }
    let Ok(_slot) = state.slots.try_acquire() else {
        let mut response = refuse(&method, &uri, &busy());
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        return response;
    };
    match tokio::time::timeout(state.timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => refuse(&method, &uri, &too_slow(state.timeout)),
    }
}

/// Name, colon, blank, value and line end of each.
fn size_of_headers(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeError", "request entity too large")
}

fn busy() -> Problem {
    let message = "The server is busy with other requests; try again in a moment";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableError", message)
}

fn too_slow(timeout: Duration) -> Problem {
    let message = format!("The request took longer than {} s", timeout.as_secs_f64());
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableError", message)
}
