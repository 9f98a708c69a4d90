//! Conditions, and which documents meet them.

use std::borrow::Cow;

use crate::{
    column::{Value, flags},
    docset::{DocSet, owned},
    like::Like,
    segment::Segment,
};

/// The value of the boolean keys that array items give.
const TRUE: &str = "true";

/// A condition on indexed values. Keys and values are compared in lower case; keys are dotted paths (`spec.type`,
/// `metadata.annotations.a.b/c`, `relations.ownedby`).
///
/// A string item of an array also gives the boolean key `<key>.<item>`: an entity with the tag `java` has
/// `metadata.tags = java` and `metadata.tags.java = true`.
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
    /// The entity is one of these, named by canonical references.
    Refs(Vec<String>),
    /// Every one of them.
    And(Vec<Filter>),
    /// At least one of them.
    Or(Vec<Filter>),
    /// Not this; also matches entities without the key.
    Not(Box<Filter>),
}

/// Finds the documents of a segment, dead ones included, that meet a condition.
pub(crate) fn matching<'s>(filter: &Filter, segment: &'s Segment) -> DocSet<'s> {
    let len = segment.len();
    match filter {
        Filter::All => DocSet::All,
        Filter::Never => DocSet::NONE,
        Filter::Exists(key) => {
            let key = lower(key);
            let own = segment.sorted(&key).map_or(DocSet::NONE, |sorted| sorted.exists());
            DocSet::any(vec![own, owned(segment.docs_with_item_key(&key))], len)
        }
        Filter::Equals(key, value) => with_any(segment, key, std::slice::from_ref(value)),
        Filter::In(key, values) => with_any(segment, key, values),
        Filter::Prefix(key, prefix) => with_prefix(segment, &lower(key), &lower(prefix)),
        Filter::Like(term, keys) => like_any(segment, &Like::containing(&lower(term)), keys),
        Filter::Refs(refs) => {
            let mut docs: Vec<u32> =
                refs.iter().filter_map(|entity_ref| segment.find_ref(entity_ref, |_| true)).collect();
            docs.sort_unstable();
            docs.dedup();
            DocSet::from_sorted(docs, len)
        }
        Filter::And(all) => all
            .iter()
            .fold(DocSet::All, |set, filter| if set.is_empty(len) { set } else { set.and(matching(filter, segment)) }),
        Filter::Or(any) => DocSet::any(any.iter().map(|filter| matching(filter, segment)).collect(), len),
        Filter::Not(not) => matching(not, segment).not(len),
    }
}

/// Tells whether one document meets a condition. Looks only at the values of that document.
pub(crate) fn matches_one(filter: &Filter, segment: &Segment, doc: u32) -> bool {
    let one = One { segment, doc };
    match filter {
        Filter::All => true,
        Filter::Never => false,
        Filter::Exists(key) => {
            let key = lower(key);
            one.values(&key).next().is_some() || segment.has_item_key(doc, &key)
        }
        Filter::Equals(key, value) => one.has(key, |own| own == lower(value)),
        Filter::In(key, values) => one.has(key, |own| values.iter().any(|value| own == lower(value))),
        Filter::Prefix(key, prefix) => one.has(key, |own| own.starts_with(lower(prefix).as_ref())),
        Filter::Like(term, keys) => {
            let like = Like::containing(&lower(term));
            keys.iter().any(|key| one.has(key, |own| like.matches(own)))
        }
        Filter::Refs(refs) => refs.iter().any(|entity_ref| entity_ref == segment.entity_ref(doc)),
        Filter::And(all) => all.iter().all(|filter| matches_one(filter, segment, doc)),
        Filter::Or(any) => any.iter().any(|filter| matches_one(filter, segment, doc)),
        Filter::Not(not) => !matches_one(not, segment, doc),
    }
}

/// Lower-cases a key or value of a query.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

struct One<'s> {
    segment: &'s Segment,
    doc: u32,
}

impl<'s> One<'s> {
    fn values(&self, key: &str) -> impl Iterator<Item = Value> + use<'s> {
        let doc = self.doc;
        self.segment.column(key).into_iter().flat_map(move |column| column.values_of(doc))
    }

    fn has(&self, key: &str, test: impl Fn(&str) -> bool) -> bool {
        let key = lower(key);
        let own = self
            .values(&key)
            .filter(|value| value.meta & flags::ABSENT == 0)
            .any(|value| test(&value.lower(|doc| self.segment.record(doc))));
        own || test(TRUE) && self.segment.has_item_key(self.doc, &key)
    }
}

fn with_any<'s>(segment: &'s Segment, key: &str, values: &[String]) -> DocSet<'s> {
    let key = lower(key);
    let mut sets = Vec::with_capacity(2);
    if let Some(sorted) = segment.sorted(&key) {
        let groups = values.iter().filter_map(|value| sorted.find_group(&lower(value), segment));
        sets.push(sorted.docs_of_groups(groups, segment.len()));
    }
    if values.iter().any(|value| lower(value) == TRUE) {
        sets.push(owned(segment.docs_with_item_key(&key)));
    }
    DocSet::any(sets, segment.len())
}

fn with_prefix<'s>(segment: &'s Segment, key: &str, prefix: &str) -> DocSet<'s> {
    let mut sets = Vec::with_capacity(2);
    if let Some(sorted) = segment.sorted(key) {
        sets.push(sorted.docs_of_groups(sorted.groups_with_prefix(prefix, segment), segment.len()));
    }
    if TRUE.starts_with(prefix) {
        sets.push(owned(segment.docs_with_item_key(key)));
    }
    DocSet::any(sets, segment.len())
}

fn like_any<'s>(segment: &'s Segment, like: &Like, keys: &[String]) -> DocSet<'s> {
    let mut sets = Vec::with_capacity(keys.len());
    for key in keys {
        let key = lower(key);
        if let Some(sorted) = segment.sorted(&key) {
            sets.push(sorted.docs_like(like, segment));
        }
        if like.matches(TRUE) {
            sets.push(owned(segment.docs_with_item_key(&key)));
        }
    }
    DocSet::any(sets, segment.len())
}
