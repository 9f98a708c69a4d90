//! `/.well-known/backstage/permissions/metadata`: the permissions of the catalog and the rules that conditions can use.

use axum::{http::StatusCode, response::Response};
use serde_json::{Map, Value, json};

use crate::answer;

/// Shows permissions and rules.
pub(super) async fn permission_metadata() -> Response {
    let permissions: Vec<Value> =
        auth::permissions_of("catalog").filter(|spec| !spec.is_ours).map(permission).collect();
    answer::json_value(StatusCode::OK, &json!({ "permissions": permissions, "rules": rules() }))
}

fn permission(spec: &auth::PermissionSpec) -> Value {
    let mut attributes = Map::new();
    if let Some(action) = spec.action {
        attributes.insert("action".to_owned(), action.as_str().into());
    }
    match spec.resource_type {
        Some(resource_type) => {
            json!({ "type": "resource", "name": spec.name, "attributes": attributes, "resourceType": resource_type })
        }
        None => json!({ "type": "basic", "name": spec.name, "attributes": attributes }),
    }
}

fn rules() -> [Value; 6] {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let texts =
        |description: &str| json!({ "type": "array", "items": { "type": "string" }, "description": description });
    [
        rule(
            "HAS_ANNOTATION",
            "Entities that carry an annotation, with a certain value if one is given",
            json!({ "annotation": text("The annotation's key"), "value": text("The value it must have") }),
            "annotation",
        ),
        rule(
            "HAS_LABEL",
            "Entities that carry a label, with a certain value if one is given",
            json!({ "label": text("The label's key"), "value": text("The value it must have") }),
            "label",
        ),
        rule(
            "HAS_METADATA",
            "Entities with a field in their metadata, with a certain value if one is given",
            json!({ "key": text("Path of the field below metadata"), "value": text("The value it must have") }),
            "key",
        ),
        rule(
            "HAS_SPEC",
            "Entities with a field in their spec, with a certain value if one is given",
            json!({ "key": text("Path of the field below spec"), "value": text("The value it must have") }),
            "key",
        ),
        rule("IS_ENTITY_KIND", "Entities of certain kinds", json!({ "kinds": texts("The kinds") }), "kinds"),
        rule(
            "IS_ENTITY_OWNER",
            "Entities that are owned by one of some users or groups",
            json!({ "claims": texts("References of the users and groups") }),
            "claims",
        ),
    ]
}

fn rule(name: &str, description: &str, properties: Value, required: &str) -> Value {
    json!({
        "name": name,
        "description": description,
        "resourceType": "catalog-entity",
        "paramsSchema": {
            "type": "object",
            "properties": properties,
            "required": [required],
            "additionalProperties": false,
            "$schema": "http://json-schema.org/draft-07/schema#",
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_resource_permissions_from_basic_ones() {
        let all: Vec<Value> = auth::permissions_of("catalog").filter(|spec| !spec.is_ours).map(permission).collect();
        assert_eq!(
            all[0],
            json!({"type": "resource", "name": "catalog.entity.read", "attributes": {"action": "read"}, "resourceType": "catalog-entity"})
        );
        let validate = all.iter().find(|permission| permission["name"] == "catalog.entity.validate").unwrap();
        assert_eq!(*validate, json!({"type": "basic", "name": "catalog.entity.validate", "attributes": {}}));
    }
}
