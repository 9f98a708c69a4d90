//! Registered locations: the roots that users have added over the API.

pub(super) mod create_location;
pub(super) mod delete_location;
pub(super) mod list_locations;
pub(super) mod query_locations;
pub(super) mod show_location;
pub(super) mod update_location;

use model::{EntityRef, LocationRef, Uid};
use serde::Serialize;

use super::body::Object;
use crate::{Gate, Problem, problem};

/// A location as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    id: String,
    #[serde(rename = "type")]
    location_type: String,
    target: String,
    entity_ref: String,
}

impl Location {
    fn new(id: Uid, location: &LocationRef, entity_ref: &EntityRef) -> Self {
        Self {
            id: id.to_string(),
            location_type: location.location_type().to_owned(),
            target: location.target().to_owned(),
            entity_ref: entity_ref.as_str().to_owned(),
        }
    }
}

/// Lists the registered locations that the caller may see.
async fn registered(gate: &Gate) -> Result<Vec<Location>, Problem> {
    let roots = gate.list_locations().await?;
    Ok(roots.iter().map(|root| Location::new(root.id, &root.location, &root.entity_ref)).collect())
}

/// Reads the id of a location. Backstage hands it to its database as it is, which fails for anything but a UUID: 500.
fn parse_id(text: &str) -> Result<Uid, Problem> {
    #[derive(Debug, thiserror::Error)]
    #[error("`{0}` is no UUID, but was given as the id of a location")]
    struct NoUuid(String);
    Uid::parse(text).ok_or_else(|| problem::internal(&NoUuid(text.to_owned())))
}

/// Reads type and target of a location. Only web addresses can be registered; whether one is there shows when it is read.
fn parse_location(body: &Object) -> Result<LocationRef, Problem> {
    body.require(&["target", "type"])?;
    let location_type = body.required_text("type")?;
    let target = body.required_text("target")?;
    if location_type != "url" {
        return Err(problem::location_type_not_allowed());
    }
    if target.trim().is_empty() {
        return Err(problem::input("request/body/target must NOT have fewer than 1 characters"));
    }
    if target.contains(char::is_control) {
        return Err(problem::input("request/body/target must NOT have control characters"));
    }
    if holds_credentials(target) {
        return Err(problem::input(
            "request/body/target must NOT have a user name or password, as everybody who reads the catalog would see them; \
             configure an integration for the host",
        ));
    }
    if model::is_script_url(target) {
        return Err(problem::input(format!(
            "Invalid location reference 'url:{target}', the target is not safe to show"
        )));
    }
    Ok(LocationRef::new(location_type, target))
}

/// Tells whether a web address has something before an `@` in front of its host.
fn holds_credentials(target: &str) -> bool {
    let Some((_, rest)) = target.split_once("://") else { return false };
    rest.split(['/', '?', '#', '\\']).next().is_some_and(|authority| authority.contains('@'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::body::object_of, *};

    #[test]
    fn reads_a_location_or_says_why_not() {
        let read = |body| parse_location(&object_of(body)).map_err(|problem| problem.error.message);
        assert_eq!(read(json!({"type": "url", "target": "not a url"})), Ok(LocationRef::new("url", "not a url")));
        for (body, want) in [
            (json!({}), "request/body must have required property 'target'"),
            (json!({"target": "x"}), "request/body must have required property 'type'"),
            (json!({"type": "file", "target": "/x"}), "Registered locations must be of an allowed type [\"url\"]"),
            (json!({"type": "url", "target": " "}), "request/body/target must NOT have fewer than 1 characters"),
            (
                json!({"type": "url", "target": "https://x.example/a\n2026-01-01T00:00:00Z INFO forged"}),
                "request/body/target must NOT have control characters",
            ),
            (
                json!({"type": "url", "target": "javascript:alert(1)"}),
                "Invalid location reference 'url:javascript:alert(1)', the target is not safe to show",
            ),
        ] {
            assert_eq!(read(body), Err(want.to_owned()));
        }
    }

    #[test]
    fn credentials_are_not_registered() {
        for target in ["https://me:secret@x.example/a", "https://token@x.example", "HTTPS://me:secret@x.example?a"] {
            let problem = parse_location(&object_of(json!({"type": "url", "target": target}))).unwrap_err();
            assert!(problem.error.message.contains("must NOT have a user name or password"), "{target}");
            assert!(!problem.error.message.contains("secret"));
        }
        for target in ["https://x.example/@scope/a", "https://x.example?mail=a@b", "me@x.example"] {
            assert!(!holds_credentials(target), "{target}");
        }
    }

    #[test]
    fn an_id_that_is_no_uuid_is_an_internal_error() {
        let problem = parse_id("zzz").unwrap_err();
        assert_eq!(problem.status, 500);
        let id = problem.error.message.strip_prefix("An internal error occurred logId=").unwrap();
        assert!(id.len() == 20 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    }
}
