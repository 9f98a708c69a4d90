//! `GET /openapi.json`: the OpenAPI 3.1 document of this API, made from the table of endpoints.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Map, Value, json};

use super::{
    action::{self, Action},
    endpoint::{self, Endpoint, Parameter},
    parameters::Parameters,
    posted::{self, Posted},
    schemas,
};
use crate::{App, Problem, answer, past};

/// Shows the document.
pub(super) async fn show_openapi(State(app): State<App>, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let settings = app.settings();
    Ok(answer::json_value(StatusCode::OK, &document(&settings.base_url, &settings.version)))
}

/// What all endpoints take that are about the catalog.
const AT: Parameter = Parameter {
    name: past::AT,
    place: "query",
    repeats: false,
    meaning: "Answers as it was at a moment: a time (RFC 3339, in UTC where it has no offset), how long ago (`-1h`, `P1D`), or the \
              number of a change. The headers `X-Callboard-Seq` and `X-Callboard-At` say which moment it is.",
};

fn document(base_url: &str, version: &str) -> Value {
    let mut paths: Map<String, Value> = endpoint::TABLE
        .iter()
        .map(|endpoint| (endpoint.path.to_owned(), json!({ "get": operation(endpoint) })))
        .collect();
    for action in &action::TABLE {
        let path = paths.entry(action.path).or_insert_with(|| json!({}));
        path[action.method] = act(action);
    }
    for posted in &posted::TABLE {
        let path = paths.entry(posted.path).or_insert_with(|| json!({}));
        path["post"] = posting(posted);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Callboard",
            "version": version,
            "description": "Callboard's own API. Backstage's API is served beside it, below /api/catalog.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": format!("{base_url}/api/v1") }],
        "security": [{}, { "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas::schemas(),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let content: Map<String, Value> = endpoint
        .media_types
        .iter()
        .map(|media_type| ((*media_type).to_owned(), json!({ "schema": schema_of(media_type, endpoint.schema) })))
        .collect();
    let at = (!past::is_of_now(&format!("/api/v1{}", endpoint.route))).then_some(&AT);
    json!({
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": endpoint.description,
        "parameters": endpoint.parameters.iter().chain(at).map(parameter).collect::<Vec<_>>(),
        "responses": { "200": { "description": "The answer.", "content": content }, "default": problem_response() },
    })
}

fn act(action: &Action) -> Value {
    let content = |schema: &str| json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } });
    let mut answer = json!({ "description": "The answer." });
    if let Some(schema) = action.answer {
        answer["content"] = content(schema);
    }
    let parameters: Vec<Value> = action
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let mut operation = json!({
        "operationId": action.name,
        "summary": action.summary,
        "description": action.description,
        "parameters": parameters,
        "responses": { action.status.to_string(): answer, "default": problem_response() },
    });
    if let Some(schema) = action.body {
        operation["requestBody"] = json!({ "content": content(schema) });
    }
    operation
}

fn posting(posted: &Posted) -> Value {
    let schema = |name: &str| json!({ "schema": { "$ref": format!("#/components/schemas/{name}") } });
    let bodies: Map<String, Value> =
        posted.bodies.iter().map(|(media_type, name)| ((*media_type).to_owned(), schema(name))).collect();
    let parameters: Vec<Value> = posted
        .parameters
        .iter()
        .map(|(name, meaning)| parameter(&Parameter { name, place: "path", repeats: false, meaning }))
        .collect();
    json!({
        "operationId": posted.name,
        "summary": posted.summary,
        "description": posted.description,
        "parameters": parameters,
        "requestBody": { "required": true, "content": bodies },
        "responses": {
            "200": { "description": "The answer.", "content": { "application/json": schema(posted.schema) } },
            "default": problem_response(),
        },
    })
}

fn problem_response() -> Value {
    json!({
        "description": "A problem.",
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/ProblemDetails" } } },
    })
}

fn schema_of(media_type: &str, schema: &str) -> Value {
    match media_type {
        "application/json" => json!({ "$ref": format!("#/components/schemas/{schema}") }),
        _ => json!({ "type": "string" }),
    }
}

fn parameter(parameter: &Parameter) -> Value {
    let text = json!({ "type": "string" });
    json!({
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.meaning,
        "schema": if parameter.repeats { json!({ "type": "array", "items": text }) } else { text },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect_refs(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    match value {
                        Value::String(target) if key == "$ref" => found.push(target.clone()),
                        other => collect_refs(other, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect_refs(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_to_a_schema_and_every_schema_is_used() {
        let document = document("http://localhost", "1");
        let mut refs = Vec::new();
        collect_refs(&document, &mut refs);
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for name in &refs {
            assert!(schemas.contains_key(name.trim_start_matches("#/components/schemas/")), "{name}");
        }
        for name in schemas.keys().filter(|name| *name != "Entity") {
            assert!(refs.contains(&format!("#/components/schemas/{name}")), "{name} is not used");
        }
    }

    #[test]
    fn every_path_parameter_is_in_its_path() {
        for endpoint in &endpoint::TABLE {
            for parameter in endpoint.parameters.iter().filter(|parameter| parameter.place == "path") {
                assert!(endpoint.path.contains(&format!("{{{}}}", parameter.name)), "{}", endpoint.path);
            }
        }
    }
}
