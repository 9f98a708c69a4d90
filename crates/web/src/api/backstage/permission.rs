//! The permission plugin's routes.

use auth::{Decision, Permission};
use axum::{Json, Router, body::Bytes, extract::State, routing::post};
use serde_json::{Map, Value, json};

use crate::{App, Caller, Problem, problem};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/authorize", post(authorize))
}

/// Decides about a batch of permissions. The ids are the client's; several resources give as many results.
async fn authorize(State(app): State<App>, Caller(actor): Caller, body: Bytes) -> Result<Json<Value>, Problem> {
    let body: Value = serde_json::from_slice(&body).map_err(|error| problem::input(error.to_string()))?;
    let questions = parse_questions(&body).map_err(problem::input)?;
    let needs_resource = !matches!(actor.as_ref(), auth::Actor::Service { .. });
    if needs_resource && questions.iter().any(|question| question.is_resource && question.resources.is_none()) {
        return Err(problem::input(
            "Resource permissions require a resourceRef to be set. \
             Direct user requests without a resourceRef are not allowed.",
        ));
    }
    let answers: Vec<Value> = questions
        .iter()
        .map(|question| {
            let verdict = verdict(&app.access().decide(&actor, &question.permission));
            match question.resources {
                Some(Resources::Many(count)) => json!({ "id": question.id, "result": vec![verdict; count] }),
                _ => json!({ "id": question.id, "result": verdict }),
            }
        })
        .collect();
    Ok(Json(json!({ "items": answers })))
}

/// A condition can only be answered by the plugin that owns the resources; none of ours is conditional today, and what
/// cannot be told is denied.
fn verdict(decision: &Decision) -> &'static str {
    match decision {
        Decision::Allow => "ALLOW",
        Decision::Deny | Decision::Conditional(_) => "DENY",
    }
}

struct Question<'a> {
    id: &'a str,
    permission: Permission,
    is_resource: bool,
    resources: Option<Resources>,
}

#[derive(Clone, Copy)]
enum Resources {
    One,
    Many(usize),
}

/// Reads the batch, or tells everything that is wrong with it in the words of zod, which Backstage passes on.
fn parse_questions(body: &Value) -> Result<Vec<Question<'_>>, String> {
    let mut faults = Faults::default();
    let items: &[Value] = match body.get("items") {
        Some(Value::Array(items)) => items,
        other => {
            faults.add(vec!["items".into()], "array", other);
            &[]
        }
    };
    let questions: Vec<_> =
        items.iter().enumerate().filter_map(|(i, item)| parse_question(i, item, &mut faults)).collect();
    faults.into_result().map(|()| questions)
}

fn parse_question<'a>(i: usize, item: &'a Value, faults: &mut Faults) -> Option<Question<'a>> {
    let at = |rest: &[&str]| -> Vec<Value> {
        ["items".into(), i.into()].into_iter().chain(rest.iter().map(|part| Value::from(*part))).collect()
    };
    if !item.is_object() {
        faults.add(at(&[]), "object", Some(item));
        return None;
    }
    let id = item.get("id").and_then(Value::as_str);
    if id.is_none() {
        faults.add(at(&["id"]), "string", item.get("id"));
    }
    let permission = item.get("permission").and_then(Value::as_object);
    if permission.is_none() {
        faults.add(at(&["permission"]), "object", item.get("permission"));
    }
    let name = permission.and_then(|p| p.get("name")).and_then(Value::as_str);
    if let (Some(permission), None) = (permission, name) {
        faults.add(at(&["permission", "name"]), "string", permission.get("name"));
    }
    let resources = match item.get("resourceRef") {
        None => None,
        Some(Value::String(_)) => Some(Resources::One),
        Some(Value::Array(refs)) if refs.iter().all(Value::is_string) && !refs.is_empty() => {
            Some(Resources::Many(refs.len()))
        }
        other => {
            faults.add(at(&["resourceRef"]), "string", other);
            None
        }
    };
    let permission = permission?;
    Some(Question {
        id: id?,
        permission: Permission::named(name?, action_of(permission)),
        is_resource: permission.get("type").and_then(Value::as_str) == Some("resource"),
        resources,
    })
}

fn action_of(permission: &Map<String, Value>) -> Option<&str> {
    permission.get("attributes")?.get("action")?.as_str()
}

#[derive(Default)]
struct Faults(Vec<Value>);

impl Faults {
    fn add(&mut self, path: Vec<Value>, expected: &str, received: Option<&Value>) {
        let message = match received {
            None => "Required".to_owned(),
            Some(value) => format!("Expected {expected}, received {}", type_name(value)),
        };
        self.0.push(json!({
            "code": "invalid_type",
            "expected": expected,
            "received": received.map_or("undefined", type_name),
            "path": path,
            "message": message,
        }));
    }

    fn into_result(self) -> Result<(), String> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(serde_json::to_string_pretty(&self.0).expect("JSON values always serialise"))
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
