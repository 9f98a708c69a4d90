//! Webhooks: who is told of changes over HTTP, and how far each has been told.
//!
//! People write what a webhook is; the loop that delivers writes how it goes. Neither touches the columns of the other, but
//! for the state, which the loop may only turn from active to paused.

mod letters;
mod progress;

use std::fmt;

use model::{ChangeFilter, MessageForm, Seq, Timestamp, Uid};
use sqlx::FromRow;

pub use self::{
    letters::{Letter, LetterKind, MOST_LETTERS, Resent},
    progress::{Attempt, DELIVERIES_KEPT, Delivery, Progress},
};
use crate::{
    Store, StoreError,
    db::{Tx, on, tried},
    writing::{parse_uid, to_seq, uid_bytes},
};

/// What the deliver loop hears when something is to be sent.
pub(crate) const DELIVER: &str = "deliver";

/// How many webhooks there may be.
pub const MOST_WEBHOOKS: i64 = 500;

/// What messages are signed with. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(String);

impl SigningSecret {
    /// Wraps a secret, `whsec_` and base64.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Gives the text, for the one place that signs with it and the one answer that shows it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Whether a webhook is delivered to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookState {
    /// It is.
    Active,
    /// Not until somebody says so. What happens meanwhile is delivered then.
    Paused,
}

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its identity.
    pub id: Uid,
    /// What people call it.
    pub name: String,
    /// Where messages go.
    pub url: String,
    /// Which changes.
    pub filter: ChangeFilter,
    /// What messages look like.
    pub form: MessageForm,
    /// What they are signed with.
    pub secret: SigningSecret,
    /// The secret before, and until when it is signed with too.
    pub old_secret: Option<(SigningSecret, Timestamp)>,
    /// Whether it is delivered to.
    pub state: WebhookState,
    /// Why it is paused, when it was not a person who paused it.
    pub reason: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// How it goes.
    pub progress: Progress,
    /// How many messages have been delivered.
    pub delivered: u64,
}

/// What a person can change of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookChange {
    /// What people call it.
    pub name: String,
    /// Where messages go.
    pub url: String,
    /// Which changes.
    pub filter: ChangeFilter,
    /// What messages look like.
    pub form: MessageForm,
    /// Whether it is delivered to.
    pub state: WebhookState,
}

#[derive(FromRow)]
struct WebhookRow {
    id: Vec<u8>,
    name: String,
    url: String,
    filter: String,
    form: String,
    secret: String,
    old_secret: Option<String>,
    old_secret_until: Option<i64>,
    state: i16,
    reason: Option<String>,
    created_by: String,
    created_at: i64,
    position: i64,
    message_end: Option<i64>,
    attempts: i64,
    failing_since: Option<i64>,
    next_try_at: i64,
    last_error: Option<String>,
    last_ok_at: Option<i64>,
    delivered: i64,
}

impl Store {
    /// Lists all webhooks, by name.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_webhooks(&self) -> Result<Vec<Webhook>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT id, name, url, filter, form, secret, old_secret, old_secret_until, state, reason, created_by, created_at,
                position, message_end, attempts, failing_since, next_try_at, last_error, last_ok_at, delivered
            FROM webhook
            ORDER BY name, id";
        let rows: Vec<WebhookRow> =
            on!(&mut tx, c => sqlx::query_as(text).fetch_all(c).await).map_err(tried("list webhooks"))?;
        rows.into_iter().map(to_webhook).collect()
    }

    /// Finds a webhook.
    ///
    /// # Errors
    /// On database failure.
    pub async fn find_webhook(&self, id: Uid) -> Result<Option<Webhook>, StoreError> {
        // There are few, and one question is easier to keep right than two.
        Ok(self.list_webhooks().await?.into_iter().find(|webhook| webhook.id == id))
    }

    /// Adds a webhook.
    ///
    /// # Errors
    /// `TooManyWebhooks`; else on database failure.
    pub async fn add_webhook(&self, webhook: &Webhook) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        let text = "SELECT COUNT(*) FROM webhook";
        let there: i64 =
            on!(&mut tx, c => sqlx::query_scalar(text).fetch_one(c).await).map_err(tried("count webhooks"))?;
        if there >= MOST_WEBHOOKS {
            return Err(StoreError::TooManyWebhooks { most: MOST_WEBHOOKS });
        }
        let text = "
            INSERT INTO webhook (id, name, url, filter, form, secret, state, created_by, created_at, position, attempts,
                next_try_at, delivered)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0)";
        on!(&mut tx, c => {
            sqlx::query(text)
                .bind(uid_bytes(webhook.id))
                .bind(&*webhook.name)
                .bind(&*webhook.url)
                .bind(json(&webhook.filter))
                .bind(json(&webhook.form))
                .bind(webhook.secret.reveal())
                .bind(state_number(webhook.state))
                .bind(&*webhook.created_by)
                .bind(webhook.created_at.0)
                .bind(from_seq(webhook.progress.position))
                .execute(c)
                .await
                .map(drop)
        })
        .map_err(tried("add a webhook"))?;
        tx.notify(DELIVER).await?;
        tx.commit().await
    }

    /// Changes a webhook. What is under way is tried again at once.
    ///
    /// # Errors
    /// `WebhookMissing`; else on database failure.
    pub async fn change_webhook(&self, id: Uid, change: &WebhookChange) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        let text = "
            UPDATE webhook
            SET name = $1, url = $2, filter = $3, form = $4, state = $5, reason = NULL, next_try_at = 0,
                message_end = NULL, failing_since = NULL, attempts = 0
            WHERE id = $6";
        let changed = on!(&mut tx, c => {
            sqlx::query(text)
                .bind(&*change.name)
                .bind(&*change.url)
                .bind(json(&change.filter))
                .bind(json(&change.form))
                .bind(state_number(change.state))
                .bind(uid_bytes(id))
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })
        .map_err(tried("change a webhook"))?;
        require(changed, id)?;
        tx.notify(DELIVER).await?;
        tx.commit().await
    }

    /// Gives a webhook another secret. Messages are signed with the one before, too, until a moment.
    ///
    /// # Errors
    /// `WebhookMissing`; else on database failure.
    pub async fn rotate_webhook(
        &self,
        id: Uid,
        secret: &SigningSecret,
        old_until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        let text = "
            UPDATE webhook
            SET old_secret = secret, old_secret_until = $1, secret = $2
            WHERE id = $3";
        let changed = on!(&mut tx, c => {
            sqlx::query(text)
                .bind(old_until.0)
                .bind(secret.reveal())
                .bind(uid_bytes(id))
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })
        .map_err(tried("rotate a secret"))?;
        require(changed, id)?;
        tx.commit().await
    }

    /// Removes a webhook with everything that belongs to it.
    ///
    /// # Errors
    /// `WebhookMissing`; else on database failure.
    pub async fn remove_webhook(&self, id: Uid) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        let mut changed = 0;
        for text in [
            "DELETE FROM delivery WHERE webhook_id = $1",
            "DELETE FROM letter WHERE webhook_id = $1",
            "DELETE FROM webhook WHERE id = $1",
        ] {
            changed = on!(&mut tx, c => {
                sqlx::query(text).bind(uid_bytes(id)).execute(c).await.map(|done| done.rows_affected())
            })
            .map_err(tried("remove a webhook"))?;
        }
        require(changed, id)?;
        tx.commit().await
    }
}

fn require(changed: u64, id: Uid) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::WebhookMissing(id.to_string())) } else { Ok(()) }
}

fn to_webhook(row: WebhookRow) -> Result<Webhook, StoreError> {
    let garbled = |what: &str| StoreError::Garbled { what: format!("{what} of a webhook") };
    let old = row.old_secret.map(SigningSecret).zip(row.old_secret_until.map(Timestamp));
    Ok(Webhook {
        id: parse_uid(&row.id)?,
        filter: serde_json::from_str(&row.filter).map_err(|_| garbled("the filter"))?,
        form: serde_json::from_str(&row.form).map_err(|_| garbled("the form"))?,
        name: row.name,
        url: row.url,
        secret: SigningSecret(row.secret),
        old_secret: old,
        state: match row.state {
            1 => WebhookState::Active,
            2 => WebhookState::Paused,
            _ => return Err(garbled("the state")),
        },
        reason: row.reason,
        created_by: row.created_by,
        created_at: Timestamp(row.created_at),
        progress: Progress {
            position: to_seq(row.position),
            message_end: row.message_end.map(to_seq),
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            failing_since: row.failing_since.map(Timestamp),
            next_try_at: Timestamp(row.next_try_at),
            last_error: row.last_error,
            last_ok_at: row.last_ok_at.map(Timestamp),
        },
        delivered: u64::try_from(row.delivered).unwrap_or_default(),
    })
}

/// The number of a state in the database; never given another meaning.
fn state_number(state: WebhookState) -> i16 {
    match state {
        WebhookState::Active => 1,
        WebhookState::Paused => 2,
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("lists of words have a JSON form")
}

fn from_seq(seq: Seq) -> i64 {
    i64::try_from(seq.0).unwrap_or(i64::MAX)
}

/// Gives the next number of a row.
async fn new_id(tx: &mut Tx) -> Result<i64, StoreError> {
    let text = "UPDATE counter SET value = value + 1 WHERE name = 'newest_id' RETURNING value";
    on!(tx, c => sqlx::query_scalar(text).fetch_one(c).await).map_err(tried("number rows"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_a_secret() {
        assert_eq!(format!("{:?}", SigningSecret::new("whsec_visible")), "***");
    }
}
