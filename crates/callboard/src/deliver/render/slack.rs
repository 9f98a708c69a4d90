//! Messages of Slack's incoming webhooks: a heading, a line for each change, and a text for notifications.

use auth::SeenChange;
use serde_json::{Value, json};

use super::{heading, test_sentence};
use crate::deliver::message::{Message, cause, differences, known, page_of, verb};

/// Slack's limit is 3,000 characters for one section.
const LONGEST_SECTION: usize = 2_900;

/// The message.
pub(super) fn message(message: &Message<'_>) -> String {
    let heading = heading(message);
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": heading.chars().take(150).collect::<String>() },
    })];
    let lines: Vec<String> = match message.changes {
        [] => vec![escape(&test_sentence(message))],
        changes => changes.iter().map(|seen| line(message, seen)).collect(),
    };
    blocks.extend(sections(&lines));
    let text = match message.changes {
        [] => test_sentence(message),
        [seen] => format!("{} {} was {}", seen.change.entity_ref.kind(), known(seen).title, verb(seen.change.kind)),
        _ => heading,
    };
    json!({ "text": escape(&text), "blocks": blocks }).to_string()
}

/// As few sections as hold all lines.
fn sections(lines: &[String]) -> Vec<Value> {
    let mut texts: Vec<String> = Vec::new();
    for line in lines {
        match texts.last_mut() {
            Some(text) if text.chars().count() + line.chars().count() < LONGEST_SECTION => {
                text.push('\n');
                text.push_str(line);
            }
            _ => texts.push(line.chars().take(LONGEST_SECTION).collect()),
        }
    }
    let section = |text: String| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } });
    texts.into_iter().map(section).collect()
}

fn line(message: &Message<'_>, seen: &SeenChange) -> String {
    let entity_ref = &seen.change.entity_ref;
    let known = known(seen);
    let link = format!("<{}|{}>", page_of(message.portal, entity_ref), escape(&known.title).replace('|', "/"));
    let mut line = format!("• {link} ({}) was *{}*", escape(entity_ref.kind()), verb(seen.change.kind));
    let owners: Vec<&str> = known.owners.iter().map(|owner| owner.name()).collect();
    if !owners.is_empty() {
        line.push_str(&format!(" · owned by {}", escape(&owners.join(", "))));
    }
    if let Some(cause) = cause(seen) {
        line.push_str(&format!(" · {}", escape(&cause)));
    }
    for fact in differences(seen) {
        line.push_str(&format!("\n     {}", escape(&fact)));
    }
    line
}

/// Slack reads these three characters as its own.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
