//! A small installation: a real store, a catalog, and a clock that stands still.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use auth::{Access, AccessRestriction, AccessSettings, Actor, Clock, Door, Gate, Live, Ring, StaticToken};
use index::Fold;
use model::{EntityBody, EntityRef, LocationRef, Timestamp};
use store::{FileOutcome, FileReport, KnownFile, NewEntity, ReadFile, Root, Store};

/// The token that may do everything.
pub(crate) const FULL: &str = "full-token-of-the-tests";

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) door: Door,
    pub(crate) rings: Arc<Mutex<Vec<Ring>>>,
    now: Arc<AtomicI64>,
    fold: Arc<Mutex<Fold>>,
}

impl World {
    pub(crate) async fn new(settings: AccessSettings) -> Self {
        Self::on("sqlite::memory:", settings).await
    }

    pub(crate) async fn on(url: &str, settings: AccessSettings) -> Self {
        let store = Store::open(url).await.unwrap();
        let now = Arc::new(AtomicI64::new(1_795_463_535_000));
        let clock = clock_of(&now);
        let access = Arc::new(Access::with_clock(settings, store.clone(), Arc::clone(&clock)).unwrap());
        let fold = Arc::new(Mutex::new(Fold::empty()));
        let live = Arc::new(Live::new(fold.lock().unwrap().snapshot()));
        let rings = Arc::new(Mutex::new(Vec::new()));
        let door = Door {
            store: store.clone(),
            live: Arc::clone(&live),
            access,
            bell: {
                let rings = Arc::clone(&rings);
                Arc::new(move |ring| rings.lock().unwrap().push(ring))
            },
            committed: {
                let fold = Arc::clone(&fold);
                Arc::new(move |applied: store::Applied| {
                    let mut fold = fold.lock().unwrap();
                    fold.apply(&applied.changes);
                    live.publish(fold.snapshot());
                })
            },
            clock,
        };
        Self { store, door, rings, now, fold }
    }

    /// Another replica on the same database.
    pub(crate) fn replica(&self, settings: AccessSettings) -> Access {
        Access::with_clock(settings, self.store.clone(), clock_of(&self.now)).unwrap()
    }

    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub(crate) fn gate(&self, actor: Actor) -> Gate {
        self.door.gate(actor)
    }

    /// Harvests a file with one component below a root.
    pub(crate) async fn harvest(&self, root: &Root, name: &str) {
        let location = root.location.clone();
        let body = format!(
            "{{\"metadata\":{{\"name\":\"{name}\"}},\"apiVersion\":\"backstage.io/v1alpha1\",\"kind\":\"Component\",\"spec\":{{}}}}"
        );
        let read = ReadFile {
            known: KnownFile {
                location: location.clone(),
                etag: None,
                content_hash: None,
                processing_hash: 0,
                nested: "[]".to_owned(),
                self_contained: true,
            },
            commit: None,
            entities: vec![NewEntity {
                entity_ref: EntityRef::new("component", "default", name),
                body: EntityBody::from_json(body),
                relations: Vec::new(),
                line: 1,
                warnings: Vec::new(),
                errors: Vec::new(),
                visible_despite_errors: false,
            }],
            rejected: Vec::new(),
            diagnostics: Vec::new(),
        };
        let report = FileReport { location, parents: Vec::new(), outcome: FileOutcome::Read(Box::new(read)) };
        let applied = self.store.apply(root.id, vec![report], Timestamp(1)).await.unwrap();
        let mut fold = self.fold.lock().unwrap();
        fold.apply(&applied.changes);
        self.door.live.publish(fold.snapshot());
    }
}

fn clock_of(now: &Arc<AtomicI64>) -> Clock {
    let now = Arc::clone(now);
    Arc::new(move || Timestamp(now.load(Ordering::Relaxed)))
}

/// A closed server with one token that may do everything.
pub(crate) fn closed() -> AccessSettings {
    AccessSettings {
        static_tokens: vec![StaticToken { token: FULL.to_owned(), subject: "ci".to_owned(), restrictions: Vec::new() }],
        ..AccessSettings::closed("http://localhost:7007")
    }
}

pub(crate) fn restriction(plugin: &str, permissions: &[&str], actions: &[&str]) -> AccessRestriction {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    AccessRestriction { plugin: plugin.to_owned(), permissions: owned(permissions), actions: owned(actions) }
}

pub(crate) fn service(restrictions: Vec<AccessRestriction>) -> Actor {
    Actor::Service { subject: "external:ci".to_owned(), restrictions }
}

pub(crate) fn location(name: &str) -> LocationRef {
    LocationRef::new("url", &format!("https://example.org/{name}.yaml"))
}
