//! Stars: the entities that people want at hand. They are true here and nowhere else.

use model::{EntityRef, Timestamp};

use crate::{
    Store, StoreError,
    db::{Tx, on, tried},
    encode::Decoder,
    writing::to_ref,
};

/// How many entities one person may star.
pub const MOST_STARS: u32 = 500;
/// What the key of a guest starts with; the rest is an id that only the guest's browser knows.
pub const GUEST_PREFIX: &str = "browser:";
/// How long the stars of a guest are kept who does not come back, in milliseconds.
const GUESTS_KEPT_MS: i64 = 365 * 24 * 3_600_000;
/// A visit is noted again when the last note is older than this, so that looking at a page seldom writes.
const SEEN_AGAIN_MS: i64 = 30 * 24 * 3_600_000;

/// One star.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Star {
    /// The entity; it need not exist any more.
    pub entity_ref: EntityRef,
    /// When it was starred.
    pub starred_at: Timestamp,
}

/// How many people have starred an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StarCount {
    /// The entity; it need not exist any more.
    pub entity_ref: EntityRef,
    /// How many.
    pub people: u64,
}

impl Store {
    /// Lists what a person has starred, newest first. Notes now and then that the person was here.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_stars(&self, person: &str, now: Timestamp) -> Result<Vec<Star>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT entity_ref, starred_at, seen_at
            FROM star
            WHERE person = $1
            ORDER BY starred_at DESC, entity_ref";
        let rows: Vec<(String, i64, i64)> =
            on!(&mut tx, c => sqlx::query_as(text).bind(person).fetch_all(c).await).map_err(tried("list stars"))?;
        drop(tx);
        if rows.iter().any(|(_, _, seen_at)| *seen_at < now.0.saturating_sub(SEEN_AGAIN_MS)) {
            self.note_visit(person, now).await?;
        }
        let mut decoder = Decoder::default();
        rows.into_iter()
            .map(|(entity_ref, at, _)| {
                Ok(Star { entity_ref: to_ref(&entity_ref, &mut decoder)?, starred_at: Timestamp(at) })
            })
            .collect()
    }

    /// Stars an entity for a person, or takes the star off again. What is so already stays as it is.
    ///
    /// # Errors
    /// `TooManyStars`; else on database failure.
    pub async fn set_star(
        &self,
        person: &str,
        entity_ref: &EntityRef,
        on: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        if on {
            add_star(&mut tx, person, entity_ref, now).await?;
        } else {
            let text = "DELETE FROM star WHERE person = $1 AND entity_ref = $2";
            on!(&mut tx, c => sqlx::query(text).bind(person).bind(entity_ref.as_str()).execute(c).await.map(drop))
                .map_err(tried("take a star off"))?;
        }
        tx.commit().await
    }

    /// Counts who has starred what, most stars first, at most `limit` entities.
    ///
    /// # Errors
    /// On database failure.
    pub async fn count_stars(&self, limit: u32) -> Result<Vec<StarCount>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT entity_ref, COUNT(*)
            FROM star
            GROUP BY entity_ref
            ORDER BY 2 DESC, entity_ref
            LIMIT $1";
        let rows: Vec<(String, i64)> =
            on!(&mut tx, c => sqlx::query_as(text).bind(i64::from(limit)).fetch_all(c).await)
                .map_err(tried("count stars"))?;
        let mut decoder = Decoder::default();
        rows.into_iter()
            .map(|(entity_ref, people)| {
                let entity_ref = to_ref(&entity_ref, &mut decoder)?;
                Ok(StarCount { entity_ref, people: u64::try_from(people).unwrap_or_default() })
            })
            .collect()
    }

    /// Forgets the stars of guests who have not been here for a year. Returns how many stars went.
    ///
    /// # Errors
    /// On database failure.
    pub async fn sweep_stars(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin_write().await?;
        let text = "
            DELETE FROM star
            WHERE person LIKE $1
              AND person IN (SELECT person FROM star GROUP BY person HAVING MAX(seen_at) < $2)";
        let before = now.0.saturating_sub(GUESTS_KEPT_MS);
        let gone = on!(&mut tx, c => {
            sqlx::query(text)
                .bind(format!("{GUEST_PREFIX}%"))
                .bind(before)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })
        .map_err(tried("forget old stars"))?;
        tx.commit().await?;
        Ok(gone)
    }

    async fn note_visit(&self, person: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        let text = "UPDATE star SET seen_at = $1 WHERE person = $2";
        on!(&mut tx, c => sqlx::query(text).bind(now.0).bind(person).execute(c).await.map(drop))
            .map_err(tried("note a visit"))?;
        tx.commit().await
    }
}

async fn add_star(tx: &mut Tx, person: &str, entity_ref: &EntityRef, now: Timestamp) -> Result<(), StoreError> {
    let text = "SELECT COUNT(*) FROM star WHERE person = $1 AND entity_ref <> $2";
    let others: i64 = on!(tx, c => sqlx::query_scalar(text).bind(person).bind(entity_ref.as_str()).fetch_one(c).await)
        .map_err(tried("count stars"))?;
    if others >= i64::from(MOST_STARS) {
        return Err(StoreError::TooManyStars { most: MOST_STARS });
    }
    let text = "
        INSERT INTO star (person, entity_ref, starred_at, seen_at)
        VALUES ($1, $2, $3, $3)
        ON CONFLICT (person, entity_ref) DO UPDATE
            SET seen_at = excluded.seen_at";
    on!(tx, c => sqlx::query(text).bind(person).bind(entity_ref.as_str()).bind(now.0).execute(c).await.map(drop))
        .map_err(tried("star an entity"))
}
