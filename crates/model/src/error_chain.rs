//! Errors in the shape in which Backstage's API reports them.

use serde::{Deserialize, Serialize};

/// A named error with its cause, `{name, message, cause?}`, as Backstage writes it into `status.items[].error`
/// and into error answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorChain {
    /// The error's class: `InputError`, `NotFoundError`, `NotAllowedError`, `TypeError`, `Error` ...
    pub name: String,
    /// The message, with the causes' messages flattened in (`a; caused by TypeError: b`), as Backstage does.
    pub message: String,
    /// The error that led to this one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<Box<ErrorChain>>,
}

impl ErrorChain {
    /// Makes an error without a cause.
    #[must_use]
    pub fn new(name: &str, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), message: message.into(), cause: None }
    }

    /// Makes an error with a cause, whose name and message are flattened into the message.
    #[must_use]
    pub fn caused_by(name: &str, message: &str, cause: ErrorChain) -> Self {
        Self {
            name: name.to_owned(),
            message: format!("{message}; caused by {}: {}", cause.name, cause.message),
            cause: Some(Box::new(cause)),
        }
    }
}
