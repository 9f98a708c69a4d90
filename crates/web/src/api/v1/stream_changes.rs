//! The change log as server-sent events. Each event has the change's number as id, so that a client goes on by itself where
//! it was cut off. A client that filters hears with each heartbeat how far the stream has come, so that it need not pass
//! again over what was left out.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use auth::{ChangeQuery, SeenChange};
use axum::{
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures::{StreamExt as _, stream};
use model::{ChangeKind, Seq};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, sleep_until},
};

use super::change_wire::{Bodies, ChangeWire};
use crate::{App, Problem, state::MOST_STREAMS};

/// How many changes are taken from the log at once.
const BATCH: usize = 200;

/// Proxies close connections that are silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How soon a client hears that the stream has passed over changes that its filter leaves out.
const SOON: Duration = Duration::from_secs(5);

struct Feed {
    gate: auth::Gate,
    query: ChangeQuery,
    bodies: Bodies,
    /// Everything up to here is sent, pending or left out.
    reached: Seq,
    pending: VecDeque<SeenChange>,
    next_heartbeat: Instant,
    /// Counts the stream until it ends.
    _open: OwnedSemaphorePermit,
}

/// What happens next in a stream.
enum Next {
    Change(Box<SeenChange>),
    Heartbeat(Seq),
}

/// Streams the changes after a number, for as long as the client listens.
///
/// # Errors
/// 410 when the log does not reach back that far, 503 when too many streams are open, both before the stream begins.
pub(super) async fn stream_changes(
    app: &App,
    gate: auth::Gate,
    after: Seq,
    query: ChangeQuery,
    bodies: Bodies,
) -> Result<Response, Problem> {
    let open = Arc::clone(app.free_streams()).try_acquire_owned().map_err(|_| too_many_streams())?;
    let first = gate.changes_after(after, BATCH, &query).await?;
    // Whoever has just passed over all of the past should not have to do so again.
    let has_only_passed = first.changes.is_empty() && first.next > after;
    let now = Instant::now();
    let feed = Feed {
        gate,
        query,
        bodies,
        reached: first.next,
        pending: first.changes.into(),
        next_heartbeat: if has_only_passed { now } else { now + HEARTBEAT },
        _open: open,
    };
    let events = stream::unfold(feed, |mut feed| async move {
        let event = match next(&mut feed).await? {
            Next::Change(change) => to_event(&change, feed.bodies),
            Next::Heartbeat(reached) => Event::default().comment("heartbeat").id(reached.0.to_string()),
        };
        Some((Ok::<_, Infallible>(event), feed))
    });
    // Whoever wraps a body may ask once more after its end, which an unfold does not bear.
    let mut response = Sse::new(events.fuse()).into_response();
    // nginx keeps streams back unless told not to.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    Ok(response)
}

fn too_many_streams() -> Problem {
    let message = format!("{MOST_STREAMS} streams are open, which is as many as there may be; ask for pages instead");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableError", message)
}

/// The next change or heartbeat. `None` ends the stream: the client connects again and hears there what is wrong.
async fn next(feed: &mut Feed) -> Option<Next> {
    loop {
        if let Some(change) = feed.pending.pop_front() {
            feed.next_heartbeat = Instant::now() + HEARTBEAT;
            return Some(Next::Change(Box::new(change)));
        }
        tokio::select! {
            () = feed.gate.wait_past(feed.reached) => {}
            () = sleep_until(feed.next_heartbeat) => {
                feed.next_heartbeat = Instant::now() + HEARTBEAT;
                return Some(Next::Heartbeat(feed.reached));
            }
        }
        let page = feed.gate.changes_after(feed.reached, BATCH, &feed.query).await.ok()?;
        feed.reached = page.next;
        feed.pending = page.changes.into();
        if feed.pending.is_empty() {
            feed.next_heartbeat = feed.next_heartbeat.min(Instant::now() + SOON);
        }
    }
}

fn to_event(seen: &SeenChange, bodies: Bodies) -> Event {
    let name = match seen.change.kind {
        ChangeKind::Added => "added",
        ChangeKind::Changed => "changed",
        ChangeKind::Removed => "removed",
    };
    let data = serde_json::to_string(&ChangeWire::new(seen, bodies)).expect("a change always serialises");
    Event::default().id(seen.change.seq.0.to_string()).event(name).data(data)
}
