//! The refresh loop: reads the locations that are due, processes what changed and hands it to the store.
//!
//! Level-triggered and idempotent: it has no input but the roots' state in the store; a [`Bell`] only shortens the wait.
//! A failed reading never deletes anything.

pub mod analyze;
mod file;
pub mod inspect;
pub mod preview;
mod root_entity;
mod targets;
mod walk;
mod writer;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ingest::{Kinds, Rules};
use model::{Timestamp, Uid};
use source::Reader;
use store::{Applied, Root, RootState, Store, StoreError};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

pub use self::walk::{Progress, WalkSummary};
use crate::{replicas::Held, serve::LoopStatus};

/// How many roots are read at the same time. Each host has its own bound besides.
const ROOTS_AT_ONCE: usize = 4;
/// How long the loop sleeps when nothing is due and nobody rings.
const IDLE: Duration = Duration::from_secs(1);
/// How long a root rests whose harvest could not be stored, in milliseconds.
const REST_AFTER_STORE_FAILURE_MS: i64 = 3_000;
/// No root is ever set to wait longer than this, in milliseconds, unless it waits for a bell alone.
const LONGEST_WAIT_MS: i64 = 7 * 24 * 3_600_000;
/// How long a host may ask for patience, in milliseconds, where the regular interval is shorter. Longer pauses of a host are
/// kept by the reader, which knows them by a clock that never jumps.
const LONGEST_PATIENCE_MS: i64 = 3_600_000;
/// Due dates from here on mean: never by itself.
const NEVER_MS: i64 = i64::MAX / 4;
/// How soon a root that failed is tried again at the latest, in milliseconds.
const RETRY_AFTER_FAILURE_MS: i64 = 60_000;

/// What the harvest works with.
#[derive(Clone)]
pub struct Rooms {
    /// Reads files and hosts.
    pub reader: Reader,
    /// Keeps the result.
    pub store: Store,
    /// Known kinds.
    pub kinds: Arc<Kinds>,
    /// `catalog.rules`.
    pub rules: Arc<Rules>,
    /// Takes what was committed, on its way to the index.
    pub committed: Arc<dyn Fn(Applied) + Send + Sync>,
    /// The clock, in milliseconds since 1970.
    pub now: auth::Clock,
    /// How far apart the readings of one root are.
    pub interval: Interval,
    /// Who watches the harvest.
    pub progress: Arc<dyn Progress>,
}

/// How far apart the regular readings of one root are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// Between this many milliseconds and one and a half times as many.
    Every(u64),
    /// Never by itself, only when somebody rings.
    Never,
}

/// Shortens the wait of the refresh loop. Cheap to clone.
#[derive(Clone, Default)]
pub struct Bell(Arc<BellState>);

#[derive(Default)]
struct BellState {
    rung: Mutex<HashSet<Uid>>,
    wake: Notify,
}

impl Bell {
    /// Says that a root may have changed.
    pub fn ring(&self, root: Uid) {
        self.0.rung.lock().unwrap_or_else(PoisonError::into_inner).insert(root);
        self.0.wake.notify_one();
    }

    /// Says that some root may have become due.
    pub fn ring_all(&self) {
        self.0.wake.notify_one();
    }

    fn take(&self) -> HashSet<Uid> {
        std::mem::take(&mut self.0.rung.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Runs the loop until `stop`.
pub async fn run(rooms: Rooms, bell: Bell, held: Held, stop: CancellationToken, status: LoopStatus) {
    let mut running: JoinSet<(Uid, Result<(), StoreError>)> = JoinSet::new();
    let mut turns = Turns::default();
    loop {
        if !held.is_held() {
            // Another replica reads them now; what this one would still write, the store refuses.
            running.shutdown().await;
            turns = Turns::default();
            status.resting();
            tokio::select! {
                () = stop.cancelled() => return,
                () = held.gained() => {}
            }
        }
        turns.rung.extend(bell.take());
        status.started((rooms.now)());
        match rooms.store.list_roots().await {
            Ok(roots) => {
                let note = format!("{} locations, {} being read", roots.len(), turns.busy.len());
                if turns.resting.is_empty() {
                    status.ok((rooms.now)(), Some(note));
                }
                for root in turns.plan(roots, (rooms.now)(), rooms.interval) {
                    let rooms = rooms.clone();
                    running.spawn(async move { (root.id, refresh(&rooms, &root).await) });
                }
            }
            Err(error) => status.failed((rooms.now)(), &error),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = bell.0.wake.notified() => {}
            () = held.lost() => {}
            Some(done) = running.join_next(), if !running.is_empty() => match done {
                Ok((root, result)) => {
                    turns.end(root, result.is_ok(), (rooms.now)());
                    if let Err(error) = result {
                        status.failed((rooms.now)(), &error);
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "a harvest broke off");
                    turns.busy.clear();
                }
            },
            () = tokio::time::sleep(IDLE) => {}
        }
    }
    running.shutdown().await;
}

/// Whose turn it is.
#[derive(Default)]
struct Turns {
    /// Roots that somebody rang for.
    rung: HashSet<Uid>,
    /// Roots that are being read.
    busy: HashSet<Uid>,
    /// Roots that could not be stored the last time, and until when they rest.
    resting: HashMap<Uid, Timestamp>,
}

impl Turns {
    /// Chooses the roots whose turn it is: rung for or due, not being read already, longest due first.
    fn plan(&mut self, mut roots: Vec<Root>, now: Timestamp, interval: Interval) -> Vec<Root> {
        roots.retain(|root| {
            let rested = |until: &Timestamp| is_past(*until, now, REST_AFTER_STORE_FAILURE_MS);
            let free = !self.busy.contains(&root.id) && self.resting.get(&root.id).is_none_or(rested);
            free && (is_due(root.due_at, now, interval) || self.rung.contains(&root.id))
        });
        roots.sort_by_key(|root| root.due_at);
        roots.truncate(ROOTS_AT_ONCE.saturating_sub(self.busy.len()));
        for root in &roots {
            self.rung.remove(&root.id);
            self.busy.insert(root.id);
        }
        roots
    }

    /// A root has been read. One that could not be stored is still due; it rests, so that a full disk is not hammered.
    fn end(&mut self, root: Uid, stored: bool, now: Timestamp) {
        self.busy.remove(&root);
        if stored {
            self.resting.remove(&root);
        } else {
            self.resting.insert(root, Timestamp(now.0 + REST_AFTER_STORE_FAILURE_MS));
        }
    }
}

/// Tells whether a root is due; one that only waits for a bell never is.
fn is_due(due_at: Timestamp, now: Timestamp, interval: Interval) -> bool {
    due_at.0 < NEVER_MS && is_past(due_at, now, longest_wait(interval))
}

/// Tells whether a moment has come that was set at most `longest` milliseconds ahead. One that lies further ahead was set
/// by a clock that has been put back since.
fn is_past(moment: Timestamp, now: Timestamp, longest: i64) -> bool {
    let ahead = moment.0.saturating_sub(now.0);
    ahead <= 0 || ahead > longest
}

/// The longest time that a root is set to wait: a regular turn, or an hour where a host asked for more patience than that.
fn longest_wait(interval: Interval) -> i64 {
    match interval {
        Interval::Every(ms) => {
            let ms = i64::try_from(ms).unwrap_or(i64::MAX / 4);
            ms.saturating_add(ms / 2).clamp(LONGEST_PATIENCE_MS, LONGEST_WAIT_MS)
        }
        Interval::Never => LONGEST_WAIT_MS,
    }
}

/// Reads one root and writes what became of it.
///
/// # Errors
/// When the store fails; the root is still due then.
async fn refresh(rooms: &Rooms, root: &Root) -> Result<(), StoreError> {
    let started = (rooms.now)();
    let _leaving = Leaving { rooms, root };
    rooms.progress.started(root);
    let result = walk::harvest_root(rooms, root).await;
    rooms.progress.finished(root, &result);
    let summary = result?;
    if let Some(reason) = &summary.first_failure {
        tracing::warn!(
            location = %root.location,
            failures = summary.failures,
            first = reason,
            "not everything could be read; `callboard status` lists what is wrong"
        );
    }
    tracing::info!(
        location = %root.location,
        files = summary.files,
        entities = summary.entities,
        changes = summary.changes,
        failures = summary.failures,
        took_ms = (rooms.now)().0 - started.0,
        "location read"
    );
    Ok(())
}

/// Says at its end that a root is no longer being read, however that came.
struct Leaving<'a> {
    rooms: &'a Rooms,
    root: &'a Root,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.rooms.progress.left(self.root);
    }
}

/// Computes the state to write at the end of a walk.
fn next_state(rooms: &Rooms, root: &Root, error: Option<String>, retry_after_ms: Option<u64>) -> RootState {
    let now = (rooms.now)();
    let regular = match rooms.interval {
        Interval::Every(ms) => {
            // Spread by the id, so that roots registered together do not stay in step. Backstage: between N and 1.5 N.
            let ms = i64::try_from(ms).unwrap_or(i64::MAX / 4);
            let spread = i64::try_from(root.id.0 % 1000).expect("below 1000") * (ms / 2) / 1000;
            ms.saturating_add(spread).min(LONGEST_WAIT_MS)
        }
        Interval::Never => NEVER_MS,
    };
    let wait = match (&error, retry_after_ms) {
        (Some(_), Some(ms)) => i64::try_from(ms).unwrap_or(i64::MAX).min(longest_wait(rooms.interval)),
        (Some(_), None) => regular.min(RETRY_AFTER_FAILURE_MS),
        (None, _) => regular,
    };
    RootState { error, due_at: Timestamp(now.0.saturating_add(wait)) }
}

#[cfg(test)]
mod tests {
    use model::{EntityRef, LocationRef};
    use store::RootOrigin;

    use super::*;

    const MINUTES: Interval = Interval::Every(5 * 60_000);

    fn root(id: u128, due_at: i64) -> Root {
        Root {
            id: Uid(id),
            location: LocationRef::new("file", "/x"),
            entity_ref: EntityRef::new("location", "default", "x"),
            origin: RootOrigin::Config,
            due_at: Timestamp(due_at),
            last_ok_at: None,
            last_tried_at: None,
            last_error: None,
            entities: 0,
        }
    }

    #[test]
    fn takes_what_is_due_or_rung_for_longest_due_first() {
        let roots = vec![root(1, 50), root(2, 10), root(3, 999), root(4, 999), root(5, 5)];
        let mut turns = Turns { rung: HashSet::from([Uid(4)]), busy: HashSet::from([Uid(5)]), ..Turns::default() };
        let turn = turns.plan(roots.clone(), Timestamp(100), MINUTES);
        assert_eq!(turn.iter().map(|r| r.id.0).collect::<Vec<_>>(), [2, 1, 4]);
        assert!(turns.plan(roots, Timestamp(100), MINUTES).is_empty(), "all are being read now");
    }

    #[test]
    fn a_clock_that_was_put_back_does_not_delay_a_root() {
        let now = Timestamp(1_000_000_000_000);
        let hour = 3_600_000;
        for jump in [2 * hour, 24 * hour, 365 * 24 * hour] {
            assert!(is_due(Timestamp(now.0 + jump), now, MINUTES), "{jump}");
        }
        for wait in [1, 60_000, hour] {
            assert!(!is_due(Timestamp(now.0 + wait), now, MINUTES), "{wait}");
        }
        let daily = Interval::Every(24 * 3_600_000);
        assert!(!is_due(Timestamp(now.0 + 36 * hour), now, daily), "half of the interval is for spreading");
        assert!(is_due(Timestamp(now.0 + 37 * hour), now, daily));
        assert!(!is_due(Timestamp(now.0 + NEVER_MS), now, Interval::Never));
    }

    #[test]
    fn a_clock_that_was_put_back_does_not_prolong_a_rest() {
        let mut turns = Turns::default();
        let roots = vec![root(1, 50)];
        turns.end(Uid(1), false, Timestamp(1_000_000_000));
        assert!(turns.plan(roots.clone(), Timestamp(1_000_000_001), MINUTES).is_empty());
        assert_eq!(turns.plan(roots, Timestamp(500_000_000), MINUTES).len(), 1);
    }

    #[test]
    fn a_root_that_could_not_be_stored_rests_and_comes_again() {
        let mut turns = Turns::default();
        let roots = vec![root(1, 50)];
        assert_eq!(turns.plan(roots.clone(), Timestamp(100), MINUTES).len(), 1);
        turns.end(Uid(1), false, Timestamp(100));
        assert!(turns.plan(roots.clone(), Timestamp(101), MINUTES).is_empty());
        assert_eq!(turns.plan(roots, Timestamp(100 + REST_AFTER_STORE_FAILURE_MS), MINUTES).len(), 1);
    }
}
