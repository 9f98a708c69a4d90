//! What the API needs done by rooms that `web` must not know.

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};
use ingest::Context;
use model::{ErrorChain, LocationRef, Timestamp};
use store::{RootOrigin, StandbyState};
use web::{
    FirstReading, HostStatus, Inspection, LocationStatus, Operations, Preview, ReplicaStatus, Status, StoreFacts,
    Workshop,
};

use super::{LoopStatus, first_reads::FirstReads, senders::Senders};
use crate::harvest::{self, Rooms};

/// The harvest's rooms, lent to the API.
pub struct Hands {
    /// Where things are read and kept.
    pub rooms: Rooms,
    /// Knows where messages may go.
    pub sender: Arc<source::Sender>,
    /// What the harvest reads for the first time.
    pub first_reads: Arc<FirstReads>,
    /// The identity of this replica.
    pub replica: Arc<str>,
    /// The loops, to be shown.
    pub loops: Vec<LoopStatus>,
    /// Where call sheets are sent to.
    pub senders: Senders,
    /// When the program was started.
    pub started_at: Timestamp,
    /// The configuration in force, without its secrets.
    pub config: String,
    /// The files that it was read from.
    pub config_files: Vec<String>,
}

impl Workshop for Hands {
    fn preview<'a>(&'a self, location: &'a LocationRef) -> BoxFuture<'a, Result<Preview, ErrorChain>> {
        harvest::preview::preview(&self.rooms, location).map(|found| found.map(|entities| Preview { entities })).boxed()
    }

    fn validate<'a>(
        &'a self,
        entity: &'a serde_json::Value,
        location: &'a LocationRef,
    ) -> BoxFuture<'a, Option<ErrorChain>> {
        let urls = self.rooms.reader.scm_urls(location);
        let context =
            Context { location, origin: location, urls: &urls, kinds: &self.rooms.kinds, rules: &self.rooms.rules };
        match ingest::validate_entity(entity, &context) {
            Some(error) => std::future::ready(Some(error)).boxed(),
            None => harvest::preview::check_targets(&self.rooms, entity, location).boxed(),
        }
    }

    fn analyze<'a>(&'a self, target: &'a str) -> BoxFuture<'a, Result<serde_json::Value, ErrorChain>> {
        std::future::ready(harvest::analyze::analyze(target)).boxed()
    }

    fn inspect<'a>(&'a self, location: &'a LocationRef) -> BoxFuture<'a, Inspection> {
        harvest::inspect::inspect(&self.rooms, location).boxed()
    }

    fn send<'a>(&'a self, sender: &'a str, message: &'a serde_json::Value) -> BoxFuture<'a, Result<(), String>> {
        self.senders.send(sender, message).boxed()
    }

    fn check_receiver(&self, address: &str) -> Result<(), String> {
        self.sender.check(address).map(drop)
    }

    fn status(&self) -> BoxFuture<'_, Status> {
        self.read_status().boxed()
    }

    fn first_reading(&self) -> Option<FirstReading> {
        self.first_reads.read()
    }

    fn operations(&self) -> BoxFuture<'_, Operations> {
        self.read_operations().boxed()
    }
}

impl Hands {
    async fn read_status(&self) -> Status {
        let mut loops: Vec<web::LoopStatus> = self.loops.iter().map(LoopStatus::read).collect();
        let locations = match self.rooms.store.list_roots().await {
            Ok(roots) => roots.into_iter().map(show_root).collect(),
            Err(error) => {
                // The page shows what it can; the reason stands with the loop that needs the store.
                if let Some(refresh) = loops.iter_mut().find(|state| state.name == "refresh") {
                    refresh.last_error.get_or_insert_with(|| super::chain_text(&error));
                }
                Vec::new()
            }
        };
        let hosts = self.rooms.reader.rate_limits().into_iter().map(show_host).collect();
        // Without the database there is nobody to ask, and the loops say why.
        let replicas = self.rooms.store.list_replicas().await.unwrap_or_default();
        let replicas = replicas.into_iter().map(|replica| show_replica(replica, &self.replica)).collect();
        let seq = self.rooms.store.newest_seq().await.unwrap_or_default();
        Status { loops, hosts, locations, replicas, seq }
    }
}

impl Hands {
    async fn read_operations(&self) -> Operations {
        let store = match self.read_store().await {
            Ok(facts) => Some(facts),
            Err(error) => {
                tracing::warn!(error = super::chain_text(&error), "the database cannot be measured");
                None
            }
        };
        Operations {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: Some(self.started_at),
            memory_bytes: resident_bytes(),
            store,
            config: self.config.clone(),
            config_files: self.config_files.clone(),
        }
    }

    async fn read_store(&self) -> Result<StoreFacts, store::StoreError> {
        let store = &self.rooms.store;
        let counts = store.counts().await?;
        Ok(StoreFacts {
            dialect: store.dialect(),
            standby: store.standby_state().map(|state| match state {
                StandbyState::Unasked => "not asked yet".to_owned(),
                StandbyState::Answers => "answers".to_owned(),
                StandbyState::Behind => "answers, but is behind".to_owned(),
                StandbyState::Unusable(why) => format!("cannot be used: {why}"),
            }),
            bytes: counts.bytes,
            newest_seq: store.newest_seq().await?,
            oldest_seq: store.oldest_seq().await?,
            roots: counts.roots,
            files: counts.files,
            entities: counts.entities,
            waiting: counts.waiting,
            problems: counts.problems,
            changes: counts.changes,
        })
    }
}

/// Linux only; elsewhere nothing is told.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}

fn show_root(root: store::Root) -> LocationStatus {
    LocationStatus {
        id: root.id,
        location: root.location,
        from_config: root.origin == RootOrigin::Config,
        due_at: root.due_at,
        last_ok_at: root.last_ok_at,
        last_tried_at: root.last_tried_at,
        last_error: root.last_error,
        entities: root.entities,
    }
}

fn show_replica(replica: store::Replica, this: &str) -> ReplicaStatus {
    ReplicaStatus {
        is_this: replica.id == this,
        id: replica.id,
        name: replica.name,
        started_ms_ago: replica.started_ms_ago,
        seen_ms_ago: replica.seen_ms_ago,
        seq: replica.seq,
        leases: replica.leases,
    }
}

fn show_host(limit: source::RateLimit) -> HostStatus {
    let resets_at = Timestamp(i64::try_from(limit.reset_at.saturating_mul(1000)).unwrap_or(i64::MAX));
    HostStatus {
        host: limit.host,
        limit: Some(limit.limit),
        remaining: Some(limit.remaining),
        resets_at: Some(resets_at),
        paused_until: (limit.remaining == 0).then_some(resets_at),
    }
}
