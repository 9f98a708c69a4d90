//! The catalog in memory: changes in, snapshots out; queries, facets and relations on them.
//!
//! Pure: no disk, no SQL, no async, and no lock that a reader could wait for.

use std::sync::Arc;

use bytes::Bytes;
use model::{Change, EntityRef, Seq, StoredEntity, Uid};

/// The writer's side: folds changes into snapshots.
pub struct Fold;

/// One moment of the catalog. Immutable.
pub struct Snapshot;

/// What an actor may see.
#[derive(Clone, Debug, PartialEq)]
pub enum Visibility {
    /// All of it.
    Everything,
    /// None of it.
    Nothing,
    /// What the filter matches.
    Where(Filter),
}

/// A snapshot cut to what one actor may see.
#[derive(Clone)]
pub struct View;

/// One entity of a view.
#[derive(Clone)]
pub struct Doc;

/// A condition on indexed values. Keys and values are compared in lower case; keys are dotted paths (`spec.type`,
/// `metadata.annotations.a.b/c`, `relations.ownedby`).
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Everything.
    All,
    /// Nothing.
    Never,
    /// The key has a value, be it null or too long to be compared.
    Exists(String),
    /// The key has this value.
    Equals(String, String),
    /// The key has one of these values.
    In(String, Vec<String>),
    /// The key has a value that starts so.
    Prefix(String, String),
    /// Substring search with SQL LIKE's meaning (`%`, `_`, backslash escapes) of `%term%` over any of the keys.
    Like(String, Vec<String>),
    /// Every one of them.
    And(Vec<Filter>),
    /// At least one of them.
    Or(Vec<Filter>),
    /// Not this; also matches entities without the key.
    Not(Box<Filter>),
}

/// Direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// How a list is ordered.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// By uid.
    Uid,
    /// By entity reference.
    EntityRef,
    /// By the lower-cased value of one key, ties by uid in the same direction. Entities without a comparable value are left out;
    /// an entity with several values appears once for each.
    Field(String, Direction),
    /// By several keys, ties by uid ascending; entities without a value come last in both directions and all appear once.
    Fields(Vec<(String, Direction)>),
}

/// Where a page starts.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// So many rows from the beginning.
    Offset(u64),
    /// After this position in the order, going forwards. `value` is `None` in uid order.
    After {
        /** lower-cased value of the order key */
        value: Option<String>,
        /** uid */
        uid: Uid,
    },
    /// Before this position, going backwards; rows still come in the forward order.
    Before {
        /** lower-cased value of the order key */
        value: Option<String>,
        /** uid */
        uid: Uid,
    },
}

/// A question for a page of entities.
#[derive(Clone, Debug)]
pub struct PageQuery {
    /// Which entities.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// From where.
    pub start: Start,
    /// How many rows at most; `None` for all.
    pub limit: Option<usize>,
    /// Whether to count all rows.
    pub count: bool,
}

/// One row of a page.
pub struct Row {
    /// The entity.
    pub doc: Doc,
    /// The lower-cased value of the order key for this row, for cursors.
    pub value: Option<String>,
}

/// A page of entities.
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many entities match and have a value for the order key (entities, not rows); `None` when not asked.
    pub total: Option<u64>,
    /// Whether rows follow the last one.
    pub more: bool,
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    /// In its original letter case.
    pub value: String,
    /// How many entities have it.
    pub count: u64,
}

impl Fold {
    /// The empty catalog.
    pub fn empty() -> Self {
        todo!()
    }
    /// Builds from all entities.
    pub fn build(_seq: Seq, _entities: Vec<Arc<StoredEntity>>) -> Self {
        todo!()
    }
    /// Folds changes in.
    pub fn apply(&mut self, _changes: &[Change]) {
        todo!()
    }
    /// The newest moment.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        todo!()
    }
    /// Hash of everything a reader can see, the same for equal catalogs however they came about.
    pub fn fingerprint(&self) -> u128 {
        todo!()
    }
}

impl Snapshot {
    /// The number of the last change in it.
    pub fn seq(&self) -> Seq {
        todo!()
    }
    /// How many entities.
    pub fn len(&self) -> usize {
        todo!()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        todo!()
    }
    /// Cuts it to what an actor may see.
    pub fn view(self: &Arc<Self>, _visibility: Visibility) -> View {
        todo!()
    }
}

impl View {
    /// The moment.
    pub fn seq(&self) -> Seq {
        todo!()
    }
    /// Finds an entity by its canonical reference.
    pub fn find(&self, _entity_ref: &str) -> Option<Doc> {
        todo!()
    }
    /// Finds an entity by its uid.
    pub fn find_by_uid(&self, _uid: Uid) -> Option<Doc> {
        todo!()
    }
    /// Answers a page.
    pub fn page(&self, _query: &PageQuery) -> Page {
        todo!()
    }
    /// Counts the entities that match.
    pub fn count(&self, _filter: &Filter) -> u64 {
        todo!()
    }
    /// Counts values, for each key sorted by value.
    pub fn facets(&self, _keys: &[String], _filter: &Filter) -> Vec<Vec<FacetValue>> {
        todo!()
    }
    /// Tells whether an entity matches.
    pub fn matches(&self, _doc: &Doc, _filter: &Filter) -> bool {
        todo!()
    }
    /// Relations whose other end is not in the catalog: (entity, relation type, missing reference), in order of entity.
    pub fn dangling(&self) -> Vec<(EntityRef, Arc<str>, EntityRef)> {
        todo!()
    }
}

impl Doc {
    /// Canonical reference.
    pub fn entity_ref(&self) -> &str {
        todo!()
    }
    /// Uid.
    pub fn uid(&self) -> Uid {
        todo!()
    }
    /// The whole entity as served: uid, etag, relations and status included.
    pub fn json(&self) -> Bytes {
        todo!()
    }
    /// The Location entities it was read through.
    pub fn parents(&self) -> Vec<EntityRef> {
        todo!()
    }
    /// The entity as stored.
    pub fn line(&self) -> u32 {
        todo!()
    }
}
