//! Final documents: the author's text with uid, etag, relations and status put in.

use std::{borrow::Cow, io::Write as _};

use model::{EntityRef, StoredEntity};
use serde::Serialize as _;
use xxhash_rust::xxh3::xxh3_128;

use crate::{
    json,
    links::Link,
    segment::{NO_ETAG, Place},
};

/// How many digits an etag of ours has, as many as Backstage's.
const ETAG_DIGITS: usize = 40;

/// A relation as it is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Relation<'a> {
    /// The type, such as `ownedBy`.
    pub(crate) kind: &'a str,
    /// The canonical reference of the other end.
    pub(crate) target: &'a str,
    /// The same by numbers.
    pub(crate) link: Link,
}

/// Where the target of a relation was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WrittenTarget {
    /// Offset in the record.
    pub(crate) at: usize,
    /// Length in bytes.
    pub(crate) len: usize,
    /// Whether it has escapes.
    pub(crate) escaped: bool,
}

/// What is rendered: an entity from the store, or a document that only has other relations now.
pub(crate) enum Source<'a> {
    /// From the store.
    Stored(&'a StoredEntity),
    /// From a record.
    Record {
        /// The record.
        text: &'a str,
        /// Its division.
        place: Place,
    },
}

impl Source<'_> {
    /// About how many bytes its record without relations has.
    pub(crate) fn size(&self) -> usize {
        match self {
            Source::Stored(entity) => {
                entity.body.as_str().len() + entity.entity_ref.as_str().len() + 160 + entity.errors.len() * 400
            }
            Source::Record { text, .. } => text.len(),
        }
    }
}

/// Appends the record of an entity to `out`, which is the chunk numbered `chunk`. `relations` are sorted and without
/// duplicates; `targets` receives where each of them was written.
pub(crate) fn render(
    source: &Source<'_>,
    relations: &[Relation<'_>],
    (chunk, out): (u32, &mut Vec<u8>),
    targets: &mut Vec<WrittenTarget>,
) -> Place {
    let place = render_unsigned(source, relations, (chunk, &mut *out), targets);
    if place.etag_at != NO_ETAG {
        fill_etag(&mut out[place.start as usize..], place.json_at as usize, place.etag_at as usize);
    }
    place
}

/// Appends the record of an entity whose relations are not known yet, without an etag. It is to be rendered again.
pub(crate) fn render_draft(entity: &StoredEntity, (chunk, out): (u32, &mut Vec<u8>)) -> Place {
    render_unsigned(&Source::Stored(entity), &[], (chunk, out), &mut Vec::new())
}

fn render_unsigned(
    source: &Source<'_>,
    relations: &[Relation<'_>],
    (chunk, out): (u32, &mut Vec<u8>),
    targets: &mut Vec<WrittenTarget>,
) -> Place {
    let start = out.len();
    let (json_at, etag_at, line) = match source {
        Source::Stored(entity) => begin_stored(entity, out, start),
        Source::Record { text, place } => begin_again(text, *place, out, start),
    };
    let relations_at = out.len() - start;
    push_relations(relations, out, start, targets);
    let status_at = out.len() - start;
    match source {
        Source::Stored(entity) => push_status(entity, out),
        Source::Record { text, place } => out.extend_from_slice(&text.as_bytes()[place.status_at as usize..]),
    }
    Place {
        chunk,
        start: start as u32,
        json_at,
        etag_at,
        relations_at: relations_at as u32,
        status_at: status_at as u32,
        end: (out.len() - start) as u32,
        line,
    }
}

/// Reads the relations of a record back.
pub(crate) fn read_relations(text: &str, place: Place) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let array = &text[place.relations_at as usize + ",\"relations\":".len()..place.status_at as usize];
    let mut strings = Vec::new();
    json::visit_leaves(array, |_| false, &mut |_, leaf| {
        strings.push(json::unescape(&array[leaf.at..leaf.at + leaf.len]));
    });
    let mut relations = Vec::with_capacity(strings.len() / 2);
    let mut strings = strings.into_iter();
    while let (Some(kind), Some(target)) = (strings.next(), strings.next()) {
        relations.push((kind, target));
    }
    relations
}

/// Visits the relations of a record one after the other, as (type, target). What [`read_relations`] gives, without a list.
/// Goes on for as long as `visit` says so.
pub(crate) fn visit_relations(text: &str, place: Place, visit: &mut impl FnMut(&str, &str) -> bool) {
    const KIND: &str = "{\"type\":\"";
    const TARGET: &str = "\",\"targetRef\":\"";
    let array = &text[place.relations_at as usize + ",\"relations\":".len()..place.status_at as usize];
    let find_end = |text: &str| memchr::memchr2(b'"', b'\\', text.as_bytes());
    let is_escape = |text: &str, at: usize| text.as_bytes()[at] == b'\\';
    let mut visited = 0;
    let mut rest = &array[1..];
    while let Some(kind) = rest.strip_prefix(KIND) {
        let Some(end) = find_end(kind) else { return };
        let target = kind[end..].strip_prefix(TARGET);
        let target_end = target.and_then(find_end);
        if is_escape(kind, end) || target.zip(target_end).is_some_and(|(target, end)| is_escape(target, end)) {
            // Names with escapes are rare; they take the long way.
            let _all = read_relations(text, place).iter().skip(visited).all(|(kind, target)| visit(kind, target));
            return;
        }
        let Some((target, target_end)) = target.zip(target_end) else { return };
        if !visit(&kind[..end], &target[..target_end]) {
            return;
        }
        visited += 1;
        // Behind the target: its quote, the brace, and a comma or the bracket.
        rest = target.get(target_end + 3..).unwrap_or_default();
    }
}

fn begin_stored(entity: &StoredEntity, out: &mut Vec<u8>, start: usize) -> (u32, u32, u32) {
    let body = entity.body.as_str();
    let end = json::find_metadata_end(body).expect("an entity body starts with its metadata");
    out.extend_from_slice(entity.entity_ref.as_str().as_bytes());
    let json_at = out.len() - start;
    out.extend_from_slice(&body.as_bytes()[..end.close]);
    let comma = if body.as_bytes()[end.close - 1] == b'{' { "" } else { "," };
    write!(out, "{comma}\"uid\":\"{}\"", entity.uid).expect("writing to memory does not fail");
    let mut etag_at = NO_ETAG;
    if !end.has_etag {
        out.extend_from_slice(b",\"etag\":\"");
        etag_at = (out.len() - start) as u32;
        out.extend_from_slice(&[b'0'; ETAG_DIGITS]);
        out.push(b'"');
    }
    out.extend_from_slice(&body.as_bytes()[end.close..body.len() - 1]);
    (json_at as u32, etag_at, entity.line)
}

fn begin_again(text: &str, place: Place, out: &mut Vec<u8>, start: usize) -> (u32, u32, u32) {
    out.extend_from_slice(&text.as_bytes()[..place.relations_at as usize]);
    if place.etag_at != NO_ETAG {
        let at = start + place.etag_at as usize;
        out[at..at + ETAG_DIGITS].fill(b'0');
    }
    (place.json_at, place.etag_at, place.line)
}

fn push_relations(relations: &[Relation<'_>], out: &mut Vec<u8>, start: usize, targets: &mut Vec<WrittenTarget>) {
    out.extend_from_slice(b",\"relations\":[");
    for (index, relation) in relations.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"{\"type\":\"" } else { b",{\"type\":\"" });
        push_escaped(relation.kind, out);
        out.extend_from_slice(b"\",\"targetRef\":\"");
        let at = out.len() - start;
        let escaped = push_escaped(relation.target, out);
        targets.push(WrittenTarget { at, len: out.len() - start - at, escaped });
        out.extend_from_slice(b"\"}");
    }
    out.push(b']');
}

/// Appends the inside of a JSON string; tells whether it needed escapes.
fn push_escaped(text: &str, out: &mut Vec<u8>) -> bool {
    if text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
        out.extend_from_slice(text.as_bytes());
        return false;
    }
    let json = serde_json::to_string(text).expect("a string is always JSON");
    out.extend_from_slice(&json.as_bytes()[1..json.len() - 1]);
    true
}

/// A status item as the catalog writes one for each error of the newest processing.
#[derive(serde::Serialize)]
struct StatusItem<'a> {
    r#type: &'static str,
    level: &'static str,
    message: String,
    error: &'a model::ErrorChain,
}

fn push_status(entity: &StoredEntity, out: &mut Vec<u8>) {
    if !entity.errors.is_empty() {
        out.extend_from_slice(b",\"status\":{\"items\":");
        let items: Vec<StatusItem<'_>> = entity
            .errors
            .iter()
            .map(|error| StatusItem {
                r#type: "backstage.io/catalog-processing",
                level: "error",
                message: format!("{}: {}", error.name, error.message),
                error,
            })
            .collect();
        items.serialize(&mut serde_json::Serializer::new(&mut *out)).expect("errors are always JSON");
        out.push(b'}');
    }
    out.push(b'}');
}

/// Writes the hash of the document over the zeros that stand for its etag.
fn fill_etag(record: &mut [u8], json_at: usize, etag_at: usize) {
    let hash = xxh3_128(&record[json_at..]);
    let mut digits = &mut record[etag_at..etag_at + ETAG_DIGITS];
    // 128 bits are 32 digits; the others only give the length that clients know.
    let tail = (hash ^ hash >> 67) as u32;
    write!(digits, "{hash:032x}{tail:08x}").expect("40 digits fit into 40 bytes");
}

/// The namespace part of a canonical reference: where it starts and how long it is.
pub(crate) fn namespace_span(entity_ref: &str) -> (usize, usize) {
    let start = entity_ref.find(':').map_or(0, |colon| colon + 1);
    let len = entity_ref[start..].find('/').unwrap_or(0);
    (start, len)
}

/// The parents of an entity, shared between the entities of a batch that have the same.
#[derive(Default)]
pub(crate) struct SharedParents {
    known: hashbrown::HashMap<Vec<EntityRef>, std::sync::Arc<[EntityRef]>>,
}

impl SharedParents {
    pub(crate) fn share(&mut self, parents: &[EntityRef]) -> std::sync::Arc<[EntityRef]> {
        if let Some(shared) = self.known.get(parents) {
            return std::sync::Arc::clone(shared);
        }
        let shared: std::sync::Arc<[EntityRef]> = parents.into();
        self.known.insert(parents.to_vec(), std::sync::Arc::clone(&shared));
        shared
    }
}

#[cfg(test)]
mod tests {
    use model::{EntityBody, ErrorChain, Uid};

    use super::*;

    fn entity(body: &str) -> StoredEntity {
        StoredEntity {
            entity_ref: EntityRef::new("Component", "default", "Shop"),
            uid: Uid(7),
            body: EntityBody::from_json(body),
            relations: vec![],
            errors: vec![],
            parents: vec![],
            line: 3,
            warnings: vec![],
        }
    }

    fn relation<'a>(kind: &'a str, target: &'a str) -> Relation<'a> {
        Relation { kind, target, link: Link::default() }
    }

    fn rendered(source: &Source<'_>, relations: &[Relation<'_>]) -> (String, Place) {
        let mut out = b"before".to_vec();
        let place = render(source, relations, (0, &mut out), &mut Vec::new());
        (String::from_utf8(out).unwrap()[6..].to_owned(), place)
    }

    const BODY: &str = r#"{"metadata":{"name":"Shop"},"apiVersion":"v1","kind":"Component","spec":{"a":1}}"#;

    #[test]
    fn puts_uid_etag_relations_and_status_in() {
        let mut shop = entity(BODY);
        shop.errors = vec![ErrorChain::caused_by("InputError", "no \"way\"", ErrorChain::new("TypeError", "x"))];
        let relations = [relation("ownedBy", "group:default/a")];
        let (text, place) = rendered(&Source::Stored(&shop), &relations);
        let etag = &text[place.etag_at as usize..place.etag_at as usize + 40];
        assert!(etag.bytes().all(|b| b.is_ascii_hexdigit()) && etag != "0".repeat(40));
        let want = format!(
            "component:default/shop{}{etag}{}",
            r#"{"metadata":{"name":"Shop","uid":"00000000-0000-0000-0000-000000000007","etag":""#,
            concat!(
                r#""},"apiVersion":"v1","kind":"Component","spec":{"a":1},"#,
                r#""relations":[{"type":"ownedBy","targetRef":"group:default/a"}],"#,
                r#""status":{"items":[{"type":"backstage.io/catalog-processing","level":"error","#,
                r#""message":"InputError: no \"way\"; caused by TypeError: x","#,
                r#""error":{"name":"InputError","message":"no \"way\"; caused by TypeError: x","#,
                r#""cause":{"name":"TypeError","message":"x"}}}]}}"#
            )
        );
        assert_eq!(text, want);
    }

    #[test]
    fn rendering_again_equals_rendering_afresh() {
        let mut shop = entity(BODY);
        shop.errors = vec![ErrorChain::new("InputError", "m")];
        let odd = [relation("a", "b:c/\"d\\"), relation("z", "b:c/e")];
        let (first, place) = rendered(&Source::Stored(&shop), &[]);
        let (again, again_place) = rendered(&Source::Record { text: &first, place }, &odd);
        let (fresh, _) = rendered(&Source::Stored(&shop), &odd);
        assert_eq!(again, fresh);
        assert_ne!(first, fresh);
        let mut visited = Vec::new();
        visit_relations(&again, again_place, &mut |kind, target| {
            visited.push(format!("{kind} {target}"));
            true
        });
        assert_eq!(visited, ["a b:c/\"d\\", "z b:c/e"]);
        let read: Vec<_> = read_relations(&again, again_place);
        assert_eq!(read, [("a".into(), "b:c/\"d\\".into()), ("z".into(), Cow::Borrowed("b:c/e"))]);
    }

    #[test]
    fn visiting_relations_gives_what_reading_them_gives() {
        let all = [("consumesApi", "api:c/ä"), ("dependsOn", "b:c/d"), ("ownedBy", "group:c/e")];
        let relations = all.map(|(kind, target)| relation(kind, target));
        for count in 0..=relations.len() {
            let (text, place) = rendered(&Source::Stored(&entity(BODY)), &relations[..count]);
            let mut visited = Vec::new();
            visit_relations(&text, place, &mut |kind, target| {
                visited.push((kind.to_owned(), target.to_owned()));
                true
            });
            let read: Vec<_> = read_relations(&text, place)
                .into_iter()
                .map(|(kind, target)| (kind.into_owned(), target.into_owned()))
                .collect();
            assert_eq!(visited, read);
        }
    }

    #[test]
    fn keeps_the_etag_of_the_author() {
        let body = r#"{"metadata":{"etag":"mine","name":"shop"},"apiVersion":"v1","kind":"Component"}"#;
        let (text, place) = rendered(&Source::Stored(&entity(body)), &[]);
        assert_eq!(place.etag_at, NO_ETAG);
        assert_eq!(
            &text[place.json_at as usize..],
            concat!(
                r#"{"metadata":{"etag":"mine","name":"shop","uid":"00000000-0000-0000-0000-000000000007"},"#,
                r#""apiVersion":"v1","kind":"Component","relations":[]}"#
            )
        );
    }
}
