//! Notices changes on disk within two seconds: by the system's events, and by looking once a second where there are none.

mod mounts;
mod roots;
mod snapshot;

use std::{
    collections::BTreeSet,
    io,
    path::PathBuf,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use roots::Roots;

/// Changes are gathered until it was quiet for this long ...
const QUIET: Duration = Duration::from_millis(200);

/// ... but no longer than this.
const LONGEST_GATHERING: Duration = Duration::from_millis(800);

/// How often folders without events are looked at.
const POLL_PERIOD: Duration = Duration::from_secs(1);

/// Batches that may wait for the receiver.
const WAITING_BATCHES: usize = 64;

/// Watches folders and files until it is dropped.
#[derive(Debug)]
pub struct Watcher {
    signals: mpsc::Sender<Signal>,
}

/// Why nothing can be watched.
#[derive(Debug, thiserror::Error)]
#[error("failed to start the thread that watches files")]
pub struct WatchError(#[source] io::Error);

enum Signal {
    Event(notify::Result<notify::Event>),
    Stop,
}

/// How folders are to be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    /// By events where the file system has them, else by looking.
    EventsWherePossible,
    /// By looking only.
    LookingOnly,
}

impl Watcher {
    /// Watches `roots` (folders with all below them, or single files; they may be missing and come later). When it
    /// returns, no later change is missed. Each message holds paths that changed, came or went since the message before;
    /// a folder among them stands for everything below it. What [`Reader::discover`](crate::Reader::discover) never looks
    /// into is not watched.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub async fn start(roots: Vec<PathBuf>) -> Result<(Self, tokio::sync::mpsc::Receiver<Vec<PathBuf>>), WatchError> {
        Self::start_by(roots, Means::EventsWherePossible).await
    }

    /// Watches as [`Watcher::start`] does, but only by looking once a second: for file systems whose events are known to be
    /// missing although the system promises them.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub async fn start_looking(
        roots: Vec<PathBuf>,
    ) -> Result<(Self, tokio::sync::mpsc::Receiver<Vec<PathBuf>>), WatchError> {
        Self::start_by(roots, Means::LookingOnly).await
    }

    async fn start_by(
        roots: Vec<PathBuf>,
        means: Means,
    ) -> Result<(Self, tokio::sync::mpsc::Receiver<Vec<PathBuf>>), WatchError> {
        let (signals, inbox) = mpsc::channel();
        let (outbox, batches) = tokio::sync::mpsc::channel(WAITING_BATCHES);
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let for_events = signals.clone();
        let work = move || {
            let roots = Roots::open(roots, means, move |event| {
                // Nobody listens any more when the watcher is being dropped.
                let _ = for_events.send(Signal::Event(event));
            });
            let _ = ready.send(());
            run(roots, &inbox, &outbox);
        };
        thread::Builder::new().name("watch-files".to_owned()).spawn(work).map_err(WatchError)?;
        // An error means that the thread has ended; then the receiver reports the end as well.
        let _ = is_ready.await;
        Ok((Self { signals }, batches))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // An error means that the thread has ended already.
        let _ = self.signals.send(Signal::Stop);
    }
}

fn run(mut roots: Roots, inbox: &mpsc::Receiver<Signal>, outbox: &tokio::sync::mpsc::Sender<Vec<PathBuf>>) {
    let mut changed = BTreeSet::new();
    let mut gathering: Option<(Instant, Instant)> = None;
    let mut next_poll = Instant::now() + POLL_PERIOD;
    loop {
        let due = gathering.map(|(first, last)| (last + QUIET).min(first + LONGEST_GATHERING));
        let wake = due.map_or(next_poll, |due| due.min(next_poll));
        let signal = inbox.recv_timeout(wake.saturating_duration_since(Instant::now()));
        let before = changed.len();
        match signal {
            Ok(Signal::Event(event)) => roots.take_event(event, &mut changed),
            Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {}
        }
        let now = Instant::now();
        if now >= next_poll {
            roots.look(&mut changed);
            // Looking at very many files takes long; then it is done less often, so that it never fills a core.
            next_poll = now + POLL_PERIOD.max(now.elapsed() * 4);
        }
        if changed.len() > before {
            gathering = Some((gathering.map_or(now, |(first, _)| first), now));
        }
        if gathering.is_some_and(|(first, last)| now >= (last + QUIET).min(first + LONGEST_GATHERING)) {
            gathering = None;
            if outbox.blocking_send(std::mem::take(&mut changed).into_iter().collect()).is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tokio::time::timeout;

    use super::*;

    /// The promise is two seconds from the change; machines that run other tests may need a little more.
    const PATIENCE: Duration = Duration::from_secs(4);

    async fn wait_for(batches: &mut tokio::sync::mpsc::Receiver<Vec<PathBuf>>, path: &std::path::Path) {
        let seen = async {
            while let Some(batch) = batches.recv().await {
                if batch.iter().any(|changed| path.starts_with(changed)) {
                    return;
                }
            }
            panic!("the watcher ended");
        };
        timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("{} was not noticed", path.display()));
    }

    async fn notices_everything(means: Means) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::write(root.join("a.yaml"), "a: 1").unwrap();
        let (watcher, mut batches) = Watcher::start_by(vec![root.clone()], means).await.unwrap();

        fs::write(root.join("a.yaml"), "a: 22").unwrap();
        wait_for(&mut batches, &root.join("a.yaml")).await;
        fs::create_dir_all(root.join("deep/er")).unwrap();
        fs::write(root.join("deep/er/b.yaml"), "b: 1").unwrap();
        wait_for(&mut batches, &root.join("deep/er/b.yaml")).await;
        fs::write(root.join("deep/er/b.yaml"), "b: 333").unwrap();
        wait_for(&mut batches, &root.join("deep/er/b.yaml")).await;
        fs::rename(root.join("a.yaml"), root.join("c.yaml")).unwrap();
        wait_for(&mut batches, &root.join("c.yaml")).await;
        fs::remove_file(root.join("c.yaml")).unwrap();
        wait_for(&mut batches, &root.join("c.yaml")).await;
        drop(watcher);
        assert!(
            timeout(PATIENCE, async { while batches.recv().await.is_some() {} }).await.is_ok(),
            "it ends when dropped"
        );
    }

    #[tokio::test]
    async fn notices_changes_by_events() {
        notices_everything(Means::EventsWherePossible).await;
    }

    #[tokio::test]
    async fn notices_changes_by_looking() {
        notices_everything(Means::LookingOnly).await;
    }

    #[tokio::test]
    async fn watches_a_single_file_through_replacement() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let file = root.join("catalog-info.yaml");
        fs::write(&file, "a: 1").unwrap();
        let (_watcher, mut batches) = Watcher::start(vec![file.clone()]).await.unwrap();
        for text in ["a: 22", "a: 333"] {
            fs::write(root.join(".new"), text).unwrap();
            fs::rename(root.join(".new"), &file).unwrap();
            wait_for(&mut batches, &file).await;
        }
    }

    #[tokio::test]
    async fn waits_for_a_folder_that_is_not_there_yet() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("later");
        let (_watcher, mut batches) = Watcher::start(vec![root.clone()]).await.unwrap();
        fs::create_dir(&root).unwrap();
        wait_for(&mut batches, &root).await;
        fs::write(root.join("x.yaml"), "x: 1").unwrap();
        wait_for(&mut batches, &root.join("x.yaml")).await;
        fs::remove_dir_all(&root).unwrap();
        wait_for(&mut batches, &root.join("x.yaml")).await;
        fs::create_dir(&root).unwrap();
        wait_for(&mut batches, &root).await;
    }

    #[tokio::test]
    async fn leaves_out_what_nobody_looks_into() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("node_modules/x")).unwrap();
        fs::create_dir_all(root.join(".git")).unwrap();
        let (_watcher, mut batches) = Watcher::start(vec![root.clone()]).await.unwrap();
        fs::write(root.join("node_modules/x/catalog-info.yaml"), "a: 1").unwrap();
        fs::write(root.join(".git/index.yaml"), "a: 1").unwrap();
        fs::write(root.join("z.yaml"), "a: 1").unwrap();
        let batch = timeout(PATIENCE, batches.recv()).await.unwrap().unwrap();
        assert_eq!(batch, vec![root.join("z.yaml")]);
    }
}
