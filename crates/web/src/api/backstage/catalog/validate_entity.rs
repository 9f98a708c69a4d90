//! `POST /validate-entity`: checks an entity as if it had been read from a location.

use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use model::{ErrorChain, LocationError, LocationRef};
use serde::Serialize;

use super::{body::JsonBody, params::no_parameters};
use crate::{App, Gate, Problem, answer, problem};

/// The answer about an entity that is not fine. Only the first fault is told.
#[derive(Serialize)]
struct Faults {
    errors: [ErrorChain; 1],
}

/// Validates an entity: 200 without a body, or 400 with what is wrong.
pub(super) async fn validate_entity(
    State(app): State<App>,
    gate: Gate,
    uri: Uri,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    no_parameters(&uri)?;
    body.require(&["location", "entity"])?;
    body.object("entity")?;
    let location = body.required_text("location")?;
    gate.require("catalog.entity.validate")?;
    let location = match parse_location(location) {
        Ok(location) => location,
        Err(fault) => return Ok(faulty(fault)),
    };
    let entity = body.members.get("entity").ok_or_else(|| problem::must_have_property("request/body", "entity"))?;
    match app.workshop().validate(entity, &location).await {
        None => Ok(StatusCode::OK.into_response()),
        Some(fault) => Ok(faulty(fault)),
    }
}

fn faulty(fault: ErrorChain) -> Response {
    answer::json_value(StatusCode::BAD_REQUEST, &Faults { errors: [fault] })
}

fn parse_location(text: &str) -> Result<LocationRef, ErrorChain> {
    let fault = |message: String| ErrorChain::new("TypeError", message);
    let location = LocationRef::parse(text).map_err(|error| match error {
        LocationError::Malformed(text) => fault(format!(
            "Unable to parse location ref '{text}', expected '<type>:<target>', e.g. 'url:https://host/path'"
        )),
        other => fault(other.to_string()),
    })?;
    if location.location_type() != "url" {
        return Err(fault(format!(
            "Invalid location ref {text}, only 'url:<target>' is supported, e.g. url:https://host/path"
        )));
    }
    Ok(location)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_web_addresses_only() {
        let message = |text: &str| parse_location(text).unwrap_err().message;
        assert!(parse_location("url:https://example.org/a.yaml").is_ok());
        assert_eq!(
            message("nonsense"),
            "Unable to parse location ref 'nonsense', expected '<type>:<target>', e.g. 'url:https://host/path'"
        );
        assert!(message("file:/a").contains("only 'url:<target>' is supported"));
        assert!(message("https://a").contains("please prefix it with 'url:'"));
    }
}
