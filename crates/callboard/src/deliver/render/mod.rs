//! Messages in the forms that receivers understand.

mod cards;
mod events;
mod slack;
#[cfg(test)]
mod tests;

use auth::SeenChange;
use model::{MessageForm, expand};

use super::message::{Message, cause, differences, known, page_of, verb};

/// A message as it is sent.
pub struct Rendered {
    /// Its media type.
    pub content_type: String,
    /// What is signed and sent.
    pub body: String,
}

/// Gives a message the form that its webhook wants.
pub fn render(message: &Message<'_>) -> Rendered {
    let form = &message.webhook.form;
    let body = match form {
        MessageForm::Callboard { bodies } => events::callboard(message, *bodies),
        MessageForm::Cloudevents { bodies } => events::cloudevent(message, *bodies),
        MessageForm::CloudeventsBatch { bodies } => events::cloudevents_batch(message, *bodies),
        MessageForm::Slack => slack::message(message),
        MessageForm::Teams => cards::message(message),
        MessageForm::Template { content_type, text } => {
            expand(content_type, text, |name| put_in(message, message.changes.first(), name))
        }
    };
    Rendered { content_type: content_type(form), body }
}

/// The media type of a form.
pub fn content_type(form: &MessageForm) -> String {
    match form {
        MessageForm::Callboard { .. } | MessageForm::Slack | MessageForm::Teams => "application/json".to_owned(),
        MessageForm::Cloudevents { .. } => "application/cloudevents+json; charset=utf-8".to_owned(),
        MessageForm::CloudeventsBatch { .. } => "application/cloudevents-batch+json; charset=utf-8".to_owned(),
        MessageForm::Template { content_type, .. } => content_type.clone(),
    }
}

/// The value of a placeholder. In a test there is no change, so it says so.
fn put_in(message: &Message<'_>, seen: Option<&SeenChange>, name: &str) -> String {
    match name {
        "message" => return message.id.to_owned(),
        "portal" => return message.portal.title.clone(),
        _ => {}
    }
    let Some(seen) = seen else {
        return match name {
            "summary" => test_sentence(message),
            "url" => message.portal.base_url.clone(),
            "happened" => "test".to_owned(),
            _ => String::new(),
        };
    };
    let (change, known) = (&seen.change, known(seen));
    let text = |text: &Option<std::sync::Arc<str>>| text.as_deref().unwrap_or_default().to_owned();
    match name {
        "ref" => change.entity_ref.to_string(),
        "kind" => change.entity_ref.kind().to_owned(),
        "namespace" => change.entity_ref.namespace().to_owned(),
        "name" => change.entity_ref.name().to_owned(),
        "title" => known.title,
        "owner" => known.owners.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        "happened" => verb(change.kind).to_owned(),
        "summary" => sentence(seen),
        "seq" => change.seq.0.to_string(),
        "at" => events::rfc3339(change.at),
        "actor" => text(&change.cause.actor),
        "author" => text(&change.cause.author),
        "location" => text(&change.cause.location),
        "commit" => text(&change.cause.commit),
        "url" => page_of(message.portal, &change.entity_ref),
        _ => String::new(),
    }
}

/// A change in one sentence.
fn sentence(seen: &SeenChange) -> String {
    let known = known(seen);
    let mut text = format!("{} {} was {}", seen.change.entity_ref.kind(), known.title, verb(seen.change.kind));
    let facts = differences(seen);
    if !facts.is_empty() {
        text.push_str(": ");
        text.push_str(&facts.join("; "));
    }
    if let Some(cause) = cause(seen) {
        text.push_str(&format!(" ({cause})"));
    }
    text
}

/// What a test says.
fn test_sentence(message: &Message<'_>) -> String {
    format!("This is a test of the webhook \"{}\" of {}.", message.webhook.name, message.portal.title)
}

/// The heading of a message for people.
fn heading(message: &Message<'_>) -> String {
    match message.changes {
        [] => format!("{}: test", message.portal.title),
        [_] => format!("{}: one change", message.portal.title),
        many => format!("{}: {} changes", message.portal.title, many.len()),
    }
}
