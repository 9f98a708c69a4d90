//! Layouts, made where they hold nobody up, and kept: the same graph is laid out once.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use diagram::{Graph, Options, Picture};
use tokio::sync::Semaphore;
use xxhash_rust::xxh3::xxh3_128;

use crate::{Problem, problem};

/// How many layouts are kept.
const KEPT: usize = 64;

/// How long a picture may take, from the walk to its last line.
const PATIENCE: Duration = Duration::from_secs(15);

/// How many pictures are made at once. Others wait for their turn.
static TURNS: Semaphore = Semaphore::const_new(2);

/// The layouts that were asked for last.
static LAYOUTS: Mutex<Recent> = Mutex::new(Recent { kept: Vec::new() });

/// The newest last.
struct Recent {
    kept: Vec<(u128, Arc<Picture>)>,
}

impl Recent {
    fn find(&mut self, key: u128) -> Option<Arc<Picture>> {
        let at = self.kept.iter().position(|(other, _)| *other == key)?;
        let found = self.kept.remove(at);
        let picture = Arc::clone(&found.1);
        self.kept.push(found);
        Some(picture)
    }

    fn keep(&mut self, key: u128, picture: &Arc<Picture>) {
        self.kept.retain(|(other, _)| *other != key);
        if self.kept.len() >= KEPT {
            self.kept.remove(0);
        }
        self.kept.push((key, Arc::clone(picture)));
    }
}

/// Lays a graph out, or remembers how it was laid out. Call it from [`make`].
pub(super) fn lay_out(graph: &Graph, options: Options) -> Arc<Picture> {
    let key = xxh3_128(format!("{graph:?}{options:?}").as_bytes());
    if let Some(known) = LAYOUTS.lock().unwrap_or_else(PoisonError::into_inner).find(key) {
        return known;
    }
    let picture = match diagram::layout(graph, options) {
        Ok(picture) => Arc::new(picture),
        Err(error) => {
            tracing::error!(%error, "a graph was folded and is still too large");
            Arc::new(Picture::default())
        }
    };
    LAYOUTS.lock().unwrap_or_else(PoisonError::into_inner).keep(key, &picture);
    picture
}

/// Makes a picture on a thread that may be busy.
///
/// # Errors
/// 503 when it takes too long.
pub(super) async fn make<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let work = async {
        let turn = TURNS.acquire().await.map_err(|error| problem::internal(&error))?;
        // Who loses patience does not end the work, so the turn goes with the work.
        let work = move || {
            let made = job();
            drop(turn);
            made
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| problem::internal(&error))
    };
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(took_too_long()))
}

fn took_too_long() -> Problem {
    let message = "The picture takes too long to make. Choose a smaller depth, or fewer kinds and relations.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableError", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layouts_asked_for_last_are_kept() {
        let mut recent = Recent { kept: Vec::new() };
        let picture = Arc::new(Picture::default());
        (0..KEPT as u128).for_each(|key| recent.keep(key, &picture));
        assert!(recent.find(0).is_some());
        recent.keep(1000, &picture);
        assert!(recent.find(1).is_none() && recent.find(0).is_some() && recent.find(1000).is_some());
        assert_eq!(recent.kept.len(), KEPT);
    }
}
