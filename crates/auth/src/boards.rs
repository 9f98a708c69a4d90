//! The newest board of problems, built once for everybody.
//!
//! It stands here and not in `web`, because the loop that records how many problems there are asks for the same boards, and
//! not in `index`, because building one reads records from the store and must not happen twice at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use index::problems::{Board, Problem};
use model::{Code, Diagnostic, EntityRef, Seq, Severity};
use store::{OpenVerdict, ProblemRecord, ProblemRevision, Store};
use tokio::{sync::Mutex, time::Instant};

use crate::{GateError, Live};

/// How long a reader waits for a newer board where building takes longer than that; then it takes the last one.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long it waits where building was quicker the last time, so that only a machine in trouble shows old problems.
const PATIENCE_IF_QUICK: Duration = Duration::from_secs(5);
/// The shortest pause between boards that nobody waits for.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause, as a multiple of what building takes: keeping boards new must not keep a core busy.
const PAUSE_FACTOR: u32 = 4;

/// The boards of problems. All methods may be called at any time by anybody.
pub struct Boards {
    store: Store,
    live: Arc<Live>,
    built: ArcSwapOption<Built>,
    /// Held by the one who builds.
    turn: Mutex<()>,
    /// How many buildings have begun.
    begun: AtomicU64,
    /// Whether somebody is about to look in the background.
    nudged: AtomicBool,
}

/// A finished board, and what it was made of.
struct Built {
    board: Arc<Board>,
    seq: Seq,
    revision: ProblemRevision,
    /// Which building it was.
    number: u64,
    /// How long that took.
    took: Duration,
    /// From when on another may be built that nobody waits for.
    rests_until: Instant,
}

impl Boards {
    /// Prepares to build boards; the first is built when it is asked for.
    #[must_use]
    pub fn new(store: Store, live: Arc<Live>) -> Arc<Self> {
        Arc::new(Self {
            store,
            live,
            built: ArcSwapOption::empty(),
            turn: Mutex::new(()),
            begun: AtomicU64::new(0),
            nudged: AtomicBool::new(false),
        })
    }

    /// Returns a board of this moment. When building takes long, the last finished one is returned meanwhile.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn newest(self: &Arc<Self>) -> Result<Arc<Board>, GateError> {
        let last = self.built.load_full().map(|last| Arc::clone(&last.board));
        if let Some(last) = last.clone().filter(|_| self.live.stale_since().is_some()) {
            return Ok(last);
        }
        match self.build_newest().await {
            // Without the database the last board is the best there is.
            Err(GateError::Unavailable(error)) => last.ok_or(GateError::Unavailable(error)),
            outcome => outcome,
        }
    }

    async fn build_newest(self: &Arc<Self>) -> Result<Arc<Board>, GateError> {
        if let Some(board) = self.find_current().await? {
            return Ok(board);
        }
        let boards = Arc::clone(self);
        let asked = self.begun.load(Ordering::Acquire);
        // A task of its own: a reader that goes away does not waste what is half built.
        let building = tokio::spawn(async move { boards.build_or_join(asked).await });
        let Some(last) = self.built.load_full() else { return joined(building.await) };
        let patience = if last.took < PATIENCE { PATIENCE_IF_QUICK } else { PATIENCE };
        match tokio::time::timeout(patience, building).await {
            Ok(done) => joined(done),
            Err(_late) => Ok(Arc::clone(&last.board)),
        }
    }

    /// Returns the last finished board at once, and sees to it in the background that there soon is a newer one if need be.
    /// Empty until the first is finished.
    #[must_use]
    pub fn latest(self: &Arc<Self>) -> Arc<Board> {
        let last = self.built.load_full();
        let is_rested = last.as_ref().is_none_or(|last| last.rests_until <= Instant::now());
        if is_rested && !self.nudged.swap(true, Ordering::AcqRel) {
            let boards = Arc::clone(self);
            tokio::spawn(async move {
                if let Err(error) = boards.newest().await {
                    tracing::warn!(error = error.to_string(), "the problems could not be read");
                }
                boards.nudged.store(false, Ordering::Release);
            });
        }
        last.map_or_else(|| Arc::new(Board::empty()), |last| Arc::clone(&last.board))
    }

    async fn find_current(&self) -> Result<Option<Arc<Board>>, GateError> {
        let Some(built) = self.built.load_full() else { return Ok(None) };
        if built.seq != self.live.snapshot().seq() || built.revision != self.store.problem_revision().await? {
            return Ok(None);
        }
        Ok(Some(Arc::clone(&built.board)))
    }

    /// Builds a board, unless one was begun after number `asked` and is finished by the time it is our turn.
    async fn build_or_join(&self, asked: u64) -> Result<Arc<Board>, GateError> {
        let _turn = self.turn.lock().await;
        if let Some(built) = self.built.load_full().filter(|built| built.number > asked) {
            return Ok(Arc::clone(&built.board));
        }
        let number = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
        let began = Instant::now();
        let snapshot = self.live.snapshot();
        // The revision comes first: what is written between the two makes the board look older than it is, never newer.
        let revision = self.store.problem_revision().await?;
        let records = self.store.list_problems().await?;
        let verdicts = self.store.list_open_verdicts().await?;
        let seq = snapshot.seq();
        let building = move || {
            let records = records.into_iter().map(to_problem).chain(verdicts.into_iter().map(verdict_problem));
            Board::build(&snapshot, records.collect())
        };
        let board = tokio::task::spawn_blocking(building).await;
        let board = Arc::new(board.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())));
        let took = began.elapsed();
        let rests_until = Instant::now() + PAUSE.max(took * PAUSE_FACTOR);
        let built = Built { board: Arc::clone(&board), seq, revision, number, took, rests_until };
        self.built.store(Some(Arc::new(built)));
        Ok(board)
    }
}

/// The outcome of a building.
type Joined = Result<Result<Arc<Board>, GateError>, tokio::task::JoinError>;

fn joined(done: Joined) -> Result<Arc<Board>, GateError> {
    match done {
        Ok(outcome) => outcome,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Turns a problem on record into one of a board; its owners are found later.
#[must_use]
pub fn to_problem(record: ProblemRecord) -> Problem {
    Problem {
        location: Some(record.location.as_str().into()),
        entity_ref: record.entity_ref,
        diagnostic: record.diagnostic,
        root: Some(record.root),
        served: record.served,
        since: Some(record.since),
        owners: Vec::new(),
    }
}

/// The codes of `ingest`'s table for what an event showed, which this room may not name.
const WRONG_OWNER: &str = "W1017";
const NO_DEPENDENCY: &str = "W1018";
const UNTOLD_DEPENDENCY: &str = "W1019";

/// Turns a wrong answer of the catalog into a problem of a board.
pub(crate) fn verdict_problem(open: OpenVerdict) -> Problem {
    // Who may see the problem need not be one who may read call sheets: their titles and notes stay there.
    let OpenVerdict { sheet_id, verdict, answered_at, .. } = open;
    let other = verdict.other.as_ref().map_or("nobody", EntityRef::as_str);
    let (code, message, help, field) = match sheets::Question::parse(&verdict.question) {
        Some(sheets::Question::Owner) => (
            WRONG_OWNER,
            format!("during an incident the owner `{other}` turned out to be wrong"),
            "name the team that answers for it in `spec.owner`",
            Some("spec.owner"),
        ),
        Some(sheets::Question::Missing) => (
            UNTOLD_DEPENDENCY,
            format!("during an incident it was hit by `{other}`, which it does not say that it needs"),
            "name what it needs in `spec.dependsOn` or `spec.consumesApis`",
            None,
        ),
        Some(sheets::Question::Dependency) | None => (
            NO_DEPENDENCY,
            format!("during an incident it turned out not to need `{other}`"),
            "take the dependency out, or say in `spec.dependencies` how soft it is",
            None,
        ),
    };
    Problem {
        entity_ref: Some(verdict.entity_ref),
        diagnostic: Diagnostic {
            code: Code(code.into()),
            severity: Severity::Warning,
            message,
            help: Some(format!("{help}; once that is settled, say so on /call-sheets/{sheet_id}")),
            place: None,
            field: field.map(str::to_owned),
            error: None,
        },
        location: None,
        root: None,
        served: true,
        since: Some(answered_at),
        owners: Vec::new(),
    }
}
