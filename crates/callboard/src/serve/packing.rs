//! The pack loop: writes the catalog as one file into a folder, for the hour in which this server does not answer.

use std::{sync::Arc, time::Duration};

use auth::{Clock, Live};
use index::Visibility;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{
    LoopStatus,
    pack_files::{self, PackFileError},
};
use crate::config::PackConfig;

/// After a start the catalog is taken to be whole when it has not changed for so long.
const QUIET: Duration = Duration::from_secs(3);
/// But a first pack does not wait for longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What the loop works with.
pub struct Packing {
    /// The published catalog.
    pub live: Arc<Live>,
    /// What pages are made with.
    pub settings: web::WebSettings,
    /// Where to and how often.
    pub config: PackConfig,
    /// The clock.
    pub clock: Clock,
}

/// A failure of a round.
#[derive(Debug, thiserror::Error)]
enum PackingError {
    #[error(transparent)]
    Make(#[from] pack::PackError),
    #[error(transparent)]
    Write(#[from] PackFileError),
    #[error("the thread that made the pack broke off")]
    Thread(#[from] tokio::task::JoinError),
}

/// Runs until `stop`.
pub async fn run(packing: Packing, stop: CancellationToken, status: LoopStatus) {
    tokio::select! {
        () = stop.cancelled() => return,
        () = packing.settled() => {}
    }
    loop {
        let next = Instant::now() + packing.config.every;
        status.started((packing.clock)());
        match packing.round().await {
            Ok(note) => status.ok((packing.clock)(), Some(note)),
            Err(error) => status.failed((packing.clock)(), &error),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep_until(next) => {}
        }
    }
}

impl Packing {
    /// Waits until the catalog is there and does not change at every moment, so that the first pack is no half one.
    async fn settled(&self) {
        let mut changes = self.live.subscribe();
        let latest = Instant::now() + LONGEST_WAIT;
        loop {
            let until = if self.live.is_loaded() { latest.min(Instant::now() + QUIET) } else { latest };
            // The sender lives as long as `live` does.
            let changed = timeout_at(until, changes.changed()).await;
            if changed.is_err() && self.live.is_loaded() {
                return;
            }
            if changed.is_err() {
                // Still loading: a very large catalog, or a database that does not answer.
                let _loaded = changes.changed().await;
            }
        }
    }

    async fn round(&self) -> Result<String, PackingError> {
        let view = self.live.snapshot().view(Visibility::Everything);
        if view.snapshot().is_empty() {
            // A pack of an earlier day is worth more than one of nothing.
            return Ok("the catalog is empty, so no pack was written".to_owned());
        }
        let (settings, config, made_at) = (self.settings.clone(), self.config.clone(), (self.clock)());
        let work = move || {
            let html = web::prepare_pack(&view, &settings)?.write(made_at);
            let path = pack_files::store_pack(&config.directory, &html, made_at, config.keep)?;
            Ok(format!("wrote {} as of change {} ({} kB)", path.display(), view.seq().0, html.len() / 1000))
        };
        tokio::task::spawn_blocking(work).await?
    }
}
