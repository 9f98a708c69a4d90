//! A store under test with short words for what is done to it. It remembers every state that it has been in.

use std::{collections::BTreeMap, sync::Arc};

use model::{
    Cause, Change, ChangeKind, Code, DeclaredRelation, Diagnostic, EntityBody, EntityRef, ErrorChain, LocationRef,
    Revision, Seq, Severity, StoredEntity, Timestamp, Uid,
};
use store::{
    Applied, FileOutcome, FileReport, KnownFile, NewEntity, ReadFile, RejectedDocument, Root, RootOrigin, RootState,
    Store,
};
use tempfile::TempDir;

/// Entities by reference.
pub(crate) type State = BTreeMap<String, Arc<StoredEntity>>;

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) url: String,
    pub(crate) now: i64,
    pub(crate) dir: TempDir,
    /// Every state after every write, with its number.
    states: Vec<(Seq, State)>,
    /// All changes that writes returned.
    changes: Vec<Change>,
}

impl World {
    pub(crate) async fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/catalog.db", dir.path().display());
        Self::open(url, dir).await
    }

    pub(crate) async fn postgres() -> Option<Self> {
        Some(Self::open(testkit::postgres()?, tempfile::tempdir().unwrap()).await)
    }

    async fn open(url: String, dir: TempDir) -> Self {
        let store = Store::open(&url).await.unwrap();
        Self { store, url, now: 1_000, dir, states: vec![(Seq(0), State::new())], changes: Vec::new() }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite")
    }

    pub(crate) fn tick(&mut self) -> Timestamp {
        self.now += 1_000;
        Timestamp(self.now)
    }

    /// Registers `url:https://example.org/<name>`.
    pub(crate) async fn root(&mut self, name: &str) -> Root {
        let now = self.tick();
        self.store.register_root(&LocationRef::new("url", &format!("https://example.org/{name}")), now).await.unwrap()
    }

    pub(crate) async fn apply(&mut self, root: &Root, files: Vec<FileReport>) -> Vec<(ChangeKind, String)> {
        let now = self.tick();
        let applied = self.store.apply(root.id, files, now).await.unwrap();
        self.note(applied).await
    }

    pub(crate) async fn finish(&mut self, root: &Root, seen: &[&str]) -> Vec<(ChangeKind, String)> {
        let now = self.tick();
        let seen: Vec<LocationRef> = seen.iter().map(|name| location(name)).collect();
        let state = RootState { error: None, due_at: Timestamp(now.0 + 100) };
        let applied = self.store.finish(root.id, &seen, state, now).await.unwrap();
        self.note(applied).await
    }

    /// Remembers the state after a write, and says in short what it did.
    pub(crate) async fn note(&mut self, applied: Applied) -> Vec<(ChangeKind, String)> {
        let (seq, state) = self.load().await;
        assert_eq!(seq, applied.seq);
        self.states.push((seq, state));
        self.changes.extend(applied.changes.iter().cloned());
        applied.changes.iter().map(|change| (change.kind, change.entity_ref.as_str().to_owned())).collect()
    }

    pub(crate) async fn load(&self) -> (Seq, State) {
        let (seq, all) = self.store.load_all().await.unwrap();
        (seq, to_state(all))
    }

    pub(crate) async fn find(&self, entity_ref: &str) -> Option<Arc<StoredEntity>> {
        self.load().await.1.remove(entity_ref)
    }

    pub(crate) async fn uid(&self, entity_ref: &str) -> Uid {
        self.find(entity_ref).await.unwrap().uid
    }

    /// Says which version of an entity is served; see `NewFile::entity`.
    pub(crate) async fn version(&self, entity_ref: &str) -> Option<String> {
        let entity = self.find(entity_ref).await?;
        let body: serde_json::Value = serde_json::from_str(entity.body.as_str()).unwrap();
        Some(body["metadata"]["version"].as_str().unwrap().to_owned())
    }

    /// Lists problems as `file: code: message`.
    pub(crate) async fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> = self
            .store
            .list_problems()
            .await
            .unwrap()
            .iter()
            .map(|problem| {
                let file = problem.location.target().rsplit('/').next().unwrap();
                format!("{file}: {}: {}", problem.diagnostic.code, problem.diagnostic.message)
            })
            .collect();
        problems.sort();
        problems
    }

    /// Holds history against every state that was seen, and the changes against the states.
    pub(crate) async fn check_history(&mut self) {
        let oldest = self.store.oldest_seq().await.unwrap();
        for (seq, state) in self.states.iter().filter(|(seq, _)| *seq >= oldest) {
            assert_eq!(&to_state(self.store.load_as_of(*seq).await.unwrap()), state, "as of {seq:?}");
        }
        let mut folded = State::new();
        for change in &self.changes {
            fold(&mut folded, change);
        }
        assert_eq!(folded, self.load().await.1, "the changes lead to the state");
        let stored = self.store.changes_after(oldest, u32::MAX).await.unwrap();
        let known: Vec<Change> = self.changes.iter().filter(|change| change.seq > oldest).cloned().collect();
        assert_eq!(stored, known, "the log holds what the writes returned");
        let numbers: Vec<u64> = self.changes.iter().map(|change| change.seq.0).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "no number is missing");
        let counted: u64 = self.store.list_roots().await.unwrap().iter().map(|root| root.entities).sum();
        assert_eq!(counted, folded.len() as u64, "roots count their entities");
        assert_eq!(self.store.counts().await.unwrap().entities, counted);
    }
}

pub(crate) fn to_state(all: Vec<Arc<StoredEntity>>) -> State {
    all.into_iter().map(|entity| (entity.entity_ref.as_str().to_owned(), entity)).collect()
}

pub(crate) fn fold(state: &mut State, change: &Change) {
    let key = change.entity_ref.as_str().to_owned();
    match (&change.kind, &change.entity) {
        (ChangeKind::Removed, None) => assert!(state.remove(&key).is_some(), "{key} was there to be removed"),
        (ChangeKind::Added, Some(entity)) => assert!(state.insert(key, entity.clone()).is_none(), "it was not there"),
        (ChangeKind::Changed, Some(entity)) => assert!(state.insert(key, entity.clone()).is_some(), "it was there"),
        odd => panic!("a change that makes no sense: {odd:?}"),
    }
}

pub(crate) fn location(name: &str) -> LocationRef {
    LocationRef::new("url", &format!("https://example.org/{name}"))
}

pub(crate) fn cause() -> Cause {
    Cause { actor: Some("user:default/guest".into()), ..Cause::default() }
}

pub(crate) fn added(name: &str) -> (ChangeKind, String) {
    (ChangeKind::Added, full(name))
}

pub(crate) fn changed(name: &str) -> (ChangeKind, String) {
    (ChangeKind::Changed, full(name))
}

pub(crate) fn removed(name: &str) -> (ChangeKind, String) {
    (ChangeKind::Removed, full(name))
}

pub(crate) fn full(name: &str) -> String {
    format!("component:default/{name}")
}

pub(crate) fn diagnostic(severity: Severity, message: &str) -> Diagnostic {
    Diagnostic {
        code: Code("E0001".into()),
        severity,
        message: message.to_owned(),
        help: None,
        place: None,
        field: None,
        error: (severity == Severity::Error).then(|| ErrorChain::new("InputError", message)),
    }
}

pub(crate) fn unchanged(name: &str) -> FileReport {
    FileReport { location: location(name), parents: vec![root_ref()], outcome: FileOutcome::Unchanged }
}

pub(crate) fn failed(name: &str, why: &str) -> FileReport {
    let diagnostics = vec![diagnostic(Severity::Error, why)];
    FileReport { location: location(name), parents: vec![root_ref()], outcome: FileOutcome::Failed { diagnostics } }
}

pub(crate) fn root_ref() -> EntityRef {
    EntityRef::new("location", "default", "root")
}

/// A file that was read, under construction.
pub(crate) struct NewFile(FileReport, ReadFile);

pub(crate) fn file(name: &str) -> NewFile {
    let known = KnownFile {
        location: location(name),
        etag: Some("e1".to_owned()),
        content_hash: Some(u64::MAX),
        processing_hash: u64::MAX - 1,
        nested: String::new(),
        self_contained: true,
    };
    let report = FileReport { location: location(name), parents: vec![root_ref()], outcome: FileOutcome::Unchanged };
    NewFile(
        report,
        ReadFile { known, revision: None, entities: Vec::new(), rejected: Vec::new(), diagnostics: Vec::new() },
    )
}

impl NewFile {
    /// Adds a healthy component of some version.
    pub(crate) fn entity(mut self, name: &str, version: &str) -> Self {
        let line = 1 + self.1.entities.len() as u32;
        self.1.entities.push(NewEntity {
            entity_ref: EntityRef::new("component", "default", name),
            body: EntityBody::from_json(format!(
                r#"{{"metadata":{{"name":"{name}","version":"{version}"}},"apiVersion":"a/v1","kind":"Component"}}"#
            )),
            relations: vec![DeclaredRelation {
                forward: "ownedBy".into(),
                reverse: "ownerOf".into(),
                other: EntityRef::new("group", "default", "team-a"),
                line: 7,
            }],
            line,
            warnings: Vec::new(),
            errors: Vec::new(),
            visible_despite_errors: false,
        });
        self
    }

    /// Gives the last entity an error of its targets.
    pub(crate) fn with_error(mut self, message: &str, visible: bool) -> Self {
        let last = self.1.entities.last_mut().unwrap();
        last.errors.push(ErrorChain::new("NotFoundError", message));
        last.visible_despite_errors = visible;
        self
    }

    pub(crate) fn with_warning(mut self, message: &str) -> Self {
        self.1.entities.last_mut().unwrap().warnings.push(diagnostic(Severity::Warning, message));
        self
    }

    pub(crate) fn rejected(mut self, name: Option<&str>, message: &str) -> Self {
        self.1.rejected.push(RejectedDocument {
            entity_ref: name.map(|name| EntityRef::new("component", "default", name)),
            diagnostics: vec![diagnostic(Severity::Error, message)],
            line: 1,
        });
        self
    }

    pub(crate) fn says(mut self, severity: Severity, message: &str) -> Self {
        self.1.diagnostics.push(diagnostic(severity, message));
        self
    }

    pub(crate) fn etag(mut self, etag: &str) -> Self {
        self.1.known.etag = Some(etag.to_owned());
        self
    }

    pub(crate) fn nested(mut self, nested: &str) -> Self {
        self.1.known.nested = nested.to_owned();
        self
    }

    pub(crate) fn commit(mut self, commit: &str) -> Self {
        self.1.revision = Some(Revision { commit: commit.into(), author: Some("octocat".into()) });
        self
    }

    pub(crate) fn parents(mut self, names: &[&str]) -> Self {
        self.0.parents = names.iter().map(|name| EntityRef::new("location", "default", name)).collect();
        self
    }

    pub(crate) fn done(mut self) -> FileReport {
        self.0.outcome = FileOutcome::Read(Box::new(self.1));
        self.0
    }
}

pub(crate) fn origin_of(roots: &[Root]) -> Vec<RootOrigin> {
    roots.iter().map(|root| root.origin).collect()
}
