//! One walk over a root: from its target through all nested Locations, wave by wave.
//!
//! A file that holds Location entities is held back until the files these name have been read, because what becomes
//! of those decides the Locations' own errors. Everything else goes to the store as soon as it is processed, in the
//! order of the targets, so that of two files that define one entity the first named one wins.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use futures::{StreamExt, stream};
use model::{EntityRef, ErrorChain, LocationRef, Presence};
use source::ReadError;
use store::{FileOutcome, FileReport, KnownFile, NewEntity, ReadFile, Root, StoreError};

use super::{
    Rooms,
    file::{FreshFile, Reading, Seen, read_failure},
    next_state, root_entity,
    targets::{Outline, Target, list_files},
    writer::Writer,
};

/// How many files of one root are read and processed at the same time.
const FILES_AT_ONCE: usize = 6;
/// How many files one root may name. A host that makes up ever more of them must not keep the harvest busy for ever.
const MAX_FILES: u64 = 500_000;
/// How deep Locations may nest. Deeper ones are a mistake or an attack.
const MAX_DEPTH: usize = 32;

/// The number of the form in which [`Outline`]s are kept; files that were kept in another one are read anew.
const OUTLINE_FORM: u64 = 2;

/// Watches harvests, for a person or a log.
pub trait Progress: Send + Sync {
    /// A root is being read.
    fn started(&self, root: &Root);
    /// So many files of about `of` have been seen, with so many entities in those that were processed.
    fn advanced(&self, root: &Root, files: u64, of: u64, entities: u64);
    /// A root has been read.
    fn finished(&self, root: &Root, result: &Result<WalkSummary, StoreError>);
    /// A root is no longer being read: it is finished, or was given up.
    fn left(&self, _root: &Root) {}
}

/// What one walk found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WalkSummary {
    /// Files seen, unchanged ones included.
    pub files: u64,
    /// Healthy entities in the files that were processed.
    pub entities: u64,
    /// Documents that are no healthy entities, in the files that were processed.
    pub rejected: u64,
    /// Files and globs that could not be read.
    pub failures: u64,
    /// What the first of the failures says.
    pub first_failure: Option<String>,
    /// Changes written.
    pub changes: u64,
}

/// Walks a root and writes what it finds.
///
/// # Errors
/// When the store fails. What was written before stays, and the next walk continues from there.
pub async fn harvest_root(rooms: &Rooms, root: &Root) -> Result<WalkSummary, StoreError> {
    let known = rooms.store.list_files(root.id).await?;
    let walk = Walk {
        reading: Reading {
            rooms: rooms.clone(),
            origin: root.location.clone(),
            processing_hash: processing_hash(rooms),
        },
        root,
        expected: known.len() as u64,
        known: known.into_iter().map(|file| (file.location.clone(), file)).collect(),
        seen: HashMap::new(),
        late_parents: HashSet::new(),
        troubles: HashMap::new(),
        asking: HashMap::new(),
        writer: Writer::start(rooms.clone(), root.id),
        incomplete: false,
        first_failure: None,
        retry_after_ms: None,
        summary: WalkSummary::default(),
    };
    walk.run().await
}

/// Hash of everything beside the file that decides how it is processed.
fn processing_hash(rooms: &Rooms) -> u64 {
    let version = env!("CARGO_PKG_VERSION")
        .bytes()
        .fold(OUTLINE_FORM, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    version ^ rooms.kinds.fingerprint().rotate_left(17) ^ rooms.rules.fingerprint().rotate_left(34)
}

struct Walk<'a> {
    reading: Reading,
    root: &'a Root,
    known: HashMap<LocationRef, KnownFile>,
    expected: u64,
    /// Files seen in this walk, with the Locations that name them.
    seen: HashMap<LocationRef, Vec<EntityRef>>,
    /// Seen files that another Location named after they had been written.
    late_parents: HashSet<LocationRef>,
    /// Seen files that are not simply healthy.
    troubles: HashMap<LocationRef, Trouble>,
    /// Locations whose targets are being read.
    asking: HashMap<EntityRef, Asking>,
    writer: Writer,
    /// True when a glob or folder could not be listed, so that files not seen may still be there.
    incomplete: bool,
    /// Why the root could not be read whole. A file that was read and has mistakes in it is no failure of the root: its
    /// problems are listed, and reading it again soon would not mend them.
    first_failure: Option<String>,
    retry_after_ms: Option<u64>,
    summary: WalkSummary,
}

/// What the targets of one Location have given so far.
#[derive(Default)]
struct Asking {
    errors: Vec<ErrorChain>,
    any_healthy: bool,
}

/// What is to be said of a file that is not simply healthy, to every Location that names it.
struct Trouble {
    error: Option<ErrorChain>,
    /// False for a file that could not be read: nothing may be said of it that would clear that.
    is_readable: bool,
    /// True when there is no such file, which is no matter for a Location that says that it may be missing.
    is_missing: bool,
    has_entities: bool,
}

/// A file with Locations, waiting for their targets.
struct Held {
    location: LocationRef,
    outline: Outline,
    fresh: Option<Box<FreshFile>>,
    /// False for a file that could not be read: there is nothing to write for it.
    readable: bool,
}

/// A file to read, with who asks for it.
struct Wanted {
    location: LocationRef,
    by: Vec<(EntityRef, Presence)>,
}

impl Walk<'_> {
    async fn run(mut self) -> Result<WalkSummary, StoreError> {
        let root_target = Target {
            location: self.root.location.clone(),
            presence: Presence::Required,
            parent: self.root.entity_ref.clone(),
            is_root: true,
        };
        self.asking.insert(self.root.entity_ref.clone(), Asking::default());
        let mut wave = vec![root_target];
        let mut held_before: Vec<Held> = Vec::new();
        for depth in 0.. {
            let wanted = self.list_wave(wave).await;
            let held = self.read_wave(wanted).await;
            if depth == 0 {
                self.write_root_entity().await;
            }
            for file in held_before {
                self.write_held(file).await;
            }
            if depth == MAX_DEPTH {
                self.incomplete = true;
                self.fail(format!("Locations nest deeper than {MAX_DEPTH} levels"));
                for file in held {
                    self.write_held(file).await;
                }
                break;
            }
            wave = self.plan_next_wave(&held);
            held_before = held;
            if wave.is_empty() {
                for file in held_before {
                    self.write_held(file).await;
                }
                break;
            }
        }
        self.finish().await
    }

    /// Turns targets into files that this walk has not seen yet, in order.
    async fn list_wave(&mut self, wave: Vec<Target>) -> Vec<Wanted> {
        let reader = self.reading.rooms.reader.clone();
        let listed: Vec<(Target, Result<Vec<LocationRef>, ReadError>)> = stream::iter(wave)
            .map(|target| {
                let reader = reader.clone();
                async move {
                    let files = list_files(&reader, &target).await;
                    (target, files)
                }
            })
            .buffered(FILES_AT_ONCE)
            .collect()
            .await;
        let mut wanted: Vec<Wanted> = Vec::new();
        let mut position: HashMap<LocationRef, usize> = HashMap::new();
        for (target, files) in listed {
            match files {
                Ok(files) => {
                    for file in files {
                        self.want(&mut wanted, &mut position, file, &target);
                    }
                }
                Err(ReadError::NotFound(_)) if target.presence == Presence::Optional => {}
                Err(error) => {
                    self.incomplete = true;
                    self.record_failure(&error);
                    if let Some(asking) = self.asking.get_mut(&target.parent) {
                        asking.errors.push(error.to_chain(&target.location));
                    }
                }
            }
        }
        let room = usize::try_from(MAX_FILES.saturating_sub(self.summary.files)).unwrap_or(usize::MAX);
        if wanted.len() > room {
            wanted.truncate(room);
            self.incomplete = true;
            self.fail(format!("the location names more than {MAX_FILES} files; split it into several"));
        }
        wanted
    }

    fn want(
        &mut self,
        wanted: &mut Vec<Wanted>,
        position: &mut HashMap<LocationRef, usize>,
        file: LocationRef,
        target: &Target,
    ) {
        if let Some(parents) = self.seen.get_mut(&file) {
            if !parents.contains(&target.parent) {
                parents.push(target.parent.clone());
                self.judge(&file, &[(target.parent.clone(), target.presence)]);
                if self.troubles.get(&file).is_none_or(|trouble| trouble.is_readable) {
                    self.late_parents.insert(file);
                }
            }
            return;
        }
        match position.entry(file) {
            Entry::Occupied(at) => {
                let by = &mut wanted[*at.get()].by;
                if by.iter().all(|(parent, _)| *parent != target.parent) {
                    by.push((target.parent.clone(), target.presence));
                }
            }
            Entry::Vacant(entry) => {
                let by = vec![(target.parent.clone(), target.presence)];
                wanted.push(Wanted { location: entry.key().clone(), by });
                entry.insert(wanted.len() - 1);
            }
        }
    }

    /// Reads and processes the files of a wave and writes those that need not wait. Returns the others.
    async fn read_wave(&mut self, wanted: Vec<Wanted>) -> Vec<Held> {
        self.expected = self.expected.max(self.summary.files + wanted.len() as u64);
        let work: Vec<(Wanted, Option<KnownFile>)> = wanted
            .into_iter()
            .map(|wanted| {
                let known = self.known.get(&wanted.location).cloned();
                (wanted, known)
            })
            .collect();
        let reading = self.reading.clone();
        let mut results = stream::iter(work)
            .map(|(wanted, known)| {
                let reading = reading.clone();
                async move {
                    let seen = tokio::spawn(async move {
                        let seen = reading.see(&wanted.location, known).await;
                        (wanted, seen)
                    });
                    match seen.await {
                        Ok(seen) => seen,
                        Err(error) => std::panic::resume_unwind(error.into_panic()),
                    }
                }
            })
            .buffered(FILES_AT_ONCE);
        let mut held = Vec::new();
        while let Some((wanted, seen)) = results.next().await {
            self.take_file(wanted, seen, &mut held).await;
            self.summary.files += 1;
            let (files, entities) = (self.summary.files, self.summary.entities);
            self.reading.rooms.progress.advanced(self.root, files, self.expected.max(files), entities);
        }
        held
    }

    async fn take_file(&mut self, wanted: Wanted, seen: Seen, held: &mut Vec<Held>) {
        let Wanted { location, by } = wanted;
        let parents: Vec<EntityRef> = by.iter().map(|(parent, _)| parent.clone()).collect();
        match seen {
            Seen::Unchanged(outline) => {
                self.seen.insert(location.clone(), parents.clone());
                self.judge_outline(&location, &by, &outline);
                if outline.nested.is_empty() {
                    self.writer.push(FileReport { location, parents, outcome: FileOutcome::Unchanged }).await;
                } else {
                    held.push(Held { location, outline, fresh: None, readable: true });
                }
            }
            Seen::Failed { error, known } => {
                let is_missing = matches!(error, ReadError::NotFound(_));
                if is_missing && by.iter().all(|(_, presence)| *presence == Presence::Optional) {
                    return;
                }
                self.record_failure(&error);
                self.seen.insert(location.clone(), parents.clone());
                let chain = error.to_chain(&location);
                let trouble = Trouble { error: Some(chain), is_readable: false, is_missing, has_entities: false };
                self.troubles.insert(location.clone(), trouble);
                self.judge(&location, &by);
                let diagnostics = read_failure(&error, &location);
                if !known.is_empty() {
                    let outline = Outline { nested: known, has_entities: false, error: None };
                    held.push(Held { location: location.clone(), outline, fresh: None, readable: false });
                }
                self.writer.push(FileReport { location, parents, outcome: FileOutcome::Failed { diagnostics } }).await;
            }
            Seen::Read(fresh) => {
                self.seen.insert(location.clone(), parents.clone());
                self.summary.entities += fresh.read.entities.len() as u64;
                self.summary.rejected += fresh.read.rejected.len() as u64;
                self.judge_outline(&location, &by, &fresh.outline);
                if fresh.outline.nested.is_empty() {
                    self.writer
                        .push(FileReport { location, parents, outcome: FileOutcome::Read(Box::new(fresh.read)) })
                        .await;
                } else {
                    let outline = fresh.outline.clone();
                    held.push(Held { location, outline, fresh: Some(fresh), readable: true });
                }
            }
        }
    }

    fn plan_next_wave(&mut self, held: &[Held]) -> Vec<Target> {
        let allowed = ["url".to_owned()];
        let mut wave = Vec::new();
        for file in held {
            for nested in &file.outline.nested {
                let (targets, errors) = nested.resolve(&self.reading.rooms.reader, &file.location, &allowed);
                let asking = self.asking.entry(nested.entity_ref.clone()).or_default();
                asking.errors.extend(errors);
                wave.extend(targets);
            }
        }
        wave
    }

    /// Writes a file whose Locations' targets have been read.
    async fn write_held(&mut self, held: Held) {
        let Held { location, mut outline, fresh, readable } = held;
        if !readable {
            return;
        }
        let mut as_before = fresh.is_none();
        for location in &mut outline.nested {
            let errors = self.asking.get(&location.entity_ref).map(|asking| asking.errors.clone()).unwrap_or_default();
            as_before &= location.errors == errors;
            location.errors = errors;
        }
        let parents = self.seen.get(&location).cloned().unwrap_or_default();
        let fresh = match fresh {
            Some(fresh) => fresh,
            None if as_before => {
                self.writer.push(FileReport { location, parents, outcome: FileOutcome::Unchanged }).await;
                return;
            }
            // Its text is as before, but what it names is not: only reading it again gives its entities to write.
            None => match self.reading.see_afresh(&location).await {
                Seen::Read(fresh) => fresh,
                Seen::Unchanged(_) | Seen::Failed { .. } => {
                    self.writer.push(FileReport { location, parents, outcome: FileOutcome::Unchanged }).await;
                    return;
                }
            },
        };
        let mut read = fresh.read;
        read.known.nested = outline.encode();
        for entity in &mut read.entities {
            if let Some(asking) = self.asking.get(&entity.entity_ref) {
                entity.errors.clone_from(&asking.errors);
                entity.visible_despite_errors = asking.any_healthy;
            }
        }
        self.writer.push(FileReport { location, parents, outcome: FileOutcome::Read(Box::new(read)) }).await;
    }

    async fn write_root_entity(&mut self) {
        let rooms = &self.reading.rooms;
        let Some(entity) = root_entity::build(&rooms.reader, &rooms.kinds, self.root) else { return };
        let asking = self.asking.get(&self.root.entity_ref);
        let location = root_entity::file_of(self.root);
        let read = ReadFile {
            known: KnownFile {
                location: location.clone(),
                etag: None,
                content_hash: None,
                processing_hash: self.reading.processing_hash,
                nested: String::new(),
                self_contained: true,
            },
            revision: None,
            entities: vec![NewEntity {
                entity_ref: entity.entity_ref,
                body: entity.body,
                relations: entity.relations,
                line: 0,
                warnings: Vec::new(),
                errors: asking.map(|asking| asking.errors.clone()).unwrap_or_default(),
                visible_despite_errors: asking.is_some_and(|asking| asking.any_healthy),
            }],
            rejected: Vec::new(),
            diagnostics: Vec::new(),
        };
        self.seen.insert(location.clone(), Vec::new());
        self.writer
            .push(FileReport { location, parents: Vec::new(), outcome: FileOutcome::Read(Box::new(read)) })
            .await;
    }

    async fn finish(mut self) -> Result<WalkSummary, StoreError> {
        for location in std::mem::take(&mut self.late_parents) {
            let parents = self.seen.get(&location).cloned().unwrap_or_default();
            self.writer.push(FileReport { location, parents, outcome: FileOutcome::Unchanged }).await;
        }
        let rooms = &self.reading.rooms;
        self.summary.changes = self.writer.finish().await?;
        let mut seen: Vec<LocationRef> = self.seen.into_keys().collect();
        if self.incomplete {
            let seen_now: HashSet<LocationRef> = seen.iter().cloned().collect();
            seen.extend(self.known.into_keys().filter(|location| !seen_now.contains(location)));
        }
        self.summary.first_failure.clone_from(&self.first_failure);
        let state = next_state(rooms, self.root, self.first_failure, self.retry_after_ms);
        let applied = rooms.store.finish(self.root.id, &seen, state, (rooms.now)()).await?;
        self.summary.changes += applied.changes.len() as u64;
        if !applied.changes.is_empty() {
            (rooms.committed)(applied);
        }
        Ok(self.summary)
    }

    /// Tells the Locations that name a file, by the outline of the file, how it stands.
    fn judge_outline(&mut self, file: &LocationRef, by: &[(EntityRef, Presence)], outline: &Outline) {
        let (error, has_entities) = (outline.error.clone(), outline.has_entities);
        if error.is_some() || !has_entities {
            let trouble = Trouble { error, is_readable: true, is_missing: false, has_entities };
            self.troubles.insert(file.clone(), trouble);
        }
        self.judge(file, by);
    }

    /// Tells Locations how a file stands that they name.
    fn judge(&mut self, file: &LocationRef, by: &[(EntityRef, Presence)]) {
        for (parent, presence) in by {
            let Some(asking) = self.asking.get_mut(parent) else { continue };
            match self.troubles.get(file) {
                None => asking.any_healthy = true,
                Some(trouble) if trouble.is_missing && *presence == Presence::Optional => {}
                Some(trouble) => {
                    asking.errors.extend(trouble.error.clone());
                    asking.any_healthy |= trouble.has_entities;
                }
            }
        }
    }

    fn record_failure(&mut self, error: &ReadError) {
        self.summary.failures += 1;
        if let ReadError::Failed { retry_after_ms: Some(ms), .. } = error {
            self.retry_after_ms = Some(self.retry_after_ms.unwrap_or(0).max(*ms));
        }
        self.fail(error.to_string());
    }

    fn fail(&mut self, message: String) {
        self.first_failure.get_or_insert(message);
    }
}
