//! The published moment of the catalog, and the way to wait for a newer one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use index::Snapshot;
use model::Seq;
use tokio::sync::watch;

/// The newest snapshot. Reading never waits; whoever has written may wait until readers see it.
pub struct Live {
    snapshot: ArcSwap<Snapshot>,
    seq: watch::Sender<Seq>,
    loaded: AtomicBool,
}

impl Live {
    /// Publishes the first snapshot.
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>) -> Self {
        let (seq, _) = watch::channel(snapshot.seq());
        Self { snapshot: ArcSwap::new(snapshot), seq, loaded: AtomicBool::new(true) }
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

    /// Publishes a newer snapshot and wakes those who wait for it.
    pub fn publish(&self, snapshot: Arc<Snapshot>) {
        let seq = snapshot.seq();
        // The snapshot goes first: whoever is woken must find it.
        self.snapshot.store(snapshot);
        self.loaded.store(true, Ordering::Release);
        self.seq.send_replace(seq);
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
