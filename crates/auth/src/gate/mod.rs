//! The door for one actor: each method decides by permission, writes through the store, and tells what to wait for.

mod call_sheets;
mod changes;
mod compare;
mod entities;
mod events;
mod evidence;
mod happenings;
mod history;
mod locations;
mod problems;
mod stars;
mod webhooks;

use std::{sync::Arc, time::Duration};

use model::{Cause, Seq, Timestamp};
use store::{Applied, StoreError};

use crate::{Actor, Door};

pub use call_sheets::{NewCallSheet, OpenedSheet, TruthDay};
pub use changes::{ChangePage, ChangeQuery, SeenChange};
pub use compare::{CompareQuery, Difference, Differences};
pub use events::{EventReceipt, ReportedEvent};
pub use happenings::{Happening, HistoryPage, HistoryPlace, HistoryQuery, Near, NearPage, WhatHappened};
pub use history::ToldChange;
pub use webhooks::{KnownWebhook, WebhookDraft};

/// How long a writer waits for readers to see its change. The change is committed either way.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A refusal or failure of a command.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The actor may not do it (403).
    #[error("{0}")]
    NotAllowed(String),
    /// The input is wrong (400).
    #[error("{0}")]
    Input(String),
    /// There is no such thing (404).
    #[error("{0}")]
    NotFound(String),
    /// It exists already (409).
    #[error("{0}")]
    Conflict(String),
    /// It was there and is forgotten (410).
    #[error("{0}")]
    Gone(String),
    /// The database cannot do it now, and it is the operator who can help: unreachable, locked, disk full, read-only (503).
    #[error("{0}")]
    Unavailable(StoreError),
    /// The database failed in a way that nobody foresaw (500).
    #[error("the database failed")]
    Store(#[source] StoreError),
}

impl From<StoreError> for GateError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LocationExists(_) => Self::Conflict(error.to_string()),
            StoreError::LocationMissing(_) | StoreError::WebhookMissing(_) => Self::NotFound(error.to_string()),
            StoreError::TooManyStars { .. } | StoreError::TooManyWebhooks { .. } => Self::Input(error.to_string()),
            StoreError::HistoryTooShort { asked, oldest } => Self::Gone(format!(
                "Changes after {asked} are no longer on record, only those after {oldest}; load /api/v1/export and go on \
                 from its X-Callboard-Seq"
            )),
            StoreError::Unreachable { .. }
            | StoreError::Busy { .. }
            | StoreError::DiskFull { .. }
            | StoreError::ReadOnly { .. } => Self::Unavailable(error),
            error => Self::Store(error),
        }
    }
}

/// The moment beyond which a gate tells nothing, for those who look at the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// The newest change.
    pub seq: Seq,
    /// The time.
    pub at: Timestamp,
}

/// The door for one actor.
pub struct Gate {
    door: Door,
    actor: Actor,
    horizon: Option<Horizon>,
}

impl Gate {
    pub(crate) fn new(door: Door, actor: Actor) -> Self {
        Self { door, actor, horizon: None }
    }

    /// Makes it tell of the past only: of what had happened by then. What is not of the catalog's history, such as the state of
    /// locations and the records of files that cannot be read, is not told at all.
    #[must_use]
    pub fn as_of(self, horizon: Horizon) -> Self {
        Self { horizon: Some(horizon), ..self }
    }

    /// The newest change that it tells of.
    fn newest(&self) -> Seq {
        let live = self.door.live.snapshot().seq();
        self.horizon.map_or(live, |horizon| horizon.seq.min(live))
    }

    /// Returns the actor it is made for.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Checks one permission of the table.
    ///
    /// # Errors
    /// `NotAllowed` when the actor may not use it.
    pub fn require(&self, permission: &str) -> Result<(), GateError> {
        self.door.access.require(&self.actor, permission)
    }

    /// Waits until readers see this change, but for five seconds at most: the change is safe, and a reader that is this
    /// late would be late for everybody.
    pub async fn wait_for(&self, seq: Seq) {
        if !self.door.live.wait_at_most(seq, LONGEST_WAIT).await {
            tracing::warn!(seq = seq.0, "readers do not see a committed change in time");
        }
    }

    /// Asks the database for something that a page can do without: nothing at all while it cannot be reached.
    async fn ask_aside<T: Default>(
        &self,
        question: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, GateError> {
        if self.door.live.stale_since().is_some() {
            return Ok(T::default());
        }
        match question.await {
            Err(StoreError::Unreachable { .. }) => Ok(T::default()),
            answer => Ok(answer?),
        }
    }

    fn visibility(&self) -> index::Visibility {
        self.door.access.visibility(&self.actor)
    }

    /// What the actor may see of the published catalog.
    fn view(&self) -> index::View {
        self.door.live.snapshot().view(self.visibility())
    }

    fn now(&self) -> Timestamp {
        (self.door.clock)()
    }

    fn cause(&self) -> Cause {
        Cause { actor: Some(Arc::from(self.actor.name())), ..Cause::default() }
    }

    /// Hands a committed write on to the index, and gives its number.
    fn committed(&self, applied: Applied) -> Seq {
        let seq = applied.seq;
        (self.door.committed)(applied);
        seq
    }
}
