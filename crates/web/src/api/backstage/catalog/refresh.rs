//! `POST /refresh`: has the files of an entity read again soon.

use axum::http::{StatusCode, Uri};
use model::EntityRef;

use super::{body::JsonBody, params::no_parameters};
use crate::{Gate, Problem, problem};

/// Rings for the locations of an entity.
pub(super) async fn refresh(gate: Gate, uri: Uri, JsonBody(body): JsonBody) -> Result<StatusCode, Problem> {
    no_parameters(&uri)?;
    body.require(&["entityRef"])?;
    let entity_ref = body.required_text("entityRef")?;
    body.text("authorizationToken")?;
    // A text that is no reference names no entity either; Backstage answers the same to both.
    if EntityRef::parse(entity_ref).is_err() {
        return Err(problem::entity_to_refresh_not_found(entity_ref));
    }
    gate.refresh(entity_ref).await?;
    Ok(StatusCode::OK)
}
