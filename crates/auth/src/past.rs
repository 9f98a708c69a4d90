//! Moments of the past: finding which one is meant, and building its catalog as it was.
//!
//! A moment is built once for everybody who asks for it, one moment at a time, and kept for a while. What is kept is bounded by
//! number and by entities, so that asking for many different moments costs time but never the memory of many catalogs.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use index::{Draft, Fold, Loading, Snapshot, problems::Board};
use model::{Seq, Timestamp};
use store::{ChangeAt, HistoryStart, Store, StoreError};
use tokio::{
    sync::{Mutex as AsyncMutex, OnceCell},
    time::{Instant, sleep_until},
};

use crate::{GateError, Live};

/// How many moments are kept.
const MOST_KEPT: usize = 6;
/// How many entities all kept moments have together, where the catalog is smaller than that. Where it is larger, one moment of
/// its size is kept.
const MOST_ENTITIES: usize = 100_000;
/// How many moments may wait to be built.
const MOST_WAITING: usize = 8;
/// How many moments may be in somebody's hands beside those that are kept.
const MOST_HELD: usize = 4;
/// How many changes there may be between two moments of which one is made out of the other.
const FARTHEST_TURN: u64 = 20_000;
/// How many entities may differ between them.
const MOST_TURNED: u32 = 4_000;
/// How long a moment is kept that nobody asks for.
const KEPT_FOR: Duration = Duration::from_secs(600);

/// What somebody means by a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// After a change.
    Seq(Seq),
    /// At a time.
    Time(Timestamp),
}

/// A moment that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Then {
    /// The number of its newest change.
    pub seq: Seq,
    /// The time that was asked for, or that of the change.
    pub at: Timestamp,
    /// The moment before its newest change.
    pub earlier: Option<ChangeAt>,
    /// The moment after the change that came next.
    pub later: Option<ChangeAt>,
}

/// The catalog of a moment.
pub struct PastMoment {
    /// The catalog.
    pub snapshot: Arc<Snapshot>,
    /// What is wrong with its entities. Files that could not be read then are not on record.
    pub board: Arc<Board>,
}

/// Why a moment cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSuchMoment {
    /// History does not reach back that far.
    BeforeHistory(HistoryStart),
    /// It has not come yet.
    Future {
        /// The newest change.
        newest: Seq,
    },
}

/// The failure of building a moment.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// As many moments as may be are being built or read.
    #[error("other moments of the past are being made ready or read; ask again in a few seconds")]
    Busy,
    /// The database failed, or history has been shortened meanwhile.
    #[error(transparent)]
    Gate(#[from] GateError),
}

impl From<StoreError> for PastError {
    fn from(error: StoreError) -> Self {
        Self::Gate(error.into())
    }
}

type Slot = Arc<OnceCell<Arc<PastMoment>>>;

/// A moment that is kept, or is being built.
#[derive(Clone)]
struct Kept {
    seq: Seq,
    slot: Slot,
    used: Instant,
}

/// The moments that are kept. All methods may be called at any time by anybody.
pub struct Past {
    store: Store,
    live: Arc<Live>,
    /// The one that was asked for last stands last.
    kept: Mutex<Vec<Kept>>,
    /// The moments that were built and may be in somebody's hands.
    handed_out: Mutex<Vec<Weak<Snapshot>>>,
    /// What the moment that was built last was made of. One is built at a time.
    machine: AsyncMutex<Option<Fold>>,
}

impl Past {
    /// Prepares to build moments.
    #[must_use]
    pub fn new(store: Store, live: Arc<Live>) -> Arc<Self> {
        Arc::new(Self {
            store,
            live,
            kept: Mutex::default(),
            handed_out: Mutex::default(),
            machine: AsyncMutex::default(),
        })
    }

    /// Finds the moment that somebody means; `now` is when they ask.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn find(&self, asked: Asked, now: Timestamp) -> Result<Result<Then, NoSuchMoment>, GateError> {
        let newest = self.live.snapshot().seq();
        let (seq, is_known) = match asked {
            Asked::Seq(seq) if seq > newest => return Ok(Err(NoSuchMoment::Future { newest })),
            Asked::Time(time) if time > now => return Ok(Err(NoSuchMoment::Future { newest })),
            // By its number also the empty catalog can be asked for.
            Asked::Seq(seq) => (seq, true),
            // What readers do not see yet has not happened for them.
            Asked::Time(time) => {
                let seq = self.store.seq_at(time).await?.min(newest);
                (seq, seq > Seq(0))
            }
        };
        let start = self.store.history_start().await?;
        if !is_known || seq < start.seq {
            return Ok(Err(NoSuchMoment::BeforeHistory(start)));
        }
        let around = self.store.around(seq).await?;
        let at = match asked {
            Asked::Time(time) => time,
            Asked::Seq(_) => around.newest.map_or(Timestamp(0), |newest| newest.at),
        };
        let later = around.later.filter(|later| later.seq <= newest);
        Ok(Ok(Then { seq, at, earlier: around.earlier, later }))
    }

    /// Tells how far history reaches back.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn start(&self) -> Result<HistoryStart, GateError> {
        Ok(self.store.history_start().await?)
    }

    /// Returns the catalog as it was after a change, built if need be.
    ///
    /// # Errors
    /// `Busy` when too many others are waiting; else when the database cannot be asked.
    pub async fn load(self: &Arc<Self>, seq: Seq) -> Result<Arc<PastMoment>, PastError> {
        let slot = self.slot(seq)?;
        if let Some(moment) = slot.get() {
            return Ok(Arc::clone(moment));
        }
        let past = Arc::clone(self);
        // A task of its own: a reader that goes away does not waste what is half built.
        let building = tokio::spawn(async move {
            let attempt = Attempt { past: &past, slot: &slot };
            let built = attempt.slot.get_or_try_init(|| past.build(seq)).await.map(Arc::clone);
            if built.is_ok() {
                tokio::spawn(let_go(Arc::downgrade(&past), seq));
            }
            built
        });
        match building.await {
            Ok(built) => built,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place of a moment, which becomes the newest one.
    fn slot(&self, seq: Seq) -> Result<Slot, PastError> {
        let mut kept = self.kept();
        let found = match kept.iter().position(|kept| kept.seq == seq) {
            Some(at) => kept.remove(at).slot,
            None if kept.iter().filter(|kept| !kept.slot.initialized()).count() >= MOST_WAITING => {
                return Err(PastError::Busy);
            }
            None => Slot::default(),
        };
        kept.push(Kept { seq, slot: Arc::clone(&found), used: Instant::now() });
        Ok(found)
    }

    async fn build(&self, seq: Seq) -> Result<Arc<PastMoment>, PastError> {
        let mut machine = self.machine.lock().await;
        // Before, not after: the old and the new together would be more than may be kept.
        self.make_room(self.live.snapshot().len());
        if self.still_held() >= MOST_HELD {
            return Err(PastError::Busy);
        }
        let turned = match machine.take() {
            Some(fold) => self.turn(fold, seq).await?,
            None => None,
        };
        let (fold, moment) = match turned {
            Some(turned) => turned,
            None => self.load_anew(seq).await?,
        };
        *machine = Some(fold);
        self.handed_out().push(Arc::downgrade(&moment.snapshot));
        Ok(moment)
    }

    fn handed_out(&self) -> MutexGuard<'_, Vec<Weak<Snapshot>>> {
        self.handed_out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many moments are not kept any more and yet in somebody's hands: those who read a long export slowly.
    fn still_held(&self) -> usize {
        let kept = self.kept().clone();
        let is_kept = |snapshot: &Arc<Snapshot>| {
            kept.iter().filter_map(|kept| kept.slot.get()).any(|moment| Arc::ptr_eq(&moment.snapshot, snapshot))
        };
        let mut handed_out = self.handed_out();
        handed_out.retain(|snapshot| snapshot.strong_count() > 0);
        handed_out.iter().filter_map(Weak::upgrade).filter(|snapshot| !is_kept(snapshot)).count()
    }

    /// Turns what was built last to another moment, if that is not far: then nearly all of it is shared.
    async fn turn(&self, mut fold: Fold, seq: Seq) -> Result<Option<Built>, PastError> {
        let from = fold.snapshot().seq();
        if from.0.abs_diff(seq.0) > FARTHEST_TURN {
            return Ok(None);
        }
        let forms = match self.store.load_turn(from, seq, MOST_TURNED).await {
            Ok(Some(forms)) => forms,
            // History may have been shortened since that moment was built.
            Ok(None) | Err(StoreError::HistoryTooShort { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let turned = on_cpu(move || {
            fold.turn_to(seq, &forms);
            finished(fold)
        });
        Ok(Some(turned.await))
    }

    async fn load_anew(&self, seq: Seq) -> Result<Built, PastError> {
        let mut loading = Loading::default();
        self.store.load_each_as_of(seq, Draft::new, |draft| loading.add(draft)).await?;
        Ok(on_cpu(move || finished(loading.finish(seq))).await)
    }

    /// Lets a moment go if nobody has asked for it lately, or says when to look again.
    fn drop_unless_used(&self, seq: Seq, now: Instant) -> Option<Instant> {
        let mut kept = self.kept();
        let at = kept.iter().position(|kept| kept.seq == seq)?;
        let end = kept[at].used + KEPT_FOR;
        if end > now {
            return Some(end);
        }
        kept.remove(at);
        if kept.is_empty()
            && let Ok(mut machine) = self.machine.try_lock()
        {
            *machine = None;
        }
        None
    }

    /// Lets the oldest finished moments go until there is room for one more of that many entities.
    fn make_room(&self, entities: usize) {
        let most = MOST_ENTITIES.max(entities);
        let mut kept = self.kept();
        loop {
            let finished = || kept.iter().filter_map(|kept| kept.slot.get());
            let (count, sum) = finished().fold((0, 0), |(n, sum), moment| (n + 1, sum + moment.snapshot.len()));
            if count == 0 || (count < MOST_KEPT && sum + entities <= most) {
                return;
            }
            let Some(oldest) = kept.iter().position(|kept| kept.slot.initialized()) else { return };
            kept.remove(oldest);
        }
    }
}

/// An attempt to build a moment. When it ends without one, be it by a panic, its place is free again.
struct Attempt<'a> {
    past: &'a Past,
    slot: &'a Slot,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.slot.initialized() {
            self.past.kept().retain(|kept| !Arc::ptr_eq(&kept.slot, self.slot));
        }
    }
}

/// What a moment is made of, and the moment.
type Built = (Fold, Arc<PastMoment>);

fn finished(fold: Fold) -> Built {
    let snapshot = fold.snapshot();
    let board = Arc::new(Board::build(&snapshot, Vec::new()));
    (fold, Arc::new(PastMoment { snapshot, board }))
}

/// Runs work that keeps a core busy beside the async workers.
pub(crate) async fn on_cpu<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Lets a moment go when nobody has asked for it for a while. Several may wait for the same one; the last finds nothing.
async fn let_go(past: Weak<Past>, seq: Seq) {
    let mut end = Instant::now() + KEPT_FOR;
    loop {
        sleep_until(end).await;
        match past.upgrade().and_then(|past| past.drop_unless_used(seq, Instant::now())) {
            Some(later) => end = later,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(past: &Past, seq: u64, entities: usize) {
        let entity = |n| {
            let entity_ref = model::EntityRef::new("component", "default", &format!("e{n}"));
            let body = format!(r#"{{"metadata":{{"name":"e{n}"}},"apiVersion":"a/v1","kind":"Component"}}"#);
            Arc::new(model::StoredEntity {
                entity_ref,
                uid: model::Uid(n as u128),
                body: model::EntityBody::from_json(body),
                relations: Vec::new(),
                errors: Vec::new(),
                parents: Vec::new(),
                line: 1,
                warnings: Vec::new(),
            })
        };
        let mut loading = Loading::default();
        loading.add(Draft::new((0..entities).map(entity).collect()));
        let moment = PastMoment { snapshot: loading.finish(Seq(seq)).snapshot(), board: Arc::new(Board::empty()) };
        let slot = past.slot(Seq(seq)).expect("there is room");
        assert!(slot.set(Arc::new(moment)).is_ok());
    }

    async fn past() -> Arc<Past> {
        let store = Store::open("sqlite::memory:").await.expect("a database");
        Past::new(store, Arc::new(Live::new(index::Fold::empty().snapshot())))
    }

    fn seqs(past: &Past) -> Vec<u64> {
        past.kept().iter().map(|kept| kept.seq.0).collect()
    }

    #[tokio::test]
    async fn the_moment_that_was_not_asked_for_longest_goes_first() {
        let past = past().await;
        (1..=6).for_each(|seq| finished(&past, seq, 1));
        assert!(past.slot(Seq(1)).is_ok());
        past.make_room(1);
        assert_eq!(seqs(&past), [3, 4, 5, 6, 1]);
    }

    #[tokio::test]
    async fn moments_of_a_large_catalog_go_sooner() {
        let past = past().await;
        (1..=3).for_each(|seq| finished(&past, seq, 100));
        past.make_room(MOST_ENTITIES - 200);
        assert_eq!(seqs(&past), [2, 3]);
        past.make_room(MOST_ENTITIES + 1);
        assert_eq!(seqs(&past), [0; 0], "the new one alone is as much as may be");
    }

    #[tokio::test]
    async fn a_moment_that_nobody_asks_for_goes_after_a_while() {
        let past = past().await;
        finished(&past, 1, 1);
        let used = past.kept()[0].used;
        assert_eq!(past.drop_unless_used(Seq(1), used), Some(used + KEPT_FOR), "it is looked at again then");
        assert_eq!(past.drop_unless_used(Seq(1), used + KEPT_FOR), None);
        assert_eq!(seqs(&past), [0; 0]);
        assert_eq!(past.drop_unless_used(Seq(1), used), None);
    }

    #[tokio::test]
    async fn moments_in_the_hands_of_slow_readers_are_counted() {
        let past = past().await;
        let mut readers = Vec::new();
        for seq in 1..=MOST_HELD as u64 {
            finished(&past, seq, 1);
            let snapshot = Arc::clone(&past.slot(Seq(seq)).expect("it is kept").get().expect("it is built").snapshot);
            past.handed_out().push(Arc::downgrade(&snapshot));
            readers.push(snapshot);
        }
        assert_eq!(past.still_held(), 0, "what is kept costs nothing more");
        past.kept().clear();
        assert_eq!(past.still_held(), MOST_HELD);
        assert!(matches!(past.build(Seq(0)).await, Err(PastError::Busy)));
        readers.pop();
        assert_eq!(past.still_held(), MOST_HELD - 1);
        assert!(past.build(Seq(0)).await.is_ok());
    }

    #[tokio::test]
    async fn an_attempt_that_breaks_off_frees_its_place() {
        let past = past().await;
        let slot = past.slot(Seq(1)).expect("there is room");
        drop(Attempt { past: &past, slot: &slot });
        assert_eq!(seqs(&past), [0; 0]);
        finished(&past, 2, 1);
        let slot = past.slot(Seq(2)).expect("it is kept");
        drop(Attempt { past: &past, slot: &slot });
        assert_eq!(seqs(&past), [2]);
    }

    #[tokio::test]
    async fn only_so_many_moments_may_wait() {
        let past = past().await;
        for seq in 0..MOST_WAITING as u64 {
            assert!(past.slot(Seq(seq)).is_ok());
        }
        assert!(matches!(past.slot(Seq(99)), Err(PastError::Busy)));
        assert!(past.slot(Seq(0)).is_ok(), "one that is being built already costs nothing more");
    }
}
