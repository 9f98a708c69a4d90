//! Whole messages that wait: dead letters for somebody who has them sent again, tests for the loop.

use model::{Seq, Timestamp, Uid};
use sqlx::FromRow;

use super::{Attempt, DELIVER, from_seq, new_id, progress::insert_delivery};
use crate::{
    Store, StoreError,
    db::{Tx, on, tried},
    writing::{parse_uid, to_seq, uid_bytes},
};

/// How many dead letters a webhook may have. Then it is paused, because nobody seems to look.
pub const MOST_LETTERS: u64 = 1_000;

/// Why a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// Something changed. A letter of this kind is dead.
    Changes,
    /// Somebody wants to see whether it arrives.
    Test,
    /// A dead letter is sent again. Only attempts are of this kind.
    Again,
}

/// A message that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its number; 0 before it is written.
    pub id: i64,
    /// The message's identity.
    pub message: String,
    /// Why it was to be sent.
    pub kind: LetterKind,
    /// The first change in it.
    pub first: Seq,
    /// The last change in it.
    pub last: Seq,
    /// How many changes.
    pub changes: u32,
    /// Since when it waits.
    pub at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong the last time.
    pub last_error: Option<String>,
    /// The message, as it was rendered; `None` when its changes were forgotten before it could be.
    pub body: Option<String>,
    /// Whether it is to be sent now.
    pub is_wanted: bool,
}

/// What became of a letter that was sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resent {
    /// It arrived, or was a test: it goes.
    Done,
    /// It waits on.
    Failed(String),
}

#[derive(FromRow)]
struct LetterRow {
    id: i64,
    message: String,
    kind: i16,
    first_seq: i64,
    last_seq: i64,
    changes: i64,
    at: i64,
    attempts: i64,
    last_error: Option<String>,
    body: Option<String>,
    wanted: i16,
}

impl Store {
    /// Lists the letters of a webhook, oldest first, at most `limit` of those after a number.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_letters(&self, webhook: Uid, after: i64, limit: u32) -> Result<Vec<Letter>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT id, message, kind, first_seq, last_seq, changes, at, attempts, last_error, body, wanted
            FROM letter
            WHERE webhook_id = $1
              AND id > $2
            ORDER BY id
            LIMIT $3";
        let rows: Vec<LetterRow> = on!(&mut tx, c => {
            sqlx::query_as(text).bind(uid_bytes(webhook)).bind(after).bind(i64::from(limit)).fetch_all(c).await
        })
        .map_err(tried("list letters"))?;
        rows.into_iter().map(to_letter).collect()
    }

    /// Lists the letters of a webhook that are to be sent now, oldest first.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_wanted_letters(&self, webhook: Uid, limit: u32) -> Result<Vec<Letter>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT id, message, kind, first_seq, last_seq, changes, at, attempts, last_error, body, wanted
            FROM letter
            WHERE webhook_id = $1
              AND wanted = 1
            ORDER BY id
            LIMIT $2";
        let rows: Vec<LetterRow> = on!(&mut tx, c => {
            sqlx::query_as(text).bind(uid_bytes(webhook)).bind(i64::from(limit)).fetch_all(c).await
        })
        .map_err(tried("list letters"))?;
        rows.into_iter().map(to_letter).collect()
    }

    /// Counts the letters of each webhook that has some: all, and those that are to be sent now.
    ///
    /// # Errors
    /// On database failure.
    pub async fn count_letters(&self) -> Result<Vec<(Uid, u64, u64)>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT webhook_id, SUM(CASE WHEN kind = 1 THEN 1 ELSE 0 END), CAST(SUM(wanted) AS BIGINT)
            FROM letter
            GROUP BY webhook_id";
        let rows: Vec<(Vec<u8>, i64, i64)> =
            on!(&mut tx, c => sqlx::query_as(text).fetch_all(c).await).map_err(tried("count letters"))?;
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        rows.into_iter().map(|(id, all, wanted)| Ok((parse_uid(&id)?, count(all), count(wanted)))).collect()
    }

    /// Adds a letter that is to be sent at once.
    ///
    /// # Errors
    /// On database failure.
    pub async fn add_letter(&self, webhook: Uid, letter: &Letter) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        insert_letter(&mut tx, webhook, letter).await?;
        tx.notify(DELIVER).await?;
        tx.commit().await
    }

    /// Has one dead letter of a webhook sent again, or all of them. Returns how many.
    ///
    /// # Errors
    /// On database failure.
    pub async fn want_letters(&self, webhook: Uid, letter: Option<i64>) -> Result<u64, StoreError> {
        let mut tx = self.begin_write().await?;
        let text = "
            UPDATE letter
            SET wanted = 1
            WHERE webhook_id = $1
              AND (CAST($2 AS BIGINT) = 0 OR id = $2)
              AND body IS NOT NULL";
        let wanted = on!(&mut tx, c => {
            sqlx::query(text)
                .bind(uid_bytes(webhook))
                .bind(letter.unwrap_or(0))
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })
        .map_err(tried("send letters again"))?;
        tx.notify(DELIVER).await?;
        tx.commit().await?;
        Ok(wanted)
    }

    /// Throws one dead letter of a webhook away, or all of them. Returns how many.
    ///
    /// # Errors
    /// On database failure.
    pub async fn drop_letters(&self, webhook: Uid, letter: Option<i64>) -> Result<u64, StoreError> {
        let mut tx = self.begin_write().await?;
        let text = "DELETE FROM letter WHERE webhook_id = $1 AND (CAST($2 AS BIGINT) = 0 OR id = $2)";
        let gone = on!(&mut tx, c => {
            sqlx::query(text)
                .bind(uid_bytes(webhook))
                .bind(letter.unwrap_or(0))
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })
        .map_err(tried("throw letters away"))?;
        tx.commit().await?;
        Ok(gone)
    }

    /// Writes down what became of a letter that was sent again.
    ///
    /// # Errors
    /// On database failure.
    pub async fn settle_letter(
        &self,
        webhook: Uid,
        letter: i64,
        resent: &Resent,
        attempt: &Attempt,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        match resent {
            Resent::Done => {
                let text = "DELETE FROM letter WHERE id = $1";
                on!(&mut tx, c => sqlx::query(text).bind(letter).execute(c).await.map(drop))
            }
            Resent::Failed(error) => {
                let text = "UPDATE letter SET wanted = 0, attempts = attempts + 1, last_error = $1 WHERE id = $2";
                on!(&mut tx, c => sqlx::query(text).bind(&**error).bind(letter).execute(c).await.map(drop))
            }
        }
        .map_err(tried("settle a letter"))?;
        insert_delivery(&mut tx, webhook, attempt).await?;
        tx.commit().await
    }
}

/// Writes a letter.
pub(super) async fn insert_letter(tx: &mut Tx, webhook: Uid, letter: &Letter) -> Result<(), StoreError> {
    let id = new_id(tx).await?;
    let text = "
        INSERT INTO letter (id, webhook_id, message, kind, first_seq, last_seq, changes, at, attempts, last_error, body,
            wanted)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    on!(tx, c => {
        sqlx::query(text)
            .bind(id)
            .bind(uid_bytes(webhook))
            .bind(&*letter.message)
            .bind(kind_number(letter.kind))
            .bind(from_seq(letter.first))
            .bind(from_seq(letter.last))
            .bind(i64::from(letter.changes))
            .bind(letter.at.0)
            .bind(i64::from(letter.attempts))
            .bind(letter.last_error.as_deref())
            .bind(letter.body.as_deref())
            .bind(i16::from(letter.is_wanted))
            .execute(c)
            .await
            .map(drop)
    })
    .map_err(tried("put a letter aside"))
}

fn to_letter(row: LetterRow) -> Result<Letter, StoreError> {
    Ok(Letter {
        id: row.id,
        message: row.message,
        kind: parse_kind(row.kind)?,
        first: to_seq(row.first_seq),
        last: to_seq(row.last_seq),
        changes: u32::try_from(row.changes).unwrap_or_default(),
        at: Timestamp(row.at),
        attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        last_error: row.last_error,
        body: row.body,
        is_wanted: row.wanted != 0,
    })
}

/// The number of a kind in the database; never given another meaning.
pub(super) fn kind_number(kind: LetterKind) -> i16 {
    match kind {
        LetterKind::Changes => 1,
        LetterKind::Test => 2,
        LetterKind::Again => 3,
    }
}

pub(super) fn parse_kind(number: i16) -> Result<LetterKind, StoreError> {
    match number {
        1 => Ok(LetterKind::Changes),
        2 => Ok(LetterKind::Test),
        3 => Ok(LetterKind::Again),
        _ => Err(StoreError::Garbled { what: format!("a letter of kind {number}") }),
    }
}
