//! What can be done to webhooks.

use auth::{WebhookDraft, WebhookState};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use model::{ChangeFilter, Seq};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    parse_id,
    wire::{ChoiceWire, DraftWire, PatchWire, RotationWire, WebhookWire},
};
use crate::{App, Gate, Problem, answer, problem};

/// Makes a webhook.
pub(in crate::api::v1) async fn create_webhook(
    State(app): State<App>,
    gate: Gate,
    body: Bytes,
) -> Result<Response, Problem> {
    let wire: DraftWire = read(&body)?;
    let draft = WebhookDraft {
        name: wire.name,
        url: wire.url,
        filter: tidy(wire.filter),
        form: wire.form,
        is_active: wire.active,
    };
    check_receiver(&app, &draft.url)?;
    let webhook = gate.create_webhook(&draft, wire.after.map(Seq)).await?;
    let secret = webhook.secret.reveal().to_owned();
    let known = gate.find_webhook(webhook.id).await?;
    let mut shown = to_value(&WebhookWire::new(&known, true));
    shown["secret"] = Value::String(secret);
    Ok(answer::json_value(StatusCode::CREATED, &shown))
}

/// Changes a webhook.
pub(in crate::api::v1) async fn change_webhook(
    State(app): State<App>,
    gate: Gate,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let id = parse_id(&id)?;
    let patch: PatchWire = read(&body)?;
    let now = gate.find_webhook(id).await?.webhook;
    if let Some(url) = &patch.url {
        check_receiver(&app, url)?;
    }
    let draft = WebhookDraft {
        name: patch.name.unwrap_or(now.name),
        url: patch.url.unwrap_or(now.url),
        filter: patch.filter.map_or(now.filter, tidy),
        form: patch.form.unwrap_or(now.form),
        is_active: patch.active.unwrap_or(now.state == WebhookState::Active),
    };
    gate.change_webhook(id, &draft).await?;
    let known = gate.find_webhook(id).await?;
    Ok(answer::json_value(StatusCode::OK, &WebhookWire::new(&known, true)))
}

/// Removes a webhook.
pub(in crate::api::v1) async fn remove_webhook(gate: Gate, Path(id): Path<String>) -> Result<Response, Problem> {
    gate.remove_webhook(parse_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Gives a webhook another secret.
pub(in crate::api::v1) async fn rotate_webhook(
    gate: Gate,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let rotation: RotationWire = read(&body)?;
    let secret = gate.rotate_webhook(parse_id(&id)?, i64::from(rotation.grace_hours) * 3_600_000).await?;
    Ok(answer::json_value(StatusCode::OK, &json!({ "secret": secret.reveal() })))
}

/// Sends a test message.
pub(in crate::api::v1) async fn test_webhook(gate: Gate, Path(id): Path<String>) -> Result<Response, Problem> {
    let message = gate.test_webhook(parse_id(&id)?).await?;
    Ok(answer::json_value(StatusCode::ACCEPTED, &json!({ "message": message })))
}

/// Sends dead letters again.
pub(in crate::api::v1) async fn resend_letters(
    gate: Gate,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let choice: ChoiceWire = read(&body)?;
    let letters = gate.resend_letters(parse_id(&id)?, choice.id).await?;
    Ok(answer::json_value(StatusCode::ACCEPTED, &json!({ "letters": letters })))
}

/// Throws all dead letters away.
pub(in crate::api::v1) async fn drop_letters(gate: Gate, Path(id): Path<String>) -> Result<Response, Problem> {
    let letters = gate.drop_letters(parse_id(&id)?, None).await?;
    Ok(answer::json_value(StatusCode::OK, &json!({ "letters": letters })))
}

/// Throws one dead letter away.
pub(in crate::api::v1) async fn drop_letter(
    gate: Gate,
    Path((id, letter)): Path<(String, i64)>,
) -> Result<Response, Problem> {
    let letters = gate.drop_letters(parse_id(&id)?, Some(letter)).await?;
    Ok(answer::json_value(StatusCode::OK, &json!({ "letters": letters })))
}

/// Reads a body; none is as good as an empty object.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| problem::input(format!("the body cannot be understood: {error}")))
}

fn to_value(wire: &WebhookWire) -> Value {
    serde_json::to_value(wire).expect("words and numbers have a JSON form")
}

/// Looks whether messages may go to an address.
pub(crate) fn check_receiver(app: &App, address: &str) -> Result<(), Problem> {
    app.workshop().check_receiver(address).map_err(|why| problem::input(format!("`url`: {why}")))
}

/// Kinds and namespaces are compared in lower case.
fn tidy(mut filter: ChangeFilter) -> ChangeFilter {
    for word in filter.kinds.iter_mut().chain(&mut filter.namespaces) {
        *word = word.to_lowercase();
    }
    filter
}
