//! The table of what can be done over the API: the endpoints that are not GET. Routes and the OpenAPI document are made from it.

use axum::routing::{MethodRouter, delete, patch, post};

use super::{call_sheets, webhooks};
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
pub(super) static TABLE: [Action; 11] = [
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
    Action {
        method: "post",
        path: "/webhooks",
        name: "createWebhook",
        summary: "Makes a webhook.",
        description: "It is told of what happens from now on, or after the change `after`. The answer is the only one with its \
                      secret. Needs the permission `callboard.webhook.manage` and the right to see every entity.",
        body: Some("WebhookDraft"),
        status: 201,
        answer: Some("WebhookCreated"),
        handler: || post(webhooks::create_webhook),
    },
    Action {
        method: "patch",
        path: "/webhooks/{id}",
        name: "changeWebhook",
        summary: "Changes a webhook; what is left out stays.",
        description: "With `active` it is paused and resumed. What happens while it is paused is told afterwards.",
        body: Some("WebhookPatch"),
        status: 200,
        answer: Some("Webhook"),
        handler: || patch(webhooks::change_webhook),
    },
    Action {
        method: "delete",
        path: "/webhooks/{id}",
        name: "removeWebhook",
        summary: "Removes a webhook with its dead letters.",
        description: "",
        body: None,
        status: 204,
        answer: None,
        handler: || delete(webhooks::remove_webhook),
    },
    Action {
        method: "post",
        path: "/webhooks/{id}/rotate",
        name: "rotateWebhookSecret",
        summary: "Gives a webhook another secret.",
        description: "For `graceHours` (24 by default, at most 168) messages are signed with the secret before, too.",
        body: Some("WebhookRotation"),
        status: 200,
        answer: Some("WebhookSecret"),
        handler: || post(webhooks::rotate_webhook),
    },
    Action {
        method: "post",
        path: "/webhooks/{id}/test",
        name: "testWebhook",
        summary: "Sends a test message.",
        description: "How it went is found among the deliveries, under the identity that is answered.",
        body: None,
        status: 202,
        answer: Some("WebhookTest"),
        handler: || post(webhooks::test_webhook),
    },
    Action {
        method: "post",
        path: "/webhooks/{id}/dead-letters/resend",
        name: "resendDeadLetters",
        summary: "Sends dead letters again: one of them, or all.",
        description: "Those that arrive are gone from the list.",
        body: Some("DeadLetterChoice"),
        status: 202,
        answer: Some("DeadLetterCount"),
        handler: || post(webhooks::resend_letters),
    },
    Action {
        method: "delete",
        path: "/webhooks/{id}/dead-letters",
        name: "dropDeadLetters",
        summary: "Throws all dead letters away.",
        description: "",
        body: None,
        status: 200,
        answer: Some("DeadLetterCount"),
        handler: || delete(webhooks::drop_letters),
    },
    Action {
        method: "delete",
        path: "/webhooks/{id}/dead-letters/{letter}",
        name: "dropDeadLetter",
        summary: "Throws one dead letter away.",
        description: "",
        body: None,
        status: 200,
        answer: Some("DeadLetterCount"),
        handler: || delete(webhooks::drop_letter),
    },
];
