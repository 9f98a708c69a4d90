//! What V8's `JSON.parse` says about a text that is no JSON. Backstage answers with these sentences, and so do we.
//!
//! Positions count UTF-16 units, as JavaScript does. Source: the messages of V8 as of Node 20.

/// How deep lists and objects may lie in one another, as for `serde_json`: the reader calls itself for each level, and
/// the stack is not endless.
const DEEPEST: usize = 128;

/// Returns what `JSON.parse` throws for `text`; `None` when the text is JSON, or is nested too deeply to tell.
pub(super) fn explain(text: &str) -> Option<String> {
    let mut reader = Reader { text: text.as_bytes(), at: 0, depth: 0 };
    let fault = match reader.value() {
        Ok(()) => {
            reader.blanks();
            (reader.at < reader.text.len()).then_some(Fault::Behind)
        }
        Err(fault) => Some(fault),
    };
    fault.and_then(|fault| render(text, reader.at, &fault))
}

/// What body-parser says, which takes only objects and lists: the first character is at fault for anything else.
pub(super) fn explain_strict(text: &str) -> Option<String> {
    let first = text.char_indices().find(|(_, c)| !matches!(c, ' ' | '\t' | '\n' | '\r'));
    match first {
        None | Some((_, '{' | '[')) => explain(text),
        Some((start, _)) => {
            let masked: String = text[..start].chars().chain(text[start..].chars().map(|_| '#')).collect();
            let shown = explain(&masked)?;
            Some(unmask(&shown, &text[start..]))
        }
    }
}

/// Replaces each run of `#` by as many characters of the original.
fn unmask(shown: &str, original: &str) -> String {
    let mut out = String::new();
    let mut run = 0;
    for c in shown.chars().map(Some).chain([None]) {
        if c == Some('#') {
            run += 1;
            continue;
        }
        out.extend(original.chars().take(run));
        run = 0;
        out.extend(c);
    }
    out
}

enum Fault {
    /// The text ends too early.
    End,
    /// A character that cannot be there; the text round it is shown.
    Token,
    /// Something stands behind the value.
    Behind,
    /// A sentence that is followed by the position.
    At(&'static str),
    /// Nested too deeply to go on.
    Depth,
}

fn render(text: &str, at: usize, fault: &Fault) -> Option<String> {
    Some(match fault {
        Fault::Depth => return None,
        Fault::End => "Unexpected end of JSON input".to_owned(),
        Fault::Behind => {
            let place = text[..at].encode_utf16().count();
            format!("Unexpected non-whitespace character after JSON at position {place}")
        }
        Fault::At(sentence) => format!("{sentence} in JSON at position {}", text[..at].encode_utf16().count()),
        Fault::Token => {
            let units: Vec<u16> = text.encode_utf16().collect();
            let place = text[..at].encode_utf16().count();
            let token = text[at..].chars().next().unwrap_or_default();
            let around = |from: usize, to: usize| String::from_utf16_lossy(&units[from..to]);
            // V8 shows ten units on each side, and the whole text when it is shorter than that.
            let shown = match (units.len() < 21, place < 10, place + 10 >= units.len()) {
                (true, _, _) => format!("\"{text}\""),
                (_, true, _) => format!("\"{}\"...", around(0, place + 10)),
                (_, _, true) => format!("...\"{}\"", around(place - 10, units.len())),
                _ => format!("...\"{}\"...", around(place - 10, place + 10)),
            };
            format!("Unexpected token '{token}', {shown} is not valid JSON")
        }
    })
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Result<(), Fault> {
        self.blanks();
        match self.peek() {
            None => Err(Fault::End),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            Some(_) => Err(Fault::Token),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        if self.depth == DEEPEST {
            return Err(Fault::Depth);
        }
        self.depth += 1;
        read(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Fault> {
        for want in word {
            match self.peek() {
                None => return Err(Fault::End),
                Some(got) if got != *want => return Err(Fault::Token),
                Some(_) => self.at += 1,
            }
        }
        Ok(())
    }

    fn object(&mut self) -> Result<(), Fault> {
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        let mut complaint = "Expected property name or '}'";
        loop {
            self.blanks();
            match self.peek() {
                Some(b'"') => self.string()?,
                _ => return Err(Fault::At(complaint)),
            }
            complaint = "Expected double-quoted property name";
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(Fault::At("Expected ':' after property name"));
            }
            self.at += 1;
            self.value()?;
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Fault::At("Expected ',' or '}' after property value")),
            }
        }
    }

    fn array(&mut self) -> Result<(), Fault> {
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.value()?;
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Fault::At("Expected ',' or ']' after array element")),
            }
        }
    }

    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(Fault::At("Unterminated string")),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(0..0x20) => return Err(Fault::At("Bad control character in string literal")),
                Some(b'\\') => self.escape()?,
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        self.at += 1;
        match self.peek() {
            None => Err(Fault::End),
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|b| b.is_ascii_hexdigit()) {
                        return Err(Fault::At("Bad Unicode escape"));
                    }
                    self.at += 1;
                }
                Ok(())
            }
            Some(_) => Err(Fault::At("Bad escaped character")),
        }
    }

    fn number(&mut self) -> Result<(), Fault> {
        if self.peek() == Some(b'-') {
            self.at += 1;
            if !self.digit() {
                return Err(Fault::At("No number after minus sign"));
            }
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.digit() {
                return Err(Fault::At("Unexpected number"));
            }
        }
        self.digits();
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !self.digit() {
                return Err(Fault::At("Unterminated fractional number"));
            }
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !self.digit() {
                return Err(Fault::At("Exponent part is missing a number"));
            }
            self.digits();
        }
        Ok(())
    }

    fn digit(&self) -> bool {
        self.peek().is_some_and(|b| b.is_ascii_digit())
    }

    fn digits(&mut self) {
        while self.digit() {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaks_like_v8() {
        for (text, want) in [
            ("{", "Expected property name or '}' in JSON at position 1"),
            ("{\"a\":1,}", "Expected double-quoted property name in JSON at position 7"),
            ("{\"a\" 1}", "Expected ':' after property name in JSON at position 5"),
            ("{\"a\":1 2}", "Expected ',' or '}' after property value in JSON at position 7"),
            ("[1 2]", "Expected ',' or ']' after array element in JSON at position 3"),
            ("{\"a\":\"b", "Unterminated string in JSON at position 7"),
            ("{\"a\":\"\\x\"}", "Bad escaped character in JSON at position 7"),
            ("{\"a\":01}", "Unexpected number in JSON at position 6"),
            ("{\"a\":\"\\", "Unexpected end of JSON input"),
            (
                "[1,2,3,4,5,6,7,8,9,x,1,2,3,4,5,6,7,8]",
                "Unexpected token 'x', ...\"5,6,7,8,9,x,1,2,3,4,\"... is not valid JSON",
            ),
            ("[1,2,3,4,5,6,7,8,9,10,11,12,x]", "Unexpected token 'x', ...\",10,11,12,x]\" is not valid JSON"),
            ("[1.]", "Unterminated fractional number in JSON at position 3"),
            ("[\"\\u12\"]", "Bad Unicode escape in JSON at position 6"),
            ("true1", "Unexpected non-whitespace character after JSON at position 4"),
            ("{} x", "Unexpected non-whitespace character after JSON at position 3"),
            ("[", "Unexpected end of JSON input"),
            ("{\"a\":", "Unexpected end of JSON input"),
            ("{\"a\":x}", "Unexpected token 'x', \"{\"a\":x}\" is not valid JSON"),
            ("openapi: 3.0.0, and something more", "Unexpected token 'o', \"openapi: 3\"... is not valid JSON"),
        ] {
            assert_eq!(explain(text).as_deref(), Some(want), "{text}");
        }
        assert_eq!(explain(" {\"a\":[true,false,null,-1.5e+3,\"\\u00e4\"]} "), None);
    }

    #[test]
    fn deep_nesting_is_left_before_the_stack_ends() {
        assert_eq!(explain(&"[".repeat(DEEPEST)).as_deref(), Some("Unexpected end of JSON input"));
        for text in ["[".repeat(DEEPEST + 1), "[".repeat(1_000_000), "{\"a\":".repeat(1_000_000)] {
            assert_eq!(explain(&text), None);
            assert_eq!(explain_strict(&text), None);
        }
    }

    #[test]
    fn only_objects_and_lists_are_bodies() {
        assert_eq!(
            explain_strict("\"just\"").as_deref(),
            Some("Unexpected token '\"', \"\"just\"\" is not valid JSON")
        );
        assert_eq!(explain_strict("5").as_deref(), Some("Unexpected token '5', \"5\" is not valid JSON"));
        assert_eq!(explain_strict("[]"), None);
    }
}
