//! `POST /analyze-location`: what a repository holds, before it is registered.

use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};

use super::{body::JsonBody, params::no_parameters};
use crate::{App, Gate, Problem, answer, problem};

/// Analyses a location.
pub(super) async fn analyze_location(
    State(app): State<App>,
    gate: Gate,
    uri: Uri,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    no_parameters(&uri)?;
    body.require(&["location"])?;
    let location = body.object("location")?.ok_or_else(|| problem::must_have_property("request/body", "location"))?;
    location.require(&["target"])?;
    let target = location.required_text("target")?;
    gate.require("catalog.location.analyze")?;
    if url::Url::parse(target).is_err() {
        return Err(problem::input("The given location.target is not a URL"));
    }
    let found = app.workshop().analyze(target).await.map_err(problem::from_chain)?;
    Ok(answer::json_value(StatusCode::OK, &found))
}
