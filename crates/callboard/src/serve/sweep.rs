//! The sweep loop: forgets history and events beyond their retention and stars of guests who stay away, asks the index to check itself,
//! and records how many problems there are: each hour, and after a harvest when the numbers are others than before.

use std::{sync::Arc, time::Duration};

use auth::{Boards, Clock, Live, ProblemCount};
use model::Timestamp;
use store::{Root, Store, StoreError};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::LoopStatus;
use crate::{
    follow::Follower,
    harvest::{Progress, WalkSummary},
    replicas::Held,
};

/// How often the loop comes round, in milliseconds.
pub const PERIOD_MS: u64 = 3_600_000;
/// How long after the end of a harvest problems are counted: others may be about to end, and the index has to see it.
const AFTER_HARVEST: Duration = Duration::from_secs(2);
/// How far apart two counts are at least; a large estate ends a harvest all the time.
const BETWEEN_COUNTS: Duration = Duration::from_secs(60);

/// What the loop works with.
pub struct Sweep {
    /// What is swept.
    pub store: Store,
    /// Checks itself when told.
    pub follower: Follower,
    /// The published catalog.
    pub live: Arc<Live>,
    /// Counts problems.
    pub boards: Arc<Boards>,
    /// How long history is kept; `None` for ever.
    pub retention: Option<Duration>,
    /// How long events from outside are kept; `None` for ever.
    pub events_retention: Option<Duration>,
    /// The clock.
    pub clock: Clock,
    /// Rung when a harvest has ended.
    pub harvested: Arc<Notify>,
    /// Whether this replica sweeps.
    pub held: Held,
    /// Whether this replica harvests.
    pub harvests: Held,
    /// Where problems are counted after a harvest.
    pub harvest_store: Store,
}

/// Why problems are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Occasion {
    /// An hour has passed: record what there is.
    Hour,
    /// A harvest has ended: record what differs.
    Harvest,
}

/// Runs until `stop`.
pub async fn run(sweep: Sweep, stop: CancellationToken, status: LoopStatus) {
    let mut next_hour = Instant::now() + Duration::from_millis(PERIOD_MS);
    let mut next_count = Instant::now();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep_until(next_hour) => {
                next_hour = Instant::now() + Duration::from_millis(PERIOD_MS);
                status.started((sweep.clock)());
                // Each replica has an index of its own to check.
                sweep.follower.check_self();
                if !sweep.held.is_held() {
                    status.resting();
                    continue;
                }
                match sweep.round().await {
                    Ok(note) => status.ok((sweep.clock)(), note),
                    Err(error) => status.failed((sweep.clock)(), &error),
                }
            }
            () = sweep.after_harvest(next_count) => {
                next_count = Instant::now() + BETWEEN_COUNTS;
                // A harvest is heard of where it was made, whoever sweeps.
                if !sweep.harvests.is_held() {
                    continue;
                }
                if let Err(error) = sweep.record_problems(Occasion::Harvest).await {
                    tracing::warn!(error = super::chain_text(&error), "the problems could not be counted");
                }
            }
        }
    }
}

/// A failure of a round.
#[derive(Debug, thiserror::Error)]
enum SweepError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Board(#[from] auth::GateError),
}

impl Sweep {
    /// Waits for the end of a harvest, and until it is time to count again.
    async fn after_harvest(&self, not_before: Instant) {
        self.harvested.notified().await;
        sleep_until(not_before.max(Instant::now() + AFTER_HARVEST)).await;
    }

    async fn round(&self) -> Result<Option<String>, SweepError> {
        let now = (self.clock)();
        self.record_problems(Occasion::Hour).await?;
        self.store.thin_problem_counts(now).await?;
        let stars = self.store.sweep_stars(now).await?;
        if stars > 0 {
            tracing::info!(stars, "stars of guests who stay away were removed");
        }
        let before =
            |kept: Duration| Timestamp(now.0.saturating_sub(i64::try_from(kept.as_millis()).unwrap_or(i64::MAX)));
        if let Some(kept) = self.events_retention {
            let events = self.store.sweep_events(before(kept)).await?;
            tracing::debug!(events, "old events were removed");
        }
        let Some(retention) = self.retention else { return Ok(None) };
        let removed = self.store.prune(before(retention)).await?;
        Ok(Some(format!("{removed} old changes removed")))
    }

    async fn record_problems(&self, occasion: Occasion) -> Result<(), SweepError> {
        if !self.live.is_loaded() {
            return Ok(());
        }
        let board = self.boards.newest().await?;
        let counted = board.count_by_code().into_iter();
        let counts: Vec<ProblemCount> =
            counted.map(|((severity, code), count)| ProblemCount { severity, code, count }).collect();
        let store = if occasion == Occasion::Harvest { &self.harvest_store } else { &self.store };
        if occasion == Occasion::Harvest {
            let last = store.newest_problem_counts().await?;
            if last.is_some_and(|last| is_same(&last.counts, &counts)) {
                return Ok(());
            }
        }
        Ok(store.record_problem_counts((self.clock)(), &counts).await?)
    }
}

/// Compares two counts regardless of their order.
fn is_same(a: &[ProblemCount], b: &[ProblemCount]) -> bool {
    a.len() == b.len() && a.iter().all(|count| b.contains(count))
}

/// Passes on what a harvest tells, and rings when it has ended.
pub struct Ringing {
    /// Who watches the harvest besides.
    pub watchers: Vec<Arc<dyn Progress>>,
    /// Rung when a root has been read.
    pub harvested: Arc<Notify>,
}

impl Progress for Ringing {
    fn started(&self, root: &Root) {
        self.watchers.iter().for_each(|watcher| watcher.started(root));
    }

    fn advanced(&self, root: &Root, files: u64, of: u64, entities: u64) {
        self.watchers.iter().for_each(|watcher| watcher.advanced(root, files, of, entities));
    }

    fn finished(&self, root: &Root, result: &Result<WalkSummary, StoreError>) {
        self.watchers.iter().for_each(|watcher| watcher.finished(root, result));
        self.harvested.notify_one();
    }

    fn left(&self, root: &Root) {
        self.watchers.iter().for_each(|watcher| watcher.left(root));
    }
}
