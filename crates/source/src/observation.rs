//! What a reading gives: a file, the news that nothing changed, or an error in words for people.

use std::sync::Arc;

use model::{ErrorChain, LocationRef};
use xxhash_rust::xxh3::xxh3_64;

/// What a file was like when it was last read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The host's ETag; for a host without ETags `modified:` and its Last-Modified; for files on disk a text of size,
    /// modification time and inode.
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

/// What a host or the disk answered, before the reader has taken note of it.
#[derive(Debug)]
pub(crate) enum Sighting {
    /// As it was at `since`, by its ETag or stamp.
    NotModified,
    /// Of the same content as at `since`, but behind another ETag or stamp.
    SameContent(Version),
    /// The whole file.
    Full(RawDocument),
}

impl Sighting {
    /// Makes the answer for freshly read content.
    pub(crate) fn of_content(content: Vec<u8>, etag: Option<String>, since: Option<&Version>) -> Self {
        let hash = xxh3_64(&content);
        let version = Version { etag, content_hash: Some(hash) };
        if since.and_then(|version| version.content_hash) == Some(hash) {
            return Self::SameContent(version);
        }
        Self::Full(RawDocument { content: content.into(), version })
    }
}

/// A file as it was read.
#[derive(Clone, Debug)]
pub struct RawDocument {
    /// Its bytes.
    pub content: Arc<[u8]>,
    /// Give it back as `since` next time.
    pub version: Version,
}

/// Why a location could not be read. The texts are the reader's own words; [`ReadError::to_chain`] puts the location's
/// sentence around them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
    /// Makes a failure without a time to try again.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::Failed { message: message.into(), retry_after_ms: None }
    }

    /// The error as Backstage reports it for a location that a Location entity names.
    /// Source: `UrlReaderProcessor` and `FileReaderProcessor` of catalog-backend.
    #[must_use]
    pub fn to_chain(&self, location: &LocationRef) -> ErrorChain {
        let (kind, target) = (location.location_type(), location.target());
        match (self, kind) {
            (Self::NotFound(_), "file") => ErrorChain::new("NotFoundError", format!("file {target} does not exist")),
            (Self::NotFound(_), _) => {
                ErrorChain::new("NotFoundError", format!("Unable to read {kind}, no matching files found for {target}"))
            }
            (error, "file") => {
                ErrorChain::new("Error", format!("file {target} could not be read, {}: {error}", error.class_name()))
            }
            (error, _) => ErrorChain::new("Error", format!("Unable to read {kind}, {error}")),
        }
    }

    /// The error as Backstage reports it for the target of a placeholder, which is read without a Location around it.
    #[must_use]
    pub fn to_attachment_chain(&self) -> ErrorChain {
        ErrorChain::new(self.class_name(), self.to_string())
    }

    fn class_name(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "NotFoundError",
            Self::NotAllowed(_) => "NotAllowedError",
            Self::Failed { .. } => "Error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(error: &ReadError, location: &str) -> (String, String) {
        let chain = error.to_chain(&LocationRef::parse(location).unwrap());
        (chain.name, chain.message)
    }

    #[test]
    fn words_errors_as_backstage_does() {
        let gone = ReadError::NotFound("could not read x, 404 Not Found".to_owned());
        let text = "Unable to read url, no matching files found for https://h/x.yaml";
        assert_eq!(message(&gone, "url:https://h/x.yaml"), ("NotFoundError".to_owned(), text.to_owned()));
        let text = "file /x.yaml does not exist";
        assert_eq!(message(&gone, "file:/x.yaml"), ("NotFoundError".to_owned(), text.to_owned()));
        let denied = ReadError::failed("EACCES: permission denied, open '/x.yaml'");
        let text = "file /x.yaml could not be read, Error: EACCES: permission denied, open '/x.yaml'";
        assert_eq!(message(&denied, "file:/x.yaml"), ("Error".to_owned(), text.to_owned()));
        let refused = ReadError::NotAllowed("Reading from 'u' is not allowed.".to_owned());
        let text = "Unable to read url, Reading from 'u' is not allowed.";
        assert_eq!(message(&refused, "url:https://u"), ("Error".to_owned(), text.to_owned()));
        assert_eq!(refused.to_attachment_chain().name, "NotAllowedError");
    }

    #[test]
    fn equal_content_is_recognised_behind_another_etag() {
        let Sighting::Full(first) = Sighting::of_content(b"a: 1".to_vec(), None, None) else { panic!() };
        let again = Sighting::of_content(b"a: 1".to_vec(), Some("x".to_owned()), Some(&first.version));
        assert!(matches!(again, Sighting::SameContent(Version { etag: Some(etag), .. }) if etag == "x"));
        let other = Sighting::of_content(b"a: 2".to_vec(), None, Some(&first.version));
        assert!(matches!(other, Sighting::Full(_)));
    }
}
