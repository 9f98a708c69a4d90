//! The change log as server-sent events. Each event has the change's number as id, so that a client goes on by itself where
//! it was cut off.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{StreamExt as _, stream};
use model::{Change, ChangeKind, Seq};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    change_wire::{Bodies, ChangeWire},
    list_changes::load_page,
};
use crate::{App, Problem, state::MOST_STREAMS};

/// How many changes are read from the log at once.
const BATCH: u32 = 200;

/// Proxies close connections that are silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

struct Feed {
    gate: auth::Gate,
    after: Seq,
    bodies: Bodies,
    pending: VecDeque<Change>,
    /// Counts the stream until it ends.
    _open: OwnedSemaphorePermit,
}

/// Streams the changes after a number, for as long as the client listens.
///
/// # Errors
/// 410 when the log does not reach back that far, 503 when too many streams are open, both before the stream begins.
pub(super) async fn stream_changes(
    app: &App,
    gate: auth::Gate,
    after: Seq,
    bodies: Bodies,
) -> Result<Response, Problem> {
    let open = Arc::clone(app.free_streams()).try_acquire_owned().map_err(|_| too_many_streams())?;
    let first = load_page(&gate, after, BATCH).await?;
    let feed = Feed { gate, after: first.next, bodies, pending: first.changes.into(), _open: open };
    let events = stream::unfold(feed, |mut feed| async move {
        let change = next_change(&mut feed).await?;
        let event = to_event(&change, feed.bodies);
        Some((Ok::<_, Infallible>(event), feed))
    });
    // Whoever wraps a body may ask once more after its end, which an unfold does not bear.
    let events = events.fuse();
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // nginx keeps streams back unless told not to.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    Ok(response)
}

fn too_many_streams() -> Problem {
    let message = format!("{MOST_STREAMS} streams are open, which is as many as there may be; ask for pages instead");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableError", message)
}

/// The next change. `None` ends the stream: the client connects again and hears there what is wrong.
async fn next_change(feed: &mut Feed) -> Option<Change> {
    loop {
        if let Some(change) = feed.pending.pop_front() {
            return Some(change);
        }
        let page = load_page(&feed.gate, feed.after, BATCH).await.ok()?;
        feed.after = page.next;
        feed.pending = page.changes.into();
        if feed.pending.is_empty() {
            feed.gate.wait_past(feed.after).await;
        }
    }
}

fn to_event(change: &Change, bodies: Bodies) -> Event {
    let name = match change.kind {
        ChangeKind::Added => "added",
        ChangeKind::Changed => "changed",
        ChangeKind::Removed => "removed",
    };
    let data = serde_json::to_string(&ChangeWire::new(change, bodies)).expect("a change always serialises");
    Event::default().id(change.seq.0.to_string()).event(name).data(data)
}
