//! Words, signs and texts of GraphQL and protocol buffers, with the comments or texts that stand before them.

/// How a language writes comments and names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `#` comments; `"""` texts.
    Graphql,
    /// `//` and `/* */` comments; dots are part of names.
    Protobuf,
}

/// A word, a sign or a text.
#[derive(Clone, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    /// As it stands in the source; without the quotes for texts.
    pub(crate) text: &'a str,
    /// Where it starts and ends in the source, quotes included.
    pub(crate) span: (usize, usize),
    /// Counting from 1.
    pub(crate) line: u32,
    /// The comment lines right before it.
    pub(crate) comment: Option<&'a str>,
    /// The comment behind the token before it, on the line of that token.
    pub(crate) trailing: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Names and numbers.
    Word,
    Text,
    /// A text in three quotes.
    Block,
    /// One sign, or `...`.
    Sign,
}

/// Takes a source apart. What is no token is a sign of one character, so nothing is lost and nothing fails but open texts.
pub(crate) fn tokens(source: &str, dialect: Dialect) -> Result<Vec<Token<'_>>, String> {
    let mut lexer = Lexer { source, at: 0, line: 1, dialect, comment: None, trailing: None, token_line: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next_token()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    line: u32,
    dialect: Dialect,
    /// Where the comment right before starts and ends.
    comment: Option<(usize, usize)>,
    trailing: Option<(usize, usize)>,
    /// The line on which the last token ended.
    token_line: u32,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn next_token(&mut self) -> Result<Option<Token<'a>>, String> {
        self.skip_space_and_comments()?;
        let start = self.at;
        let token = self.take_token()?;
        self.token_line = self.line;
        Ok(token.map(|token| Token { span: (start, self.at), ..token }))
    }

    fn take_token(&mut self) -> Result<Option<Token<'a>>, String> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let line = self.line;
        let comment = self.comment.take().map(|(start, end)| &self.source[start..end]);
        let trailing = self.trailing.take().map(|(start, end)| &self.source[start..end]);
        let token = |kind, text| Ok(Some(Token { kind, text, span: (0, 0), line, comment, trailing }));
        if self.dialect == Dialect::Graphql && rest.starts_with("\"\"\"") {
            let text = self.take_block()?;
            return token(Kind::Block, text);
        }
        if first == '"' || (first == '\'' && self.dialect == Dialect::Protobuf) {
            let text = self.take_text(first)?;
            return token(Kind::Text, text);
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || (c == '.' && self.dialect == Dialect::Protobuf);
        let length = match rest.find(|c| !is_word(c)).unwrap_or(rest.len()) {
            0 if rest.starts_with("...") => 3,
            0 => first.len_utf8(),
            length => length,
        };
        self.at += length;
        token(if is_word(first) { Kind::Word } else { Kind::Sign }, &rest[..length])
    }

    fn skip_space_and_comments(&mut self) -> Result<(), String> {
        let mut blank_lines = 0;
        loop {
            let rest = self.rest();
            let is_comma = rest.starts_with(',') && self.dialect == Dialect::Graphql;
            match rest.chars().next() {
                Some('\n') => {
                    self.line += 1;
                    blank_lines += 1;
                    self.at += 1;
                    // A comment that stands apart belongs to nothing.
                    if blank_lines > 1 {
                        self.comment = None;
                    }
                }
                Some(c) if c.is_whitespace() || c == '\u{feff}' || is_comma => self.at += c.len_utf8(),
                Some('#') if self.dialect == Dialect::Graphql => {
                    self.take_comment(rest.find('\n').unwrap_or(rest.len()))
                }
                Some('/') if self.dialect == Dialect::Protobuf && rest.starts_with("//") => {
                    self.take_comment(rest.find('\n').unwrap_or(rest.len()));
                    blank_lines = 0;
                }
                Some('/') if self.dialect == Dialect::Protobuf && rest.starts_with("/*") => {
                    let end = rest.find("*/").ok_or_else(|| format!("Line {}: a comment does not end.", self.line))?;
                    self.take_comment(end + 2);
                    self.line += count_lines(&rest[..end]);
                    blank_lines = 0;
                }
                _ => return Ok(()),
            }
        }
    }

    fn take_comment(&mut self, length: usize) {
        let at = self.at;
        self.at += length;
        if self.line == self.token_line {
            self.trailing = Some((at, self.at));
        } else {
            self.comment = Some((self.comment.map_or(at, |(start, _)| start), self.at));
        }
    }

    fn take_block(&mut self) -> Result<&'a str, String> {
        let inner = &self.rest()[3..];
        let mut from = 0;
        let end = loop {
            let found =
                inner[from..].find("\"\"\"").ok_or_else(|| format!("Line {}: a text does not end.", self.line))?;
            let end = from + found;
            if !inner[..end].ends_with('\\') {
                break end;
            }
            from = end + 3;
        };
        self.line += count_lines(&inner[..end]);
        self.at += end + 6;
        Ok(&inner[..end])
    }

    fn take_text(&mut self, quote: char) -> Result<&'a str, String> {
        let inner = &self.rest()[1..];
        let mut escaped = false;
        for (at, c) in inner.char_indices() {
            match c {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == quote => {
                    self.at += at + 2;
                    return Ok(&inner[..at]);
                }
                _ => {}
            }
        }
        Err(format!("Line {}: a text does not end.", self.line))
    }
}

fn count_lines(text: &str) -> u32 {
    text.bytes().filter(|b| *b == b'\n').count() as u32
}

/// Tokens read one after the other.
pub(crate) struct Reader<'a> {
    source: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(source: &'a str, dialect: Dialect) -> Result<Self, String> {
        Ok(Self { source, tokens: tokens(source, dialect)?, at: 0 })
    }

    pub(crate) fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    pub(crate) fn take(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    /// The source between two places.
    pub(crate) fn source_between(&self, start: usize, end: usize) -> &'a str {
        self.source.get(start..end).unwrap_or_default()
    }

    /// Whether the next token is this sign or word.
    pub(crate) fn is_at(&self, text: &str) -> bool {
        self.peek().is_some_and(|token| token.text == text && matches!(token.kind, Kind::Sign | Kind::Word))
    }

    /// Takes the next token if it is this one.
    pub(crate) fn eat(&mut self, text: &str) -> bool {
        let found = self.is_at(text);
        self.at += usize::from(found);
        found
    }

    /// Takes the next token, which must be this one.
    pub(crate) fn expect(&mut self, text: &str) -> Result<(), String> {
        if self.eat(text) { Ok(()) } else { Err(self.wrong(&format!("`{text}`"))) }
    }

    /// Takes the next token, which must be a name.
    pub(crate) fn word(&mut self) -> Result<&'a str, String> {
        match self.peek() {
            Some(token) if token.kind == Kind::Word => {
                let text = token.text;
                self.at += 1;
                Ok(text)
            }
            _ => Err(self.wrong("a name")),
        }
    }

    /// What is wrong here: something else was expected.
    pub(crate) fn wrong(&self, wanted: &str) -> String {
        match self.peek() {
            Some(token) => {
                let shown: String = token.text.chars().take(40).collect();
                format!("Line {}: expected {wanted}, found `{shown}`.", token.line)
            }
            None => format!("The definition ends where {wanted} should stand."),
        }
    }

    /// Passes over a group in brackets, whose opening one is next.
    pub(crate) fn skip_group(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.take() {
            match (token.kind, token.text) {
                (Kind::Sign, "(" | "[" | "{") => depth += 1,
                (Kind::Sign, ")" | "]" | "}") => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }
}
