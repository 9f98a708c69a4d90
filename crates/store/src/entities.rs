//! Removing single entities.

use model::{Cause, EntityRef, Timestamp, Uid};

use crate::{
    Applied, Store, StoreError,
    db::{on, tried},
    encode::Decoder,
    plan::FileRow,
    writing::{Plan, Writing, to_ref, uid_bytes},
};

impl Store {
    /// Removes one entity. The files that gave it are forgotten, so that the next reading brings it back (with a new uid)
    /// if it is still there. A waiting claim of another file takes over at once. An unknown uid is no error.
    /// Returns the root to read again.
    ///
    /// # Errors
    /// On database failure.
    pub async fn remove_entity(
        &self,
        uid: Uid,
        cause: &Cause,
        now: Timestamp,
    ) -> Result<(Applied, Option<Uid>), StoreError> {
        let mut writing = Writing::begin(self).await?;
        let Some(entity_ref) = writing.find_by_uid(uid).await? else {
            return Ok((writing.commit(Plan::default(), cause, now).await?, None));
        };
        let mut claims = writing.load_claims(&[], &[entity_ref.as_str()]).await?;
        let holders = claims.holders(&entity_ref);
        let root = holders.first().map(|winner| winner.root);
        let place = holders.first().map(|winner| winner.location.clone());
        // The same file below another root would bring it back at once with the same uid, so it goes there too.
        let same: Vec<i64> = holders.iter().filter(|h| Some(&h.location) == place.as_ref()).map(|h| h.file).collect();
        for file in &same {
            claims.release(&entity_ref, *file);
        }
        let files = writing.load_files_by_id(&same).await?.into_iter().map(forget).collect();
        let applied = writing.commit(Plan { claims, files, ..Plan::default() }, cause, now).await?;
        Ok((applied, root))
    }
}

fn forget(mut file: FileRow) -> FileRow {
    file.known.etag = None;
    file.known.content_hash = None;
    file
}

impl Writing {
    async fn find_by_uid(&mut self, uid: Uid) -> Result<Option<EntityRef>, StoreError> {
        let text = "SELECT entity_ref FROM entity WHERE uid = $1";
        let found: Option<String> =
            on!(&mut self.tx, c => sqlx::query_scalar(text).bind(uid_bytes(uid)).fetch_optional(c).await)
                .map_err(tried("find an entity"))?;
        found.map(|text| to_ref(&text, &mut Decoder::default())).transpose()
    }
}
