//! `PUT /locations/{id}`: points a location elsewhere. Its id and entity reference stay; its old entities go at once.

use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};

use super::{Location, parse_id, parse_location};
use crate::{
    App, Gate, Problem, answer,
    api::backstage::catalog::{
        body::JsonBody,
        params::{Params, no_parameters},
    },
    problem,
};

/// Changes the target of a location.
pub(in super::super) async fn update_location(
    State(app): State<App>,
    gate: Gate,
    Params(id): Params<String>,
    uri: Uri,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    no_parameters(&uri)?;
    if app.settings().catalog_readonly {
        return Err(problem::readonly());
    }
    let location = parse_location(&body)?;
    let (root, seq) = gate.update_location(parse_id(&id)?, &location).await?;
    gate.wait_for(seq).await;
    Ok(answer::json_value(StatusCode::OK, &Location::new(root.id, &root.location, &root.entity_ref)))
}
