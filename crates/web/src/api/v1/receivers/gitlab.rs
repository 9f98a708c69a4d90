//! Webhooks of GitLab: deployments, releases and feature flags.

use axum::http::HeaderMap;
use model::{EventKind, Timestamp};
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::{Reading, at, deployment_title, event, link_at, recorded, text_of};
use crate::api::v1::cloud_event::parse_rfc3339;

/// Reads a webhook.
pub(super) fn read(headers: &HeaderMap, body: &Value) -> Reading {
    let Some(project) = at(body, &["/project/path_with_namespace"]) else {
        return Reading::Unreadable("`project.path_with_namespace` is missing");
    };
    match at(body, &["/object_kind"]).as_deref() {
        Some("deployment") => read_deployment(body, &project),
        Some("release") => read_release(body, &project),
        Some("feature_flag") => read_flag(headers, body, &project),
        _ => Reading::Ignored("only deployments, releases and feature flags are recorded"),
    }
}

fn read_deployment(body: &Value, project: &str) -> Reading {
    let Some(id) = at(body, &["/deployment_id", "/deployable_id"]) else {
        return Reading::Unreadable("`deployment_id` is missing");
    };
    let outcome = match at(body, &["/status"]).as_deref() {
        Some("success") => "success",
        Some("failed") => "failure",
        Some("running") => "running",
        Some("canceled") => "canceled",
        _ => return Reading::Ignored("only deployments that run, succeed, fail or are canceled are recorded"),
    };
    let what = at(body, &["/ref", "/short_sha"]).unwrap_or_default();
    let title = deployment_title(&what, at(body, &["/environment"]).as_deref(), outcome);
    let mut found = about(body, project, format!("deployment/{id}/{outcome}"), EventKind::Deployment, title);
    found.event_type = "com.gitlab.deployment".to_owned();
    found.outcome = Some(outcome.to_owned());
    found.at = at(body, &["/status_changed_at"]).and_then(|time| parse_time(&time));
    found.link = link_at(body, &["/deployable_url", "/commit_url", "/project/web_url"]);
    recorded(found)
}

fn read_release(body: &Value, project: &str) -> Reading {
    if at(body, &["/action"]).as_deref() != Some("create") {
        return Reading::Ignored("only new releases are recorded");
    }
    let Some(id) = at(body, &["/id", "/tag"]) else { return Reading::Unreadable("`id` is missing") };
    let name = at(body, &["/tag", "/name"]).unwrap_or_default();
    let mut found = about(body, project, format!("release/{id}"), EventKind::Other, format!("Released {name}"));
    found.event_type = "com.gitlab.release".to_owned();
    found.at = at(body, &["/released_at", "/created_at"]).and_then(|time| parse_time(&time));
    found.link = link_at(body, &["/url"]);
    found.actor = at(body, &["/commit/author/name"]);
    recorded(found)
}

fn read_flag(headers: &HeaderMap, body: &Value, project: &str) -> Reading {
    let Some(name) = at(body, &["/object_attributes/name"]) else {
        return Reading::Unreadable("`object_attributes.name` is missing");
    };
    let state = if body.pointer("/object_attributes/active") == Some(&Value::Bool(true)) { "on" } else { "off" };
    // The body has no number of its own for a switch.
    let id = match text_of(headers, "x-gitlab-event-uuid") {
        "" => format!("{:016x}", xxh3_64(body.to_string().as_bytes())),
        id => id.to_owned(),
    };
    let title = format!("Flag {name} switched {state}");
    let mut found = about(body, project, format!("feature_flag/{id}"), EventKind::Flag, title);
    found.event_type = "com.gitlab.feature_flag".to_owned();
    found.outcome = Some(state.to_owned());
    found.link = link_at(body, &["/project/web_url"]).map(|url| format!("{url}/-/feature_flags"));
    recorded(found)
}

fn about(body: &Value, project: &str, id: String, kind: EventKind, title: String) -> auth::ReportedEvent {
    let source = at(body, &["/project/web_url"]).unwrap_or_else(|| format!("gitlab:{project}"));
    let mut found = event(source, id, kind, "", title);
    found.subject = Some(project.to_owned());
    found.actor = at(body, &["/user/username", "/user/name"]);
    found.annotations = vec![("gitlab.com/project-slug".to_owned(), project.to_owned())];
    found.annotations.extend(at(body, &["/project/id"]).map(|id| ("gitlab.com/project-id".to_owned(), id)));
    found
}

/// Reads `2021-04-28 21:50:00 +0200`, `2021-04-28 21:50:00 UTC`, and what RFC 3339 has.
fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim().replace(" UTC", " +0000");
    let zoned = jiff::fmt::strtime::parse("%Y-%m-%d %H:%M:%S %z", &text).ok().and_then(|time| time.to_timestamp().ok());
    zoned.map(|time| Timestamp(time.as_millisecond())).or_else(|| parse_rfc3339(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_times_of_all_versions() {
        let want = Some(Timestamp(1_619_639_400_000));
        for text in ["2021-04-28 21:50:00 +0200", "2021-04-28 19:50:00 UTC", "2021-04-28T19:50:00Z"] {
            assert_eq!(parse_time(text), want, "{text}");
        }
        assert_eq!(parse_time("yesterday"), None);
    }
}
