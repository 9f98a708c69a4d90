//! The only room that knows SQL. SQLite and PostgreSQL behind one `Store`; every write that readers care about
//! is a change with a sequence number, written in the same transaction.
//!
//! A write loads what is stored about the files and references in question, `plan` says purely what differs, and `writing`
//! writes that. The store interprets no bodies, reads no clock, and never decides that something at the source is gone.

mod db;
mod dictionary;
mod encode;
mod error;
mod migrate;
mod open;
mod plan;
mod report;
mod root;
mod writing;

mod applied;
mod backup;
mod between;
mod call_sheets;
mod counts;
mod entities;
mod events;
mod files;
mod harvest;
mod history;
mod keys;
mod leases;
mod listen;
mod moments;
mod problem;
mod problem_counts;
mod recent;
mod roots;
mod snapshot;
mod standby;
mod stars;
mod webhooks;

use std::{
    fs::File,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, AtomicU64},
    },
};

pub use applied::Applied;
pub use between::{Touched, TwoForms};
pub use call_sheets::{
    NewSheet, NewSheetEntry, OpenVerdict, SheetEffect, SheetEntry, SheetHead, SheetVerdict, VerdictDay,
};
pub use counts::Counts;
pub use error::StoreError;
pub use events::{EventFilter, EventPlace, RecordedEvents};
pub use keys::StoredKey;
pub use leases::{Replica, SignOfLife};
pub use listen::{Ear, Heard};
pub use moments::{Around, ChangeAt, HistoryStart};
pub use problem::{DUPLICATE_ENTITY, ProblemFilter, ProblemRecord, ProblemRevision, TARGET_UNREADABLE};
pub use problem_counts::{ProblemCount, ProblemMoment};
pub use recent::{ChangeFilter, ChangeHead, Step};
pub use report::{FileOutcome, FileReport, KnownFile, NewEntity, ReadFile, RejectedDocument};
pub use root::{Root, RootOrigin, RootState};
pub use roots::generated_ref;
pub use standby::StandbyState;
pub use stars::{GUEST_PREFIX, MOST_STARS, Star, StarCount};
pub use webhooks::{
    Attempt, DELIVERIES_KEPT, Delivery, Letter, LetterKind, MOST_LETTERS, MOST_WEBHOOKS, Progress, Resent,
    SigningSecret, Webhook, WebhookChange, WebhookState,
};

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    /// The lease that must hold for this one to write.
    fence: Option<Arc<leases::Fence>>,
}

struct Inner {
    db: db::Db,
    standby: OnceLock<standby::Standby>,
    /// The newest change that this program knows of.
    seen: AtomicU64,
    /// The newest event that this program knows of.
    seen_event: AtomicI64,
    /// Held as long as the store lives.
    _lock: Option<File>,
}
