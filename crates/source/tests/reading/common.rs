//! Words that the tests of reading share.

use model::LocationRef;
use source::{Observation, RawDocument, ReadError, Version};

/// A location of type `url`.
pub(crate) fn url(target: &str) -> LocationRef {
    LocationRef::new("url", target)
}

/// The file of an answer that holds one.
#[track_caller]
pub(crate) fn full(answer: Result<Observation, ReadError>) -> RawDocument {
    match answer {
        Ok(Observation::Full(document)) => document,
        other => panic!("expected a file, found {other:?}"),
    }
}

/// The text of an answer that holds a file.
#[track_caller]
pub(crate) fn text(answer: Result<Observation, ReadError>) -> String {
    String::from_utf8(full(answer).content.to_vec()).unwrap()
}

/// The error of an answer that holds one.
#[track_caller]
pub(crate) fn error<T: std::fmt::Debug>(answer: Result<T, ReadError>) -> ReadError {
    answer.expect_err("expected an error")
}

/// Tells whether an answer says that nothing changed.
pub(crate) fn is_unchanged(answer: Result<Observation, ReadError>) -> bool {
    matches!(answer, Ok(Observation::Unchanged))
}

/// A version that is known by its ETag only.
pub(crate) fn etag(text: &str) -> Version {
    Version { etag: Some(text.to_owned()), content_hash: None }
}
