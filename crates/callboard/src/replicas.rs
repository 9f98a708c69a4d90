//! Several replicas on one database: who runs which loop, and hearing of what the others do.
//!
//! Each replica follows the change log for itself. The other loops write, and run on one replica at a time: the one that holds
//! the lease. It keeps the lease by saying so every two seconds; when it no longer does, another takes over a few seconds
//! later. Writes of a loop pass a fence in the store, so one that wakes up too late writes nothing.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use auth::Live;
use model::Uid;
use store::{Ear, Heard, SignOfLife, Store};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::{follow::Follower, harvest::Bell, serve::chain_text};

/// The lease of the refresh loop.
pub const HARVEST: &str = "refresh";
/// The lease of the sweep loop.
pub const SWEEP: &str = "sweep";
/// The lease of the deliver loop.
pub const DELIVER: &str = "deliver";

const ALL: [&str; 3] = [HARVEST, SWEEP, DELIVER];

/// For how long a lease is taken.
const LEASE: Duration = Duration::from_secs(6);
/// How often it is renewed, and how often others look whether it is free.
const PERIOD: Duration = Duration::from_millis(1_500);
/// How long the ear rests after a failure.
const DEAF: Duration = Duration::from_secs(1);

/// Whether this replica holds a lease. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Held(watch::Receiver<bool>);

impl Held {
    /// Whether it is held now.
    pub fn is_held(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is held.
    pub async fn gained(&self) {
        self.wait(true).await;
    }

    /// Waits until it is not held.
    pub async fn lost(&self) {
        self.wait(false).await;
    }

    async fn wait(&self, wanted: bool) {
        let mut state = self.0.clone();
        if state.wait_for(|held| *held == wanted).await.is_err() {
            // Nobody decides any more: the program is about to end, or the lease is for ever.
            std::future::pending::<()>().await;
        }
    }
}

/// Takes leases and keeps them.
pub struct Keeper {
    store: Store,
    live: Arc<Live>,
    id: Arc<str>,
    name: Arc<str>,
    started: Instant,
    leases: HashMap<&'static str, watch::Sender<bool>>,
}

impl Keeper {
    /// Makes the keeper of a replica with an identity of its own. Holds nothing yet, unless there can be no other replica.
    pub fn new(store: Store, live: Arc<Live>, address: &str) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let host = host.trim();
        let name = if host.is_empty() { address.to_owned() } else { format!("{host} ({address})") };
        let alone = !store.may_have_replicas();
        Self {
            store,
            live,
            id: uuid::Uuid::new_v4().to_string().into(),
            name: name.into(),
            started: Instant::now(),
            leases: ALL.into_iter().map(|lease| (lease, watch::channel(alone).0)).collect(),
        }
    }

    /// The identity of this replica.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Tells whether a lease is held.
    pub fn held(&self, lease: &'static str) -> Held {
        Held(self.leases[lease].subscribe())
    }

    /// A store that writes only while a lease is held.
    pub fn fenced(&self, lease: &'static str) -> Store {
        self.store.fenced(lease, &self.id)
    }

    /// Takes and keeps leases until `stop`, and lets go of them then.
    pub async fn run(self, stop: CancellationToken) {
        if !self.store.may_have_replicas() {
            // The leases are held as long as somebody keeps them.
            stop.cancelled().await;
            return;
        }
        let mut until: HashMap<&'static str, Instant> = HashMap::new();
        loop {
            self.renew(&mut until).await;
            let sign = SignOfLife {
                id: Arc::clone(&self.id),
                name: Arc::clone(&self.name),
                uptime_ms: i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX),
                seq: self.live.snapshot().seq().0,
            };
            if let Err(error) = self.store.note_replica(&sign).await {
                tracing::debug!(error = chain_text(&error), "other replicas cannot be told that this one lives");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(PERIOD) => {}
            }
        }
        for held in self.leases.values() {
            held.send_replace(false);
        }
        if let Err(error) = self.store.release_leases(&self.id).await {
            tracing::debug!(error = chain_text(&error), "leases could not be let go of; they end by themselves");
        }
    }

    async fn renew(&self, until: &mut HashMap<&'static str, Instant>) {
        for (lease, held) in &self.leases {
            let asked = Instant::now();
            let is_held = match self.store.hold_lease(lease, &self.id, LEASE).await {
                Ok(true) => {
                    until.insert(lease, asked + LEASE);
                    true
                }
                Ok(false) => false,
                // Until its time is over nobody else can have it.
                Err(error) => {
                    tracing::debug!(lease, error = chain_text(&error), "a lease could not be renewed");
                    until.get(lease).is_some_and(|until| Instant::now() < *until)
                }
            };
            let has_changed = held.send_if_modified(|state| std::mem::replace(state, is_held) != is_held);
            match (has_changed, is_held) {
                (true, true) => tracing::info!(lease, "this replica runs the loop now"),
                (true, false) => tracing::warn!(lease, "another replica runs the loop now, or will soon"),
                _ => {}
            }
        }
    }
}

/// What is woken by words of other replicas.
pub struct Hearing {
    /// Listens.
    pub store: Store,
    /// What readers see already needs no waking.
    pub live: Arc<Live>,
    /// Looks at the change log.
    pub follower: Follower,
    /// Wakes the refresh loop.
    pub bell: Bell,
    /// Wakes the deliver loop.
    pub deliver: Arc<Notify>,
}

impl Hearing {
    /// Listens until `stop`. On SQLite there is nobody to listen to.
    pub async fn run(self, stop: CancellationToken) {
        if !self.store.may_have_replicas() {
            return;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.listen() => {}
        }
    }

    async fn listen(&self) {
        let mut ear: Option<Ear> = None;
        loop {
            let heard = match &mut ear {
                Some(listening) => listening.next().await,
                None => match self.store.listen().await {
                    // Whatever was said before is lost.
                    Ok(listening) => {
                        ear = listening;
                        Ok(Heard::Anything)
                    }
                    Err(error) => Err(error),
                },
            };
            match heard {
                Ok(heard) => self.wake(heard),
                Err(error) => {
                    tracing::debug!(error = chain_text(&error), "other replicas cannot be heard; periods do instead");
                    ear = None;
                    tokio::time::sleep(DEAF).await;
                }
            }
        }
    }

    fn wake(&self, heard: Heard) {
        match heard {
            Heard::Changes(seq) if seq <= self.live.snapshot().seq() => {}
            Heard::Changes(seq) => self.follower.look_again(seq),
            Heard::Refresh => self.bell.ring_all(),
            Heard::Deliver => self.deliver.notify_one(),
            Heard::Anything => {
                self.follower.look_again(model::Seq(u64::MAX));
                self.bell.ring_all();
                self.deliver.notify_one();
            }
        }
    }
}

/// Rings for a root where its loop runs: here, or on whichever replica holds the lease.
#[derive(Clone)]
pub struct Ringer {
    /// The loop of this replica.
    pub bell: Bell,
    /// Where a root is made due for the loop of another one.
    pub store: Store,
    /// Whether the loop runs here.
    pub held: Held,
    /// The clock.
    pub clock: auth::Clock,
}

impl Ringer {
    /// Says that a root may have changed.
    pub fn ring(&self, root: Uid) {
        if self.held.is_held() {
            return self.bell.ring(root);
        }
        let ringer = self.clone();
        tokio::spawn(async move {
            if let Err(error) = ringer.store.mark_due(root, (ringer.clock)()).await {
                tracing::warn!(error = chain_text(&error), "a location could not be made due; it is read in its turn");
            }
        });
    }

    /// Says that some root may have become due.
    pub fn ring_all(&self) {
        self.bell.ring_all();
    }
}
