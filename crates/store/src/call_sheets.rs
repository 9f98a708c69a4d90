//! Call sheets: entries that are appended and never changed, and what is asked of them often. What an entry means the store
//! does not know; it keeps a word for its kind and a text.

use model::{EntityRef, Timestamp};

use crate::{
    Store, StoreError,
    db::{Tx, on, tried},
    encode::Decoder,
    writing::to_ref,
};

/// An entry that is to be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSheetEntry {
    /// What sort of entry it is.
    pub kind: String,
    /// The entry.
    pub body: String,
    /// What becomes of the sheet with it.
    pub effect: SheetEffect,
}

/// What an entry does to what lists and the board ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SheetEffect {
    /// Nothing.
    #[default]
    None,
    /// The sheet has another title.
    Titled(String),
    /// The sheet is closed.
    Closed,
    /// The sheet is open again.
    Reopened,
    /// Somebody said whether the catalog was right.
    Answered(SheetVerdict),
    /// A wrong answer is settled.
    Settled {
        /// About what.
        question: String,
        /// The entity.
        entity_ref: EntityRef,
        /// The owner or dependency.
        other: Option<EntityRef>,
    },
}

/// Whether the catalog was right about something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetVerdict {
    /// About what: the word of a question.
    pub question: String,
    /// The entity.
    pub entity_ref: EntityRef,
    /// The owner or dependency.
    pub other: Option<EntityRef>,
    /// Whether it was.
    pub is_right: bool,
    /// How it is instead.
    pub note: Option<String>,
}

/// An entry on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetEntry {
    /// Its place in the sheet, counting from 1.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// The entry.
    pub body: String,
}

/// A sheet in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetHead {
    /// Its id.
    pub id: String,
    /// What the event is called.
    pub title: String,
    /// Whether it is open.
    pub is_open: bool,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// By whom.
    pub opened_by: String,
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// Number of the newest entry.
    pub revision: u32,
}

/// A wrong answer of the catalog that nobody has settled, while the entity is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenVerdict {
    /// The sheet in which it was given.
    pub sheet_id: String,
    /// What the sheet is called.
    pub sheet_title: String,
    /// The verdict.
    pub verdict: SheetVerdict,
    /// When it was given.
    pub answered_at: Timestamp,
}

/// How many answers there are of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerdictDay {
    /// The start of the day.
    pub day: Timestamp,
    /// How many say that the catalog was right.
    pub right: u64,
    /// How many there are.
    pub all: u64,
}

/// A sheet that is to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSheet {
    /// Its id.
    pub id: String,
    /// What the event is called.
    pub title: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: String,
    /// What makes two messages of an alerting tool speak of the same event.
    pub alert_key: Option<String>,
    /// Its first entries.
    pub entries: Vec<NewSheetEntry>,
}

const DAY_MS: i64 = 24 * 3_600_000;

type HeadTuple = (String, String, i64, i64, String, i64, i64);
type VerdictTuple = (String, String, String, String, String, Option<String>, i64);

impl Store {
    /// Opens a sheet. When an open one has the same alert key, nothing is written and its id is returned as the error side.
    ///
    /// # Errors
    /// On database failure.
    pub async fn open_call_sheet(&self, sheet: &NewSheet) -> Result<Result<(), String>, StoreError> {
        let mut tx = self.begin_write().await?;
        if let Some(known) = find_by_key(&mut tx, sheet.alert_key.as_deref()).await? {
            return Ok(Err(known));
        }
        let text = "
            INSERT INTO call_sheet (id, title, is_open, opened_at, opened_by, changed_at, revision, alert_key)
            VALUES ($1, $2, 1, $3, $4, $3, 0, $5)";
        on!(&mut tx, c => {
            sqlx::query(text)
                .bind(&sheet.id)
                .bind(&sheet.title)
                .bind(sheet.at.0)
                .bind(&sheet.actor)
                .bind(sheet.alert_key.as_deref())
                .execute(c)
                .await
                .map(drop)
        })
        .map_err(tried("open a call sheet"))?;
        append(&mut tx, &sheet.id, 0, (sheet.at, &sheet.actor), &sheet.entries).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    /// Appends entries to a sheet. Returns its revision, or `None` when there is no such sheet.
    ///
    /// # Errors
    /// On database failure.
    pub async fn append_to_call_sheet(
        &self,
        id: &str,
        at: Timestamp,
        actor: &str,
        entries: &[NewSheetEntry],
    ) -> Result<Option<u32>, StoreError> {
        let mut tx = self.begin_write().await?;
        let Some(revision) = load_revision(&mut tx, id).await? else { return Ok(None) };
        let revision = append(&mut tx, id, revision, (at, actor), entries).await?;
        tx.commit().await?;
        Ok(Some(u32::try_from(revision).unwrap_or(u32::MAX)))
    }

    /// Finds the open sheet of an alert.
    ///
    /// # Errors
    /// On database failure.
    pub async fn find_call_sheet_of_alert(&self, alert_key: &str) -> Result<Option<String>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        find_by_key(&mut tx, Some(alert_key)).await
    }

    /// Returns the number of a sheet's newest entry.
    ///
    /// # Errors
    /// On database failure.
    pub async fn call_sheet_revision(&self, id: &str) -> Result<Option<u32>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let revision = load_revision(&mut tx, id).await?;
        Ok(revision.map(|revision| u32::try_from(revision).unwrap_or(u32::MAX)))
    }

    /// Loads the entries of a sheet, oldest first; none when there is no such sheet.
    ///
    /// # Errors
    /// On database failure.
    pub async fn load_call_sheet(&self, id: &str) -> Result<Vec<SheetEntry>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT number, at, actor, body
            FROM call_sheet_entry
            WHERE sheet_id = $1
            ORDER BY number";
        let rows: Vec<(i64, i64, String, String)> =
            on!(&mut tx, c => sqlx::query_as(text).bind(id).fetch_all(c).await).map_err(tried("load a call sheet"))?;
        let entry = |(number, at, actor, body): (i64, i64, String, String)| SheetEntry {
            number: u32::try_from(number).unwrap_or(u32::MAX),
            at: Timestamp(at),
            actor,
            body,
        };
        Ok(rows.into_iter().map(entry).collect())
    }

    /// Lists sheets, newest first; only open or only closed ones when `is_open` says so.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_call_sheets(
        &self,
        is_open: Option<bool>,
        limit: u32,
        offset: u32,
    ) -> Result<Vec<SheetHead>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT id, title, CAST(is_open AS BIGINT), opened_at, opened_by, changed_at, revision
            FROM call_sheet
            WHERE $1 = -1
               OR is_open = $1
            ORDER BY opened_at DESC, id
            LIMIT $2
            OFFSET $3";
        let wanted = is_open.map_or(-1_i64, i64::from);
        let rows: Vec<HeadTuple> = on!(&mut tx, c => {
            sqlx::query_as(text).bind(wanted).bind(i64::from(limit)).bind(i64::from(offset)).fetch_all(c).await
        })
        .map_err(tried("list call sheets"))?;
        Ok(rows.into_iter().map(to_head).collect())
    }

    /// Lists the wrong answers of the catalog that nobody has settled and whose entity has not changed since, newest first.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_open_verdicts(&self) -> Result<Vec<OpenVerdict>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT s.id, s.title, v.question, v.entity_ref, v.other, v.note, v.answered_at
            FROM call_sheet_verdict v
            JOIN call_sheet s ON s.id = v.sheet_id
            JOIN entity e ON e.entity_ref = v.entity_ref AND e.seq = v.entity_seq
            WHERE v.is_right = 0
              AND v.settled_at IS NULL
            ORDER BY v.answered_at DESC, v.entity_ref, v.other";
        let rows: Vec<VerdictTuple> =
            on!(&mut tx, c => sqlx::query_as(text).fetch_all(c).await).map_err(tried("list wrong answers"))?;
        let mut decoder = Decoder::default();
        rows.into_iter().map(|row| to_open_verdict(row, &mut decoder)).collect()
    }

    /// Counts answers by day, oldest first.
    ///
    /// # Errors
    /// On database failure.
    pub async fn count_verdicts(&self) -> Result<Vec<VerdictDay>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT answered_at / 86400000, CAST(SUM(is_right) AS BIGINT), COUNT(*)
            FROM call_sheet_verdict
            GROUP BY answered_at / 86400000
            ORDER BY 1";
        let rows: Vec<(i64, i64, i64)> =
            on!(&mut tx, c => sqlx::query_as(text).fetch_all(c).await).map_err(tried("count answers"))?;
        let day = |(day, right, all): (i64, i64, i64)| VerdictDay {
            day: Timestamp(day.saturating_mul(DAY_MS)),
            right: u64::try_from(right).unwrap_or_default(),
            all: u64::try_from(all).unwrap_or_default(),
        };
        Ok(rows.into_iter().map(day).collect())
    }
}

fn to_head((id, title, is_open, opened_at, opened_by, changed_at, revision): HeadTuple) -> SheetHead {
    SheetHead {
        id,
        title,
        is_open: is_open != 0,
        opened_at: Timestamp(opened_at),
        opened_by,
        changed_at: Timestamp(changed_at),
        revision: u32::try_from(revision).unwrap_or(u32::MAX),
    }
}

fn to_open_verdict(row: VerdictTuple, decoder: &mut Decoder) -> Result<OpenVerdict, StoreError> {
    let (sheet_id, sheet_title, question, entity_ref, other, note, answered_at) = row;
    let other = if other.is_empty() { None } else { Some(to_ref(&other, decoder)?) };
    let verdict = SheetVerdict { question, entity_ref: to_ref(&entity_ref, decoder)?, other, is_right: false, note };
    Ok(OpenVerdict { sheet_id, sheet_title, verdict, answered_at: Timestamp(answered_at) })
}

async fn find_by_key(tx: &mut Tx, alert_key: Option<&str>) -> Result<Option<String>, StoreError> {
    let Some(alert_key) = alert_key else { return Ok(None) };
    let text = "SELECT id FROM call_sheet WHERE alert_key = $1 AND is_open = 1";
    on!(tx, c => sqlx::query_scalar(text).bind(alert_key).fetch_optional(c).await)
        .map_err(tried("find the call sheet of an alert"))
}

async fn load_revision(tx: &mut Tx, id: &str) -> Result<Option<i64>, StoreError> {
    let text = "SELECT revision FROM call_sheet WHERE id = $1";
    on!(tx, c => sqlx::query_scalar(text).bind(id).fetch_optional(c).await).map_err(tried("look at a call sheet"))
}

/// Writes entries and their effects; gives the new revision.
async fn append(
    tx: &mut Tx,
    id: &str,
    mut revision: i64,
    (at, actor): (Timestamp, &str),
    entries: &[NewSheetEntry],
) -> Result<i64, StoreError> {
    let text = "
        INSERT INTO call_sheet_entry (sheet_id, number, at, actor, kind, body)
        VALUES ($1, $2, $3, $4, $5, $6)";
    for entry in entries {
        revision += 1;
        on!(&mut *tx, c => {
            sqlx::query(text)
                .bind(id)
                .bind(revision)
                .bind(at.0)
                .bind(actor)
                .bind(&entry.kind)
                .bind(&entry.body)
                .execute(c)
                .await
                .map(drop)
        })
        .map_err(tried("append to a call sheet"))?;
        take_effect(tx, id, at, &entry.effect).await?;
    }
    let text = "UPDATE call_sheet SET revision = $2, changed_at = $3 WHERE id = $1";
    on!(tx, c => sqlx::query(text).bind(id).bind(revision).bind(at.0).execute(c).await.map(drop))
        .map_err(tried("append to a call sheet"))?;
    Ok(revision)
}

async fn take_effect(tx: &mut Tx, id: &str, at: Timestamp, effect: &SheetEffect) -> Result<(), StoreError> {
    match effect {
        SheetEffect::None => Ok(()),
        SheetEffect::Titled(title) => {
            let text = "UPDATE call_sheet SET title = $2 WHERE id = $1";
            on!(tx, c => sqlx::query(text).bind(id).bind(title).execute(c).await.map(drop))
                .map_err(tried("name a call sheet"))
        }
        SheetEffect::Closed => {
            let text = "UPDATE call_sheet SET is_open = 0 WHERE id = $1";
            on!(tx, c => sqlx::query(text).bind(id).execute(c).await.map(drop)).map_err(tried("close a call sheet"))
        }
        SheetEffect::Reopened => {
            // The alert may have opened another one since; that one keeps the key.
            let text = "
                UPDATE call_sheet
                SET is_open = 1, alert_key = CASE
                    WHEN EXISTS (
                        SELECT 1
                        FROM call_sheet other
                        WHERE other.alert_key = call_sheet.alert_key
                          AND other.is_open = 1) THEN NULL
                    ELSE alert_key
                END
                WHERE id = $1
                  AND is_open = 0";
            on!(tx, c => sqlx::query(text).bind(id).execute(c).await.map(drop)).map_err(tried("reopen a call sheet"))
        }
        SheetEffect::Answered(verdict) => write_verdict(tx, id, at, verdict).await,
        SheetEffect::Settled { question, entity_ref, other } => {
            let text = "
                UPDATE call_sheet_verdict
                SET settled_at = $5
                WHERE sheet_id = $1
                  AND question = $2
                  AND entity_ref = $3
                  AND other = $4";
            let other = other.as_ref().map_or("", EntityRef::as_str);
            on!(tx, c => {
                let query = sqlx::query(text).bind(id).bind(question).bind(entity_ref.as_str());
                query.bind(other).bind(at.0).execute(c).await.map(drop)
            })
            .map_err(tried("settle a wrong answer"))
        }
    }
}

async fn write_verdict(tx: &mut Tx, id: &str, at: Timestamp, verdict: &SheetVerdict) -> Result<(), StoreError> {
    let text = "
        INSERT INTO call_sheet_verdict
            (sheet_id, question, entity_ref, other, is_right, note, entity_seq, answered_at, settled_at)
        VALUES ($1, $2, $3, $4, $5, $6, (SELECT seq FROM entity WHERE entity_ref = $3), $7, NULL)
        ON CONFLICT (sheet_id, question, entity_ref, other) DO UPDATE
            SET is_right = excluded.is_right,
                note = excluded.note,
                entity_seq = excluded.entity_seq,
                answered_at = excluded.answered_at,
                settled_at = NULL";
    let other = verdict.other.as_ref().map_or("", EntityRef::as_str);
    on!(tx, c => {
        sqlx::query(text)
            .bind(id)
            .bind(&verdict.question)
            .bind(verdict.entity_ref.as_str())
            .bind(other)
            .bind(i16::from(verdict.is_right))
            .bind(verdict.note.as_deref())
            .bind(at.0)
            .execute(c)
            .await
            .map(drop)
    })
    .map_err(tried("answer about the catalog"))
}
