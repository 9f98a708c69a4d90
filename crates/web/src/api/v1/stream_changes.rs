//! The change log as server-sent events. Each event has the change's number as id, so that a client goes on by itself where
//! it was cut off.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures::{StreamExt as _, stream};
use model::{Change, ChangeKind, Seq};

use super::{
    change_wire::{Bodies, ChangeWire},
    list_changes::load_page,
};
use crate::Problem;

/// How many changes are read from the log at once.
const BATCH: u32 = 200;

/// Proxies close connections that are silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

struct Feed {
    gate: auth::Gate,
    after: Seq,
    bodies: Bodies,
    pending: VecDeque<Change>,
}

/// Streams the changes after a number, for as long as the client listens.
///
/// # Errors
/// 410 when the log does not reach back that far, before the stream begins.
pub(super) async fn stream_changes(gate: auth::Gate, after: Seq, bodies: Bodies) -> Result<Response, Problem> {
    let first = load_page(&gate, after, BATCH).await?;
    let feed = Feed { gate, after: first.next, bodies, pending: first.changes.into() };
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
