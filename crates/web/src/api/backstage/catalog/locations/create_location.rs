//! `POST /locations`: registers a location, or with `dryRun` shows what it holds.

use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};
use model::{EntityRef, LocationRef};
use serde::Serialize;
use serde_json::value::RawValue;
use sha1::{Digest, Sha1};

use super::{Location, parse_location, registered};
use crate::{
    App, ConflictStrategy, Gate, Problem, answer,
    api::backstage::catalog::{
        body::JsonBody,
        query_string::{Known, Parameters, Shape},
    },
    problem,
};

const KNOWN: Known = &[("dryRun", Shape::Text), ("onConflict", Shape::OneOf(&["refresh", "reject"]))];

#[derive(Serialize)]
struct Created {
    location: Location,
    entities: [(); 0],
}

#[derive(Serialize)]
struct DryRun {
    exists: bool,
    location: Location,
    entities: Vec<Box<RawValue>>,
}

/// Registers a location; its entities follow when it has been read.
pub(in super::super) async fn create_location(
    State(app): State<App>,
    gate: Gate,
    uri: Uri,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(uri.query(), KNOWN)?;
    let dry_run = parameters.one("dryRun").is_some_and(is_yes);
    if app.settings().catalog_readonly && !dry_run {
        return Err(problem::readonly());
    }
    let location = parse_location(&body)?;
    if dry_run {
        return preview(&app, &gate, &location).await;
    }
    let strategy = match parameters.one("onConflict") {
        Some("refresh") => ConflictStrategy::Refresh,
        Some(_) => ConflictStrategy::Reject,
        None => app.settings().location_conflict,
    };
    let location = match gate.register_location(&location).await {
        Ok(root) => Location::new(root.id, &root.location, &root.entity_ref),
        Err(auth::GateError::Conflict(_)) if strategy == ConflictStrategy::Refresh => again(&gate, &location).await?,
        Err(error) => return Err(error.into()),
    };
    Ok(answer::json_value(StatusCode::CREATED, &Created { location, entities: [] }))
}

/// Has a location that is there already read again.
async fn again(gate: &Gate, location: &LocationRef) -> Result<Location, Problem> {
    let location = find(gate, location)
        .await?
        .ok_or_else(|| problem::no_location_at(location.location_type(), location.target()))?;
    match gate.refresh(&location.entity_ref).await {
        // Not in the catalog yet: then it is about to be read for the first time.
        Ok(()) | Err(auth::GateError::NotFound(_)) => Ok(location),
        Err(error) => Err(error.into()),
    }
}

async fn preview(app: &App, gate: &Gate, location: &LocationRef) -> Result<Response, Problem> {
    gate.require("catalog.location.create")?;
    let exists = find(gate, location).await?.is_some();
    let preview = app
        .workshop()
        .preview(location)
        .await
        .map_err(|error| problem::input(format!("{}: {}", error.name, error.message)))?;
    let entities =
        preview.entities.into_iter().map(|json| RawValue::from_string(json).map_err(|error| problem::internal(&error)));
    let entities = entities.collect::<Result<Vec<_>, _>>()?;
    let location = Location {
        id: location.as_str().to_owned(),
        location_type: location.location_type().to_owned(),
        target: location.target().to_owned(),
        entity_ref: generated_ref(location).as_str().to_owned(),
    };
    Ok(answer::json_value(StatusCode::CREATED, &DryRun { exists, location, entities }))
}

async fn find(gate: &Gate, location: &LocationRef) -> Result<Option<Location>, Problem> {
    let mut all = registered(gate).await?.into_iter();
    Ok(all.find(|known| known.location_type == location.location_type() && known.target == location.target()))
}

/// The Location entity that stands for a root: `location:default/generated-<sha1 of type:target>`.
fn generated_ref(location: &LocationRef) -> EntityRef {
    let digest = Sha1::digest(location.as_str());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    EntityRef::new("location", model::DEFAULT_NAMESPACE, &format!("generated-{hex}"))
}

/// What Backstage takes for "yes" in `dryRun`.
fn is_yes(text: &str) -> bool {
    ["y", "yes", "true", "t", "1", "on"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_entity_of_a_root() {
        let location = LocationRef::new("url", "https://example.org/a.yaml");
        assert_eq!(
            generated_ref(&location).as_str(),
            "location:default/generated-b5ef1852c7d036569673f5101fb7aa5f76135372"
        );
    }

    #[test]
    fn knows_a_yes() {
        assert!(["1", "true", "YES", " on "].into_iter().all(is_yes));
        assert!(!["0", "false", "", "maybe"].into_iter().any(is_yes));
    }
}
