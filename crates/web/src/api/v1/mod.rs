//! Our own API: small, documented by the table it is routed from, with problems as RFC 9457 has them.

mod action;
mod call_sheets;
mod change_parameters;
mod change_wire;
mod cloud_event;
mod compare;
mod csv;
mod endpoint;
mod export;
mod happening_wire;
mod impact_wire;
mod list_changes;
mod list_entities;
mod list_events;
mod list_history;
mod list_kinds;
mod list_loops;
mod list_near;
mod list_problems;
mod openapi;
mod parameters;
mod post_events;
mod posted;
mod problem_json;
mod problem_wire;
mod receivers;
mod schemas;
mod show_causes;
mod show_entity;
mod show_impact;
mod show_status;
mod stream_changes;
mod webhooks;
mod yaml;

use axum::{
    Router,
    http::Method,
    middleware,
    response::{IntoResponse as _, Response},
};

use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::{App, Problem, problem};

pub(crate) use change_parameters::{parse_owner, parse_ref};
pub(crate) use csv::write_line as write_csv_line;
pub(crate) use export::{Format as ExportFormat, stream_entities};
pub(crate) use problem_json::problem_json;
pub(crate) use problem_wire::ProblemWire;
pub(crate) use webhooks::cut_address;
pub(crate) use yaml::write_yaml;

/// The routes below `/api/v1`: those of the table, and nothing else.
pub(super) fn routes() -> Router<App> {
    let reading = endpoint::TABLE
        .iter()
        .fold(Router::new(), |router, endpoint| router.route(endpoint.route, (endpoint.handler)()));
    let reported =
        posted::TABLE.iter().fold(reading, |router, endpoint| router.route(endpoint.path, (endpoint.handler)()));
    let acting =
        action::TABLE.iter().fold(Router::new(), |router, action| router.route(action.path, (action.handler)()));
    reported
        // A page of another site must not have a browser of this machine do things here.
        .merge(acting.layer(CsrfLayer::new().with_rejection_response(refuse_cross_site)))
        .fallback(no_such_endpoint)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn(problem_json::write_problems))
}

fn refuse_cross_site(_: ProtectionError) -> Response {
    problem::not_allowed("a page of another site has sent this request").into_response()
}

async fn no_such_endpoint() -> Problem {
    problem::not_found("There is no such endpoint; /api/v1/openapi.json lists all of them")
}

async fn method_not_allowed(method: Method) -> Problem {
    Problem::new(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        "MethodNotAllowedError",
        format!("{method} is not possible here"),
    )
}
