//! The writing end of a harvest: batches of file reports go to the store in order, beside the reading.

use model::Uid;
use store::{FileOutcome, FileReport, StoreError};
use tokio::{sync::mpsc, task::JoinHandle};

use super::Rooms;

/// How many entities make a batch. Larger batches commit seldom, smaller ones show first results sooner.
const BATCH_ENTITIES: usize = 2_500;
/// How many batches may wait; reading pauses beyond that, so that memory stays bounded.
const BATCHES_WAITING: usize = 2;

/// Collects reports into batches and writes them on a task of its own.
pub struct Writer {
    batch: Vec<FileReport>,
    entities: usize,
    send: mpsc::Sender<Vec<FileReport>>,
    task: JoinHandle<Result<u64, StoreError>>,
}

impl Writer {
    /// Starts writing for a root.
    pub fn start(rooms: Rooms, root: Uid) -> Self {
        let (send, mut receive) = mpsc::channel::<Vec<FileReport>>(BATCHES_WAITING);
        let task = tokio::spawn(async move {
            let mut changes = 0;
            while let Some(batch) = receive.recv().await {
                let applied = rooms.store.apply(root, batch, (rooms.now)()).await?;
                changes += applied.changes.len() as u64;
                if !applied.changes.is_empty() {
                    (rooms.committed)(applied);
                }
            }
            Ok(changes)
        });
        Self { batch: Vec::new(), entities: 0, send, task }
    }

    /// Takes one report; waits when the store is behind.
    pub async fn push(&mut self, report: FileReport) {
        self.entities += match &report.outcome {
            FileOutcome::Read(file) => file.entities.len() + file.rejected.len() + 1,
            FileOutcome::Unchanged | FileOutcome::Failed { .. } => 1,
        };
        self.batch.push(report);
        if self.entities >= BATCH_ENTITIES {
            self.flush().await;
        }
    }

    async fn flush(&mut self) {
        self.entities = 0;
        let batch = std::mem::take(&mut self.batch);
        // A closed channel means that the store failed; `finish` tells.
        let _closed = self.send.send(batch).await;
    }

    /// Writes the rest and returns how many changes were made.
    ///
    /// # Errors
    /// The first failure of the store; batches before it are written.
    pub async fn finish(mut self) -> Result<u64, StoreError> {
        if !self.batch.is_empty() {
            self.flush().await;
        }
        drop(self.send);
        match self.task.await {
            Ok(result) => result,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}
