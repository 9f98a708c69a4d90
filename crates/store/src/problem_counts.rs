//! How many problems there were when. The store is told; what counts as a problem it does not know.

use model::{Code, Severity, Timestamp};

use crate::{
    Store, StoreError,
    db::{Tx, on, tried},
};

/// How long every moment is kept, in milliseconds; of older ones the last of each day stays.
const MOMENTS_KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// How long days are kept, in milliseconds.
const DAYS_KEPT_MS: i64 = 3 * 365 * 24 * 3_600_000;

/// How many problems of one kind there were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemCount {
    /// How bad.
    pub severity: Severity,
    /// Of which code.
    pub code: Code,
    /// How many.
    pub count: u64,
}

/// The problems of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemMoment {
    /// When they were counted.
    pub at: Timestamp,
    /// By severity and code; empty when there was none.
    pub counts: Vec<ProblemCount>,
}

impl Store {
    /// Records how many problems there are now. A moment that is on record already stays as it is.
    ///
    /// # Errors
    /// On database failure.
    pub async fn record_problem_counts(&self, now: Timestamp, counts: &[ProblemCount]) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        insert_count(&mut tx, now, Severity::Info, "", 0).await?;
        for ProblemCount { severity, code, count } in counts {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            insert_count(&mut tx, now, *severity, &code.0, count).await?;
        }
        tx.commit().await
    }

    /// Lists the moments from one to another, both included, oldest first.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_problem_counts(&self, from: Timestamp, to: Timestamp) -> Result<Vec<ProblemMoment>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT at, severity, code, count
            FROM problem_count
            WHERE at >= $1
              AND at <= $2
            ORDER BY at, severity DESC, code";
        let rows: Vec<(i64, i16, String, i64)> =
            on!(&mut tx, c => sqlx::query_as(text).bind(from.0).bind(to.0).fetch_all(c).await)
                .map_err(tried("list counts of problems"))?;
        let mut moments: Vec<ProblemMoment> = Vec::new();
        for (at, severity, code, count) in rows {
            if moments.last().is_none_or(|moment| moment.at.0 != at) {
                moments.push(ProblemMoment { at: Timestamp(at), counts: Vec::new() });
            }
            let Some(moment) = moments.last_mut().filter(|_| !code.is_empty()) else { continue };
            let severity = parse_severity(severity)?;
            let count = u64::try_from(count).unwrap_or_default();
            moment.counts.push(ProblemCount { severity, code: Code(code.into()), count });
        }
        Ok(moments)
    }

    /// Returns the newest moment on record.
    ///
    /// # Errors
    /// On database failure.
    pub async fn newest_problem_counts(&self) -> Result<Option<ProblemMoment>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "SELECT MAX(at) FROM problem_count";
        let newest: Option<i64> =
            on!(&mut tx, c => sqlx::query_scalar(text).fetch_one(c).await).map_err(tried("list counts of problems"))?;
        drop(tx);
        let Some(at) = newest.map(Timestamp) else { return Ok(None) };
        Ok(self.list_problem_counts(at, at).await?.pop())
    }

    /// Thins out moments older than a week to the last of each day, and forgets those of long ago. Returns how many rows went.
    ///
    /// # Errors
    /// On database failure.
    pub async fn thin_problem_counts(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin_write().await?;
        let text = "
            DELETE FROM problem_count
            WHERE at < $1
              AND (at < $2 OR EXISTS (
                SELECT 1
                FROM problem_count later
                WHERE later.at > problem_count.at
                  AND later.at < $1
                  AND later.at / 86400000 = problem_count.at / 86400000))";
        let week = now.0.saturating_sub(MOMENTS_KEPT_MS);
        let long_ago = now.0.saturating_sub(DAYS_KEPT_MS);
        let gone = on!(&mut tx, c => {
            sqlx::query(text).bind(week).bind(long_ago).execute(c).await.map(|done| done.rows_affected())
        })
        .map_err(tried("thin out counts of problems"))?;
        tx.commit().await?;
        Ok(gone)
    }
}

async fn insert_count(
    tx: &mut Tx,
    now: Timestamp,
    severity: Severity,
    code: &str,
    count: i64,
) -> Result<(), StoreError> {
    let text = "
        INSERT INTO problem_count (at, severity, code, count)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (at, severity, code) DO NOTHING";
    on!(tx, c => {
        sqlx::query(text).bind(now.0).bind(severity_number(severity)).bind(code).bind(count).execute(c).await.map(drop)
    })
    .map_err(tried("record counts of problems"))
}

/// The number of a severity in the database; never given another meaning.
fn severity_number(severity: Severity) -> i16 {
    match severity {
        Severity::Info => 1,
        Severity::Warning => 2,
        Severity::Error => 3,
    }
}

fn parse_severity(number: i16) -> Result<Severity, StoreError> {
    match number {
        1 => Ok(Severity::Info),
        2 => Ok(Severity::Warning),
        3 => Ok(Severity::Error),
        _ => Err(StoreError::Garbled { what: format!("a severity {number}") }),
    }
}
