//! Sheets as they change: a bell for this server's own writes, a look at the store now and then for those of others, and
//! server-sent events for everybody who has the page open.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{StreamExt as _, stream};
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::{App, Gate, Problem};

/// How often the store is asked when no bell is rung here: another replica may have written.
const PERIOD: Duration = Duration::from_secs(2);
/// Proxies close connections that are silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Rung when a sheet was written to on this server.
pub(crate) struct SheetBell(watch::Sender<u64>);

impl Default for SheetBell {
    fn default() -> Self {
        Self(watch::channel(0).0)
    }
}

impl SheetBell {
    pub(crate) fn ring(&self) {
        self.0.send_modify(|rung| *rung += 1);
    }
}

struct Watching {
    gate: auth::Gate,
    id: String,
    /// The revision that was told last.
    told: Option<u32>,
    bell: watch::Receiver<u64>,
    /// Counts the stream until it ends.
    _open: OwnedSemaphorePermit,
}

/// Streams the revisions of a sheet, beginning with the one that it has.
pub(crate) async fn stream_revisions(
    State(app): State<App>,
    gate: Gate,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    gate.call_sheet_revision(&id).await?;
    let open = Arc::clone(app.free_streams()).try_acquire_owned().map_err(|_| too_many_streams())?;
    let watching = Watching { gate: gate.0, id, told: None, bell: app.sheet_bell().0.subscribe(), _open: open };
    let events = stream::unfold(watching, |mut watching| async move {
        let revision = next_revision(&mut watching).await?;
        watching.told = Some(revision);
        let event = Event::default().id(revision.to_string()).event("changed").data(revision.to_string());
        Some((Ok::<_, Infallible>(event), watching))
    });
    // Whoever wraps a body may ask once more after its end, which an unfold does not bear.
    let mut response = Sse::new(events.fuse()).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // nginx keeps streams back unless told not to.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Waits for a revision that was not told. `None` ends the stream: the client connects again and hears there what is wrong.
async fn next_revision(watching: &mut Watching) -> Option<u32> {
    loop {
        watching.bell.mark_unchanged();
        let revision = watching.gate.call_sheet_revision(&watching.id).await.ok()?;
        if watching.told != Some(revision) {
            return Some(revision);
        }
        // A bell that is gone means that the server is stopping.
        if let Ok(Err(_)) = tokio::time::timeout(PERIOD, watching.bell.changed()).await {
            return None;
        }
    }
}

fn too_many_streams() -> Problem {
    let message = "as many pages are live as there may be; reload this one instead";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableError", message)
}
