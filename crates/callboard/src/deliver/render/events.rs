//! Messages for programs: Callboard's own JSON, and CloudEvents.

use auth::SeenChange;
use model::{StoredEntity, Timestamp};
use serde_json::{Value, json};

use crate::deliver::message::{Message, page_of, verb};

/// Writes a moment as RFC 3339 in UTC.
pub(super) fn rfc3339(moment: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(moment.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

/// `{type, timestamp, data}`, as the Standard Webhooks specification recommends it.
pub(super) fn callboard(message: &Message<'_>, has_bodies: bool) -> String {
    let changes: Vec<Value> = message.changes.iter().map(|seen| change(message, seen, has_bodies)).collect();
    let newest = message.changes.last().map(|seen| rfc3339(seen.change.at));
    let kind = if changes.is_empty() { "callboard.test" } else { "callboard.changes" };
    json!({
        "type": kind,
        "timestamp": newest,
        "data": { "webhook": message.webhook.id.to_string(), "changes": changes },
    })
    .to_string()
}

/// One event in structured mode.
pub(super) fn cloudevent(message: &Message<'_>, has_bodies: bool) -> String {
    match message.changes.first() {
        Some(seen) => event(message, seen, has_bodies).to_string(),
        None => test_event(message).to_string(),
    }
}

/// Events in a batch.
pub(super) fn cloudevents_batch(message: &Message<'_>, has_bodies: bool) -> String {
    let events: Vec<Value> = match message.changes {
        [] => vec![test_event(message)],
        changes => changes.iter().map(|seen| event(message, seen, has_bodies)).collect(),
    };
    Value::Array(events).to_string()
}

fn event(message: &Message<'_>, seen: &SeenChange, has_bodies: bool) -> Value {
    json!({
        "specversion": "1.0",
        "id": seen.change.seq.0.to_string(),
        "source": message.portal.base_url,
        "type": format!("callboard.entity.{}", verb(seen.change.kind)),
        "subject": seen.change.entity_ref.as_str(),
        "time": rfc3339(seen.change.at),
        "datacontenttype": "application/json",
        // Texts compare as the numbers do.
        "sequence": format!("{:020}", seen.change.seq.0),
        "data": change(message, seen, has_bodies),
    })
}

fn test_event(message: &Message<'_>) -> Value {
    json!({
        "specversion": "1.0",
        "id": message.id,
        "source": message.portal.base_url,
        "type": "callboard.test",
        "datacontenttype": "application/json",
        "data": { "webhook": message.webhook.id.to_string() },
    })
}

/// A change as `/api/v1/changes` has it, with the address of the entity's page.
fn change(message: &Message<'_>, seen: &SeenChange, has_bodies: bool) -> Value {
    let change = &seen.change;
    let mut value = json!({
        "seq": change.seq.0,
        "at": rfc3339(change.at),
        "entityRef": change.entity_ref.as_str(),
        "kind": verb(change.kind),
        "cause": {
            "location": change.cause.location.as_deref(),
            "commit": change.cause.commit.as_deref(),
            "author": change.cause.author.as_deref(),
            "actor": change.cause.actor.as_deref(),
        },
        "url": page_of(message.portal, &change.entity_ref),
    });
    if has_bodies {
        for (name, entity) in [("entity", &change.entity), ("before", &seen.before)] {
            if let Some(body) = entity.as_deref().and_then(body) {
                value[name] = body;
            }
        }
    }
    value
}

fn body(entity: &StoredEntity) -> Option<Value> {
    serde_json::from_str(entity.body.as_str()).ok()
}
