//! Keys that the server made for itself, such as those it signs tokens with. They are true here and nowhere else.

use std::fmt;

use model::Timestamp;

use crate::{
    Store, StoreError,
    db::{on, tried},
};

/// A key. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// What it is for, such as `guest-token`.
    pub purpose: String,
    /// Its id, unique for its purpose.
    pub id: String,
    /// The key in PEM form.
    pub pem: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on nothing signed with it is good any more.
    pub expires_at: Timestamp,
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("purpose", &self.purpose)
            .field("id", &self.id)
            .field("created_at", &self.created_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Lists the keys for a purpose, newest first, also expired ones.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_keys(&self, purpose: &str) -> Result<Vec<StoredKey>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT purpose, id, pem, created_at, expires_at
            FROM stored_key
            WHERE purpose = $1
            ORDER BY created_at DESC, id";
        let rows: Vec<(String, String, String, i64, i64)> =
            on!(&mut tx, c => sqlx::query_as(text).bind(purpose).fetch_all(c).await).map_err(tried("list keys"))?;
        let to_key = |(purpose, id, pem, created_at, expires_at)| StoredKey {
            purpose,
            id,
            pem,
            created_at: Timestamp(created_at),
            expires_at: Timestamp(expires_at),
        };
        Ok(rows.into_iter().map(to_key).collect())
    }

    /// Adds a key, or replaces the one with that purpose and id.
    ///
    /// # Errors
    /// On database failure.
    pub async fn add_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        let text = "
            INSERT INTO stored_key (purpose, id, pem, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (purpose, id) DO UPDATE
                SET pem = excluded.pem, created_at = excluded.created_at, expires_at = excluded.expires_at";
        on!(&mut tx, c => {
            sqlx::query(text)
                .bind(&*key.purpose)
                .bind(&*key.id)
                .bind(&*key.pem)
                .bind(key.created_at.0)
                .bind(key.expires_at.0)
                .execute(c)
                .await
                .map(drop)
        })
        .map_err(tried("add a key"))?;
        tx.commit().await
    }

    /// Removes a key. One that is not there is no error.
    ///
    /// # Errors
    /// On database failure.
    pub async fn remove_key(&self, purpose: &str, id: &str) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        let text = "DELETE FROM stored_key WHERE purpose = $1 AND id = $2";
        on!(&mut tx, c => sqlx::query(text).bind(purpose).bind(id).execute(c).await.map(drop))
            .map_err(tried("remove a key"))?;
        tx.commit().await
    }
}
