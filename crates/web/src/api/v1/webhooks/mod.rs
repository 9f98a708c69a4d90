//! `/webhooks`: who is told of changes over HTTP, how that goes, and what could not be delivered.

mod wire;
mod write;

use axum::{
    extract::{Path, RawQuery},
    http::StatusCode,
    response::Response,
};
use model::Uid;
use serde_json::json;

pub(crate) use self::wire::cut_address;
use self::wire::{DeliveryWire, LetterWire, WebhookWire};
pub(super) use self::write::{
    change_webhook, create_webhook, drop_letter, drop_letters, remove_webhook, resend_letters, rotate_webhook,
    test_webhook,
};
use super::parameters::Parameters;
use crate::{Gate, Problem, answer, problem};

pub(super) const DELIVERY_PARAMETERS: &[&str] = &["limit"];
pub(super) const LETTER_PARAMETERS: &[&str] = &["limit", "after"];

/// Lists webhooks.
pub(super) async fn list_webhooks(gate: Gate, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let shows_address = shows_address(&gate);
    let items: Vec<WebhookWire> =
        gate.list_webhooks().await?.iter().map(|known| WebhookWire::new(known, shows_address)).collect();
    Ok(answer::json_value(StatusCode::OK, &json!({ "items": items })))
}

/// Shows one webhook.
pub(super) async fn show_webhook(
    gate: Gate,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    let known = gate.find_webhook(parse_id(&id)?).await?;
    Ok(answer::json_value(StatusCode::OK, &WebhookWire::new(&known, shows_address(&gate))))
}

/// Lists the newest attempts.
pub(super) async fn list_deliveries(
    gate: Gate,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), DELIVERY_PARAMETERS)?;
    let limit = u32::try_from(parameters.number("limit", 50, 1..=50)?).unwrap_or(50);
    let deliveries = gate.list_deliveries(parse_id(&id)?, limit).await?;
    let items: Vec<DeliveryWire<'_>> = deliveries.iter().map(DeliveryWire::from).collect();
    Ok(answer::json_value(StatusCode::OK, &json!({ "items": items })))
}

/// Lists dead letters.
pub(super) async fn list_letters(
    gate: Gate,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), LETTER_PARAMETERS)?;
    let limit = u32::try_from(parameters.number("limit", 100, 1..=1000)?).unwrap_or(1000);
    let after = i64::try_from(parameters.number("after", 0, 0..=i64::MAX as u64)?).unwrap_or(i64::MAX);
    let letters = gate.list_dead_letters(parse_id(&id)?, after, limit).await?;
    let next = letters.last().filter(|_| letters.len() == limit as usize).map(|letter| letter.id);
    let items: Vec<LetterWire<'_>> = letters.iter().map(LetterWire::from).collect();
    Ok(answer::json_value(StatusCode::OK, &json!({ "items": items, "next": next })))
}

/// Addresses of chat tools are secrets: whoever knows one can post there. They are shown to those who could change them.
fn shows_address(gate: &Gate) -> bool {
    gate.require("callboard.webhook.manage").is_ok()
}

fn parse_id(text: &str) -> Result<Uid, Problem> {
    Uid::parse(text).ok_or_else(|| problem::not_found(format!("there is no webhook `{text}`")))
}
