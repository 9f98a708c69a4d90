//! The published moment of the catalog, and the way to wait for a newer one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use index::Snapshot;
use model::{Change, Seq, Timestamp};
use tokio::sync::watch;

use crate::recent::Recent;

/// The newest snapshot. Reading never waits; whoever has written may wait until readers see it.
pub struct Live {
    snapshot: ArcSwap<Snapshot>,
    seq: watch::Sender<Seq>,
    loaded: AtomicBool,
    recent: Recent,
    /// When the snapshot was last known to be what the database holds.
    confirmed_at: AtomicI64,
    /// Whether the database cannot be asked now.
    is_behind: AtomicBool,
}

impl Live {
    /// Publishes the first snapshot.
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>) -> Self {
        let (seq, _) = watch::channel(snapshot.seq());
        let recent = Recent::default();
        recent.reach(snapshot.seq());
        Self {
            snapshot: ArcSwap::new(snapshot),
            seq,
            loaded: AtomicBool::new(true),
            recent,
            confirmed_at: AtomicI64::new(0),
            is_behind: AtomicBool::new(false),
        }
    }

    /// Starts with a stand-in while the catalog is being loaded; the server is not ready until the first
    /// [`Live::publish`].
    #[must_use]
    pub fn loading(stand_in: Arc<Snapshot>) -> Self {
        Self { loaded: AtomicBool::new(false), ..Self::new(stand_in) }
    }

    /// Tells whether the catalog has been loaded.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.loaded.load(Ordering::Acquire)
    }

    /// Publishes a newer snapshot with the changes that led to it, which those who listen then need not read from the log.
    pub fn publish_changes(&self, snapshot: Arc<Snapshot>, changes: &[Change]) {
        self.recent.push(changes);
        self.publish(snapshot);
    }

    /// The newest changes.
    pub(crate) fn recent(&self) -> &Recent {
        &self.recent
    }

    /// Publishes a newer snapshot and wakes those who wait for it.
    pub fn publish(&self, snapshot: Arc<Snapshot>) {
        let seq = snapshot.seq();
        self.recent.reach(seq);
        // The snapshot goes first: whoever is woken must find it.
        self.snapshot.store(snapshot);
        self.loaded.store(true, Ordering::Release);
        self.seq.send_replace(seq);
    }

    /// Takes note that the snapshot is what the database holds at a moment.
    pub fn in_step(&self, now: Timestamp) {
        self.confirmed_at.store(now.0, Ordering::Release);
        self.is_behind.store(false, Ordering::Release);
    }

    /// Takes note that the database cannot be asked whether there is anything newer.
    pub fn out_of_step(&self) {
        self.is_behind.store(true, Ordering::Release);
    }

    /// While the database cannot be asked: as of when what is shown is known to be right.
    #[must_use]
    pub fn stale_since(&self) -> Option<Timestamp> {
        let is_stale = self.is_loaded() && self.is_behind.load(Ordering::Acquire);
        is_stale.then(|| Timestamp(self.confirmed_at.load(Ordering::Acquire)))
    }

    /// Returns the newest snapshot.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Waits until the published snapshot holds this change. Waits for ever when it never comes; see [`Live::wait_at_most`].
    pub async fn wait_for(&self, seq: Seq) {
        let mut watch = self.seq.subscribe();
        // The sender lives in `self`, so the channel cannot close meanwhile.
        let _ = watch.wait_for(|published| *published >= seq).await;
    }

    /// Waits until the published snapshot holds this change, but no longer than `limit`. Tells whether it does.
    pub async fn wait_at_most(&self, seq: Seq, limit: Duration) -> bool {
        tokio::time::timeout(limit, self.wait_for(seq)).await.is_ok()
    }

    /// Returns how many wait for a newer snapshot or follow them.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.seq.receiver_count()
    }

    /// Follows the numbers of the published snapshots.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Seq> {
        self.seq.subscribe()
    }
}
