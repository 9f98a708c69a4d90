//! The deliver loop: the change log out to webhooks.
//!
//! Level-triggered like the others: it looks which webhooks have something before them, and tells each of them, one message at
//! a time and in order. Each has a position of its own in the change log, so a receiver that is down or slow holds up nobody
//! else. How it went is written down after every attempt; a restart goes on from there.

mod message;
mod render;
mod schedule;
mod sign;
mod turn;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use auth::Door;
use model::{Seq, Uid};
use source::Sender;
use store::{Store, StoreError, Webhook, WebhookState};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

pub use self::schedule::Schedule;
use self::turn::{Turn, take_turn};
use crate::{replicas::Held, serve::LoopStatus};

/// How often the loop comes round, in milliseconds.
pub const PERIOD_MS: u64 = 1_000;
/// How many webhooks are told at the same time.
pub const AT_ONCE: usize = 64;
/// How many of these places webhooks may take whose receivers fail: those that do not answer hold theirs for long.
const FAILING_AT_ONCE: usize = AT_ONCE / 2;

/// What the loop works with.
#[derive(Clone)]
pub struct Deliver {
    /// Where webhooks are kept; writes only while the lease is held.
    pub store: Store,
    /// Reads the change log as everybody does.
    pub door: Door,
    /// Sends.
    pub sender: Arc<Sender>,
    /// When to try again.
    pub schedule: Schedule,
    /// What the portal is called, and where it is.
    pub portal: Arc<Portal>,
    /// Rung when there may be something to deliver.
    pub bell: Arc<Notify>,
    /// Whether this replica delivers.
    pub held: Held,
}

/// What messages say about the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// `app.title`
    pub title: String,
    /// Where the world reaches it, without a slash at the end.
    pub base_url: String,
}

/// Runs until `stop`.
pub async fn run(deliver: Deliver, stop: CancellationToken, status: LoopStatus) {
    let now = deliver.door.clock.clone();
    let mut seq = deliver.door.live.subscribe();
    let mut running: JoinSet<(Uid, Result<Turn, StoreError>)> = JoinSet::new();
    let mut turns = Turns::default();
    loop {
        if !deliver.held.is_held() {
            running.shutdown().await;
            turns = Turns::default();
            status.resting();
            tokio::select! {
                () = stop.cancelled() => return,
                () = deliver.held.gained() => {}
            }
        }
        status.started(now());
        match turns.start(&deliver, &mut running).await {
            Ok(note) => status.ok(now(), Some(note)),
            Err(error) => status.failed(now(), &error),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = deliver.bell.notified() => {}
            () = deliver.held.lost() => {}
            changed = seq.changed() => if changed.is_err() { break },
            Some(done) = running.join_next_with_id(), if !running.is_empty() => match done {
                Ok((_, (webhook, Ok(turn)))) => turns.end(webhook, turn),
                Ok((_, (webhook, Err(error)))) => {
                    turns.end(webhook, Turn::default());
                    // What was removed meanwhile is no failure.
                    if !matches!(error, StoreError::WebhookMissing(_)) {
                        status.failed(now(), &error);
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "a delivery broke off");
                    turns.break_off(error.id());
                }
            },
            () = tokio::time::sleep(Duration::from_millis(PERIOD_MS)) => {}
        }
    }
    running.shutdown().await;
}

/// Who is being told, and how far each was looked at.
#[derive(Default)]
struct Turns {
    /// Who is being told, and whether its receiver was failing before.
    busy: HashMap<Uid, bool>,
    /// Which webhook each task tells.
    tasks: HashMap<tokio::task::Id, Uid>,
    /// Up to where nothing is left for a webhook. Beyond its position on record when the filter has left changes out since;
    /// those are looked at again after a restart.
    looked_at: HashMap<Uid, Seq>,
}

impl Turns {
    /// Starts the turns of the webhooks that have something before them.
    async fn start(
        &mut self,
        deliver: &Deliver,
        running: &mut JoinSet<(Uid, Result<Turn, StoreError>)>,
    ) -> Result<String, StoreError> {
        let webhooks = deliver.store.list_webhooks().await?;
        let known: HashSet<Uid> = webhooks.iter().map(|webhook| webhook.id).collect();
        self.looked_at.retain(|id, _| known.contains(id));
        let letters: HashMap<Uid, u64> = match webhooks.is_empty() {
            true => HashMap::new(),
            false => deliver.store.count_letters().await?.into_iter().map(|(id, _, wanted)| (id, wanted)).collect(),
        };
        let (newest, now) = (deliver.door.live.snapshot().seq(), (deliver.door.clock)());
        let all = webhooks.len();
        for webhook in webhooks {
            let has_letters = letters.get(&webhook.id).is_some_and(|wanted| *wanted > 0);
            let is_behind = self.position(&webhook) < newest;
            let is_due = webhook.state == WebhookState::Active
                && deliver.schedule.is_past(webhook.progress.next_try_at, now)
                && is_behind;
            let is_failing = webhook.progress.failing_since.is_some();
            if !(is_due || has_letters) || self.busy.contains_key(&webhook.id) || !self.has_place(is_failing) {
                continue;
            }
            self.busy.insert(webhook.id, is_failing);
            let from = self.position(&webhook);
            let (deliver, id) = (deliver.clone(), webhook.id);
            let task = running.spawn(async move { (id, take_turn(&deliver, webhook, from, is_due).await) });
            self.tasks.insert(task.id(), id);
        }
        Ok(format!("{all} webhooks, {} being told", self.busy.len()))
    }

    fn has_place(&self, is_failing: bool) -> bool {
        let failing = self.busy.values().filter(|is_failing| **is_failing).count();
        self.busy.len() < AT_ONCE && !(is_failing && failing >= FAILING_AT_ONCE)
    }

    fn position(&self, webhook: &Webhook) -> Seq {
        let looked_at = self.looked_at.get(&webhook.id).copied().unwrap_or_default();
        // While a message is being tried its beginning is fixed, and so is the way to it.
        if webhook.progress.message_end.is_some() {
            webhook.progress.position
        } else {
            webhook.progress.position.max(looked_at)
        }
    }

    /// Ends the turn of a task that gives nothing back. The others go on, so their webhooks stay theirs.
    fn break_off(&mut self, task: tokio::task::Id) {
        if let Some(webhook) = self.tasks.remove(&task) {
            self.busy.remove(&webhook);
        }
    }

    fn end(&mut self, webhook: Uid, turn: Turn) {
        self.busy.remove(&webhook);
        self.tasks.retain(|_, told| *told != webhook);
        if let Some(seq) = turn.looked_at {
            self.looked_at.insert(webhook, seq);
        }
    }
}
