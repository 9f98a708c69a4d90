//! Files below roots, as they were when last read.

use model::Uid;

use crate::{KnownFile, Store, StoreError, writing};

impl Store {
    /// Lists the files below a root, by location.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_files(&self, root: Uid) -> Result<Vec<KnownFile>, StoreError> {
        writing::list_files(&mut self.inner.db.begin_read().await?, root).await
    }
}
