//! A small server: a real store, a catalog with a few entities, and requests without a network.

use std::sync::{Arc, Mutex};

use auth::{Access, AccessRestriction, AccessSettings, Door, Live, StaticToken, system_clock};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use futures::future::{BoxFuture, FutureExt};
use index::Fold;
use model::{
    Code, DeclaredRelation, Diagnostic, EntityBody, EntityRef, ErrorChain, LocationRef, Place, Revision, Severity,
    Timestamp,
};
use serde_json::Value;
use store::{FileOutcome, FileReport, KnownFile, NewEntity, ProblemCount, ReadFile, RejectedDocument, Root, Store};
use tower::ServiceExt;
use web::{
    App, InspectedEntity, InspectedFile, InspectedProblem, Inspection, LoopStatus, Operations, Preview, SourceLine,
    Status, StoreFacts, WebSettings, Workshop,
};

pub(crate) const FULL: &str = "full-token-of-the-tests";
pub(crate) const READER: &str = "reader-token-of-the-tests";
pub(crate) const ELSEWHERE: &str = "token-of-another-plugin";

pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) live: Arc<Live>,
    pub(crate) root: Root,
    pub(crate) store: Store,
    fold: Arc<Mutex<Fold>>,
}

/// Reads nothing and knows one loop.
struct QuietWorkshop;

impl Workshop for QuietWorkshop {
    fn preview<'a>(&'a self, _location: &'a LocationRef) -> BoxFuture<'a, Result<Preview, ErrorChain>> {
        async { Ok(Preview::default()) }.boxed()
    }
    fn validate<'a>(&'a self, _entity: &'a Value, _location: &'a LocationRef) -> BoxFuture<'a, Option<ErrorChain>> {
        async { None }.boxed()
    }
    fn analyze<'a>(&'a self, _target: &'a str) -> BoxFuture<'a, Result<Value, ErrorChain>> {
        async { Ok(serde_json::json!({ "existingEntityFiles": [], "generateEntities": [] })) }.boxed()
    }
    fn inspect<'a>(&'a self, location: &'a LocationRef) -> BoxFuture<'a, Inspection> {
        async { inspection(location) }.boxed()
    }
    fn operations(&self) -> BoxFuture<'_, Operations> {
        let store = StoreFacts { dialect: "PostgreSQL", bytes: 1_500, ..StoreFacts::default() };
        let config = "token: '***'\n".to_owned();
        async { Operations { store: Some(store), config, ..Operations::default() } }.boxed()
    }
    fn status(&self) -> BoxFuture<'_, Status> {
        let refresh = LoopStatus {
            name: "refresh".to_owned(),
            period_ms: 1000,
            running: false,
            rounds: 3,
            last_started_at: Some(Timestamp(1_795_463_535_000)),
            last_duration_ms: Some(5),
            last_error: None,
            note: None,
        };
        async { Status { loops: vec![refresh], ..Status::default() } }.boxed()
    }
}

/// A file with an entity that is there already, a new one, and a document with a spot.
fn inspection(location: &LocationRef) -> Inspection {
    let entity = |name: &str| InspectedEntity {
        entity_ref: EntityRef::new("component", "default", name),
        body: format!(r#"{{"metadata":{{"name":"{name}"}},"spec":{{"owner":"team-a","type":"service"}}}}"#),
        line: 1,
    };
    let place = Place {
        location: location.as_str().into(),
        line: 7,
        column: 3,
        end_line: 7,
        end_column: 7,
        source_line: Some("  ownr: team-a".to_owned()),
    };
    let diagnostic = Diagnostic {
        code: Code("E0401".into()),
        severity: Severity::Error,
        message: "`spec.owner` is missing".to_owned(),
        help: None,
        place: Some(place),
        field: None,
        error: None,
    };
    let lines = [(6, "spec:"), (7, "  ownr: team-a"), (8, "  type: service")];
    let lines = lines.map(|(number, text)| SourceLine { number, text: text.to_owned() }).to_vec();
    let file = InspectedFile {
        location: location.clone(),
        view_url: None,
        named_by: None,
        is_read: true,
        entities: vec![entity("shop"), entity("fresh")],
        problems: vec![InspectedProblem { entity_ref: None, diagnostic, lines }],
    };
    Inspection { files: vec![file], is_cut: false }
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) fn settings() -> WebSettings {
    WebSettings {
        title: "Callboard".to_owned(),
        organization: None,
        kinds: Vec::new(),
        tools: Vec::new(),
        base_url: "http://localhost:7007".to_owned(),
        version: "0.0.0".to_owned(),
        etag_salt: 1,
        catalog_readonly: false,
        local_names_only: false,
        location_conflict: web::ConflictStrategy::Reject,
        cors: None,
        limits: web::Limits::default(),
        call_sheets: web::CallSheetSettings::default(),
        receivers: web::ReceiverSettings::default(),
    }
}

/// One token for everything, one that may only read entities, one for another plugin.
pub(crate) fn closed() -> AccessSettings {
    let token = |token: &str, restrictions| StaticToken { token: token.into(), subject: "ci".into(), restrictions };
    let restriction = |plugin: &str, permissions: &[&str]| AccessRestriction {
        plugin: plugin.to_owned(),
        permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
        actions: Vec::new(),
    };
    AccessSettings {
        static_tokens: vec![
            token(FULL, Vec::new()),
            token(READER, vec![restriction("catalog", &["catalog.entity.read"])]),
            token(ELSEWHERE, vec![restriction("scaffolder", &[])]),
        ],
        ..AccessSettings::closed("http://localhost:7007")
    }
}

impl World {
    /// An open server with some entities.
    pub(crate) async fn open() -> Self {
        Self::new(AccessSettings::open("http://localhost:7007"), settings()).await
    }

    pub(crate) async fn new(access: AccessSettings, settings: WebSettings) -> Self {
        let store = Store::open("sqlite::memory:").await.unwrap();
        let fold = Arc::new(Mutex::new(Fold::empty()));
        let live = Arc::new(Live::loading(fold.lock().unwrap().snapshot()));
        let access = Arc::new(Access::new(access, store.clone()).unwrap());
        let door = Door {
            store: store.clone(),
            live: Arc::clone(&live),
            access: Arc::clone(&access),
            bell: Arc::new(|_| {}),
            committed: {
                let (fold, live) = (Arc::clone(&fold), Arc::clone(&live));
                Arc::new(move |applied: store::Applied| publish(&fold, &live, &applied.changes))
            },
            clock: system_clock(),
        };
        let app = App::new(Arc::clone(&live), access, door, Arc::new(QuietWorkshop), settings);
        let location = LocationRef::new("url", "https://example.org/catalog-info.yaml");
        let root = store.register_root(&location, Timestamp(1)).await.unwrap();
        Self { router: web::router(app), live, root, store, fold }
    }

    /// Harvests the estate of the tests: three components of which one dangles, a group, and a sick document.
    pub(crate) async fn fill(self) -> Self {
        let sick = Diagnostic {
            code: Code("E0103".into()),
            severity: Severity::Error,
            message: "`spec.owner` is missing".to_owned(),
            help: Some("add `owner: group:default/<team>`".to_owned()),
            place: Some(Place {
                location: self.root.location.as_str().into(),
                line: 7,
                column: 3,
                end_line: 7,
                end_column: 9,
                source_line: Some("  type: service".to_owned()),
            }),
            field: Some("spec.owner".to_owned()),
            error: None,
        };
        let rejected = RejectedDocument {
            entity_ref: Some(EntityRef::new("api", "default", "sick")),
            diagnostics: vec![sick.clone()],
            line: 5,
        };
        let advice = Diagnostic { code: Code("W1001".into()), severity: Severity::Info, ..sick };
        let entities = vec![
            NewEntity { warnings: vec![advice], ..component("bag", "group:default/team-a", "=evil") },
            component("shop", "group:default/team-a", "The Shop, \"best\""),
            component("ghost", "group:default/nobody", "Ghost"),
            entity("Group", "team-a", "Team A", Vec::new()),
        ];
        self.harvest(entities, vec![rejected]).await;
        self
    }

    pub(crate) async fn harvest(&self, entities: Vec<NewEntity>, rejected: Vec<RejectedDocument>) {
        self.read_file(entities, rejected, Timestamp(1_795_463_535_000)).await;
    }

    /// Harvests the whole estate anew at a moment.
    pub(crate) async fn harvest_at(&self, entities: Vec<NewEntity>, at: Timestamp) {
        self.read_file(entities, Vec::new(), at).await;
    }

    async fn read_file(&self, entities: Vec<NewEntity>, rejected: Vec<RejectedDocument>, at: Timestamp) {
        let location = self.root.location.clone();
        let known = KnownFile {
            location: location.clone(),
            etag: None,
            content_hash: None,
            processing_hash: 0,
            nested: "[]".to_owned(),
            self_contained: true,
        };
        let read = ReadFile {
            known,
            revision: Some(Revision { commit: "c0ffee".into(), author: Some("octocat".into()) }),
            entities,
            rejected,
            diagnostics: Vec::new(),
        };
        let report = FileReport { location, parents: Vec::new(), outcome: FileOutcome::Read(Box::new(read)) };
        let applied = self.store.apply(self.root.id, vec![report], at).await.unwrap();
        publish(&self.fold, &self.live, &applied.changes);
    }

    /// Records that there is one error.
    pub(crate) async fn record_problem_counts(&self) {
        let count = ProblemCount { severity: Severity::Error, code: Code("E0103".into()), count: 1 };
        let an_hour_ago = Timestamp(system_clock()().0 - 3_600_000);
        self.store.record_problem_counts(an_hour_ago, &[count]).await.unwrap();
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get_with(&self, path: &str, name: &str, value: &str) -> Answer {
        self.send(request(Method::GET, path).header(name, value).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = request(Method::POST, path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

pub(crate) fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path)
}

fn publish(fold: &Mutex<Fold>, live: &Live, changes: &[model::Change]) {
    let mut fold = fold.lock().unwrap();
    fold.apply(changes);
    live.publish(fold.snapshot());
}

pub(crate) fn component(name: &str, owner: &str, title: &str) -> NewEntity {
    let owned_by = DeclaredRelation {
        forward: "ownedBy".into(),
        reverse: "ownerOf".into(),
        other: EntityRef::parse(owner).unwrap(),
        line: 0,
    };
    entity("Component", name, title, vec![owned_by])
}

pub(crate) fn entity(kind: &str, name: &str, title: &str, relations: Vec<DeclaredRelation>) -> NewEntity {
    let location = "url:https://example.org/catalog-info.yaml";
    let body = serde_json::json!({
        "metadata": {
            "namespace": "default",
            "annotations": {
                "backstage.io/managed-by-location": location,
                "backstage.io/managed-by-origin-location": location,
            },
            "name": name,
            "title": title,
        },
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "spec": { "type": "service" },
    });
    NewEntity {
        entity_ref: EntityRef::new(kind, "default", name),
        body: EntityBody::from_json(body.to_string()),
        relations,
        line: 12,
        warnings: Vec::new(),
        errors: Vec::new(),
        visible_despite_errors: false,
    }
}
