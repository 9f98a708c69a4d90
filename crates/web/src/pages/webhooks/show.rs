//! `/webhooks/:id`: one webhook: how far it has been told, what could not be delivered, and the newest attempts.

use askama::Template;
use auth::{Delivery, KnownWebhook, Letter, LetterKind};
use axum::{extract::Path, response::Response};
use model::{Timestamp, Uid};

use super::{Standing, WebhookRow, row};
use crate::{
    Gate, Problem,
    pages::{
        Frame,
        frame::{Crumb, Section},
        icon::Icon,
        moment::Moment,
        render, words,
    },
    problem,
};

/// How many dead letters are shown; the others come when these are gone.
const LETTERS_SHOWN: u32 = 50;
/// How many attempts are shown.
const DELIVERIES_SHOWN: u32 = 25;

#[derive(Template)]
#[template(path = "webhooks/show.html")]
struct WebhookPage {
    frame: Frame,
    row: WebhookRow,
    /// The whole address, for those who may change it.
    url: Option<String>,
    reason: Option<String>,
    failing_since: Option<Moment>,
    attempts: u32,
    position: u64,
    behind: u64,
    created: Moment,
    created_by: String,
    old_secret_until: Option<Moment>,
    letters: Vec<LetterRow>,
    deliveries: Vec<DeliveryRow>,
    may_manage: bool,
    id: String,
}

struct LetterRow {
    id: i64,
    what: String,
    since: Moment,
    attempts: u32,
    error: String,
    /// The message, to be looked at.
    body: Option<String>,
    is_wanted: bool,
}

struct DeliveryRow {
    at: Moment,
    what: String,
    is_good: bool,
    answer: String,
    took: String,
    message: String,
}

/// Shows a webhook.
pub(in crate::pages) async fn show_webhook(
    gate: Gate,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let known = find(&gate, &id).await?;
    let webhook = &known.webhook;
    let letters = gate.list_dead_letters(webhook.id, 0, LETTERS_SHOWN).await?;
    let deliveries = gate.list_deliveries(webhook.id, DELIVERIES_SHOWN).await?;
    let (now, may_manage) = (frame.now, gate.require("callboard.webhook.manage").is_ok());
    let moment = |at| Moment { at, now };
    let page = WebhookPage {
        row: row(&known, now),
        url: may_manage.then(|| webhook.url.clone()),
        reason: webhook.reason.clone(),
        failing_since: webhook.progress.failing_since.map(moment),
        attempts: webhook.progress.attempts,
        position: webhook.progress.position.0,
        behind: known.behind,
        created: moment(webhook.created_at),
        created_by: webhook.created_by.clone(),
        old_secret_until: webhook.old_secret.as_ref().map(|(_, until)| *until).filter(|until| *until > now).map(moment),
        letters: letters.iter().map(|letter| letter_row(letter, now)).collect(),
        deliveries: deliveries.iter().map(|delivery| delivery_row(delivery, now)).collect(),
        may_manage,
        id: webhook.id.to_string(),
        frame: framed(frame, &webhook.name, &[]),
    };
    render(&page)
}

/// Finds a webhook that the caller may see.
pub(super) async fn find(gate: &Gate, id: &str) -> Result<KnownWebhook, Problem> {
    let id = Uid::parse(id).ok_or_else(|| problem::not_found(format!("there is no webhook `{id}`")))?;
    Ok(gate.find_webhook(id).await?)
}

/// The frame of a page about one webhook.
pub(super) fn framed(frame: Frame, title: &str, above: &[(&str, String)]) -> Frame {
    let mut frame = frame.titled(title, Section::Webhooks);
    frame.crumbs = vec![Crumb { label: "Webhooks".to_owned(), href: "/webhooks".to_owned() }];
    frame.crumbs.extend(above.iter().map(|(label, href)| Crumb { label: (*label).to_owned(), href: href.clone() }));
    frame
}

fn letter_row(letter: &Letter, now: Timestamp) -> LetterRow {
    LetterRow {
        id: letter.id,
        what: what(letter.kind, letter.first.0, letter.last.0, letter.changes),
        since: Moment { at: letter.at, now },
        attempts: letter.attempts,
        error: letter.last_error.clone().unwrap_or_default(),
        body: letter.body.clone(),
        is_wanted: letter.is_wanted,
    }
}

fn delivery_row(delivery: &Delivery, now: Timestamp) -> DeliveryRow {
    let attempt = &delivery.attempt;
    DeliveryRow {
        at: Moment { at: attempt.at, now },
        what: what(attempt.kind, attempt.first.0, attempt.last.0, attempt.changes),
        is_good: attempt.error.is_none(),
        answer: match (&attempt.error, attempt.status) {
            (Some(error), _) => error.clone(),
            (None, Some(status)) => status.to_string(),
            (None, None) => String::new(),
        },
        took: if attempt.took_ms < 1_000 {
            format!("{} ms", attempt.took_ms)
        } else {
            format!("{:.1} s", attempt.took_ms as f64 / 1_000.0)
        },
        message: attempt.message.clone(),
    }
}

fn what(kind: LetterKind, first: u64, last: u64, changes: u32) -> String {
    if kind == LetterKind::Test {
        return "test message".to_owned();
    }
    let range = if first == last { format!("change {first}") } else { format!("changes {first} to {last}") };
    let count = words::counted(changes as usize, "change", "changes");
    let text = match changes {
        0 => format!("{range}, no longer on record"),
        1 if first == last => range,
        _ => format!("{range} ({count})"),
    };
    if kind == LetterKind::Again { format!("{text}, sent again") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_by_what_is_in_them() {
        assert_eq!(what(LetterKind::Changes, 7, 7, 1), "change 7");
        assert_eq!(what(LetterKind::Changes, 7, 9, 2), "changes 7 to 9 (2 changes)");
        assert_eq!(what(LetterKind::Again, 7, 7, 1), "change 7, sent again");
        assert_eq!(what(LetterKind::Test, 0, 0, 0), "test message");
        assert_eq!(what(LetterKind::Changes, 7, 9, 0), "changes 7 to 9, no longer on record");
    }
}
