//! `GET /locations/...`: one location, by its id or by an entity that was read from it.

use axum::{
    http::{StatusCode, Uri},
    response::Response,
};
use model::{EntityRef, LocationRef};

use super::{parse_id, registered};
use crate::{
    Gate, Problem, View, answer,
    api::backstage::catalog::{
        params::{Params, no_parameters},
        scan::{Scanner, string_at},
    },
    problem,
};

/// Shows a location.
pub(in super::super) async fn show_location(
    gate: Gate,
    Params(id): Params<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    no_parameters(&uri)?;
    let uid = parse_id(&id)?.to_string();
    let found = registered(&gate).await?.into_iter().find(|location| location.id == uid);
    let location = found.ok_or_else(|| problem::no_location_with_id(&id))?;
    Ok(answer::json_value(StatusCode::OK, &location))
}

/// Shows the registered location that an entity comes from.
pub(in super::super) async fn show_location_of_entity(
    gate: Gate,
    view: View,
    Params((kind, namespace, name)): Params<(String, String, String)>,
    uri: Uri,
) -> Result<Response, Problem> {
    no_parameters(&uri)?;
    let entity_ref = EntityRef::new(&kind, &namespace, &name);
    let doc = view.find(entity_ref.as_str());
    let doc = doc.ok_or_else(|| problem::no_entity_for_location(entity_ref.as_str()))?;
    let origin = origin_of(&String::from_utf8_lossy(&doc.json()));
    let origin = origin.ok_or_else(|| problem::entity_without_origin(entity_ref.as_str()))?;
    let (location_type, target) = (origin.location_type(), origin.target());
    let mut all = registered(&gate).await?.into_iter();
    let found = all.find(|location| location.location_type == location_type && location.target == target);
    let location = found.ok_or_else(|| problem::no_location_at(location_type, target))?;
    Ok(answer::json_value(StatusCode::OK, &location))
}

/// Reads the annotation that names the root location of an entity.
fn origin_of(json: &str) -> Option<LocationRef> {
    let path = ["metadata", "annotations", "backstage.io/managed-by-origin-location"];
    let span = Scanner::default().path(json, &path)?;
    let text = string_at(json, &span)?;
    let (location_type, target) = text.split_once(':')?;
    Some(LocationRef::new(location_type, target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_origin() {
        let json = r#"{"metadata":{"annotations":{"backstage.io/managed-by-origin-location":"url:https://a/b:c"}},"kind":"X"}"#;
        assert_eq!(origin_of(json), Some(LocationRef::new("url", "https://a/b:c")));
        assert_eq!(origin_of(r#"{"metadata":{"name":"x"},"kind":"X"}"#), None);
    }
}
