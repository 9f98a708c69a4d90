//! The only place that decides what a client is told when something goes wrong: one sentence constructor for each problem,
//! and the envelope in which Backstage sends them.
//!
//! A [`Problem`] does not know the request. [`envelope`] wraps each plugin's routes and writes the body, because the
//! envelope repeats method and address relative to the plugin.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use model::ErrorChain;
use serde::Serialize;

/// What went wrong, as the client will see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// Name, message and cause.
    pub error: Box<ErrorChain>,
}

impl Problem {
    /// Makes a problem. Prefer the sentence constructors of this file.
    #[must_use]
    pub fn new(status: StatusCode, name: &str, message: impl Into<String>) -> Self {
        Self { status, error: Box::new(ErrorChain::new(name, message)) }
    }
}

/// The input is wrong: 400 `InputError`.
pub(crate) fn input(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "InputError", message)
}

/// There is no such thing: 404 `NotFoundError`.
pub(crate) fn not_found(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "NotFoundError", message)
}

/// The caller may not do it: 403 `NotAllowedError`.
pub(crate) fn not_allowed(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "NotAllowedError", message)
}

/// It exists already: 409 `ConflictError`.
pub(crate) fn conflict(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::CONFLICT, "ConflictError", message)
}

/// We failed: the chain goes to the log, the client gets a number to mention.
pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Problem {
    let log_id = next_log_id();
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        source = cause.source();
    }
    tracing::error!(log_id, error = chain, "a request failed");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "Error", format!("An internal error occurred logId={log_id}"))
}

/// Twenty hexadecimal digits, different for each failure of this process and hard to confuse between processes.
fn next_log_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    let id = uuid::Uuid::new_v4().simple().to_string();
    format!("{}{:04x}", &id[..16], n & 0xffff)
}

impl From<auth::GateError> for Problem {
    fn from(error: auth::GateError) -> Self {
        match error {
            auth::GateError::NotAllowed(message) => not_allowed(message),
            auth::GateError::Input(message) => input(message),
            auth::GateError::NotFound(message) => not_found(message),
            auth::GateError::Conflict(message) => conflict(message),
            error @ auth::GateError::Store(_) => internal(&error),
        }
    }
}

impl From<auth::AuthError> for Problem {
    fn from(error: auth::AuthError) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "AuthenticationError", error.to_string())
    }
}

impl IntoResponse for Problem {
    /// Leaves the body to [`envelope`].
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a ErrorChain,
    request: RequestEcho<'a>,
    response: ResponseEcho,
}

#[derive(Serialize)]
struct RequestEcho<'a> {
    method: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResponseEcho {
    status_code: u16,
}

/// Writes the bodies of problems: `{error, request: {method, url}, response: {statusCode}}`, where `url` is relative to the
/// plugin and spelled as it was sent. A layer for the routes of one plugin, inside of its `nest`.
pub(crate) async fn envelope(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let uri = request.uri().clone();
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let url = uri.path_and_query().map_or("/", |both| both.as_str());
    let (parts, _) = response.into_parts();
    let body = render(&problem, &method, url);
    let mut response = (parts, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// Writes the envelope of one problem.
pub(crate) fn render(problem: &Problem, method: &Method, url: &str) -> String {
    let envelope = Envelope {
        error: &problem.error,
        request: RequestEcho { method: method.as_str(), url },
        response: ResponseEcho { status_code: problem.status.as_u16() },
    };
    serde_json::to_string(&envelope).expect("strings and a number always serialise")
}

/// Unknown routes and wrong methods: 404 without a body, as Express does.
pub(crate) async fn no_such_route() -> StatusCode {
    StatusCode::NOT_FOUND
}
