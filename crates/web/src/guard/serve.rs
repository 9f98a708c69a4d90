//! The server loop: takes connections, as many as may be, and ends in good order.

use std::{future::Future, io, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::stall::StallGuard;

/// Heads above this size in bytes are refused before they are read to their end; the exact limit is checked after.
const READ_BUFFER: usize = 64 * 1024;

/// How the server treats connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeSettings {
    /// How many connections may be open; more wait in the queue of the operating system.
    pub max_connections: usize,
    /// How long a client may take to send the head of a request, or be silent between two.
    pub head_timeout: Duration,
    /// How long a client may take nothing of an answer.
    pub write_stall: Duration,
    /// How many headers a request may have.
    pub max_headers: usize,
    /// How long requests may go on after the signal to stop.
    pub grace: Duration,
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            head_timeout: Duration::from_secs(15),
            write_stall: Duration::from_secs(30),
            max_headers: 100,
            grace: Duration::from_secs(10),
        }
    }
}

/// Serves until `shutdown` is done; then takes no more connections, lets requests finish, and returns. Requests that take
/// longer than [`ServeSettings::grace`] are cut off.
///
/// # Errors
/// Never for a single connection; only when the listener cannot tell its address.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    settings: ServeSettings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let slots = Arc::new(Semaphore::new(settings.max_connections));
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    tracing::info!(%address, "listening");
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            () = &mut shutdown => break,
        };
        let Some((stream, slot)) = accepted else { continue };
        let connection = graceful.watcher();
        let (router, settings) = (router.clone(), settings.clone());
        tokio::spawn(async move {
            serve_connection(stream, router, &settings, connection).await;
            drop(slot);
        });
    }
    drop(listener);
    tracing::info!("stopping: requests under way may finish");
    if tokio::time::timeout(settings.grace, graceful.shutdown()).await.is_err() {
        tracing::warn!(grace_s = settings.grace.as_secs(), "requests were cut off, as they took too long to finish");
    }
    Ok(())
}

/// Takes the next connection once there is a free slot. `None` after a failure, which is never the end of the server.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.expect("the semaphore is never closed");
    match listener.accept().await {
        Ok((stream, _)) => {
            // Without it small answers may wait for the client's acknowledgement.
            let _ = stream.set_nodelay(true);
            Some((stream, slot))
        }
        Err(error) => {
            tracing::error!(%error, "a connection could not be taken");
            // Out of file descriptors, most likely: trying again at once would only burn the processor.
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

async fn serve_connection(
    stream: TcpStream,
    router: Router,
    settings: &ServeSettings,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let io = TokioIo::new(StallGuard::new(stream, settings.write_stall));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(settings.head_timeout)
        .max_buf_size(READ_BUFFER)
        .max_headers(settings.max_headers)
        .serve_connection(io, TowerToHyperService::new(router));
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended early");
    }
}
