//! Webhooks of GitHub: the states of deployments, and releases.

use axum::http::HeaderMap;
use model::EventKind;
use serde_json::Value;

use super::{Reading, at, deployment_title, event, link_at, recorded, text_of};
use crate::api::v1::cloud_event::parse_rfc3339;

/// Reads a webhook.
pub(super) fn read(headers: &HeaderMap, body: &Value) -> Reading {
    match text_of(headers, "x-github-event") {
        "deployment_status" => read_deployment_status(body),
        "release" => read_release(body),
        "ping" => Reading::Ignored("the webhook works"),
        "deployment" => Reading::Ignored("what becomes of a deployment is told by its statuses"),
        "" => Reading::Unreadable("the header X-GitHub-Event is missing"),
        _ => Reading::Ignored("only deployment statuses and releases are recorded"),
    }
}

fn read_deployment_status(body: &Value) -> Reading {
    let (Some(repository), Some(id)) = (at(body, &["/repository/full_name"]), at(body, &["/deployment_status/id"]))
    else {
        return Reading::Unreadable("`repository.full_name` or `deployment_status.id` is missing");
    };
    let outcome = match at(body, &["/deployment_status/state"]).as_deref() {
        Some("success") => "success",
        Some("failure" | "error") => "failure",
        Some("in_progress") => "running",
        _ => return Reading::Ignored("only deployments that run, succeed or fail are recorded"),
    };
    let what = at(body, &["/deployment/ref", "/deployment/sha"]).unwrap_or_default();
    let environment = at(body, &["/deployment_status/environment", "/deployment/environment"]);
    let title = deployment_title(&what, environment.as_deref(), outcome);
    let mut found = about(body, &repository, &format!("deployment_status/{id}"), EventKind::Deployment, title);
    found.event_type = "com.github.deployment_status".to_owned();
    found.outcome = Some(outcome.to_owned());
    found.at = at(body, &["/deployment_status/updated_at", "/deployment_status/created_at"])
        .and_then(|time| parse_rfc3339(&time));
    found.link =
        link_at(body, &["/deployment_status/log_url", "/deployment_status/target_url", "/repository/html_url"]);
    found.actor = at(body, &["/deployment_status/creator/login", "/sender/login"]);
    recorded(found)
}

fn read_release(body: &Value) -> Reading {
    if at(body, &["/action"]).as_deref() != Some("published") {
        return Reading::Ignored("only published releases are recorded");
    }
    let (Some(repository), Some(id)) = (at(body, &["/repository/full_name"]), at(body, &["/release/id"])) else {
        return Reading::Unreadable("`repository.full_name` or `release.id` is missing");
    };
    let name = at(body, &["/release/tag_name", "/release/name"]).unwrap_or_default();
    let mut found = about(body, &repository, &format!("release/{id}"), EventKind::Other, format!("Released {name}"));
    found.event_type = "com.github.release".to_owned();
    found.at = at(body, &["/release/published_at"]).and_then(|time| parse_rfc3339(&time));
    found.link = link_at(body, &["/release/html_url"]);
    found.actor = at(body, &["/release/author/login", "/sender/login"]);
    recorded(found)
}

fn about(body: &Value, repository: &str, id: &str, kind: EventKind, title: String) -> auth::ReportedEvent {
    let source = at(body, &["/repository/html_url"]).unwrap_or_else(|| format!("github:{repository}"));
    let mut found = event(source, id.to_owned(), kind, "", title);
    found.subject = Some(repository.to_owned());
    found.annotations = vec![("github.com/project-slug".to_owned(), repository.to_owned())];
    found
}
