//! What `web` needs done by rooms that it must not know: reading, processing and the state of the loops.
//!
//! The trait is there to cut a dependency: `callboard` implements it with `source` and `ingest`.

use futures::future::BoxFuture;
use model::{ErrorChain, LocationRef, Timestamp, Uid};

/// The hands of the API.
pub trait Workshop: Send + Sync {
    /// Reads and processes a location without storing anything (the dry run of `POST /locations`).
    /// The error is the first that any of its entities has, as Backstage words it.
    fn preview<'a>(&'a self, location: &'a LocationRef) -> BoxFuture<'a, Result<Preview, ErrorChain>>;

    /// Checks one entity as if it had been read from `location`; gives the first error as Backstage words it.
    /// The targets of a Location entity are read, so that a missing one is an error.
    fn validate<'a>(
        &'a self,
        entity: &'a serde_json::Value,
        location: &'a LocationRef,
    ) -> BoxFuture<'a, Option<ErrorChain>>;

    /// Answers `POST /analyze-location` for a web address: `{existingEntityFiles, generateEntities}`.
    fn analyze<'a>(&'a self, target: &'a str) -> BoxFuture<'a, Result<serde_json::Value, ErrorChain>>;

    /// Tells how the loops, the hosts and the locations are doing.
    fn status(&self) -> BoxFuture<'_, Status>;
}

/// What a dry run found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// JSON texts of the entities, without uid and relations, in Backstage's order: the Location, then its children in reverse.
    pub entities: Vec<String>,
}

/// The state of the server's machinery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The loops.
    pub loops: Vec<LoopStatus>,
    /// The hosts that are read from.
    pub hosts: Vec<HostStatus>,
    /// All root locations, those of the configuration included.
    pub locations: Vec<LocationStatus>,
}

/// The state of a loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoopStatus {
    /// `refresh`, `follow`, `sweep` ...
    pub name: String,
    /// How often it runs without a bell, in milliseconds.
    pub period_ms: u64,
    /// Whether it is running now.
    pub running: bool,
    /// How many rounds it has done since the start.
    pub rounds: u64,
    /// When the last round began.
    pub last_started_at: Option<Timestamp>,
    /// How long the last round took, in milliseconds.
    pub last_duration_ms: Option<u64>,
    /// What went wrong in the last round.
    pub last_error: Option<String>,
    /// What it is doing or has done, in one line.
    pub note: Option<String>,
}

/// The state of a host that locations are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostStatus {
    /// Its name, such as `github.com`.
    pub host: String,
    /// How many requests it allows in its window, where it says so.
    pub limit: Option<u64>,
    /// How many are left.
    pub remaining: Option<u64>,
    /// When the window ends.
    pub resets_at: Option<Timestamp>,
    /// Until when we leave it alone.
    pub paused_until: Option<Timestamp>,
}

/// The state of a root location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocationStatus {
    /// Its id.
    pub id: Uid,
    /// Type and target.
    pub location: LocationRef,
    /// Whether it comes from the configuration (true) or was registered over the API (false).
    pub from_config: bool,
    /// When it is read next.
    pub due_at: Timestamp,
    /// When it was last read wholly without a failure.
    pub last_ok_at: Option<Timestamp>,
    /// When it was last tried.
    pub last_tried_at: Option<Timestamp>,
    /// What went wrong at the last try.
    pub last_error: Option<String>,
    /// How many entities it holds.
    pub entities: u64,
}
