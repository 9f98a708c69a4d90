//! What the harvest writes: batches of file reports, and the end of a walk.

use model::{Cause, LocationRef, Timestamp, Uid};

use crate::{
    Applied, FileReport, RootState, Store, StoreError,
    db::{on, tried},
    plan::{Map, PreparedReport, Set, Stored, find_rewritten, plan_reports, prepare},
    writing::{Plan, Writing, uid_bytes},
};

/// Who caused what the harvest writes.
fn refresh() -> Cause {
    Cause { actor: Some("refresh".into()), ..Cause::default() }
}

impl Store {
    /// Writes what was read of some files of a root: compares by content, writes only differences, and the change rows with
    /// them. The root's own Location entity comes as a file report with a location of its own and no parents.
    ///
    /// A reference that a file at another location holds stays there; this claim waits (see `list_problems`).
    /// Of two documents with one reference in one file, the last counts. Nothing at all is written when nothing differs.
    ///
    /// # Errors
    /// `LocationMissing` when the root was removed meanwhile; else on database failure. Then nothing of the batch is written.
    pub async fn apply(&self, root: Uid, files: Vec<FileReport>, now: Timestamp) -> Result<Applied, StoreError> {
        // Encoding and hashing come before the lock that other writers wait for, and off the async workers.
        let reports = on_cpu(move || files.into_iter().map(prepare).collect::<Vec<_>>()).await;
        let mut writing = Writing::begin(self).await?;
        writing.require_root(root).await?;
        let stored = load_stored(&mut writing, root, &reports).await?;
        let mut new_id = writing.new_ids();
        let planned = plan_reports(stored, reports, &mut new_id, now.0)?;
        drop(new_id);
        let plan = Plan {
            claims: planned.claims,
            files: planned.files,
            problem_deletes: planned.problem_deletes,
            problem_inserts: planned.problem_inserts,
            ..Plan::default()
        };
        writing.commit(plan, &refresh(), now).await
    }

    /// Ends a harvest of a root: removes the files that are not in `seen` with their entities, and writes the root's state
    /// and when it is due next.
    ///
    /// Whatever is to stay must be in `seen`: also files that could not be read, and what lies below them. The caller
    /// knows that from `KnownFile::nested`; the store does not interpret it.
    ///
    /// # Errors
    /// `LocationMissing` when the root was removed meanwhile; else on database failure.
    pub async fn finish(
        &self,
        root: Uid,
        seen: &[LocationRef],
        state: RootState,
        now: Timestamp,
    ) -> Result<Applied, StoreError> {
        let mut writing = Writing::begin(self).await?;
        writing.require_root(root).await?;
        let seen: Set<&str> = seen.iter().map(LocationRef::as_str).collect();
        let text = "SELECT id, location FROM file WHERE root_id = $1";
        let files: Vec<(i64, String)> =
            on!(&mut writing.tx, c => sqlx::query_as(text).bind(uid_bytes(root)).fetch_all(c).await)
                .map_err(tried("list files"))?;
        let gone: Vec<i64> = files.into_iter().filter(|(_, at)| !seen.contains(&**at)).map(|(id, _)| id).collect();
        writing.write_root_state(root, &state, now).await?;
        let plan = writing.plan_removal(gone).await?;
        writing.commit(plan, &refresh(), now).await
    }
}

impl Writing {
    async fn require_root(&mut self, root: Uid) -> Result<(), StoreError> {
        let text = "SELECT COUNT(*) FROM root WHERE id = $1";
        let found: i64 = on!(&mut self.tx, c => sqlx::query_scalar(text).bind(uid_bytes(root)).fetch_one(c).await)
            .map_err(tried("find a location"))?;
        if found == 0 { Err(StoreError::LocationMissing(root.to_string())) } else { Ok(()) }
    }

    async fn write_root_state(&mut self, root: Uid, state: &RootState, now: Timestamp) -> Result<(), StoreError> {
        let text = "
            UPDATE root
            SET last_tried_at = $1, last_error = $2, due_at = $3,
                last_ok_at = CASE WHEN $2 IS NULL THEN $1 ELSE last_ok_at END
            WHERE id = $4";
        on!(&mut self.tx, c => {
            sqlx::query(text)
                .bind(now.0)
                .bind(state.error.as_deref())
                .bind(state.due_at.0)
                .bind(uid_bytes(root))
                .execute(c)
                .await
                .map(drop)
        })
        .map_err(tried("write the state of a location"))
    }

    /// Plans to remove files with all that only they claim.
    pub(crate) async fn plan_removal(&mut self, files: Vec<i64>) -> Result<Plan, StoreError> {
        let mut claims = self.load_claims(&files, &[]).await?;
        for file in &files {
            claims.release_file(*file);
        }
        Ok(Plan { claims, file_deletes: files, ..Plan::default() })
    }
}

async fn load_stored(writing: &mut Writing, root: Uid, reports: &[PreparedReport]) -> Result<Stored, StoreError> {
    let locations: Vec<&str> = reports.iter().map(|report| report.location.as_str()).collect();
    let files = writing.load_files(root, &locations).await?;
    let known = || reports.iter().filter_map(|report| Some((report, files.get(&report.location)?)));
    let ids: Vec<i64> = known().filter(|(report, row)| report.concerns_claims(row)).map(|(_, row)| row.id).collect();
    let refs: Vec<&str> = reports.iter().flat_map(PreparedReport::refs).map(model::EntityRef::as_str).collect();
    let claims = writing.load_claims(&ids, &refs).await?;
    let ids: Vec<i64> = known().filter(|(report, row)| report.concerns_problems(row)).map(|(_, row)| row.id).collect();
    let problems = writing.load_problems(&ids).await?;
    let rewritten = find_rewritten(reports, &files, &claims);
    let bodies = if rewritten.is_empty() { Map::default() } else { writing.load_bodies(&rewritten).await? };
    Ok(Stored { root, files, claims, bodies, problems })
}

/// Runs work that keeps a core busy beside the async workers.
pub(crate) async fn on_cpu<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
