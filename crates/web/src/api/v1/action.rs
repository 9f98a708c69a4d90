//! The table of what can be done over the API: the endpoints that are not GET. Routes and the OpenAPI document are made from it.

use axum::routing::{MethodRouter, post};

use super::call_sheets;
use crate::App;

/// One thing that can be done.
pub(super) struct Action {
    /// `post`, `patch` or `delete`.
    pub(super) method: &'static str,
    /// The path below `/api/v1`, as the router and OpenAPI spell it.
    pub(super) path: &'static str,
    /// The operation id.
    pub(super) name: &'static str,
    /// One sentence.
    pub(super) summary: &'static str,
    /// What else is worth knowing.
    pub(super) description: &'static str,
    /// The schema of its body.
    pub(super) body: Option<&'static str>,
    /// The status of its answer.
    pub(super) status: u16,
    /// The schema of its answer.
    pub(super) answer: Option<&'static str>,
    /// Makes its handler.
    pub(super) handler: fn() -> MethodRouter<App>,
}

/// All of them.
pub(super) static TABLE: [Action; 3] = [
    Action {
        method: "post",
        path: "/call-sheets",
        name: "openCallSheet",
        summary: "Opens a call sheet for what fails.",
        description: "What fails is named in `roots`, or found by name in `text`. Needs the permission `callsheet.open`.",
        body: Some("CallSheetDraft"),
        status: 201,
        answer: Some("CallSheetOpened"),
        handler: || post(call_sheets::open_sheet),
    },
    Action {
        method: "post",
        path: "/call-sheets/{id}/entries",
        name: "appendToCallSheet",
        summary: "Adds to a call sheet, and answers with it.",
        description: "`kind` says what: `team` (told, seen, answered), `note`, `link`, `titled`, `refresh` (looks up again what is \
                      hit), `send`, `verdict` and `settled` (whether the catalog was right), `closed`, `reopened`. Needs the \
                      permission `callsheet.write`.",
        body: Some("CallSheetEntry"),
        status: 200,
        answer: Some("CallSheet"),
        handler: || post(call_sheets::append_entry),
    },
    Action {
        method: "post",
        path: "/call-sheets/alerts/{tool}",
        name: "openCallSheetByAlert",
        summary: "Takes the webhook of an alerting tool.",
        description: "`tool` is `alertmanager`, `grafana`, `pagerduty` or `opsgenie`. Names of the catalog in the alert are what \
                      fails. A message about an event that has an open call sheet is noted there. 200 without an `id` says in \
                      `reason` why nothing was opened. Needs the permission `callsheet.open`.",
        body: Some("AlertMessage"),
        status: 201,
        answer: Some("CallSheetOpened"),
        handler: || post(call_sheets::hear_alert),
    },
];
