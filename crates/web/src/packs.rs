//! Packs of the catalog, made off the async threads, one at a time, and kept while the catalog stays as it is.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use index::{View, Visibility};
use model::{EntityRef, Seq};
use pack::{About, Link, PackError, Prepared};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::{
    App, Problem, WebSettings,
    pages::{Facts, links_of},
    problem,
};

/// A pack that is larger is not kept in memory.
const LARGEST_KEPT: usize = 32 * 1024 * 1024;
/// How many are kept: one for each of a few sorts of visibility.
const MOST_KEPT: usize = 4;
/// How long one request waits for its pack. A very large catalog is better taken along by schedule or command.
const PATIENCE: Duration = Duration::from_secs(50);

/// The packs that were made last.
#[derive(Default)]
pub(crate) struct Packs {
    /// Held by the one who makes a pack, so that a crowd at the door costs one.
    turn: Arc<Mutex<()>>,
    kept: Arc<RwLock<Vec<Kept>>>,
}

struct Kept {
    visibility: Visibility,
    pack: Arc<Prepared>,
}

/// Prepares the pack of what a view shows, with the links that pages would show. Busy for as long as it takes.
///
/// # Errors
/// When the pack cannot be written or compressed, which no catalog should be able to cause.
pub fn prepare_pack(view: &View, settings: &WebSettings) -> Result<Prepared, PackError> {
    let about = About {
        portal: settings.title.clone(),
        organization: settings.organization.clone(),
        base_url: settings.base_url.clone(),
        version: settings.version.clone(),
        kinds: settings.kinds.iter().map(|kind| (kind.name.clone(), kind.plural.clone())).collect(),
    };
    pack::prepare(view, &about, &|entity_ref, json| links(entity_ref, json, settings))
}

/// The links of an entity as its page groups them.
fn links(entity_ref: &EntityRef, json: &Value, settings: &WebSettings) -> Vec<Link> {
    let groups = links_of(&Facts::of_json(entity_ref, json), &settings.tools);
    // The pack is opened far from this server.
    let from_afar = |href: String| if href.starts_with('/') { format!("{}{href}", settings.base_url) } else { href };
    let of_group = |group: crate::pages::LinkGroup| {
        let purpose = group.purpose.title();
        group.links.into_iter().map(move |link| Link {
            purpose: purpose.to_owned(),
            label: link.label,
            href: link.href.map(from_afar),
            value: link.value,
        })
    };
    groups.into_iter().flat_map(of_group).collect()
}

impl Packs {
    /// Takes the pack of a view, or makes it.
    ///
    /// # Errors
    /// 503 when it takes too long.
    pub(crate) async fn take(&self, app: &App, view: &View) -> Result<Arc<Prepared>, Problem> {
        let making = self.take_or_make(app, view);
        tokio::time::timeout(PATIENCE, making).await.unwrap_or_else(|_| Err(took_too_long()))
    }

    async fn take_or_make(&self, app: &App, view: &View) -> Result<Arc<Prepared>, Problem> {
        if let Some(known) = find(&self.kept, view.seq(), view.visibility()) {
            return Ok(known);
        }
        let turn = Arc::clone(&self.turn).lock_owned().await;
        // Whoever had the turn before may have made just this one.
        if let Some(known) = find(&self.kept, view.seq(), view.visibility()) {
            return Ok(known);
        }
        let (app, view, kept) = (app.clone(), view.clone(), Arc::clone(&self.kept));
        let work = move || {
            let made = prepare_pack(&view, app.settings()).map(Arc::new);
            if let Ok(pack) = &made {
                keep(&kept, view.visibility(), pack);
            }
            // Who loses patience does not end the work, so the turn goes with the work.
            drop(turn);
            made
        };
        let made = tokio::task::spawn_blocking(work).await.map_err(|error| problem::internal(&error))?;
        made.map_err(|error| problem::internal(&error))
    }
}

fn find(kept: &RwLock<Vec<Kept>>, seq: Seq, visibility: &Visibility) -> Option<Arc<Prepared>> {
    let kept = kept.read().unwrap_or_else(PoisonError::into_inner);
    let known = kept.iter().find(|one| one.pack.seq() == seq && one.visibility == *visibility);
    known.map(|one| Arc::clone(&one.pack))
}

fn keep(kept: &RwLock<Vec<Kept>>, visibility: &Visibility, pack: &Arc<Prepared>) {
    let mut kept = kept.write().unwrap_or_else(PoisonError::into_inner);
    kept.retain(|one| one.visibility != *visibility);
    if pack.len() > LARGEST_KEPT {
        return;
    }
    if kept.len() >= MOST_KEPT {
        kept.remove(0);
    }
    kept.push(Kept { visibility: visibility.clone(), pack: Arc::clone(pack) });
}

fn took_too_long() -> Problem {
    let message = "The pack takes too long to make. Ask again in a minute, have the server write it on a schedule \
                   (`callboard.pack.directory`), or make it with `callboard pack --offline`.";
    Problem::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableError", message)
}
