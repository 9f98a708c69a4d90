//! Roots: the locations that the harvest starts from.

use model::{EntityRef, LocationRef, Timestamp, Uid};

/// Where a root location comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RootOrigin {
    /// `catalog.locations` of the configuration, or named on the command line.
    Config,
    /// Registered over the API.
    Registered,
}

/// A root: a location that the harvest starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// A UUID.
    pub id: Uid,
    /// Type and target.
    pub location: LocationRef,
    /// `location:default/generated-<sha1 of type:target>`; kept when the target is changed.
    pub entity_ref: EntityRef,
    /// Where it comes from.
    pub origin: RootOrigin,
    /// When it is to be read next.
    pub due_at: Timestamp,
    /// When it was last read wholly without a failure; `None` before the first time.
    pub last_ok_at: Option<Timestamp>,
    /// When it was last tried.
    pub last_tried_at: Option<Timestamp>,
    /// What went wrong at the last try.
    pub last_error: Option<String>,
    /// How many entities it holds.
    pub entities: u64,
}

/// How a harvest of a root went.
#[derive(Clone, Debug)]
pub struct RootState {
    /// What went wrong, if anything.
    pub error: Option<String>,
    /// When it is due next.
    pub due_at: Timestamp,
}
