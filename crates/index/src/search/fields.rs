//! What of an entity is searched: values of well-known keys, as they lie in its text.

use std::{borrow::Cow, ops::Range};

use crate::{
    column::{Column, Value, flags},
    json,
    search::operations::visit_operations,
    segment::Segment,
};

/// A part of an entity that is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchField {
    /// `metadata.name`.
    Name,
    /// `metadata.title`, and the display name of users and groups.
    Title,
    /// `metadata.description`.
    Description,
    /// `metadata.tags`.
    Tags,
    /// Kind, namespace and `spec.type`.
    Kind,
    /// The names of the owners.
    Owner,
    /// Titles and hosts of `metadata.links`.
    Links,
    /// What an API offers: paths, operations, channels, fields, methods.
    Operations,
}

impl SearchField {
    /// All of them; the place of each is its number.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Title,
        Self::Description,
        Self::Tags,
        Self::Kind,
        Self::Owner,
        Self::Links,
        Self::Operations,
    ];

    /// How much a match in it counts.
    pub(crate) const fn weight(self) -> u16 {
        match self {
            Self::Name => 100,
            Self::Title => 80,
            Self::Tags => 60,
            Self::Kind | Self::Owner => 45,
            Self::Links | Self::Operations => 30,
            Self::Description => 15,
        }
    }
}

/// How a value is read.
#[derive(Clone, Copy)]
enum How {
    /// As it is.
    Plain,
    /// The name in an entity reference.
    RefName,
    /// The host of a URL.
    Host,
    /// What the definition of an API offers.
    Definition,
}

/// The keys that are searched.
const SOURCES: [(&str, SearchField, How); 12] = [
    ("metadata.name", SearchField::Name, How::Plain),
    ("metadata.title", SearchField::Title, How::Plain),
    ("spec.profile.displayname", SearchField::Title, How::Plain),
    ("metadata.description", SearchField::Description, How::Plain),
    ("metadata.tags", SearchField::Tags, How::Plain),
    ("kind", SearchField::Kind, How::Plain),
    ("metadata.namespace", SearchField::Kind, How::Plain),
    ("spec.type", SearchField::Kind, How::Plain),
    ("relations.ownedby", SearchField::Owner, How::RefName),
    ("metadata.links.title", SearchField::Links, How::Plain),
    ("metadata.links.url", SearchField::Links, How::Host),
    ("spec.definition", SearchField::Operations, How::Definition),
];

/// How much of a text is searched, and how much of a definition; in bytes as they lie in the JSON.
const MAX_TEXT: usize = 4 << 10;
const MAX_DEFINITION: usize = 256 << 10;

/// Relations whose number says how many others need an entity.
const DEPENDENTS: [&str; 2] = ["relations.dependencyof", "relations.apiconsumedby"];

/// Visits everything that is searched in a range of documents: key by key, and within each in order of document.
pub(crate) fn visit_values(segment: &Segment, docs: Range<u32>, visit: &mut impl FnMut(u32, SearchField, &str)) {
    for (key, field, how) in SOURCES {
        let Some(column) = segment.column(key) else { continue };
        for value in values_in(column, &docs) {
            let most = if matches!(how, How::Definition) { MAX_DEFINITION } else { MAX_TEXT };
            let Some(text) = text_of(segment, value, most) else { continue };
            match how {
                How::Plain => visit(value.doc, field, &text),
                How::RefName => visit(value.doc, field, text.rsplit('/').next().unwrap_or_default()),
                How::Host => visit(value.doc, field, host_of(&text)),
                How::Definition => visit_operations(&text, &mut |operation| visit(value.doc, field, operation)),
            }
        }
    }
}

/// Counts for each document of a range how many others need it.
pub(crate) fn count_dependents(segment: &Segment, docs: &Range<u32>) -> Vec<u32> {
    let mut counts = vec![0; docs.len()];
    for column in DEPENDENTS.into_iter().filter_map(|key| segment.column(key)) {
        values_in(column, docs).for_each(|value| counts[(value.doc - docs.start) as usize] += 1);
    }
    counts
}

fn values_in<'c>(column: &'c Column, docs: &Range<u32>) -> impl Iterator<Item = Value> + use<'c> {
    let start = column.docs().partition_point(|doc| *doc < docs.start);
    let end = column.docs().partition_point(|doc| *doc < docs.end);
    (start..end.max(start)).map(|index| column.get(index))
}

/// Reads a value, also one that is too long to be compared; such a one is cut.
fn text_of(segment: &Segment, value: Value, most: usize) -> Option<Cow<'_, str>> {
    let record = segment.record(value.doc);
    if value.meta & flags::ABSENT == 0 {
        return Some(value.original(|_| record));
    }
    let start = value.at as usize;
    // What is absent and has no quote ahead is null.
    let rest = record.get(start..).filter(|_| record.as_bytes()[start - 1] == b'"')?;
    let cut = &rest[..rest.floor_char_boundary(most)];
    let raw = &cut[..end_of_string(cut.as_bytes()).unwrap_or(cut.len())];
    Some(json::unescape(raw))
}

fn end_of_string(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// The host of a URL, without user and port.
fn host_of(url: &str) -> &str {
    let Some((_, rest)) = url.split_once("://") else { return "" };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_host_of_a_url() {
        for (url, host) in [
            ("https://grafana.example.org/d/x?y#z", "grafana.example.org"),
            ("https://me:pass@example.org:8443?x", "example.org"),
            ("mailto:a@b", ""),
            ("", ""),
        ] {
            assert_eq!(host_of(url), host);
        }
    }

    #[test]
    fn the_place_of_a_field_is_its_number() {
        for (number, field) in SearchField::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, number);
        }
    }
}
