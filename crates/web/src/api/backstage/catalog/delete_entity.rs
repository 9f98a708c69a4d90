//! `DELETE /entities/by-uid/...`: removes one entity; it comes back, with another uid, while its file is there.

use axum::http::{StatusCode, Uri};
use model::Uid;

use super::params::{Params, no_parameters};
use crate::{Gate, Problem};

/// Removes an entity. A uid that nobody has is no error, as in Backstage.
pub(super) async fn delete_entity(gate: Gate, Params(uid): Params<String>, uri: Uri) -> Result<StatusCode, Problem> {
    no_parameters(&uri)?;
    if let Some(uid) = Uid::parse(&uid) {
        let seq = gate.remove_entity(uid).await?;
        gate.wait_for(seq).await;
    }
    Ok(StatusCode::NO_CONTENT)
}
