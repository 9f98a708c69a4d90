//! How webhooks look on the wire.

use auth::{Delivery, KnownWebhook, Letter, LetterKind, WebhookState};
use model::{ChangeFilter, MessageForm};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::api::v1::parameters::rfc3339;

/// A webhook.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebhookWire {
    id: String,
    name: String,
    url: String,
    filter: ChangeFilter,
    form: MessageForm,
    active: bool,
    /// Why it is paused, when nobody has paused it.
    reason: Option<String>,
    created_by: String,
    created_at: String,
    /// Every change up to here has been told, put aside or left out.
    position: u64,
    /// How many changes were committed since.
    behind: u64,
    delivered: u64,
    dead_letters: u64,
    last_ok_at: Option<String>,
    failing_since: Option<String>,
    attempts: u32,
    next_try_at: Option<String>,
    last_error: Option<String>,
    old_secret_until: Option<String>,
}

impl WebhookWire {
    pub(super) fn new(known: &KnownWebhook, shows_address: bool) -> Self {
        let KnownWebhook { webhook, dead_letters, behind } = known;
        let progress = &webhook.progress;
        Self {
            id: webhook.id.to_string(),
            name: webhook.name.clone(),
            url: if shows_address { webhook.url.clone() } else { cut_address(&webhook.url) },
            filter: webhook.filter.clone(),
            form: webhook.form.clone(),
            active: webhook.state == WebhookState::Active,
            reason: webhook.reason.clone(),
            created_by: webhook.created_by.clone(),
            created_at: rfc3339(webhook.created_at),
            position: progress.position.0,
            behind: *behind,
            delivered: webhook.delivered,
            dead_letters: *dead_letters,
            last_ok_at: progress.last_ok_at.map(rfc3339),
            failing_since: progress.failing_since.map(rfc3339),
            attempts: progress.attempts,
            next_try_at: progress.failing_since.map(|_| rfc3339(progress.next_try_at)),
            last_error: progress.last_error.clone(),
            old_secret_until: webhook.old_secret.as_ref().map(|(_, until)| rfc3339(*until)),
        }
    }
}

/// An address without what may be a secret in it: scheme and host.
pub(crate) fn cut_address(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) => format!("{}/…", url.origin().ascii_serialization()),
        Err(_) => "…".to_owned(),
    }
}

/// An attempt.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeliveryWire<'a> {
    message: &'a str,
    kind: &'static str,
    from: u64,
    to: u64,
    changes: u32,
    at: String,
    took_ms: u64,
    status: Option<u16>,
    error: Option<&'a str>,
}

impl<'a> From<&'a Delivery> for DeliveryWire<'a> {
    fn from(delivery: &'a Delivery) -> Self {
        let attempt = &delivery.attempt;
        Self {
            message: &attempt.message,
            kind: match attempt.kind {
                LetterKind::Changes => "changes",
                LetterKind::Test => "test",
                LetterKind::Again => "again",
            },
            from: attempt.first.0,
            to: attempt.last.0,
            changes: attempt.changes,
            at: rfc3339(attempt.at),
            took_ms: attempt.took_ms,
            status: attempt.status,
            error: attempt.error.as_deref(),
        }
    }
}

/// A dead letter.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LetterWire<'a> {
    id: i64,
    message: &'a str,
    from: u64,
    to: u64,
    changes: u32,
    at: String,
    attempts: u32,
    last_error: Option<&'a str>,
    body: Option<&'a str>,
    resending: bool,
}

impl<'a> From<&'a Letter> for LetterWire<'a> {
    fn from(letter: &'a Letter) -> Self {
        Self {
            id: letter.id,
            message: &letter.message,
            from: letter.first.0,
            to: letter.last.0,
            changes: letter.changes,
            at: rfc3339(letter.at),
            attempts: letter.attempts,
            last_error: letter.last_error.as_deref(),
            body: letter.body.as_deref(),
            resending: letter.is_wanted,
        }
    }
}

/// What makes a webhook.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DraftWire {
    pub(super) name: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) filter: ChangeFilter,
    #[serde(default = "usual_form")]
    pub(super) form: MessageForm,
    #[serde(default = "yes")]
    pub(super) active: bool,
    /// The change after which it is told.
    pub(super) after: Option<u64>,
}

/// What changes one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PatchWire {
    pub(super) name: Option<String>,
    pub(super) url: Option<String>,
    pub(super) filter: Option<ChangeFilter>,
    pub(super) form: Option<MessageForm>,
    pub(super) active: Option<bool>,
}

/// For how long the secret before stays good.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RotationWire {
    #[serde(default = "a_day")]
    pub(super) grace_hours: u32,
}

/// Which dead letter; all without a number.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ChoiceWire {
    pub(super) id: Option<i64>,
}

fn usual_form() -> MessageForm {
    MessageForm::Callboard { bodies: false }
}

fn yes() -> bool {
    true
}

fn a_day() -> u32 {
    24
}
