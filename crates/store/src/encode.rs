//! The payload of a change: an entity without reference and uid, in a compact form, compressed.
//!
//! Layout before compression (format 2): body, line, parents, relations as (forward, reverse, other), the line of each
//! relation, then nothing or the JSON text of errors and warnings. Texts follow their length, numbers and lengths are LEB128.
//! The stored payload is one byte for the format, the length as LEB128, and an LZ4 block that may refer to
//! `dictionary::FORMAT_1`.
//!
//! Format 1 has no lines of relations. Payloads of it are read as if the lines were not known, and stay until their file is
//! read again; then they differ by the lines and are replaced, with a change like any other.

use std::{hash::BuildHasher, sync::Arc};

use foldhash::fast::FixedState;
use model::{DeclaredRelation, Diagnostic, EntityBody, EntityRef, ErrorChain, StoredEntity, Uid};

use crate::{StoreError, dictionary};

const FORMAT: u8 = 2;
/// The format before, which is still read.
const FORMAT_WITHOUT_LINES: u8 = 1;
/// No entity comes near; a larger length means that the payload is damaged.
const LARGEST: usize = 1 << 30;

/// Writes an entity without its reference and uid.
pub(crate) fn encode(entity: &StoredEntity) -> Vec<u8> {
    let mut out = Vec::with_capacity(entity.body.as_str().len() + 64 * (entity.relations.len() + 2));
    put_text(&mut out, entity.body.as_str());
    put_number(&mut out, u64::from(entity.line));
    put_number(&mut out, entity.parents.len() as u64);
    for parent in &entity.parents {
        put_text(&mut out, parent.as_str());
    }
    put_number(&mut out, entity.relations.len() as u64);
    for relation in &entity.relations {
        put_text(&mut out, &relation.forward);
        put_text(&mut out, &relation.reverse);
        put_text(&mut out, relation.other.as_str());
    }
    for relation in &entity.relations {
        put_number(&mut out, u64::from(relation.line));
    }
    if !entity.errors.is_empty() || !entity.warnings.is_empty() {
        let notes = serde_json::to_string(&(&entity.errors, &entity.warnings)).expect("plain data has a JSON form");
        put_text(&mut out, &notes);
    }
    out
}

/// Computes the hash by which payloads are compared.
pub(crate) fn hash(encoded: &[u8]) -> [u8; 16] {
    xxhash_rust::xxh3::xxh3_128(encoded).to_be_bytes()
}

/// Makes the stored form of what `encode` wrote.
pub(crate) fn compress(encoded: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(lz4_flex::block::get_maximum_output_size(encoded.len()) + 8);
    out.push(FORMAT);
    put_number(&mut out, encoded.len() as u64);
    let start = out.len();
    out.resize(start + lz4_flex::block::get_maximum_output_size(encoded.len()), 0);
    let written = lz4_flex::block::compress_into_with_dict(encoded, &mut out[start..], dictionary::FORMAT_1)
        .expect("the output has its largest size");
    out.truncate(start + written);
    out.shrink_to_fit();
    out
}

/// Reads payloads. Keeps texts that occur again and again, so that entities share them.
#[derive(Default)]
pub(crate) struct Decoder {
    names: Shared<Arc<str>>,
    refs: Shared<EntityRef>,
    scratch: Vec<u8>,
}

impl Decoder {
    /// Rebuilds an entity.
    pub(crate) fn decode(
        &mut self,
        entity_ref: EntityRef,
        uid: Uid,
        payload: &[u8],
    ) -> Result<StoredEntity, StoreError> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let entity = decompress(payload, &mut scratch)
            .and_then(|format| self.read(entity_ref.clone(), uid, (format, scratch.as_slice())));
        self.scratch = scratch;
        entity.ok_or_else(|| StoreError::Garbled { what: format!("an entity {entity_ref}") })
    }

    /// Parses a reference, sharing its text with former ones.
    pub(crate) fn entity_ref(&mut self, text: &str) -> Option<EntityRef> {
        self.refs.get(text, |text| EntityRef::parse(text).ok())
    }

    fn read(&mut self, entity_ref: EntityRef, uid: Uid, (format, encoded): (u8, &[u8])) -> Option<StoredEntity> {
        let mut rest = encoded;
        // Bodies are trusted to have this layout, so a payload without it is damaged.
        let body = take_text(&mut rest).filter(|body| body.starts_with("{\"metadata\":{"))?;
        let body = EntityBody::from_json(body);
        let line = u32::try_from(take_number(&mut rest)?).ok()?;
        let count = take_count(&mut rest)?;
        let mut parents = Vec::with_capacity(count);
        for _ in 0..count {
            parents.push(self.entity_ref(take_text(&mut rest)?)?);
        }
        let count = take_count(&mut rest)?;
        let mut relations = Vec::with_capacity(count);
        for _ in 0..count {
            let forward = self.names.get(take_text(&mut rest)?, |text| Some(text.into()))?;
            let reverse = self.names.get(take_text(&mut rest)?, |text| Some(text.into()))?;
            let other = self.entity_ref(take_text(&mut rest)?)?;
            relations.push(DeclaredRelation { forward, reverse, other, line: 0 });
        }
        if format != FORMAT_WITHOUT_LINES {
            for relation in &mut relations {
                relation.line = u32::try_from(take_number(&mut rest)?).ok()?;
            }
        }
        let (errors, warnings): (Vec<ErrorChain>, Vec<Diagnostic>) = match rest {
            [] => (Vec::new(), Vec::new()),
            _ => serde_json::from_str(take_text(&mut rest)?).ok()?,
        };
        Some(StoredEntity { entity_ref, uid, body, relations, errors, parents, line, warnings })
    }
}

/// Unpacks a payload and tells its format.
fn decompress(payload: &[u8], out: &mut Vec<u8>) -> Option<u8> {
    let (&format, mut rest) = payload.split_first()?;
    let length = usize::try_from(take_number(&mut rest)?).ok()?;
    if !matches!(format, FORMAT | FORMAT_WITHOUT_LINES) || length > LARGEST {
        return None;
    }
    out.resize(length, 0);
    let written = lz4_flex::block::decompress_into_with_dict(rest, out, dictionary::FORMAT_1).ok()?;
    (written == length).then_some(format)
}

/// How many slots `Shared` has at first, and at most. Reading a handful of payloads is not worth the memory that a whole
/// catalog needs.
const FEWEST_SLOTS: usize = 1 << 6;
const MOST_SLOTS: usize = 1 << 14;

/// A small cache: one slot per hash. A text that meets an occupied slot takes it over, so memory stays bounded.
struct Shared<T> {
    slots: Vec<Option<T>>,
    /// How many texts were not in their slot since it has so many.
    misses: usize,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), misses: 0 }
    }
}

impl<T: Clone + AsText> Shared<T> {
    fn get(&mut self, text: &str, make: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        if self.misses >= self.slots.len() && self.slots.len() < MOST_SLOTS {
            self.grow();
        }
        let slot = self.slot_of(text);
        match &self.slots[slot] {
            Some(found) if found.as_text() == text => Some(found.clone()),
            _ => {
                let made = make(text)?;
                self.misses += 1;
                self.slots[slot] = Some(made.clone());
                Some(made)
            }
        }
    }

    fn grow(&mut self) {
        let count = (self.slots.len() * 4).clamp(FEWEST_SLOTS, MOST_SLOTS);
        let before = std::mem::replace(&mut self.slots, std::iter::repeat_with(|| None).take(count).collect());
        self.misses = 0;
        for text in before.into_iter().flatten() {
            let slot = self.slot_of(text.as_text());
            self.slots[slot] = Some(text);
        }
    }

    fn slot_of(&self, text: &str) -> usize {
        let hash = FixedState::default().hash_one(text);
        usize::try_from(hash % self.slots.len() as u64).expect("a place among the slots")
    }
}

trait AsText {
    fn as_text(&self) -> &str;
}

impl AsText for Arc<str> {
    fn as_text(&self) -> &str {
        self
    }
}

impl AsText for EntityRef {
    fn as_text(&self) -> &str {
        self.as_str()
    }
}

fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn take_count(rest: &mut &[u8]) -> Option<usize> {
    // Each counted thing takes at least a byte, so a damaged count cannot ask for much memory.
    usize::try_from(take_number(rest)?).ok().filter(|count| *count <= rest.len())
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::try_from(take_number(rest)?).ok()?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    std::str::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use model::{Code, Severity};

    use super::*;

    fn entity() -> StoredEntity {
        StoredEntity {
            entity_ref: EntityRef::new("component", "default", "shop"),
            uid: Uid(7),
            body: EntityBody::from_json(format!(
                r#"{{"metadata":{{"name":"shop","description":"{}"}}}}"#,
                "ö".repeat(300)
            )),
            relations: vec![DeclaredRelation {
                forward: "ownedBy".into(),
                reverse: "ownerOf".into(),
                other: EntityRef::new("group", "default", "team-a"),
                line: 200,
            }],
            errors: vec![ErrorChain::caused_by("InputError", "no", ErrorChain::new("TypeError", "x"))],
            parents: vec![EntityRef::new("location", "default", "all")],
            line: 300,
            warnings: vec![Diagnostic {
                code: Code("E0001".into()),
                severity: Severity::Warning,
                message: "odd".into(),
                help: None,
                place: None,
                field: Some("spec.owner".into()),
                error: None,
            }],
        }
    }

    #[test]
    fn texts_that_occur_again_are_shared_however_many_there_are() {
        let mut shared: Shared<Arc<str>> = Shared::default();
        let mut read = |number: usize| shared.get(&format!("text {number}"), |text| Some(text.into())).unwrap();
        for number in (0..FEWEST_SLOTS * 20).chain([7, 7]) {
            assert_eq!(*read(number), format!("text {number}"));
        }
        assert!(Arc::ptr_eq(&read(7), &read(7)));
        for number in 0..MOST_SLOTS * 2 {
            read(number);
        }
        assert_eq!(shared.slots.len(), MOST_SLOTS);
        assert!(shared.get("none", |_| None).is_none());
    }

    #[test]
    fn an_entity_survives_encoding() {
        let entity = entity();
        let payload = compress(&encode(&entity));
        let read = Decoder::default().decode(entity.entity_ref.clone(), entity.uid, &payload).unwrap();
        assert_eq!(read, entity);
    }

    #[test]
    fn a_payload_of_the_format_before_is_read_without_lines_of_relations() {
        let entity = entity();
        let lines: usize = 2;
        let encoded = encode(&entity);
        // The line of the only relation stands before the notes, as two bytes.
        let notes = serde_json::to_string(&(&entity.errors, &entity.warnings)).unwrap().len();
        let at = encoded.len() - notes - 2 - lines;
        let without: Vec<u8> = encoded[..at].iter().chain(&encoded[at + lines..]).copied().collect();
        let mut payload = compress(&without);
        payload[0] = FORMAT_WITHOUT_LINES;
        let read = Decoder::default().decode(entity.entity_ref.clone(), entity.uid, &payload).unwrap();
        let mut want = entity;
        want.relations[0].line = 0;
        assert_eq!(read, want);
    }

    #[test]
    fn a_damaged_payload_is_an_error_and_never_a_panic() {
        let entity = entity();
        let payload = compress(&encode(&entity));
        let mut decoder = Decoder::default();
        for cut in 0..payload.len() {
            assert!(decoder.decode(entity.entity_ref.clone(), entity.uid, &payload[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..payload.len() {
            let mut damaged = payload.clone();
            damaged[at] ^= 0x55;
            let read = decoder.decode(entity.entity_ref.clone(), entity.uid, &damaged);
            assert!(read.is_err() || read.is_ok_and(|read| read != entity), "flip at {at}");
        }
    }
}
