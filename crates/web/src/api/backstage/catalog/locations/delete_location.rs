//! `DELETE /locations/{id}`: removes a location with its entities.

use axum::{
    extract::State,
    http::{StatusCode, Uri},
};

use super::parse_id;
use crate::{
    App, Gate, Problem,
    api::backstage::catalog::params::{Params, no_parameters},
    problem,
};

/// Removes a location. The entities are gone when this is answered.
pub(in super::super) async fn delete_location(
    State(app): State<App>,
    gate: Gate,
    Params(id): Params<String>,
    uri: Uri,
) -> Result<StatusCode, Problem> {
    no_parameters(&uri)?;
    if app.settings().catalog_readonly {
        return Err(problem::readonly());
    }
    let seq = gate.remove_location(parse_id(&id)?).await?;
    gate.wait_for(seq).await;
    Ok(StatusCode::NO_CONTENT)
}
