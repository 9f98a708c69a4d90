//! What `web` needs done by rooms that it must not know: reading, processing and the state of the loops.
//!
//! The trait is there to cut a dependency: `callboard` implements it with `source` and `ingest`.

use futures::future::BoxFuture;
use model::{Diagnostic, EntityRef, ErrorChain, LocationRef, Seq, Timestamp, Uid};

/// The hands of the API.
pub trait Workshop: Send + Sync {
    /// Reads and processes a location without storing anything (the dry run of `POST /locations`).
    /// The error is the first that any of its entities has, as Backstage words it.
    fn preview<'a>(&'a self, location: &'a LocationRef) -> BoxFuture<'a, Result<Preview, ErrorChain>>;

    /// Reads and processes a location without storing anything, for people: everything that was read and everything that is
    /// wrong with it. One file that fails does not hide the others.
    fn inspect<'a>(&'a self, _location: &'a LocationRef) -> BoxFuture<'a, Inspection> {
        Box::pin(async { Inspection::default() })
    }

    /// Checks one entity as if it had been read from `location`; gives the first error as Backstage words it.
    /// The targets of a Location entity are read, so that a missing one is an error.
    fn validate<'a>(
        &'a self,
        entity: &'a serde_json::Value,
        location: &'a LocationRef,
    ) -> BoxFuture<'a, Option<ErrorChain>>;

    /// Answers `POST /analyze-location` for a web address: `{existingEntityFiles, generateEntities}`.
    fn analyze<'a>(&'a self, target: &'a str) -> BoxFuture<'a, Result<serde_json::Value, ErrorChain>>;

    /// Sends a message through one of the configured senders. The error is a sentence for the one who sent it.
    fn send<'a>(&'a self, sender: &'a str, _message: &'a serde_json::Value) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move { Err(format!("there is no sender `{sender}`")) })
    }

    /// Says whether messages may be sent to an address: a sentence if not.
    fn check_receiver(&self, _address: &str) -> Result<(), String> {
        Ok(())
    }

    /// Tells how the loops, the hosts and the locations are doing.
    fn status(&self) -> BoxFuture<'_, Status>;

    /// Tells what is being read for the first time; until it is, the catalog is not whole. `None` otherwise.
    fn first_reading(&self) -> Option<FirstReading> {
        None
    }

    /// Tells the operator about the machinery itself. Counts rows, so not for every request.
    fn operations(&self) -> BoxFuture<'_, Operations> {
        Box::pin(async { Operations::default() })
    }
}

/// How far locations are that have never been read before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirstReading {
    /// How many locations.
    pub locations: usize,
    /// How many of their files have been seen.
    pub files: usize,
    /// How many files are known of; grows while they are found.
    pub of: usize,
}

/// What a dry run found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// JSON texts of the entities, without uid and relations, in Backstage's order: the Location, then its children in reverse.
    pub entities: Vec<String>,
}

/// What a location holds, for a person who is about to register it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The files, in the order in which they are named.
    pub files: Vec<InspectedFile>,
    /// Whether more files are named than are looked at here.
    pub is_cut: bool,
}

/// One file of an inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedFile {
    /// The file.
    pub location: LocationRef,
    /// Where people look at it, where the host has such a place.
    pub view_url: Option<String>,
    /// The Location entity that names it; `None` for what was asked for.
    pub named_by: Option<EntityRef>,
    /// Whether it could be read.
    pub is_read: bool,
    /// Its entities, in order of appearance.
    pub entities: Vec<InspectedEntity>,
    /// Everything that is wrong with it, in order of appearance.
    pub problems: Vec<InspectedProblem>,
}

/// One healthy entity of an inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedEntity {
    /// Its identity.
    pub entity_ref: EntityRef,
    /// Its JSON text, without uid and relations.
    pub body: String,
    /// The line at which its document starts, counting from 1.
    pub line: u32,
}

/// One problem of an inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedProblem {
    /// The entity, when it can be told.
    pub entity_ref: Option<EntityRef>,
    /// What is wrong.
    pub diagnostic: Diagnostic,
    /// The lines around the spot; empty when there is no spot.
    pub lines: Vec<SourceLine>,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// Its number, counting from 1.
    pub number: u32,
    /// Its text, cut to a length that can be shown.
    pub text: String,
}

/// What an operator wants to know about the server itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operations {
    /// Version of the program.
    pub version: String,
    /// When it was started.
    pub started_at: Option<Timestamp>,
    /// Resident memory in bytes, where the system tells.
    pub memory_bytes: Option<u64>,
    /// The database; `None` when it cannot be asked now.
    pub store: Option<StoreFacts>,
    /// The configuration in force as YAML, with rows of stars for everything that is or may be a secret.
    pub config: String,
    /// The files that it was read from, in order.
    pub config_files: Vec<String>,
}

/// The database at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreFacts {
    /// `SQLite` or `PostgreSQL`.
    pub dialect: &'static str,
    /// How its standby is, in words; `None` when it has none.
    pub standby: Option<String>,
    /// Size in bytes.
    pub bytes: u64,
    /// The newest change.
    pub newest_seq: Seq,
    /// How far history reaches back.
    pub oldest_seq: Seq,
    /// Roots.
    pub roots: u64,
    /// Files below them.
    pub files: u64,
    /// Entities that are served.
    pub entities: u64,
    /// Claims that wait behind those of other files.
    pub waiting: u64,
    /// Problems of files and documents on record.
    pub problems: u64,
    /// Changes kept as history.
    pub changes: u64,
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
    /// The replicas that work on the database; empty where there can be only one.
    pub replicas: Vec<ReplicaStatus>,
    /// The newest change in the database, which readers may not see yet.
    pub seq: Seq,
}

/// One of several replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaStatus {
    /// Its identity, new at each start.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether it is the one that answers.
    pub is_this: bool,
    /// How long ago it was started, in milliseconds.
    pub started_ms_ago: u64,
    /// How long ago it last said that it lives, in milliseconds.
    pub seen_ms_ago: u64,
    /// How far its readers see.
    pub seq: u64,
    /// The loops that it runs.
    pub leases: Vec<String>,
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
