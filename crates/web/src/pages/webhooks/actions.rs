//! What is done to a webhook: pause, resume, test, another secret, removal, dead letters.

use askama::Template;
use auth::{KnownWebhook, WebhookDraft, WebhookState};
use axum::{
    Form,
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    href,
    show::{find, framed},
};
use crate::{
    Gate, Problem,
    pages::{Frame, icon::Icon, render},
};

/// How long an old secret stays good when it is replaced on the page.
const GRACE_MS: i64 = 24 * 3_600_000;

#[derive(Template)]
#[template(path = "webhooks/secret.html")]
struct SecretPage {
    frame: Frame,
    name: String,
    secret: String,
    back: String,
    /// Whether it takes the place of another one.
    is_rotation: bool,
}

#[derive(Template)]
#[template(path = "webhooks/remove.html")]
struct RemovePage {
    frame: Frame,
    name: String,
    dead_letters: u64,
    back: String,
}

/// Pause or resume.
#[derive(Deserialize)]
pub(in crate::pages) struct StateForm {
    /// `active` or `paused`.
    state: String,
}

/// What to do with dead letters.
#[derive(Deserialize)]
pub(in crate::pages) struct LettersForm {
    /// `resend` or `drop`.
    what: String,
    /// Which one; all without it.
    #[serde(default)]
    letter: Option<i64>,
}

/// Pauses a webhook, or has it go on.
pub(in crate::pages) async fn set_state(
    gate: Gate,
    Path(id): Path<String>,
    Form(form): Form<StateForm>,
) -> Result<Response, Problem> {
    let KnownWebhook { webhook, .. } = find(&gate, &id).await?;
    let draft = WebhookDraft {
        name: webhook.name,
        url: webhook.url,
        filter: webhook.filter,
        form: webhook.form,
        is_active: form.state == "active",
    };
    if draft.is_active != (webhook.state == WebhookState::Active) {
        gate.change_webhook(webhook.id, &draft).await?;
    }
    Ok(go_to(href(webhook.id)))
}

/// Sends a test message.
pub(in crate::pages) async fn send_test(gate: Gate, Path(id): Path<String>) -> Result<Response, Problem> {
    let webhook = find(&gate, &id).await?.webhook;
    gate.test_webhook(webhook.id).await?;
    Ok(go_to(format!("{}#deliveries", href(webhook.id))))
}

/// Makes another secret and shows it, once.
pub(in crate::pages) async fn rotate_secret(
    gate: Gate,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let webhook = find(&gate, &id).await?.webhook;
    let secret = gate.rotate_webhook(webhook.id, GRACE_MS).await?;
    show_secret(frame, &webhook.name, href(webhook.id), secret.reveal(), true)
}

/// Shows a secret to the one who has just made it.
pub(super) fn show_secret(
    frame: Frame,
    name: &str,
    back: String,
    secret: &str,
    is_rotation: bool,
) -> Result<Response, Problem> {
    let page = SecretPage {
        frame: framed(frame, "Secret", &[(name, back.clone())]),
        name: name.to_owned(),
        secret: secret.to_owned(),
        back,
        is_rotation,
    };
    let mut response = render(&page)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Asks whether a webhook is to be removed.
pub(in crate::pages) async fn confirm_removal(
    gate: Gate,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    gate.require("callboard.webhook.manage")?;
    let KnownWebhook { webhook, dead_letters, .. } = find(&gate, &id).await?;
    let back = href(webhook.id);
    let frame = framed(frame, "Remove", &[(&webhook.name, back.clone())]);
    render(&RemovePage { frame, name: webhook.name, dead_letters, back })
}

/// Removes a webhook.
pub(in crate::pages) async fn remove_webhook(gate: Gate, Path(id): Path<String>) -> Result<Response, Problem> {
    gate.remove_webhook(find(&gate, &id).await?.webhook.id).await?;
    Ok(go_to("/webhooks".to_owned()))
}

/// Sends dead letters again, or throws them away.
pub(in crate::pages) async fn act_on_letters(
    gate: Gate,
    Path(id): Path<String>,
    Form(form): Form<LettersForm>,
) -> Result<Response, Problem> {
    let id = find(&gate, &id).await?.webhook.id;
    match form.what.as_str() {
        "drop" => gate.drop_letters(id, form.letter).await?,
        _ => gate.resend_letters(id, form.letter).await?,
    };
    Ok(go_to(format!("{}#letters", href(id))))
}

/// Sends the browser to another page.
pub(super) fn go_to(address: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response()
}
