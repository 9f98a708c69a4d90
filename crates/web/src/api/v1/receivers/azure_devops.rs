//! Service hooks of Azure DevOps: deployments of releases that have completed, and builds.

use axum::http::HeaderMap;
use model::EventKind;
use serde_json::Value;

use super::{Reading, at, deployment_title, event, link_at, recorded};
use crate::api::v1::cloud_event::parse_rfc3339;

/// Reads a service hook.
pub(super) fn read(_: &HeaderMap, body: &Value) -> Reading {
    let Some(id) = at(body, &["/id"]) else { return Reading::Unreadable("`id` is missing") };
    match at(body, &["/eventType"]).as_deref() {
        Some("ms.vss-release.deployment-completed-event") => read_deployment(body, id),
        Some("build.complete") => read_build(body, id),
        Some(_) => Reading::Ignored("only completed deployments and builds are recorded"),
        None => Reading::Unreadable("`eventType` is missing"),
    }
}

fn read_deployment(body: &Value, id: String) -> Reading {
    let outcome = outcome(at(body, &["/resource/environment/status", "/resource/deployment/deploymentStatus"]));
    let release = at(body, &["/resource/environment/release/name", "/resource/deployment/release/name"]);
    let definition =
        at(body, &["/resource/environment/releaseDefinition/name", "/resource/deployment/releaseDefinition/name"]);
    let environment = at(body, &["/resource/environment/name", "/resource/stageName"]);
    let title = deployment_title(&release.unwrap_or_default(), environment.as_deref(), &outcome);
    let mut found = about(body, id, EventKind::Deployment, title, definition);
    found.event_type = "com.azure.devops.deployment-completed".to_owned();
    found.link = link_at(
        body,
        &["/resource/environment/release/_links/web/href", "/resource/deployment/release/_links/web/href"],
    );
    found.actor =
        at(body, &["/resource/deployment/requestedFor/displayName", "/resource/environment/owner/displayName"]);
    found.outcome = Some(outcome);
    recorded(found)
}

fn read_build(body: &Value, id: String) -> Reading {
    let outcome = outcome(at(body, &["/resource/result", "/resource/status"]));
    let definition = at(body, &["/resource/definition/name"]);
    let number = at(body, &["/resource/buildNumber"]).unwrap_or_default();
    let title = match outcome.as_str() {
        "success" => format!("Built {number}"),
        other => format!("Build {number}: {other}"),
    };
    let mut found = about(body, id, EventKind::Other, title, definition);
    found.event_type = "com.azure.devops.build-complete".to_owned();
    found.at = at(body, &["/resource/finishTime"]).and_then(|time| parse_rfc3339(&time)).or(found.at);
    found.link = link_at(body, &["/resource/_links/web/href"]);
    found.actor = at(body, &["/resource/requestedFor/displayName", "/resource/requests/0/requestedFor/displayName"]);
    found.outcome = Some(outcome);
    recorded(found)
}

/// The words of Azure DevOps in ours.
fn outcome(word: Option<String>) -> String {
    match word.unwrap_or_default().to_ascii_lowercase().as_str() {
        "succeeded" => "success".to_owned(),
        "failed" | "rejected" => "failure".to_owned(),
        "canceled" | "stopped" => "canceled".to_owned(),
        "" => "unknown".to_owned(),
        other => other.to_owned(),
    }
}

fn about(body: &Value, id: String, kind: EventKind, title: String, definition: Option<String>) -> auth::ReportedEvent {
    let project = at(body, &["/resource/project/name", "/resource/definition/project/name"]);
    let account = at(body, &["/resourceContainers/account/baseUrl", "/resourceContainers/collection/baseUrl"]);
    let source = account.unwrap_or_else(|| format!("azure-devops:{}", project.as_deref().unwrap_or_default()));
    let mut found = event(source, id, kind, "", title);
    found.at = at(body, &["/createdDate"]).and_then(|time| parse_rfc3339(&time));
    let repository = at(body, &["/resource/repository/name"]).or_else(|| definition.clone());
    found.subject = match (&project, &repository) {
        (Some(project), Some(repository)) => Some(format!("{project}/{repository}")),
        _ => definition.clone(),
    };
    if let Some(slug) = &found.subject {
        found.annotations.push(("dev.azure.com/project-repo".to_owned(), slug.clone()));
    }
    found.annotations.extend(definition.map(|name| ("dev.azure.com/build-definition".to_owned(), name)));
    found
}
