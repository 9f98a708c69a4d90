//! A small installation: a real store, a catalog, and a clock that stands still.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use auth::{Access, AccessRestriction, AccessSettings, Actor, Clock, Door, Gate, Live, Ring, StaticToken};
use index::Fold;
use model::{Code, Diagnostic, EntityBody, EntityRef, LocationRef, Severity, Timestamp};
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
        self.harvest_body(root, name, "").await;
    }

    /// The same with something in its `spec`.
    pub(crate) async fn harvest_body(&self, root: &Root, name: &str, spec: &str) {
        self.harvest_entities(root, vec![entity(name, "", spec)]).await;
    }

    /// Harvests components that say that they come from some root.
    pub(crate) async fn harvest_with_origin(&self, root: &Root, names: &[&str], origin: &str) {
        let annotations = format!(",\"annotations\":{{\"backstage.io/managed-by-origin-location\":\"{origin}\"}}");
        self.harvest_entities(root, names.iter().map(|name| entity(name, &annotations, "")).collect()).await;
    }

    /// Notes that the file of a root could not be read.
    pub(crate) async fn fail(&self, root: &Root, why: &str) {
        let diagnostic = Diagnostic {
            code: Code("E0703".into()),
            severity: Severity::Error,
            message: why.to_owned(),
            help: None,
            place: None,
            field: None,
            error: None,
        };
        self.report(root, FileOutcome::Failed { diagnostics: vec![diagnostic] }).await;
    }

    async fn harvest_entities(&self, root: &Root, entities: Vec<NewEntity>) {
        let known = KnownFile {
            location: root.location.clone(),
            etag: None,
            content_hash: None,
            processing_hash: 0,
            nested: "[]".to_owned(),
            self_contained: true,
        };
        let read = ReadFile { known, revision: None, entities, rejected: Vec::new(), diagnostics: Vec::new() };
        self.report(root, FileOutcome::Read(Box::new(read))).await;
    }

    async fn report(&self, root: &Root, outcome: FileOutcome) {
        let report = FileReport { location: root.location.clone(), parents: Vec::new(), outcome };
        let applied = self.store.apply(root.id, vec![report], Timestamp(1)).await.unwrap();
        let mut fold = self.fold.lock().unwrap();
        fold.apply(&applied.changes);
        self.door.live.publish_changes(fold.snapshot(), &applied.changes);
    }
}

fn entity(name: &str, metadata: &str, spec: &str) -> NewEntity {
    let body = format!(
        "{{\"metadata\":{{\"name\":\"{name}\"{metadata}}},\"apiVersion\":\"backstage.io/v1alpha1\",\"kind\":\"Component\",\"spec\":{{{spec}}}}}"
    );
    NewEntity {
        entity_ref: EntityRef::new("component", "default", name),
        body: EntityBody::from_json(body),
        relations: Vec::new(),
        line: 1,
        warnings: Vec::new(),
        errors: Vec::new(),
        visible_despite_errors: false,
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
