//! What a write did.

use std::sync::Arc;

use model::{Change, Seq};

/// What a write did.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// Number of the newest change after the write.
    pub seq: Seq,
    /// The changes that the write made, in order; empty when nothing differed.
    pub changes: Arc<Vec<Change>>,
}
