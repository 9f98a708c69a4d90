//! Problems as RFC 9457 has them.

use axum::{
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::Problem;

#[derive(Serialize)]
struct ProblemDetails<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    /// The same name that Backstage's envelope would have.
    name: &'a str,
}

/// Writes one problem as `application/problem+json`.
pub(crate) fn problem_json(problem: &Problem) -> Response {
    let details = ProblemDetails {
        kind: "about:blank",
        title: problem.status.canonical_reason().unwrap_or("Error"),
        status: problem.status.as_u16(),
        detail: &problem.error.message,
        name: &problem.error.name,
    };
    let body = serde_json::to_string(&details).expect("strings and a number always serialise");
    let mut response = (problem.status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// Writes the bodies of the problems that handlers end with.
pub(super) async fn write_problems(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem_json(&problem),
        None => response,
    }
}
