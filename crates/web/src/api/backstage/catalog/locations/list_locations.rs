//! `GET /locations`: the registered locations, each in a `data` wrapper.

use axum::{
    http::{StatusCode, Uri},
    response::Response,
};
use serde::Serialize;

use super::{Location, registered};
use crate::{Gate, Problem, answer, api::backstage::catalog::params::no_parameters};

#[derive(Serialize)]
struct Wrapped {
    data: Location,
}

/// Lists locations. Those of the configuration are not among them.
pub(in super::super) async fn list_locations(gate: Gate, uri: Uri) -> Result<Response, Problem> {
    no_parameters(&uri)?;
    let all: Vec<Wrapped> = registered(&gate).await?.into_iter().map(|data| Wrapped { data }).collect();
    Ok(answer::json_value(StatusCode::OK, &all))
}
