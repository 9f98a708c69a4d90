//! One webhook's turn: the letters that somebody wants sent, then messages in order until there is none left or one fails.

use std::time::Instant;

use auth::{Actor, ChangePage, ChangeQuery, Gate, GateError, SeenChange};
use model::{Seq, Timestamp};
use store::{Attempt, Letter, LetterKind, MOST_LETTERS, Progress, Resent, StoreError, Webhook};

use super::{
    Deliver,
    message::{Message, identity, most_changes, needs_before},
    render::{Rendered, content_type, render},
    sign,
};

/// How many messages a webhook gets in one turn, so that one that is far behind does not keep a place for ever.
const MESSAGES: usize = 50;
/// How many letters are sent in one turn.
const LETTERS: u32 = 20;
/// How far a position may fall behind what was looked at before it is written down.
const WRITTEN_AFTER: u64 = 1_000;

/// What came of a turn.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Up to where nothing is left.
    pub looked_at: Option<Seq>,
}

/// What came of one message.
struct Sent {
    attempt: Attempt,
    retry_after: Option<std::time::Duration>,
}

/// What is sent, and why.
struct Parcel<'a> {
    message: &'a str,
    kind: LetterKind,
    first: Seq,
    last: Seq,
    changes: u32,
}

/// Tells one webhook what it has not been told yet.
pub async fn take_turn(deliver: &Deliver, webhook: Webhook, from: Seq, is_due: bool) -> Result<Turn, StoreError> {
    send_letters(deliver, &webhook).await?;
    if !is_due {
        return Ok(Turn::default());
    }
    // Whoever made the webhook could see everything then; the loop reads for it as the server itself.
    let gate = deliver.door.gate(Actor::Service { subject: "deliver".to_owned(), restrictions: Vec::new() });
    let query = ChangeQuery { filter: webhook.filter.clone(), with_before: needs_before(&webhook.form) };
    let mut told = Told { deliver, webhook, query, looked_at: from, gives_up: false };
    for _ in 0..MESSAGES {
        if !told.tell_next(&gate).await? || !told.is_as_it_was().await? {
            break;
        }
    }
    Ok(Turn { looked_at: Some(told.looked_at) })
}

struct Told<'a> {
    deliver: &'a Deliver,
    webhook: Webhook,
    query: ChangeQuery,
    looked_at: Seq,
    /// A message has just been given up: those that are as old go with it, without another attempt.
    gives_up: bool,
}

impl Told<'_> {
    /// Whether nobody has paused, changed or removed the webhook meanwhile; then the turn ends, and the next one sees it anew.
    async fn is_as_it_was(&self) -> Result<bool, StoreError> {
        let Some(now) = self.deliver.store.find_webhook(self.webhook.id).await? else { return Ok(false) };
        let settings = |webhook: &Webhook| {
            let Webhook { url, filter, form, secret, old_secret, state, .. } = webhook.clone();
            (url, filter, form, secret, old_secret, state)
        };
        Ok(settings(&now) == settings(&self.webhook))
    }

    /// Sends the next message. `false` when there is none, or it failed.
    async fn tell_next(&mut self, gate: &Gate) -> Result<bool, StoreError> {
        let page = match gate.changes_after(self.looked_at, most_changes(&self.webhook.form), &self.query).await {
            Ok(page) => page,
            Err(GateError::Gone(why)) => return self.skip_forgotten(&why).await,
            Err(GateError::Unavailable(error) | GateError::Store(error)) => return Err(error),
            // Nothing else can come of reading.
            Err(error) => return Err(StoreError::Garbled { what: error.to_string() }),
        };
        let (changes, end) = cut(page, self.webhook.progress.message_end);
        let (Some(first), Some(last)) = (changes.first(), changes.last()) else {
            self.looked_at = end;
            return self.move_on().await;
        };
        let (first, last, newest_at) = (first.change.seq, last.change.seq, last.change.at);
        let message = identity(&self.webhook, first, last);
        let rendered =
            render(&Message { id: &message, webhook: &self.webhook, portal: &self.deliver.portal, changes: &changes });
        let parcel = Parcel {
            message: &message,
            kind: LetterKind::Changes,
            first,
            last,
            changes: u32::try_from(changes.len()).unwrap_or(u32::MAX),
        };
        if self.gives_up {
            return self.put_aside(&parcel, end, newest_at, rendered).await;
        }
        let sent = send(self.deliver, &self.webhook, &parcel, &rendered).await;
        match sent.attempt.error {
            None => self.delivered(&sent, end).await,
            Some(_) => self.failed(&sent, end, newest_at, rendered).await,
        }
    }

    async fn delivered(&mut self, sent: &Sent, end: Seq) -> Result<bool, StoreError> {
        let done = Progress { position: end, last_ok_at: Some(sent.attempt.at), ..Progress::default() };
        self.deliver.store.note_attempt(self.webhook.id, &done, Some(&sent.attempt), None, None).await?;
        count("delivered");
        (self.webhook.progress, self.looked_at) = (done, end);
        Ok(true)
    }

    /// Writes down a failure: the message is tried again later, or is a dead letter now.
    async fn failed(
        &mut self,
        sent: &Sent,
        end: Seq,
        newest_at: Timestamp,
        rendered: Rendered,
    ) -> Result<bool, StoreError> {
        let Self { deliver, webhook, .. } = self;
        let error = sent.attempt.error.clone();
        let before = &webhook.progress;
        let attempts = before.attempts.saturating_add(1);
        let pause = deliver.schedule.pause(attempts, sent.retry_after, rand::random());
        let mut now = Progress {
            position: before.position.max(self.looked_at),
            message_end: Some(end),
            attempts,
            failing_since: before.failing_since.or(Some(sent.attempt.at)),
            next_try_at: Timestamp(
                sent.attempt.at.0.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)),
            ),
            last_error: error.clone(),
            last_ok_at: before.last_ok_at,
        };
        let mut dead = None;
        if deliver.schedule.is_over(&now, newest_at, sent.attempt.at) {
            dead = Some(dead_letter(&sent.attempt, attempts, Some(rendered.body)));
            // The receiver still fails, so the next message has to wait like this one; but it has attempts of its own.
            now = Progress { position: end, message_end: None, attempts: 0, ..now };
        }
        let gone = (sent.attempt.status == Some(410))
            .then(|| "the receiver answered 410 Gone: it wants no more messages".to_owned());
        let pause = match (gone, &dead) {
            (None, Some(_)) => self.reason_to_pause().await?,
            (gone, _) => gone,
        };
        let Self { deliver, webhook, .. } = self;
        deliver.store.note_attempt(webhook.id, &now, Some(&sent.attempt), dead.as_ref(), pause.as_deref()).await?;
        count(if dead.is_some() { "dead" } else { "failed" });
        if dead.is_some() {
            tracing::warn!(webhook = webhook.name, error, "a message could not be delivered and is a dead letter now");
        }
        self.gives_up = dead.is_some();
        self.looked_at = now.position;
        self.webhook.progress = now;
        Ok(self.gives_up && pause.is_none())
    }

    /// Gives a message up that nobody would take now, if it is old enough.
    async fn put_aside(
        &mut self,
        parcel: &Parcel<'_>,
        end: Seq,
        newest_at: Timestamp,
        rendered: Rendered,
    ) -> Result<bool, StoreError> {
        let now = (self.deliver.door.clock)();
        if !self.deliver.schedule.is_over(&self.webhook.progress, newest_at, now) {
            return Ok(false);
        }
        let attempt = Attempt {
            message: parcel.message.to_owned(),
            kind: parcel.kind,
            first: parcel.first,
            last: parcel.last,
            changes: parcel.changes,
            at: now,
            took_ms: 0,
            status: None,
            error: Some("not tried: nothing could be delivered for longer than a message is tried".to_owned()),
        };
        let letter = dead_letter(&attempt, 0, Some(rendered.body));
        let progress = Progress { position: end, ..self.webhook.progress.clone() };
        let pause = self.reason_to_pause().await?;
        let store = &self.deliver.store;
        store.note_attempt(self.webhook.id, &progress, None, Some(&letter), pause.as_deref()).await?;
        count("dead");
        (self.webhook.progress, self.looked_at) = (progress, end);
        Ok(pause.is_none())
    }

    async fn reason_to_pause(&self) -> Result<Option<String>, StoreError> {
        let counts = self.deliver.store.count_letters().await?;
        let letters = counts.iter().find(|(id, ..)| *id == self.webhook.id).map_or(0, |(_, all, _)| *all);
        Ok((letters + 1 >= MOST_LETTERS).then(|| format!("it has {MOST_LETTERS} dead letters, and nobody has looked")))
    }

    /// The filter has left out everything up to here.
    async fn move_on(&mut self) -> Result<bool, StoreError> {
        let behind = self.looked_at.0.saturating_sub(self.webhook.progress.position.0);
        if behind >= WRITTEN_AFTER {
            self.webhook.progress.position = self.looked_at;
            let Self { deliver, webhook, .. } = self;
            deliver.store.note_attempt(webhook.id, &webhook.progress, None, None, None).await?;
        }
        Ok(self.looked_at < self.deliver.door.live.snapshot().seq())
    }

    /// Changes that were never delivered are no longer on record: that is told as a dead letter without a body.
    async fn skip_forgotten(&mut self, why: &str) -> Result<bool, StoreError> {
        let oldest = self.deliver.store.oldest_seq().await?;
        let attempt = Attempt {
            message: identity(&self.webhook, Seq(self.looked_at.0 + 1), oldest),
            kind: LetterKind::Changes,
            first: Seq(self.looked_at.0 + 1),
            last: oldest,
            changes: 0,
            at: (self.deliver.door.clock)(),
            took_ms: 0,
            status: None,
            error: Some(why.to_owned()),
        };
        let letter = dead_letter(&attempt, self.webhook.progress.attempts, None);
        let progress = Progress { position: oldest, message_end: None, attempts: 0, ..self.webhook.progress.clone() };
        self.deliver.store.note_attempt(self.webhook.id, &progress, Some(&attempt), Some(&letter), None).await?;
        (self.webhook.progress, self.looked_at) = (progress, oldest);
        Ok(true)
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("callboard_webhook_messages_total", "outcome" => outcome).increment(1);
}

/// Cuts a page off where the message ends that is being tried.
fn cut(page: ChangePage, end: Option<Seq>) -> (Vec<SeenChange>, Seq) {
    let mut changes = page.changes;
    match end.filter(|end| *end < page.next) {
        Some(end) => {
            changes.retain(|seen| seen.change.seq <= end);
            (changes, end)
        }
        None => (changes, page.next),
    }
}

fn dead_letter(attempt: &Attempt, attempts: u32, body: Option<String>) -> Letter {
    Letter {
        id: 0,
        message: attempt.message.clone(),
        kind: LetterKind::Changes,
        first: attempt.first,
        last: attempt.last,
        changes: attempt.changes,
        at: attempt.at,
        attempts,
        last_error: attempt.error.clone(),
        body,
        is_wanted: false,
    }
}

/// Sends the letters that somebody wants sent: tests, and dead letters again.
async fn send_letters(deliver: &Deliver, webhook: &Webhook) -> Result<(), StoreError> {
    for letter in deliver.store.list_wanted_letters(webhook.id, LETTERS).await? {
        let body = match (&letter.kind, &letter.body) {
            (LetterKind::Test, _) | (_, None) => {
                render(&Message { id: &letter.message, webhook, portal: &deliver.portal, changes: &[] }).body
            }
            (_, Some(body)) => body.clone(),
        };
        let rendered = Rendered { content_type: content_type(&webhook.form), body };
        let kind = if letter.kind == LetterKind::Test { LetterKind::Test } else { LetterKind::Again };
        let parcel =
            Parcel { message: &letter.message, kind, first: letter.first, last: letter.last, changes: letter.changes };
        let sent = send(deliver, webhook, &parcel, &rendered).await;
        let resent = match &sent.attempt.error {
            Some(error) if kind != LetterKind::Test => Resent::Failed(error.clone()),
            _ => Resent::Done,
        };
        deliver.store.settle_letter(webhook.id, letter.id, &resent, &sent.attempt).await?;
    }
    Ok(())
}

async fn send(deliver: &Deliver, webhook: &Webhook, parcel: &Parcel<'_>, rendered: &Rendered) -> Sent {
    let at = (deliver.door.clock)();
    let started = Instant::now();
    let headers = sign::headers(webhook, parcel.message, &rendered.body, at);
    let posted = deliver.sender.post(&webhook.url, &rendered.content_type, &headers, rendered.body.clone()).await;
    let (status, retry_after, error) = match posted {
        Ok(posted) if (200..300).contains(&posted.status) => (Some(posted.status), None, None),
        Ok(posted) => {
            let said: String = posted.said.trim().chars().take(200).collect();
            let colon = if said.is_empty() { "" } else { ": " };
            let error = format!("it answered {}{colon}{said}", posted.status);
            (Some(posted.status), posted.retry_after, Some(error))
        }
        Err(error) => (None, None, Some(error)),
    };
    let attempt = Attempt {
        message: parcel.message.to_owned(),
        kind: parcel.kind,
        first: parcel.first,
        last: parcel.last,
        changes: parcel.changes,
        at,
        took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        status,
        error,
    };
    Sent { attempt, retry_after }
}
