//! Adaptive cards, as the workflows of Microsoft Teams take them for "when a webhook request is received".

use auth::SeenChange;
use serde_json::{Value, json};

use super::{heading, test_sentence};
use crate::deliver::message::{Message, cause, differences, known, page_of, verb};

/// The message.
pub(super) fn message(message: &Message<'_>) -> String {
    let mut body = vec![json!({
        "type": "TextBlock", "text": escape(&heading(message)), "weight": "Bolder", "size": "Medium", "wrap": true,
    })];
    match message.changes {
        [] => body.push(text_block(&escape(&test_sentence(message)))),
        changes => body.extend(changes.iter().map(|seen| change(message, seen))),
    }
    let open = match message.changes {
        [seen] => page_of(message.portal, &seen.change.entity_ref),
        _ => message.portal.base_url.clone(),
    };
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": body,
                "actions": [{ "type": "Action.OpenUrl", "title": format!("Open in {}", message.portal.title), "url": open }],
            },
        }],
    })
    .to_string()
}

fn change(message: &Message<'_>, seen: &SeenChange) -> Value {
    let entity_ref = &seen.change.entity_ref;
    let known = known(seen);
    let link = format!("[{}]({})", escape(&known.title), page_of(message.portal, entity_ref));
    let mut quiet: Vec<String> = known.owners.iter().map(|owner| format!("owned by {}", owner.name())).collect();
    quiet.extend(cause(seen));
    let mut items =
        vec![text_block(&format!("{link} ({}) was **{}**", escape(entity_ref.kind()), verb(seen.change.kind)))];
    for text in differences(seen) {
        items.push(text_block(&escape(&text)));
    }
    if !quiet.is_empty() {
        items.push(json!({
            "type": "TextBlock", "text": escape(&quiet.join(" · ")), "isSubtle": true, "size": "Small", "spacing": "None",
            "wrap": true,
        }));
    }
    json!({ "type": "Container", "spacing": "Medium", "items": items })
}

fn text_block(text: &str) -> Value {
    json!({ "type": "TextBlock", "text": text, "wrap": true, "spacing": "None" })
}

/// Cards read a part of Markdown.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '[' | ']' | '(' | ')' | '`' | '#' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
