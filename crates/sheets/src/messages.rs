//! What is sent to chats and mail relays: one message, in the form that the other side takes.

use serde_json::{Value, json};

use crate::{Sheet, TeamLine, words::reach};

/// The form of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Template {
    /// Slack's incoming webhooks.
    Slack,
    /// A card for Microsoft Teams' workflows.
    Teams,
    /// All facts as JSON, for relays to mail and tools of one's own.
    #[default]
    Generic,
}

/// How many characters of text a chat takes without cutting.
const LONGEST: usize = 2_800;

/// Writes the message about a sheet to some of its teams.
#[must_use]
pub fn message(template: Template, sheet: &Sheet, teams: &[&TeamLine], text: &str, url: &str) -> Value {
    match template {
        Template::Slack => slack(sheet, text, url),
        Template::Teams => card(sheet, text, url),
        Template::Generic => generic(sheet, teams, text, url),
    }
}

fn slack(sheet: &Sheet, text: &str, url: &str) -> Value {
    // Slack reads three characters as markup; everything else stays text.
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    json!({
        "text": format!("{}: {url}", escape(&sheet.title)),
        "blocks": [
            { "type": "header", "text": { "type": "plain_text", "text": cut(&sheet.title, 140) } },
            { "type": "section", "text": { "type": "plain_text", "text": cut(text, LONGEST) } },
            { "type": "actions", "elements": [
                { "type": "button", "text": { "type": "plain_text", "text": "Open the call sheet" }, "url": url },
            ] },
        ],
    })
}

fn card(sheet: &Sheet, text: &str, url: &str) -> Value {
    let block = |text: &str, more: Value| {
        let mut block = json!({ "type": "TextBlock", "text": text, "wrap": true });
        if let (Some(block), Value::Object(more)) = (block.as_object_mut(), more) {
            block.extend(more);
        }
        block
    };
    let lines = cut(text, LONGEST);
    let lines = lines.lines().map(|line| block(&escape(line), json!({ "spacing": "None" })));
    let title = block(&escape(&sheet.title), json!({ "weight": "Bolder", "size": "Medium" }));
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": std::iter::once(title).chain(lines).collect::<Vec<_>>(),
                "actions": [{ "type": "Action.OpenUrl", "title": "Open the call sheet", "url": url }],
            },
        }],
    })
}

/// Cards read a part of Markdown; what people and tools wrote is no link there.
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

fn generic(sheet: &Sheet, teams: &[&TeamLine], text: &str, url: &str) -> Value {
    let team = |line: &&TeamLine| {
        json!({
            "team": line.team.team, "title": line.team.title, "mail": line.team.mail, "reach": reach(&line.team),
            "worst": line.team.worst, "hits": line.team.hits, "examples": line.team.examples,
        })
    };
    json!({
        "id": sheet.id, "title": sheet.title, "url": url, "text": text,
        "seq": sheet.impact.seq.0,
        "roots": sheet.impact.roots,
        "journeys": sheet.impact.journeys,
        "hitCount": sheet.impact.hit_count,
        "teams": teams.iter().map(team).collect::<Vec<_>>(),
        "to": teams.iter().filter_map(|line| line.team.mail.as_deref()).collect::<Vec<_>>(),
    })
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
