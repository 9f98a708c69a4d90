//! The sweep loop: forgets history beyond its retention, and asks the index to check itself.

use std::time::Duration;

use auth::Clock;
use model::Timestamp;
use store::Store;
use tokio_util::sync::CancellationToken;

use super::LoopStatus;
use crate::follow::Follower;

/// How often the loop comes round, in milliseconds.
pub const PERIOD_MS: u64 = 3_600_000;

/// Runs until `stop`.
pub async fn run(
    store: Store,
    follower: Follower,
    retention: Option<Duration>,
    clock: Clock,
    stop: CancellationToken,
    status: LoopStatus,
) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_millis(PERIOD_MS)) => {}
        }
        status.started(clock());
        follower.check_self();
        let Some(retention) = retention else {
            status.ok(clock(), None);
            continue;
        };
        let kept = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
        match store.prune(Timestamp(clock().0.saturating_sub(kept))).await {
            Ok(removed) => status.ok(clock(), Some(format!("{removed} old changes removed"))),
            Err(error) => status.failed(clock(), &error),
        }
    }
}
