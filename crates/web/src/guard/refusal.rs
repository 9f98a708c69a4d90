//! Answers of the guard itself, in the shape of the shelf that was asked.

use axum::{
    http::{HeaderValue, Method, Uri, header},
    response::{IntoResponse, Response},
};

use crate::{Problem, api::v1, pages, problem};

/// Splits `/api/<plugin>/rest` into the plugin and the rest with its slash.
pub(super) fn split_plugin(path: &str) -> Option<(&str, &str)> {
    let below = path.strip_prefix("/api/")?;
    let end = below.find('/').unwrap_or(below.len());
    let (plugin, rest) = below.split_at(end);
    (!plugin.is_empty()).then_some((plugin, if rest.is_empty() { "/" } else { rest }))
}

/// Writes a problem: RFC 9457 below `/api/v1`, a page for pages, Backstage's envelope elsewhere.
pub(super) fn refuse(method: &Method, uri: &Uri, problem: &Problem) -> Response {
    if pages::is_page(uri.path()) {
        // The outermost layer makes the page.
        return problem.clone().into_response();
    }
    let relative = match split_plugin(uri.path()) {
        Some(("v1", _)) => return v1::problem_json(problem),
        Some((_, rest)) => rest,
        None => uri.path(),
    };
    let url = match uri.query() {
        Some(query) => format!("{relative}?{query}"),
        None => relative.to_owned(),
    };
    let body = problem::render(problem, method, &url);
    let mut response = (problem.status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}
