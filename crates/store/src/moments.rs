//! Moments of history: which change was the newest at a time, how far history reaches, and what lies before and after a moment.

use model::{Seq, Timestamp};

use crate::{
    Store, StoreError,
    db::{Tx, on, tried},
    writing::{load_counter, to_seq},
};

/// A change by its number and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeAt {
    /// Its place in the order of commits.
    pub seq: Seq,
    /// When it was committed.
    pub at: Timestamp,
}

/// How far history reaches back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryStart {
    /// The oldest moment that can be told.
    pub seq: Seq,
    /// When that was: the time of the oldest change that is wholly on record. `None` when there is no change at all.
    pub at: Option<Timestamp>,
}

/// What surrounds a moment. Changes that were committed at the same time count as one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Around {
    /// The newest change of the moment; `None` when it is the empty catalog, or its change is no longer on record.
    pub newest: Option<ChangeAt>,
    /// The moment before the newest change.
    pub earlier: Option<ChangeAt>,
    /// The moment after the next change.
    pub later: Option<ChangeAt>,
}

type Pair = (i64, i64);

impl Store {
    /// Finds the newest change at or before a time, for `load_as_of`. A clock that jumped makes times ambiguous; then it is one
    /// of the changes after which the time went by.
    ///
    /// # Errors
    /// On database failure.
    pub async fn seq_at(&self, time: Timestamp) -> Result<Seq, StoreError> {
        let mut tx = self.begin_history(Seq(u64::MAX)).await?;
        let newest = load_counter(&mut tx, "newest_seq").await?;
        // There is no index by time, as every write would pay for it: numbers and times grow together, so halving finds it.
        // All changes up to `low` are before or at the time; those from `high` on are after it.
        let (mut low, mut high) = (0, newest + 1);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match find_from(&mut tx, middle).await? {
                Some((seq, at)) if seq < high && at <= time.0 => low = seq,
                _ => high = middle,
            }
        }
        // Numbers whose changes are forgotten belong to the moment before the next one that is on record.
        Ok(to_seq(find_from(&mut tx, high).await?.map_or(newest, |(seq, _)| seq - 1)))
    }

    /// Tells how far history reaches back.
    ///
    /// # Errors
    /// On database failure.
    pub async fn history_start(&self) -> Result<HistoryStart, StoreError> {
        let mut tx = self.begin_history(Seq(u64::MAX)).await?;
        let oldest = load_counter(&mut tx, "oldest_seq").await?;
        let first = find_from(&mut tx, oldest.max(1)).await?;
        Ok(HistoryStart { seq: to_seq(oldest), at: first.map(|(_, at)| Timestamp(at)) })
    }

    /// Finds what surrounds the moment after change `seq`.
    ///
    /// # Errors
    /// On database failure.
    pub async fn around(&self, seq: Seq) -> Result<Around, StoreError> {
        let mut tx = self.begin_history(Seq(u64::MAX)).await?;
        let seq = i64::try_from(seq.0).unwrap_or(i64::MAX);
        let oldest = load_counter(&mut tx, "oldest_seq").await?;
        let newest = find_up_to(&mut tx, seq).await?;
        let earlier = match newest {
            Some((seq, at)) => find_other_time_before(&mut tx, seq, at).await?.filter(|(seq, _)| *seq >= oldest),
            None => None,
        };
        let later = match find_from(&mut tx, seq.saturating_add(1)).await? {
            Some((first, at)) => {
                let next = find_other_time_after(&mut tx, first, at).await?;
                let last = match next {
                    Some((next, _)) => next - 1,
                    None => load_counter(&mut tx, "newest_seq").await?,
                };
                Some((last, at))
            }
            None => None,
        };
        let pair = |pair: Option<Pair>| pair.map(|(seq, at)| ChangeAt { seq: to_seq(seq), at: Timestamp(at) });
        Ok(Around { newest: pair(newest), earlier: pair(earlier), later: pair(later) })
    }
}

/// The first change on record from a number on.
async fn find_from(tx: &mut Tx, seq: i64) -> Result<Option<Pair>, StoreError> {
    let text = "
        SELECT seq, at
        FROM change
        WHERE seq >= $1
        ORDER BY seq
        LIMIT 1";
    on!(tx, c => sqlx::query_as(text).bind(seq).fetch_optional(c).await).map_err(tried("find a moment in history"))
}

async fn find_up_to(tx: &mut Tx, seq: i64) -> Result<Option<Pair>, StoreError> {
    let text = "
        SELECT seq, at
        FROM change
        WHERE seq <= $1
        ORDER BY seq DESC
        LIMIT 1";
    on!(tx, c => sqlx::query_as(text).bind(seq).fetch_optional(c).await).map_err(tried("find a moment in history"))
}

async fn find_other_time_before(tx: &mut Tx, seq: i64, at: i64) -> Result<Option<Pair>, StoreError> {
    let text = "
        SELECT seq, at
        FROM change
        WHERE seq < $1
          AND at <> $2
        ORDER BY seq DESC
        LIMIT 1";
    on!(tx, c => sqlx::query_as(text).bind(seq).bind(at).fetch_optional(c).await)
        .map_err(tried("find a moment in history"))
}

async fn find_other_time_after(tx: &mut Tx, seq: i64, at: i64) -> Result<Option<Pair>, StoreError> {
    let text = "
        SELECT seq, at
        FROM change
        WHERE seq > $1
          AND at <> $2
        ORDER BY seq
        LIMIT 1";
    on!(tx, c => sqlx::query_as(text).bind(seq).bind(at).fetch_optional(c).await)
        .map_err(tried("find a moment in history"))
}
