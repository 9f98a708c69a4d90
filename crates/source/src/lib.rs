//! The outside: files and git hosts. Knows ETags, rate limits, globs and addresses; never parses entities,
//! never decides that something is gone.

use std::sync::Arc;

use model::{ErrorChain, LocationRef, ScmUrls};

/// Reads locations. Cheap to clone; all clones share connections, limits and caches.
#[derive(Clone)]
pub struct Reader;

/// What a file was like when it was last read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The host's ETag, or for files on disk a text of size and modification time.
    pub etag: Option<String>,
    /// Hash of the content (xxh3, 64 bit), to notice equal content behind another ETag.
    pub content_hash: Option<u64>,
}

/// The answer of one reading.
#[derive(Debug)]
pub enum Observation {
    /// As it was at `since`.
    Unchanged,
    /// The whole file.
    Full(RawDocument),
}

/// A file as it was read.
#[derive(Clone, Debug)]
pub struct RawDocument {
    /// Its bytes.
    pub content: Arc<[u8]>,
    /// Give it back as `since` next time.
    pub version: Version,
    /// The commit it belongs to, where the host says so.
    pub commit: Option<String>,
}

/// Why a location could not be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not there.
    #[error("{0}")]
    NotFound(String),
    /// The configuration does not allow to read it (host not in `integrations` or `backend.reading.allow`, private address ...).
    #[error("{0}")]
    NotAllowed(String),
    /// Anything else: network, host error, rate limit, too large. The last good state stays.
    #[error("{message}")]
    Failed {
        /// What happened.
        message: String,
        /// When to try again, in milliseconds, where the host says so.
        retry_after_ms: Option<u64>,
    },
}

impl ReadError {
    /// The error as Backstage reports it for this location.
    #[must_use]
    pub fn to_chain(&self, _location: &LocationRef) -> ErrorChain {
        todo!()
    }
}

impl Reader {
    /// Reads one file.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn observe(&self, _location: &LocationRef, _since: Option<&Version>) -> Result<Observation, ReadError> {
        todo!()
    }

    /// Resolves globs: the concrete files that `location` stands for, sorted. A location without a glob gives itself.
    ///
    /// # Errors
    /// See [`ReadError`]. A glob that matches nothing is `NotFound`.
    pub async fn expand(&self, _location: &LocationRef) -> Result<Vec<LocationRef>, ReadError> {
        todo!()
    }

    /// Resolves a target as written in the file at `base` (relative path, absolute path, web address) for a location of type `location_type`.
    ///
    /// # Errors
    /// The text that Backstage gives when no address can be made.
    pub fn resolve(&self, _base: &LocationRef, _location_type: &str, _target: &str) -> Result<LocationRef, String> {
        todo!()
    }

    /// Resolves the target of a `$text`, `$json` or `$yaml` placeholder in the file at `base`.
    ///
    /// # Errors
    /// The text that Backstage gives: relative path in a `file:` location, target in another repository.
    pub fn resolve_attachment(&self, _base: &LocationRef, _target: &str) -> Result<LocationRef, String> {
        todo!()
    }

    /// Returns the links that the source host offers for a file; all `None` for files on disk.
    #[must_use]
    pub fn scm_urls(&self, _location: &LocationRef) -> ScmUrls {
        todo!()
    }
}
