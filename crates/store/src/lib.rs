//! The only room that knows SQL. SQLite and PostgreSQL behind one `Store`; every write that readers care about
//! is a change with a sequence number, written in the same transaction.

use std::{path::Path, sync::Arc};

use model::{
    Change, DeclaredRelation, Diagnostic, EntityBody, EntityRef, ErrorChain, LocationRef, Seq, StoredEntity, Timestamp,
    Uid,
};

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store;

/// A failure of the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("the database could not {what}")]
    Database {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: sqlx::Error,
    },
    /// A location of that type and target exists already.
    #[error("Location {0} already exists")]
    LocationExists(String),
    /// There is no such location.
    #[error("Found no location with ID {0}")]
    LocationMissing(String),
}

/// Where a root location comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RootOrigin {
    /// `catalog.locations` of the configuration, or named on the command line.
    Config,
    /// Registered over the API.
    Registered,
}

/// A root: a location that the harvest starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// A UUID.
    pub id: Uid,
    /// Type and target.
    pub location: LocationRef,
    /// `location:default/generated-<sha1 of type:target>`; kept when the target is changed.
    pub entity_ref: EntityRef,
    /// Where it comes from.
    pub origin: RootOrigin,
    /// When it is to be read next.
    pub due_at: Timestamp,
    /// When it was last read wholly without a failure; `None` before the first time.
    pub last_ok_at: Option<Timestamp>,
    /// When it was last tried.
    pub last_tried_at: Option<Timestamp>,
    /// What went wrong at the last try.
    pub last_error: Option<String>,
    /// How many entities it holds.
    pub entities: u64,
}

/// A file below a root as it was when last read, to ask the host only for what changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// The file.
    pub location: LocationRef,
    /// Its ETag.
    pub etag: Option<String>,
    /// Hash of its content.
    pub content_hash: Option<u64>,
    /// Hash of what else decided its processing: version of the program, kinds, rules. Another one means: process again.
    pub processing_hash: u64,
    /// The Locations in it, to walk on without parsing: `(entity, type, targets, optional)` as JSON of the caller's making.
    pub nested: String,
    /// False when placeholders were fetched for it, so that an unchanged file may still have changed content.
    pub self_contained: bool,
}

/// What one reading of one file below a root gave.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// The file.
    pub location: LocationRef,
    /// The Location entities that name it, without duplicates.
    pub parents: Vec<EntityRef>,
    /// What was seen.
    pub outcome: FileOutcome,
}

/// What was seen of a file.
#[derive(Clone, Debug)]
pub enum FileOutcome {
    /// Nothing new; its entities stay.
    Unchanged,
    /// It could not be read. Its entities stay as they are.
    Failed {
        /// Why, for the owners.
        diagnostics: Vec<Diagnostic>,
    },
    /// It was read.
    Read(Box<ReadFile>),
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct ReadFile {
    /// To be kept for the next reading.
    pub known: KnownFile,
    /// The commit, where the host says so.
    pub commit: Option<Arc<str>>,
    /// Healthy entities, in order of appearance; of two with one reference the last counts.
    pub entities: Vec<NewEntity>,
    /// Documents that are no healthy entities.
    pub rejected: Vec<RejectedDocument>,
    /// Problems of the file itself. When one is an error, entities that were in the file before and are missing now stay.
    pub diagnostics: Vec<Diagnostic>,
}

/// A healthy entity on its way into the store.
#[derive(Clone, Debug)]
pub struct NewEntity {
    /// Its identity.
    pub entity_ref: EntityRef,
    /// Its JSON text.
    pub body: EntityBody,
    /// What it declares.
    pub relations: Vec<DeclaredRelation>,
    /// Line of its document.
    pub line: u32,
    /// Warnings.
    pub warnings: Vec<Diagnostic>,
    /// Errors that came after its own processing: a Location whose targets failed. With errors the entity is visible only
    /// if it was before, or if `visible_despite_errors`.
    pub errors: Vec<ErrorChain>,
    /// See `errors`.
    pub visible_despite_errors: bool,
}

/// A document that is no healthy entity.
#[derive(Clone, Debug)]
pub struct RejectedDocument {
    /// Its identity, when it can be told. If that entity was fine before, its last good form stays and gets the errors.
    pub entity_ref: Option<EntityRef>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Line of its document.
    pub line: u32,
}

/// What a write did.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// Number of the newest change after the write.
    pub seq: Seq,
    /// The changes that the write made, in order; empty when nothing differed.
    pub changes: Arc<Vec<Change>>,
}

/// A problem on record.
#[derive(Clone, Debug)]
pub struct ProblemRecord {
    /// The root below which it was found.
    pub root: Uid,
    /// The file.
    pub location: LocationRef,
    /// The entity, when it can be told.
    pub entity_ref: Option<EntityRef>,
    /// True when that entity is served in an older, good form.
    pub served: bool,
    /// What is wrong.
    pub diagnostic: Diagnostic,
    /// When it was first seen.
    pub since: Timestamp,
}

impl Store {
    /// Opens or makes the database and brings its schema up to date. `url` is `sqlite:///path/file.db`, `sqlite::memory:` or `postgres://...`.
    ///
    /// # Errors
    /// When it cannot be opened, or was made by a newer program.
    pub async fn open(_url: &str) -> Result<Self, StoreError> {
        todo!()
    }

    /// Makes the configured roots the given ones: adds new ones, removes others of origin `Config` with all their entities.
    ///
    /// # Errors
    /// On database failure.
    pub async fn set_config_roots(&self, _roots: &[LocationRef], _cause: &model::Cause) -> Result<Applied, StoreError> {
        todo!()
    }

    /// Registers a location, due at once. Also writes nothing but the root: its Location entity comes with the first harvest.
    ///
    /// # Errors
    /// `LocationExists`.
    pub async fn register_root(&self, _location: &LocationRef, _now: Timestamp) -> Result<Root, StoreError> {
        todo!()
    }

    /// Changes the target of a registered location; its entities go at once, id and entity ref stay, and it is due at once.
    ///
    /// # Errors
    /// `LocationMissing`, `LocationExists`.
    pub async fn retarget_root(
        &self,
        _id: Uid,
        _location: &LocationRef,
        _cause: &model::Cause,
        _now: Timestamp,
    ) -> Result<(Root, Applied), StoreError> {
        todo!()
    }

    /// Removes a registered location with all entities that no other root holds.
    ///
    /// # Errors
    /// `LocationMissing`.
    pub async fn remove_root(&self, _id: Uid, _cause: &model::Cause, _now: Timestamp) -> Result<Applied, StoreError> {
        todo!()
    }

    /// Lists all roots, by id.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_roots(&self) -> Result<Vec<Root>, StoreError> {
        todo!()
    }

    /// Lists the files below a root.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_files(&self, _root: Uid) -> Result<Vec<KnownFile>, StoreError> {
        todo!()
    }

    /// Writes what was read of some files of a root: compares by content, writes only differences, and the change rows with them.
    /// The root's own Location entity comes as a file report whose location is the root's and whose parents are empty.
    ///
    /// # Errors
    /// On database failure; then nothing of the batch is written.
    pub async fn apply(&self, _root: Uid, _files: Vec<FileReport>, _now: Timestamp) -> Result<Applied, StoreError> {
        todo!()
    }

    /// Ends a harvest of a root: removes the entities of files that are not in `seen`, writes the root's state and when it is due next.
    ///
    /// # Errors
    /// On database failure.
    pub async fn finish(
        &self,
        _root: Uid,
        _seen: &[LocationRef],
        _state: RootState,
        _now: Timestamp,
    ) -> Result<Applied, StoreError> {
        todo!()
    }

    /// Removes one entity; its file is marked to be processed again, so that it comes back (with a new uid) if it is still there.
    /// An unknown uid is no error. Returns the root to read again.
    ///
    /// # Errors
    /// On database failure.
    pub async fn remove_entity(
        &self,
        _uid: Uid,
        _cause: &model::Cause,
        _now: Timestamp,
    ) -> Result<(Applied, Option<Uid>), StoreError> {
        todo!()
    }

    /// Returns the roots that hold an entity, nearest first.
    ///
    /// # Errors
    /// On database failure.
    pub async fn find_roots_of(&self, _entity_ref: &EntityRef) -> Result<Vec<Root>, StoreError> {
        todo!()
    }

    /// Makes a root due now.
    ///
    /// # Errors
    /// On database failure.
    pub async fn mark_due(&self, _root: Uid, _now: Timestamp) -> Result<(), StoreError> {
        todo!()
    }

    /// Returns the number of the newest change.
    ///
    /// # Errors
    /// On database failure.
    pub async fn newest_seq(&self) -> Result<Seq, StoreError> {
        todo!()
    }

    /// Returns the changes after `seq` in order, at most `limit`.
    ///
    /// # Errors
    /// On database failure.
    pub async fn changes_after(&self, _seq: Seq, _limit: u32) -> Result<Vec<Change>, StoreError> {
        todo!()
    }

    /// Loads all entities as of one moment, with its number. `each` is called for batches, so that decoding can run beside reading.
    ///
    /// # Errors
    /// On database failure.
    pub async fn load_all(&self) -> Result<(Seq, Vec<Arc<StoredEntity>>), StoreError> {
        todo!()
    }

    /// Loads all entities as they were after change `seq`.
    ///
    /// # Errors
    /// On database failure, or when history does not reach back that far.
    pub async fn load_as_of(&self, _seq: Seq) -> Result<Vec<Arc<StoredEntity>>, StoreError> {
        todo!()
    }

    /// Lists problems, newest first.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_problems(&self) -> Result<Vec<ProblemRecord>, StoreError> {
        todo!()
    }

    /// Writes a consistent copy of the SQLite database to a new file while the server runs.
    ///
    /// # Errors
    /// On database failure, or on PostgreSQL.
    pub async fn backup(&self, _to: &Path) -> Result<(), StoreError> {
        todo!()
    }
}

/// How a harvest of a root went.
#[derive(Clone, Debug)]
pub struct RootState {
    /// What went wrong, if anything.
    pub error: Option<String>,
    /// When it is due next.
    pub due_at: Timestamp,
}

/// A key that the replicas share, such as one that signs tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// What it is for: `user-token`.
    pub purpose: String,
    /// Its id, unique for the purpose.
    pub id: String,
    /// The private key as PKCS#8 PEM.
    pub pem: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is of no more use.
    pub expires_at: Timestamp,
}

impl Store {
    /// Lists the keys of one purpose, oldest first.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_keys(&self, _purpose: &str) -> Result<Vec<StoredKey>, StoreError> {
        todo!()
    }
    /// Keeps a key.
    ///
    /// # Errors
    /// On database failure.
    pub async fn add_key(&self, _key: &StoredKey) -> Result<(), StoreError> {
        todo!()
    }
    /// Forgets a key. An unknown one is no error.
    ///
    /// # Errors
    /// On database failure.
    pub async fn remove_key(&self, _purpose: &str, _id: &str) -> Result<(), StoreError> {
        todo!()
    }
    /// Finds the newest change of one entity.
    ///
    /// # Errors
    /// On database failure.
    pub async fn last_change_of(&self, _entity_ref: &EntityRef) -> Result<Option<Change>, StoreError> {
        todo!()
    }
}
