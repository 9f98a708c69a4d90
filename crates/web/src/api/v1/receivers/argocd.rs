//! Notifications of Argo CD, in the form that the guide's template gives them.

use axum::http::HeaderMap;
use model::EventKind;
use serde_json::Value;

use super::{Reading, at, deployment_title, event, link_at, recorded};
use crate::api::v1::cloud_event::parse_rfc3339;

/// Reads a notification.
pub(super) fn read(_: &HeaderMap, body: &Value) -> Reading {
    let Some(app) = at(body, &["/app"]) else { return Reading::Unreadable("`app` is missing") };
    let phase = at(body, &["/phase"]).unwrap_or_default();
    let health = at(body, &["/health"]).unwrap_or_default();
    let revision = at(body, &["/revision"]).unwrap_or_default();
    let finished = at(body, &["/finishedAt", "/startedAt"]);
    let short: String = revision.chars().take(10).collect();
    let what = if short.is_empty() { app.clone() } else { format!("{app} {short}") };
    let (kind, outcome, title) = match (phase.as_str(), health.as_str()) {
        ("Succeeded", "Degraded") => (EventKind::Alert, "degraded", format!("{app} is degraded")),
        ("Succeeded", _) => (EventKind::Deployment, "success", deployment_title(&what, None, "success")),
        ("Running", _) => (EventKind::Deployment, "running", deployment_title(&what, None, "running")),
        ("Failed" | "Error", _) => (EventKind::Deployment, "failure", deployment_title(&what, None, "failure")),
        _ => return Reading::Ignored("only syncs that run, succeed or fail are recorded"),
    };
    let url = link_at(body, &["/url"]);
    let source = url.as_deref().and_then(|url| url.split("/applications/").next()).unwrap_or("argocd").to_owned();
    let id = format!("{app}/{revision}/{outcome}/{}", finished.as_deref().unwrap_or_default());
    let mut found = event(source, id, kind, "io.argoproj.cd.sync", title);
    found.at = finished.and_then(|time| parse_rfc3339(&time));
    found.subject = Some(app.clone());
    found.annotations = vec![("argocd/app-name".to_owned(), app)];
    found.outcome = Some(outcome.to_owned());
    found.actor = at(body, &["/actor"]);
    found.link = url;
    recorded(found)
}
