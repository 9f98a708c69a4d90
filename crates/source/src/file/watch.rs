//! Notices changes on disk.

/// Placeholder to be replaced.
pub struct Watcher;
/// Why folders cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct WatchError;
