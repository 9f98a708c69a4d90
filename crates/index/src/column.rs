//! The values of one key, as they lie in the texts of a segment: search rows in Backstage's sense, without their copies.

use std::{
    borrow::Cow,
    cmp::Ordering,
    sync::{Arc, OnceLock},
};

use hashbrown::HashMap;

use crate::{json, json::LeafKind, sorted::Sorted};

/// Keys and values beyond this many UTF-16 units are not compared (Backstage: `MAX_KEY_LENGTH`, `MAX_VALUE_LENGTH`).
pub(crate) const MAX_UNITS: usize = 200;

/// A hash map for texts that come from users.
pub(crate) type TextMap<V> = HashMap<Arc<str>, V, foldhash::fast::RandomState>;

/// What is known of a value besides its place: its length in the low bits, and these flags.
pub(crate) mod flags {
    /// There is a value, but none that can be compared: null, or too long.
    pub(crate) const ABSENT: u16 = 1 << 15;
    /// A string item of an array, which also gives the boolean key `<key>.<value>`.
    pub(crate) const ITEM: u16 = 1 << 14;
    /// The text has JSON escapes.
    pub(crate) const ESCAPED: u16 = 1 << 13;
    /// The lower-cased value is another text.
    pub(crate) const MIXED: u16 = 1 << 12;
    /// An array item whose boolean key the entity already has from elsewhere.
    pub(crate) const SHADOWED: u16 = 1 << 11;
    /// The bits that hold the length.
    pub(crate) const LENGTH: u16 = (1 << 11) - 1;
}

/// One value: where it lies in the record of a document, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    /// The document; `TRUE` for the value of a boolean key, which lies nowhere.
    pub(crate) doc: u32,
    /// Offset in the record.
    pub(crate) at: u32,
    /// Length and flags.
    pub(crate) meta: u16,
}

impl Value {
    /// The `true` of the boolean keys that array items give.
    pub(crate) const TRUE: Self = Self { doc: u32::MAX, at: 0, meta: 4 };

    /// Gives the value in its original letter case; `record` finds the record of a document.
    pub(crate) fn original<'t>(self, record: impl FnOnce(u32) -> &'t str) -> Cow<'t, str> {
        if self.doc == u32::MAX {
            return Cow::Borrowed("true");
        }
        let start = self.at as usize;
        let raw = &record(self.doc)[start..start + usize::from(self.meta & flags::LENGTH)];
        if self.meta & flags::ESCAPED == 0 { Cow::Borrowed(raw) } else { json::unescape(raw) }
    }

    /// Gives the value in lower case.
    pub(crate) fn lower<'t>(self, record: impl FnOnce(u32) -> &'t str) -> Cow<'t, str> {
        let original = self.original(record);
        if self.meta & flags::MIXED == 0 { original } else { Cow::Owned(original.to_lowercase()) }
    }

    /// Compares the lower-cased value with a lower-cased text.
    pub(crate) fn compare_lower<'t>(self, record: impl FnOnce(u32) -> &'t str, text: &str) -> Ordering {
        let original = self.original(record);
        if self.meta & flags::MIXED == 0 {
            original.as_ref().cmp(text)
        } else if original.is_ascii() {
            original.bytes().map(|b| b.to_ascii_lowercase()).cmp(text.bytes())
        } else {
            original.to_lowercase().as_str().cmp(text)
        }
    }
}

/// Works out length and flags of a scalar.
pub(crate) fn describe(raw: &str, kind: LeafKind) -> u16 {
    if kind == LeafKind::Null || raw.len() > usize::from(flags::LENGTH) {
        return flags::ABSENT;
    }
    let mut meta = raw.len() as u16;
    let text = if kind == LeafKind::Escaped {
        meta |= flags::ESCAPED;
        json::unescape(raw)
    } else {
        Cow::Borrowed(raw)
    };
    let (upper, beyond) = text.bytes().fold((false, false), |(u, b), c| (u | c.is_ascii_uppercase(), b | (c >= 0x80)));
    if beyond {
        let lower = text.to_lowercase();
        if lower.encode_utf16().count() > MAX_UNITS {
            return flags::ABSENT;
        }
        return if lower == *text { meta } else { meta | flags::MIXED };
    }
    match text.len() > MAX_UNITS {
        true => flags::ABSENT,
        false if upper => meta | flags::MIXED,
        false => meta,
    }
}

/// The values of one key over all documents of a segment, in order of document.
///
/// Three lists instead of one of structs: 10 bytes a value instead of 12, and there are tens of millions of them.
#[derive(Debug, Default)]
pub(crate) struct Column {
    docs: Vec<u32>,
    ats: Vec<u32>,
    metas: Vec<u16>,
    /// Whether some values are array items, so that boolean keys can come from here.
    has_items: bool,
    sorted: OnceLock<Sorted>,
}

impl Column {
    pub(crate) fn push(&mut self, value: Value) {
        self.docs.push(value.doc);
        self.ats.push(value.at);
        self.metas.push(value.meta);
        self.has_items |= value.meta & flags::ITEM != 0;
    }

    pub(crate) fn reserve(&mut self, more: usize) {
        self.docs.reserve_exact(more);
        self.ats.reserve_exact(more);
        self.metas.reserve_exact(more);
    }

    pub(crate) fn len(&self) -> usize {
        self.docs.len()
    }

    pub(crate) fn has_items(&self) -> bool {
        self.has_items
    }

    pub(crate) fn get(&self, index: usize) -> Value {
        Value { doc: self.docs[index], at: self.ats[index], meta: self.metas[index] }
    }

    pub(crate) fn docs(&self) -> &[u32] {
        &self.docs
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = Value> + '_ {
        (0..self.docs.len()).map(|index| self.get(index))
    }

    /// Lists the values of one document.
    pub(crate) fn values_of(&self, doc: u32) -> impl Iterator<Item = Value> + '_ {
        let start = self.docs.partition_point(|d| *d < doc);
        (start..self.docs.len()).map(|index| self.get(index)).take_while(move |value| value.doc == doc)
    }

    /// The sorted form, built by `build` when it is first asked for.
    pub(crate) fn sorted(&self, build: impl FnOnce() -> Sorted) -> &Sorted {
        self.sorted.get_or_init(build)
    }

    /// Whether somebody has asked for the sorted form.
    pub(crate) fn is_sorted(&self) -> bool {
        self.sorted.get().is_some()
    }

    /// Makes a column of values in order of document.
    pub(crate) fn from_sorted(count: usize, values: impl Iterator<Item = Value>) -> Self {
        let mut column = Self::default();
        column.reserve(count);
        values.for_each(|value| column.push(value));
        column
    }

    /// Makes a column of values in any order; `place` tells where each value belongs.
    pub(crate) fn scattered(
        count: usize,
        values: impl Iterator<Item = Value>,
        mut place: impl FnMut(u32) -> usize,
    ) -> Self {
        let mut column = Self { docs: vec![0; count], ats: vec![0; count], metas: vec![0; count], ..Self::default() };
        for value in values {
            let at = place(value.doc);
            column.docs[at] = value.doc;
            column.ats[at] = value.at;
            column.metas[at] = value.meta;
            column.has_items |= value.meta & flags::ITEM != 0;
        }
        column
    }

    fn shrink(&mut self) {
        self.docs.shrink_to_fit();
        self.ats.shrink_to_fit();
        self.metas.shrink_to_fit();
    }
}

/// The columns of a segment by lower-cased key.
pub(crate) type Columns = TextMap<Column>;

/// Collects columns while documents are added in order.
#[derive(Default)]
pub(crate) struct ColumnsBuilder {
    /// The column of each path as authors write it; `None` for keys that are too long.
    paths: TextMap<Option<u32>>,
    keys: TextMap<u32>,
    columns: Vec<Column>,
    scratch: String,
}

impl ColumnsBuilder {
    /// Finds or makes the column of a path in any letter case; `None` when its key is too long to be indexed.
    pub(crate) fn column(&mut self, path: &str) -> Option<u32> {
        if let Some(column) = self.paths.get(path) {
            return *column;
        }
        let key: Arc<str> = path.to_lowercase().into();
        let column = (key.encode_utf16().count() <= MAX_UNITS).then(|| {
            let columns = &mut self.columns;
            *self.keys.entry(key).or_insert_with(|| {
                columns.push(Column::default());
                columns.len() as u32 - 1
            })
        });
        self.paths.insert(path.into(), column);
        column
    }

    pub(crate) fn push(&mut self, column: u32, value: Value) {
        self.columns[column as usize].push(value);
    }

    /// Tells whether the newest value of a column belongs to `doc`.
    pub(crate) fn has_values_of(&self, column: u32, doc: u32) -> bool {
        self.columns[column as usize].docs.last() == Some(&doc)
    }

    /// Tells whether `doc` already has a value for the boolean key that an array item gives.
    ///
    /// Backstage leaves out the boolean key when an earlier row of the entity has the same key.
    pub(crate) fn is_shadowed(&mut self, path: &str, item: &str, doc: u32) -> bool {
        self.scratch.clear();
        self.scratch.push_str(path);
        self.scratch.push('.');
        self.scratch.push_str(item);
        let is_lower = self.scratch.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase());
        let found = if is_lower {
            self.keys.get(self.scratch.as_str())
        } else {
            self.keys.get(self.scratch.to_lowercase().as_str())
        };
        found.is_some_and(|column| self.has_values_of(*column, doc))
    }

    pub(crate) fn finish(self) -> Columns {
        let mut columns: Vec<Option<Column>> = self.columns.into_iter().map(Some).collect();
        let mut take = |index: u32| columns[index as usize].take().expect("each column has one key");
        self.keys
            .into_iter()
            .map(|(key, index)| {
                let mut column = take(index);
                column.shrink();
                (key, column)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_exist_without_being_comparable() {
        let a200 = "a".repeat(200);
        assert_eq!(describe(&a200, LeafKind::Plain), 200);
        assert_eq!(describe(&format!("{a200}a"), LeafKind::Plain), flags::ABSENT);
        // 200 UTF-16 units in 600 bytes, and in 1,200 bytes of escapes.
        assert_eq!(describe(&"€".repeat(200), LeafKind::Plain), 600);
        assert_eq!(describe(&"€".repeat(201), LeafKind::Plain), flags::ABSENT);
        assert_eq!(describe(&"\\u20ac".repeat(200), LeafKind::Escaped), 1200 | flags::ESCAPED);
        // A character outside of the basic plane counts twice.
        assert_eq!(describe(&"😀".repeat(101), LeafKind::Plain), flags::ABSENT);
        assert_eq!(describe("null", LeafKind::Null), flags::ABSENT);
        // Lower-casing makes two units of this one.
        assert_eq!(describe(&"İ".repeat(101), LeafKind::Plain), flags::ABSENT);
    }

    #[test]
    fn tells_mixed_case_from_lower_case() {
        assert_eq!(describe("abc-1.x", LeafKind::Plain), 7);
        assert_eq!(describe("aBc", LeafKind::Plain), 3 | flags::MIXED);
        assert_eq!(describe("ärmel", LeafKind::Plain), 6);
        assert_eq!(describe("Ärmel", LeafKind::Plain), 6 | flags::MIXED);
        assert_eq!(describe("\\u0041", LeafKind::Escaped), 6 | flags::MIXED | flags::ESCAPED);
    }

    #[test]
    fn keys_of_any_case_share_a_column_and_long_keys_have_none() {
        let mut builder = ColumnsBuilder::default();
        assert_eq!(builder.column("spec.Type"), builder.column("spec.type"));
        assert!(builder.column(&"k".repeat(200)).is_some());
        assert_eq!(builder.column(&"k".repeat(201)), None);
    }
}
