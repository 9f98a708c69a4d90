//! How deliveries go: what the loop writes after each attempt, and what people read of it.

use model::{Seq, Timestamp, Uid};

use super::{
    Letter, from_seq,
    letters::{LetterKind, insert_letter, kind_number, parse_kind},
    new_id,
};
use crate::{
    Store, StoreError,
    db::{Tx, on, tried},
    writing::{to_seq, uid_bytes},
};

/// How many attempts are kept for each webhook.
pub const DELIVERIES_KEPT: i64 = 50;

/// How far a webhook has been told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Every change up to here was delivered, put aside, or left out by the filter.
    pub position: Seq,
    /// Where the message ends that is being tried, so that it is the same message each time.
    pub message_end: Option<Seq>,
    /// How often it has been tried.
    pub attempts: u32,
    /// Since when nothing could be delivered.
    pub failing_since: Option<Timestamp>,
    /// Not before this moment is it tried again.
    pub next_try_at: Timestamp,
    /// What went wrong the last time; `None` when it went well.
    pub last_error: Option<String>,
    /// When a message was last delivered.
    pub last_ok_at: Option<Timestamp>,
}

/// One attempt, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The message's identity, which stays the same through all attempts.
    pub message: String,
    /// Why it was sent.
    pub kind: LetterKind,
    /// The first change in it.
    pub first: Seq,
    /// The last change in it.
    pub last: Seq,
    /// How many changes.
    pub changes: u32,
    /// When it was tried.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What the receiver answered.
    pub status: Option<u16>,
    /// What went wrong; `None` when it was delivered.
    pub error: Option<String>,
}

/// An attempt on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub id: i64,
    /// What happened.
    pub attempt: Attempt,
}

type DeliveryTuple = (i64, String, i16, i64, i64, i64, i64, i64, Option<i64>, Option<String>);

impl Store {
    /// Writes down how an attempt went, how far the webhook has come by it, and the dead letter if it was the last one. With
    /// `pause`, a reason, nothing more is delivered until somebody says so.
    ///
    /// # Errors
    /// `WebhookMissing` when it was removed meanwhile; else on database failure.
    pub async fn note_attempt(
        &self,
        webhook: Uid,
        progress: &Progress,
        attempt: Option<&Attempt>,
        dead: Option<&Letter>,
        pause: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        let is_delivered = attempt.is_some_and(|attempt| attempt.error.is_none());
        update_progress(&mut tx, webhook, progress, is_delivered).await?;
        if let Some(attempt) = attempt {
            insert_delivery(&mut tx, webhook, attempt).await?;
        }
        if let Some(letter) = dead {
            insert_letter(&mut tx, webhook, letter).await?;
        }
        if let Some(reason) = pause {
            let text = "UPDATE webhook SET state = 2, reason = $1 WHERE id = $2 AND state = 1";
            on!(&mut tx, c => sqlx::query(text).bind(reason).bind(uid_bytes(webhook)).execute(c).await.map(drop))
                .map_err(tried("pause a webhook"))?;
        }
        tx.commit().await
    }

    /// Lists the newest attempts of a webhook, newest first.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_deliveries(&self, webhook: Uid, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT id, message, kind, first_seq, last_seq, changes, at, took_ms, status, error
            FROM delivery
            WHERE webhook_id = $1
            ORDER BY id DESC
            LIMIT $2";
        let rows: Vec<DeliveryTuple> = on!(&mut tx, c => {
            sqlx::query_as(text).bind(uid_bytes(webhook)).bind(i64::from(limit)).fetch_all(c).await
        })
        .map_err(tried("list deliveries"))?;
        rows.into_iter().map(to_delivery).collect()
    }
}

async fn update_progress(tx: &mut Tx, webhook: Uid, progress: &Progress, is_delivered: bool) -> Result<(), StoreError> {
    let text = "
        UPDATE webhook
        SET position = $1, message_end = $2, attempts = $3, failing_since = $4, next_try_at = $5, last_error = $6,
            last_ok_at = $7, delivered = delivered + $8
        WHERE id = $9";
    let changed = on!(tx, c => {
        sqlx::query(text)
            .bind(from_seq(progress.position))
            .bind(progress.message_end.map(from_seq))
            .bind(i64::from(progress.attempts))
            .bind(progress.failing_since.map(|at| at.0))
            .bind(progress.next_try_at.0)
            .bind(progress.last_error.as_deref())
            .bind(progress.last_ok_at.map(|at| at.0))
            .bind(i64::from(is_delivered))
            .bind(uid_bytes(webhook))
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })
    .map_err(tried("write down a delivery"))?;
    super::require(changed, webhook)
}

/// Writes down an attempt, and forgets the oldest.
pub(super) async fn insert_delivery(tx: &mut Tx, webhook: Uid, attempt: &Attempt) -> Result<(), StoreError> {
    let id = new_id(tx).await?;
    let text = "
        INSERT INTO delivery (id, webhook_id, message, kind, first_seq, last_seq, changes, at, took_ms, status, error)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    on!(tx, c => {
        sqlx::query(text)
            .bind(id)
            .bind(uid_bytes(webhook))
            .bind(&*attempt.message)
            .bind(kind_number(attempt.kind))
            .bind(from_seq(attempt.first))
            .bind(from_seq(attempt.last))
            .bind(i64::from(attempt.changes))
            .bind(attempt.at.0)
            .bind(i64::try_from(attempt.took_ms).unwrap_or(i64::MAX))
            .bind(attempt.status.map(i64::from))
            .bind(attempt.error.as_deref())
            .execute(c)
            .await
            .map(drop)
    })
    .map_err(tried("write down a delivery"))?;
    let text = "
        DELETE FROM delivery
        WHERE webhook_id = $1
          AND id <= (SELECT id FROM delivery WHERE webhook_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";
    on!(tx, c => sqlx::query(text).bind(uid_bytes(webhook)).bind(DELIVERIES_KEPT).execute(c).await.map(drop))
        .map_err(tried("forget old deliveries"))
}

fn to_delivery(row: DeliveryTuple) -> Result<Delivery, StoreError> {
    let (id, message, kind, first, last, changes, at, took_ms, status, error) = row;
    let attempt = Attempt {
        message,
        kind: parse_kind(kind)?,
        first: to_seq(first),
        last: to_seq(last),
        changes: u32::try_from(changes).unwrap_or_default(),
        at: Timestamp(at),
        took_ms: u64::try_from(took_ms).unwrap_or_default(),
        status: status.and_then(|status| u16::try_from(status).ok()),
        error,
    };
    Ok(Delivery { id, attempt })
}
