//! What each loop is doing, for operators.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use model::Timestamp;

/// The state of one loop. Cheap to clone; all clones show the same.
#[derive(Clone)]
pub struct LoopStatus {
    state: Arc<Mutex<web::LoopStatus>>,
}

impl LoopStatus {
    /// Makes the status of the loop of that name, which comes round each `period_ms` when nobody rings.
    pub fn new(name: &str, period_ms: u64) -> Self {
        let state = web::LoopStatus {
            name: name.to_owned(),
            period_ms,
            running: false,
            rounds: 0,
            last_started_at: None,
            last_duration_ms: None,
            last_error: None,
            note: None,
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// A round begins.
    pub fn started(&self, now: Timestamp) {
        self.with(|state| {
            state.running = true;
            state.last_started_at = Some(now);
        });
    }

    /// The round went well; `note` says in one line what it did, if anything.
    pub fn ok(&self, now: Timestamp, note: Option<String>) {
        self.with(|state| {
            end_round(state, now);
            if state.last_error.take().is_some() {
                tracing::info!(name = state.name, "the loop works again");
            }
            if note.is_some() {
                state.note = note;
            }
        });
    }

    /// The loop runs on another replica.
    pub fn resting(&self) {
        self.with(|state| {
            state.running = false;
            state.last_error = None;
            state.note = Some("another replica runs it".to_owned());
        });
    }

    /// The round failed. Logged once for a run of equal failures.
    pub fn failed(&self, now: Timestamp, error: &dyn std::error::Error) {
        let text = chain_text(error);
        self.with(|state| {
            end_round(state, now);
            if state.last_error.as_ref() != Some(&text) {
                tracing::error!(name = state.name, error = text, "a loop failed; it goes on trying");
                state.last_error = Some(text);
            }
        });
    }

    /// The state at this moment.
    pub fn read(&self) -> web::LoopStatus {
        self.with(|state| state.clone())
    }

    fn with<T>(&self, change: impl FnOnce(&mut web::LoopStatus) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn end_round(state: &mut web::LoopStatus, now: Timestamp) {
    state.running = false;
    state.rounds += 1;
    state.last_duration_ms = state.last_started_at.and_then(|started| u64::try_from(now.0 - started.0).ok());
}

/// Joins an error and its sources: `the database could not write: disk full`.
pub fn chain_text(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        // Writing to a String cannot fail.
        let _written = write!(text, ": {inner}");
        source = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn a_failure_shows_until_the_next_success() {
        let status = LoopStatus::new("refresh", 1000);
        status.started(Timestamp(2));
        status.failed(Timestamp(5), &Outer(std::io::Error::other("inner")));
        assert_eq!(status.read().last_error.as_deref(), Some("outer: inner"));
        assert_eq!(status.read().last_duration_ms, Some(3));
        status.started(Timestamp(5));
        status.ok(Timestamp(6), Some("nothing was due".to_owned()));
        let state = status.read();
        assert_eq!((state.last_error, state.rounds, state.running), (None, 2, false));
    }
}
