//! The catalog in memory: changes in, snapshots out; queries, facets and relations on them.
//!
//! Pure: no disk, no SQL, no async, and no lock that a reader could wait for a writer at.
//!
//! # How it is made
//!
//! A [`Snapshot`] is a list of *segments*, as in search engines. A segment is immutable: its documents in order of uid, and
//! their texts, rendered as they are served, in large pieces of memory. [`Fold::apply`] puts the documents that a batch of
//! changes touches into one new small segment and marks their old forms dead; everything else is shared with the snapshot
//! before. Small segments are merged at once, large ones by whoever runs [`Fold::plan_merge`]. Merging shares the pieces of
//! text too.
//!
//! An entity has some 38 indexed values (see `build` for how they come out of its JSON), and most pairs of key and value occur
//! once. So there is no bitmap per value: a *column* lists, for one key, where the values lie in the texts (10 bytes each, no
//! copies). What queries need on top (distinct values in order, with the documents of each; bits for the frequent ones; the
//! values in one piece for substring search) is made for a column when it is first asked for, or ahead by [`Snapshot::warm`].
//! A condition is evaluated to a set of documents per segment, as sorted list or plain bits; pages walk each segment in the order
//! asked for and merge the walks.
//!
//! The boolean keys that list items give (`metadata.tags.java = true`) are never stored: a key is split at each of its dots
//! and looked up as an item of the part before.
//!
//! Walks over the graph do not read texts: beside its relations as they are served, each document has them as numbers (see
//! `links`).

mod bits;
mod build;
mod by_fields;
mod column;
mod docset;
mod facets;
mod filter;
mod fold;
mod graph;
mod join;
mod json;
mod like;
mod links;
mod load;
mod merge;
mod merge_walk;
mod page;
mod parts;
pub mod problems;
mod query;
mod recent;
mod render;
mod search;
mod segment;
mod snapshot;
mod sorted;
#[cfg(test)]
mod tests;
mod text;
mod text_sort;
mod walk;

pub use facets::{FacetValue, TopValues};
pub use filter::Filter;
pub use fold::Fold;
pub use links::{DocId, EntityNumber, Link, LinkKind};
pub use load::{Draft, Loading};
pub use merge::{MergePlan, Merged};
pub use query::{Direction, Order, Page, PageQuery, Row, Start};
pub use search::{FieldMatch, QuickHit, QuickQuery, SearchFacet, SearchField, SearchHit, SearchPage, SearchQuery};
pub use snapshot::{Doc, Snapshot, View, Visibility};
