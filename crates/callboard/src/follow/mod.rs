//! The follow loop: committed changes in, snapshots out.
//!
//! It has a thread of its own, because folding keeps a core busy and readers must never wait for it. Changes come by hand
//! from whoever committed them; whatever is missing between two of them is read from the change log, and so is everything
//! that another replica wrote. Merging segments happens on a second thread.

mod mailbox;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use anyhow::Context as _;
use auth::Live;
use index::{Draft, Fold, Loading};
use model::{Change, Seq};
use store::{Applied, Root, Store, StoreError};
use tokio::runtime::Handle;

use self::mailbox::{Mail, Message};
use crate::{
    harvest::{Progress, WalkSummary},
    serve::LoopStatus,
};

/// How often the change log is looked at when nobody hands anything over.
const PERIOD: Duration = Duration::from_secs(1);
/// How many changes are read from the log at a time.
const LOG_PAGE: u32 = 5_000;

/// The loop before it runs: commits can be handed over already.
pub struct Prepared {
    send: Sender<Message>,
    receive: Receiver<Message>,
}

/// Hands requests to the running loop. Cheap to clone.
#[derive(Clone)]
pub struct Follower {
    send: Sender<Message>,
}

/// Makes the loop's mailbox.
pub fn prepare() -> Prepared {
    let (send, receive) = channel();
    Prepared { send, receive }
}

/// Tells the loop when a harvest ends.
struct HarvestEnds(Mutex<Sender<Message>>);

impl Progress for HarvestEnds {
    fn started(&self, _root: &Root) {}

    fn advanced(&self, _root: &Root, _files: u64, _of: u64, _entities: u64) {}

    fn finished(&self, _root: &Root, _result: &Result<WalkSummary, StoreError>) {
        // The loop only ends when the program does.
        let _ended = self.0.lock().unwrap_or_else(PoisonError::into_inner).send(Message::HarvestEnded);
    }
}

impl Prepared {
    /// Watches harvests, so that what they found is shown as soon as they end.
    pub fn watcher(&self) -> Arc<dyn Progress> {
        Arc::new(HarvestEnds(Mutex::new(self.send.clone())))
    }

    /// Takes what a write changed, on behalf of whoever writes.
    pub fn sink(&self) -> Arc<dyn Fn(Applied) + Send + Sync> {
        let send = Mutex::new(self.send.clone());
        Arc::new(move |applied| {
            let send = send.lock().unwrap_or_else(PoisonError::into_inner);
            // The loop only ends when the program does.
            let _ended = send.send(Message::Committed(applied));
        })
    }

    /// Loads the catalog, publishes its first snapshot and starts the loop.
    ///
    /// # Errors
    /// When the catalog cannot be loaded.
    pub async fn start(
        self,
        store: Store,
        live: Arc<Live>,
        status: LoopStatus,
        now: auth::Clock,
    ) -> anyhow::Result<Follower> {
        let mut loading = Loading::default();
        let loaded = store.load_each(Draft::new, |draft| loading.add(draft)).await;
        let seq = loaded.context("the catalog could not be loaded")?;
        let mut fold = tokio::task::spawn_blocking(move || loading.finish(seq)).await?;
        // What was loaded from a standby may lack the newest changes.
        loop {
            let changes = store.changes_after(fold.snapshot().seq(), LOG_PAGE).await;
            let changes = changes.context("the newest changes could not be loaded")?;
            if changes.is_empty() {
                break;
            }
            fold.apply(&changes);
        }
        live.publish(fold.snapshot());
        live.in_step(now());
        let Self { send, receive } = self;
        let follower = Follower { send: send.clone() };
        let follow = Follow { store, live, fold, handle: Handle::current(), send, merging: false, status, now };
        std::thread::Builder::new().name("follow".to_owned()).spawn(move || follow.run(&receive))?;
        Ok(follower)
    }
}

impl Follower {
    /// Asks for a comparison of the fold with a catalog built from scratch.
    pub fn check_self(&self) {
        // The loop only ends when the program does.
        let _ended = self.send.send(Message::CheckSelf);
    }

    /// Says that another replica has committed changes up to a number.
    pub fn look_again(&self, seq: Seq) {
        let _ended = self.send.send(Message::LookAgain(seq));
    }

    /// Ends the loop.
    pub fn stop(&self) {
        let _ended = self.send.send(Message::Stop);
    }
}

struct Follow {
    store: Store,
    live: Arc<Live>,
    fold: Fold,
    handle: Handle,
    send: Sender<Message>,
    merging: bool,
    status: LoopStatus,
    now: auth::Clock,
}

impl Follow {
    fn run(mut self, receive: &Receiver<Message>) {
        self.warm();
        while let Some(mail) = mailbox::gather(receive, PERIOD) {
            let Mail { handed, merged, told, check } = mail;
            if let Some(merged) = merged {
                self.fold.install(*merged);
                self.merging = false;
                self.publish();
            }
            self.status.started((self.now)());
            match self.catch_up(&handed, told) {
                Ok(()) => {
                    self.live.in_step((self.now)());
                    self.status.ok((self.now)(), None);
                }
                Err(error) => {
                    self.live.out_of_step();
                    self.status.failed((self.now)(), &error);
                }
            }
            if check {
                self.check_self();
            }
            self.merge_if_worthwhile();
        }
    }

    /// Folds in what was handed over, and from the log whatever lies between or beyond. `told` is a number that somebody
    /// else has heard of; nothing at all means that the log is looked at anyway.
    fn catch_up(&mut self, handed: &[Applied], told: Option<Seq>) -> Result<(), StoreError> {
        let mut batch: Vec<Change> = Vec::new();
        let mut reached = self.fold.snapshot().seq();
        for applied in handed {
            let Some(first) = applied.changes.first() else { continue };
            if first.seq == Seq(reached.0 + 1) {
                batch.extend(applied.changes.iter().cloned());
                reached = applied.changes.last().map_or(reached, |last| last.seq);
            }
        }
        self.fold_in(&batch);
        drop(batch);
        let newest = handed.iter().map(|applied| applied.seq).chain(told).max();
        if newest.is_some_and(|newest| newest <= reached) {
            return Ok(());
        }
        loop {
            let after = self.fold.snapshot().seq();
            let changes = self.handle.block_on(self.store.changes_after(after, LOG_PAGE))?;
            if changes.is_empty() {
                return Ok(());
            }
            self.fold_in(&changes);
        }
    }

    fn fold_in(&mut self, changes: &[Change]) {
        if !changes.is_empty() {
            self.fold.apply(changes);
            self.live.publish_changes(self.fold.snapshot(), changes);
        }
    }

    fn publish(&self) {
        self.live.publish(self.fold.snapshot());
    }

    /// Builds what most readers will ask for first, beside the readers.
    fn warm(&self) {
        let snapshot = self.fold.snapshot();
        let thread = std::thread::Builder::new().name("warm".to_owned());
        if let Err(error) = thread.spawn(move || snapshot.warm()) {
            tracing::warn!(%error, "no thread to warm the index on; the first questions take longer");
        }
    }

    fn merge_if_worthwhile(&mut self) {
        if self.merging {
            return;
        }
        let Some(plan) = self.fold.plan_merge() else { return };
        let send = self.send.clone();
        let thread = std::thread::Builder::new().name("merge".to_owned());
        match thread.spawn(move || {
            // The loop only ends when the program does.
            let _ended = send.send(Message::Merged(Box::new(plan.run())));
        }) {
            Ok(_running) => self.merging = true,
            Err(error) => tracing::warn!(%error, "no thread to merge segments on; trying again later"),
        }
    }

    /// Holds the fold against a catalog built from scratch; on a difference the latter takes over.
    fn check_self(&mut self) {
        let mut loading = Loading::default();
        let rebuilt = match self.handle.block_on(self.store.load_each(Draft::new, |draft| loading.add(draft))) {
            Ok(seq) => loading.finish(seq),
            Err(error) => return self.status.failed((self.now)(), &error),
        };
        if rebuilt.snapshot().seq() != self.fold.snapshot().seq() {
            // A write came in between; the next check will do.
            return;
        }
        if rebuilt.fingerprint() == self.fold.fingerprint() {
            tracing::debug!("the index equals a fresh build");
            return;
        }
        tracing::error!("the index differed from a fresh build and was replaced by it; please report this");
        metrics::counter!("callboard_index_self_check_failures_total").increment(1);
        self.fold = rebuilt;
        self.merging = false;
        self.publish();
    }
}
