//! Finding things in the raw JSON text of an entity without parsing all of it.
//!
//! The text is trusted: it was written by our own serialiser, compact and well formed. Objects are read lazily, only as far
//! as somebody looks, and what was seen is remembered for the next look.

use std::{borrow::Cow, ops::Range};

/// A place in the text.
pub(super) type Span = Range<usize>;

/// Looks into one JSON text after another; its buffers are kept between them.
#[derive(Default)]
pub(super) struct Scanner {
    objects: Vec<ObjectSeen>,
    used: usize,
}

/// What was seen of one object so far.
#[derive(Default)]
struct ObjectSeen {
    start: usize,
    members: Vec<(Span, Span)>,
    /// Where to read on; `None` when all of it was seen.
    next: Option<usize>,
}

impl Scanner {
    /// Forgets the last text.
    pub(super) fn reset(&mut self) {
        self.used = 0;
    }

    /// Finds a member of the object at `object`: the spans of its key (with quotes) and of its value.
    pub(super) fn member(&mut self, json: &str, object: &Span, key: &str) -> Option<(Span, Span)> {
        if json.as_bytes()[object.start] != b'{' {
            return None;
        }
        let seen = self.seen(object.start);
        if let Some(found) = seen.members.iter().find(|(span, _)| key_is(json, span, key)) {
            return Some(found.clone());
        }
        while let Some(found) = seen.read_on(json.as_bytes()) {
            if key_is(json, &found.0, key) {
                return Some(found);
            }
        }
        None
    }

    /// Follows literal keys from the root.
    pub(super) fn path(&mut self, json: &str, keys: &[&str]) -> Option<Span> {
        keys.iter().try_fold(0..json.len(), |object, key| self.member(json, &object, key).map(|(_, value)| value))
    }

    fn seen(&mut self, start: usize) -> &mut ObjectSeen {
        if let Some(at) = self.objects[..self.used].iter().position(|object| object.start == start) {
            return &mut self.objects[at];
        }
        if self.used == self.objects.len() {
            self.objects.push(ObjectSeen::default());
        }
        self.used += 1;
        let object = &mut self.objects[self.used - 1];
        object.start = start;
        object.members.clear();
        object.next = Some(start + 1);
        object
    }
}

impl ObjectSeen {
    /// Reads the next member.
    fn read_on(&mut self, json: &[u8]) -> Option<(Span, Span)> {
        let mut at = self.next?;
        if json[at] == b',' {
            at += 1;
        }
        if json[at] == b'}' {
            self.next = None;
            return None;
        }
        let key = at..skip_value(json, at);
        let value = key.end + 1..skip_value(json, key.end + 1);
        self.next = Some(value.end);
        self.members.push((key.clone(), value.clone()));
        Some((key, value))
    }
}

/// Returns the span of the `index`-th element of the list at `list`.
pub(super) fn element(json: &str, list: &Span, index: usize) -> Option<Span> {
    elements(json, list).nth(index)
}

/// Walks over the elements of the list at `list`; nothing when it is no list.
pub(super) fn elements<'a>(json: &'a str, list: &Span) -> impl Iterator<Item = Span> + 'a {
    let bytes = json.as_bytes();
    let mut next = (bytes[list.start] == b'[').then_some(list.start + 1);
    std::iter::from_fn(move || {
        let at = next?;
        let at = if bytes[at] == b',' { at + 1 } else { at };
        if bytes[at] == b']' {
            next = None;
            return None;
        }
        let end = skip_value(bytes, at);
        next = Some(end);
        Some(at..end)
    })
}

/// Returns the text of the JSON string at `span`.
pub(super) fn string_at<'a>(json: &'a str, span: &Span) -> Option<Cow<'a, str>> {
    let raw = &json[span.clone()];
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(raw).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
}

fn key_is(json: &str, span: &Span, key: &str) -> bool {
    let inner = &json[span.start + 1..span.end - 1];
    inner == key || inner.contains('\\') && string_at(json, span).is_some_and(|text| text == key)
}

/// Returns the place just after the value that starts at `at`.
fn skip_value(json: &[u8], at: usize) -> usize {
    match json[at] {
        b'"' => skip_string(json, at),
        b'{' | b'[' => skip_container(json, at),
        _ => json[at..].iter().position(|b| matches!(b, b',' | b'}' | b']')).map_or(json.len(), |n| at + n),
    }
}

fn skip_string(json: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    loop {
        match memchr::memchr2(b'"', b'\\', &json[at..]) {
            Some(n) if json[at + n] == b'"' => return at + n + 1,
            Some(n) => at += n + 2,
            None => return json.len(),
        }
    }
}

fn skip_container(json: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while at < json.len() {
        match json[at] {
            b'"' => {
                at = skip_string(json, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str =
        r#"{"metadata":{"name":"a\"b","tags":["x",{"y":[1,2]},"z"],"we\"ird":{"k":"}"}},"kind":"C","n":-1.5e3}"#;

    #[test]
    fn finds_members_in_any_order() {
        let mut scanner = Scanner::default();
        let mut text = |keys: &[&str]| scanner.path(JSON, keys).map(|span| &JSON[span]);
        assert_eq!(text(&["n"]), Some("-1.5e3"));
        assert_eq!(text(&["kind"]), Some("\"C\""));
        assert_eq!(text(&["metadata", "we\"ird", "k"]), Some("\"}\""));
        assert_eq!(text(&["metadata", "name"]), Some(r#""a\"b""#));
        assert_eq!(text(&["metadata", "none"]), None);
        assert_eq!(text(&["kind", "none"]), None);
    }

    #[test]
    fn walks_lists() {
        let tags = Scanner::default().path(JSON, &["metadata", "tags"]).unwrap();
        let all: Vec<_> = elements(JSON, &tags).map(|span| &JSON[span]).collect();
        assert_eq!(all, ["\"x\"", "{\"y\":[1,2]}", "\"z\""]);
        assert_eq!(element(JSON, &tags, 3), None);
        assert_eq!(elements("[]", &(0..2)).count(), 0);
        assert_eq!(elements("5", &(0..1)).count(), 0);
    }

    #[test]
    fn a_scanner_can_be_used_again() {
        let mut scanner = Scanner::default();
        assert!(scanner.path(JSON, &["metadata", "name"]).is_some());
        scanner.reset();
        let other = r#"{"metadata":{"title":"t"}}"#;
        assert_eq!(scanner.path(other, &["metadata", "title"]).map(|span| &other[span]), Some("\"t\""));
        assert_eq!(scanner.path(other, &["metadata", "name"]), None);
    }

    #[test]
    fn reads_escaped_strings() {
        let json = r#""a\nb""#;
        assert_eq!(string_at(json, &(0..json.len())).unwrap(), "a\nb");
        assert_eq!(string_at("5", &(0..1)), None);
    }
}
