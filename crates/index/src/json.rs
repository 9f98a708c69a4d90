//! Reading the JSON of entities without building a tree.
//!
//! Only text that `ingest` made comes here: compact and valid. What is not, ends the reading early instead of failing.

use std::borrow::Cow;

/// A scalar in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// Where it starts, in bytes; for strings the byte after the quote.
    pub(crate) at: usize,
    /// How long it is, in bytes; for strings without the quotes.
    pub(crate) len: usize,
    /// What it is.
    pub(crate) kind: LeafKind,
    /// Whether it stands in an array.
    pub(crate) in_array: bool,
}

/// What a scalar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeafKind {
    /// `null`
    Null,
    /// A number or a boolean.
    Bare,
    /// A string without escapes.
    Plain,
    /// A string with escapes.
    Escaped,
}

/// Where the `metadata` object of an entity body ends, and whether it holds an `etag`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MetadataEnd {
    /// The closing brace.
    pub(crate) close: usize,
    /// Whether the author wrote an etag.
    pub(crate) has_etag: bool,
}

/// Finds the end of `{"metadata":{...}`; `None` when the text does not start so.
pub(crate) fn find_metadata_end(body: &str) -> Option<MetadataEnd> {
    let start = "{\"metadata\":{";
    if !body.starts_with(start) {
        return None;
    }
    let mut reader = Reader { text: body, at: start.len() };
    let mut has_etag = false;
    while reader.peek() == b'"' {
        let (at, len, _) = reader.string()?;
        has_etag |= &body[at..at + len] == "etag";
        reader.at += 1;
        reader.skip_value()?;
        if reader.peek() == b',' {
            reader.at += 1;
        }
    }
    (reader.peek() == b'}').then_some(MetadataEnd { close: reader.at, has_etag })
}

/// Visits the scalars below the object at the start of `text`, giving the dotted path in the author's letter case. Subtrees
/// whose path `skip` picks are left out. Arrays add nothing to the path.
pub(crate) fn visit_leaves(text: &str, skip: fn(&str) -> bool, sink: &mut impl FnMut(&str, Leaf)) {
    let mut visitor = Visitor { reader: Reader { text, at: 0 }, path: String::with_capacity(128), skip, sink };
    // Text that ends early has no more scalars; there is nobody to tell.
    let _end = visitor.value(false);
}

/// Resolves the escapes of the inside of a JSON string.
pub(crate) fn unescape(raw: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\\', raw.as_bytes()) else { return Cow::Borrowed(raw) };
    let mut out = String::with_capacity(raw.len());
    out.push_str(&raw[..first]);
    let mut rest = &raw[first..];
    while let Some(escape) = rest.strip_prefix('\\') {
        rest = push_escape(&mut out, escape);
        let next = memchr::memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len());
        out.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    Cow::Owned(out)
}

fn push_escape<'t>(out: &mut String, escape: &'t str) -> &'t str {
    let Some(c) = escape.chars().next() else { return "" };
    let rest = &escape[c.len_utf8()..];
    match c {
        'n' => out.push('\n'),
        't' => out.push('\t'),
        'r' => out.push('\r'),
        'b' => out.push('\u{8}'),
        'f' => out.push('\u{c}'),
        'u' => return push_unicode(out, rest),
        other => out.push(other),
    }
    rest
}

fn push_unicode<'t>(out: &mut String, digits: &'t str) -> &'t str {
    let unit = |text: &str| text.get(..4).and_then(|hex| u16::from_str_radix(hex, 16).ok());
    let Some(first) = unit(digits) else { return digits };
    let rest = &digits[4..];
    if let Some(c) = char::from_u32(u32::from(first)) {
        out.push(c);
        return rest;
    }
    let second = rest.strip_prefix("\\u").and_then(unit);
    match second.map(|second| char::decode_utf16([first, second]).next()) {
        Some(Some(Ok(c))) => {
            out.push(c);
            &rest[6..]
        }
        _ => {
            out.push(char::REPLACEMENT_CHARACTER);
            rest
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Reads the string that starts here: where its inside starts, how long that is, and whether it has escapes.
    fn string(&mut self) -> Option<(usize, usize, bool)> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
            if bytes[at] == b'"' {
                self.at = at + 1;
                return Some((start, at - start, escaped));
            }
            escaped = true;
            at += 2;
        }
    }

    fn bare(&mut self) -> Option<(usize, usize)> {
        let start = self.at;
        while !matches!(self.peek(), b',' | b']' | b'}' | 0) {
            self.at += 1;
        }
        (self.at > start).then_some((start, self.at - start))
    }

    fn skip_value(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => self.at += 1,
                _ => {
                    self.bare_in_container()?;
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn bare_in_container(&mut self) -> Option<(usize, usize)> {
        self.bare()
    }
}

struct Visitor<'t, 's, S> {
    reader: Reader<'t>,
    path: String,
    skip: fn(&str) -> bool,
    sink: &'s mut S,
}

impl<S: FnMut(&str, Leaf)> Visitor<'_, '_, S> {
    fn value(&mut self, in_array: bool) -> Option<()> {
        match self.reader.peek() {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => {
                let (at, len, escaped) = self.reader.string()?;
                let kind = if escaped { LeafKind::Escaped } else { LeafKind::Plain };
                (self.sink)(&self.path, Leaf { at, len, kind, in_array });
                Some(())
            }
            first => {
                let (at, len) = self.reader.bare()?;
                let kind = if first == b'n' { LeafKind::Null } else { LeafKind::Bare };
                (self.sink)(&self.path, Leaf { at, len, kind, in_array });
                Some(())
            }
        }
    }

    fn object(&mut self) -> Option<()> {
        self.reader.at += 1;
        let text = self.reader.text;
        while self.reader.peek() == b'"' {
            let (at, len, escaped) = self.reader.string()?;
            let key = &text[at..at + len];
            let outer = self.path.len();
            if outer > 0 {
                self.path.push('.');
            }
            self.path.push_str(&if escaped { unescape(key) } else { Cow::Borrowed(key) });
            self.reader.at += 1;
            if (self.skip)(&self.path) {
                self.reader.skip_value()?;
            } else {
                self.value(false)?;
            }
            self.path.truncate(outer);
            if self.reader.peek() == b',' {
                self.reader.at += 1;
            }
        }
        self.reader.at += 1;
        Some(())
    }

    fn array(&mut self) -> Option<()> {
        self.reader.at += 1;
        while !matches!(self.reader.peek(), b']' | 0) {
            self.value(true)?;
            if self.reader.peek() == b',' {
                self.reader.at += 1;
            }
        }
        self.reader.at += 1;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(text: &str) -> Vec<(String, String, LeafKind, bool)> {
        let mut found = Vec::new();
        visit_leaves(text, |path| path == "a.skip", &mut |path, leaf| {
            let raw = &text[leaf.at..leaf.at + leaf.len];
            let value = if leaf.kind == LeafKind::Escaped { unescape(raw).into_owned() } else { raw.to_owned() };
            found.push((path.to_owned(), value, leaf.kind, leaf.in_array));
        });
        found
    }

    #[test]
    fn visits_scalars_with_their_paths() {
        let text = r#"{"a":{"B":1,"skip":{"x":["]}\"",{}]},"c":[true,["d",{"e":-1.5e+21}],null,{},[]]},"f":"","g":{}}"#;
        let want = [
            ("a.B", "1", LeafKind::Bare, false),
            ("a.c", "true", LeafKind::Bare, true),
            ("a.c", "d", LeafKind::Plain, true),
            ("a.c.e", "-1.5e+21", LeafKind::Bare, false),
            ("a.c", "null", LeafKind::Null, true),
            ("f", "", LeafKind::Plain, false),
        ];
        let want: Vec<_> = want.iter().map(|(p, v, k, a)| ((*p).to_owned(), (*v).to_owned(), *k, *a)).collect();
        assert_eq!(leaves(text), want);
    }

    #[test]
    fn resolves_escapes_as_json_does() {
        for text in ["", "plain", "a\"b\\c/d\n\t\r\u{8}\u{c}", "\u{1}é😀 Ä", "\\u0041", "ends\\"] {
            let json = serde_json::to_string(text).unwrap();
            assert_eq!(unescape(&json[1..json.len() - 1]), text);
        }
        assert_eq!(unescape("\\u0041\\ud83d\\ude00\\/"), "A😀/");
        assert_eq!(unescape("\\ud83d!\\ud83d"), "\u{fffd}!\u{fffd}");
        let key = leaves(r#"{"a\"b":{"c\u0041":"d"}}"#);
        assert_eq!(key[0].0, "a\"b.cA");
    }

    #[test]
    fn finds_the_end_of_the_metadata() {
        let end = |body| find_metadata_end(body).map(|e| (e.close, e.has_etag));
        assert_eq!(end(r#"{"metadata":{"a":{"etag":"}"}},"kind":"x"}"#), Some((29, false)));
        assert_eq!(end(r#"{"metadata":{"n":1,"etag":"e","z":[{"}":"\\\""}]},"spec":{}}"#), Some((48, true)));
        assert_eq!(end(r#"{"metadata":{}}"#), Some((13, false)));
        assert_eq!(end(r#"{"kind":"x"}"#), None);
        assert_eq!(end(r#"{"metadata":{"a":"unterminated"#), None);
    }

    #[test]
    fn broken_text_ends_the_visit() {
        for text in ["", "{", "{\"a\"", "{\"a\":", "{\"a\":[", "{\"a\":\"x", "{\"a\":[1,", "nonsense"] {
            let _found = leaves(text);
        }
        assert_eq!(leaves("{\"a\":1,\"b\":\"x").len(), 1);
    }
}
