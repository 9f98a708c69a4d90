//! Source text -> coloured pieces: a handful of classes instead of the hundreds of scopes that the syntaxes know.
//!
//! The syntaxes (those of `two-face`) are unpacked at first use. A text above [`HIGHLIGHT_BYTES`], a very long line, and a
//! language that nobody knows stay plain.

use std::sync::OnceLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

/// Texts above this size are not coloured.
pub const HIGHLIGHT_BYTES: usize = 256 << 10;
/// Lines above this size are not coloured; matching takes time that grows faster than the line.
const LINE_BYTES: usize = 4 << 10;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing special.
    Plain,
    /// Words of the language.
    Keyword,
    /// Texts.
    String,
    /// Numbers and constants (`true`, `null`).
    Number,
    /// Comments.
    Comment,
    /// Names of members, attributes, tags, headings.
    Key,
    /// Names of types and functions.
    Type,
    /// Brackets, commas, quotes.
    Punctuation,
}

impl Class {
    /// The class of the HTML element; `None` for plain text.
    #[must_use]
    pub fn css(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Keyword => Some("hl-keyword"),
            Self::String => Some("hl-string"),
            Self::Number => Some("hl-number"),
            Self::Comment => Some("hl-comment"),
            Self::Key => Some("hl-key"),
            Self::Type => Some("hl-type"),
            Self::Punctuation => Some("hl-punctuation"),
        }
    }
}

/// Colours a text line by line. The pieces of a line together are the line, without its end.
#[must_use]
pub fn highlight<'t>(language: &str, text: &'t str) -> Vec<Vec<(Class, &'t str)>> {
    let syntax = if text.len() > HIGHLIGHT_BYTES { None } else { find_syntax(language) };
    match syntax {
        Some(syntax) => Painter::new(syntax).paint(text),
        None => text.lines().map(|line| plain(line)).collect(),
    }
}

/// Colours a text as HTML, one string for each line: `<span class="hl-key">` and so on, everything else escaped.
#[must_use]
pub fn highlight_html(language: &str, text: &str) -> Vec<String> {
    highlight(language, text).into_iter().map(|line| line_html(&line)).collect()
}

/// The name of a language for people: `YAML`, `Protocol Buffer`.
#[must_use]
pub fn language_name(language: &str) -> String {
    find_syntax(language).map_or_else(|| language.to_owned(), |syntax| syntax.name.clone())
}

fn line_html(line: &[(Class, &str)]) -> String {
    let mut html = String::new();
    for (class, text) in line {
        match class.css() {
            Some(css) => {
                html.push_str("<span class=\"");
                html.push_str(css);
                html.push_str("\">");
                push_escaped(text, &mut html);
                html.push_str("</span>");
            }
            None => push_escaped(text, &mut html),
        }
    }
    html
}

fn push_escaped(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
}

fn plain(line: &str) -> Vec<(Class, &str)> {
    if line.is_empty() { Vec::new() } else { vec![(Class::Plain, line)] }
}

fn syntaxes() -> &'static SyntaxSet {
    static SYNTAXES: OnceLock<SyntaxSet> = OnceLock::new();
    SYNTAXES.get_or_init(two_face::syntax::extra_newlines)
}

/// Finds a language by its name, the ending of its files, or a name that people use for it.
fn find_syntax(language: &str) -> Option<&'static SyntaxReference> {
    let language = language.to_ascii_lowercase();
    let token = match language.as_str() {
        "protobuf" | "grpc" => "proto",
        "openapi" | "asyncapi" => "yaml",
        "typescript" => "ts",
        "" | "text" | "plain" | "txt" => return None,
        other => other,
    };
    syntaxes().find_syntax_by_token(token)
}

struct Painter {
    state: ParseState,
    stack: ScopeStack,
    classes: &'static Classes,
}

impl Painter {
    fn new(syntax: &SyntaxReference) -> Self {
        static CLASSES: OnceLock<Classes> = OnceLock::new();
        let classes = CLASSES.get_or_init(Classes::new);
        Self { state: ParseState::new(syntax), stack: ScopeStack::new(), classes }
    }

    fn paint(mut self, text: &str) -> Vec<Vec<(Class, &str)>> {
        text.split_inclusive('\n').map(|line| self.line(line)).collect()
    }

    fn line<'t>(&mut self, whole: &'t str) -> Vec<(Class, &'t str)> {
        let line = whole.trim_end_matches('\n').trim_end_matches('\r');
        if line.len() > LINE_BYTES {
            return plain(line);
        }
        let Ok(changes) = self.state.parse_line(whole, syntaxes()) else { return plain(line) };
        let mut pieces: Vec<(Class, &str)> = Vec::new();
        let mut from = 0;
        for (at, change) in changes {
            let at = at.min(line.len());
            self.push(line, from, at, &mut pieces);
            from = at;
            if self.stack.apply(&change).is_err() {
                self.stack = ScopeStack::new();
            }
        }
        self.push(line, from, line.len(), &mut pieces);
        pieces
    }

    /// Adds a piece; pieces of one class that touch become one.
    fn push<'t>(&self, line: &'t str, from: usize, to: usize, pieces: &mut Vec<(Class, &'t str)>) {
        let Some(text) = line.get(from..to).filter(|text| !text.is_empty()) else { return };
        let class = match self.classes.of(&self.stack) {
            _ if text.trim().is_empty() => Class::Plain,
            // Some syntaxes call every sign of the language a keyword.
            Class::Keyword if !text.contains(char::is_alphanumeric) => Class::Punctuation,
            class => class,
        };
        match pieces.last_mut() {
            Some((last, before)) if *last == class => {
                *before = &line[from - before.len()..to];
            }
            _ => pieces.push((class, text)),
        }
    }
}

/// Which scope means which class; the innermost scope that means anything decides.
struct Classes(Vec<(Scope, Class)>);

impl Classes {
    fn new() -> Self {
        // Longer selectors come before shorter ones that they refine.
        let table = [
            ("punctuation.definition.comment", Class::Comment),
            ("punctuation.definition.string", Class::String),
            ("punctuation.definition.heading", Class::Key),
            ("punctuation", Class::Punctuation),
            ("comment", Class::Comment),
            ("meta.mapping.key", Class::Key),
            ("string.unquoted.plain.out.yaml", Class::String),
            ("string", Class::String),
            ("constant.other.symbol", Class::String),
            ("constant.character.escape", Class::String),
            ("constant", Class::Number),
            ("entity.name.tag", Class::Key),
            ("entity.name.section", Class::Key),
            ("markup.heading", Class::Key),
            ("entity.other.attribute-name", Class::Key),
            ("entity", Class::Type),
            ("support", Class::Type),
            ("storage.type.numeric", Class::Number),
            ("storage", Class::Keyword),
            ("keyword.operator", Class::Punctuation),
            ("keyword", Class::Keyword),
            ("variable.language", Class::Keyword),
            ("variable.other.member", Class::Key),
            ("variable.parameter", Class::Key),
            ("markup.raw", Class::String),
            ("markup.underline.link", Class::String),
        ];
        Self(table.into_iter().filter_map(|(selector, class)| Some((Scope::new(selector).ok()?, class))).collect())
    }

    fn of(&self, stack: &ScopeStack) -> Class {
        let class_of = |scope: &Scope| self.0.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope)).map(|(_, c)| *c);
        let scopes = &stack.scopes;
        let inner = scopes.iter().rev().find_map(class_of).unwrap_or(Class::Plain);
        // Keys of JSON are texts inside of a key, quotes included.
        let is_key = |scope: &Scope| self.0.iter().any(|(prefix, c)| *c == Class::Key && prefix.is_prefix_of(*scope));
        if inner == Class::String && scopes.iter().any(is_key) { Class::Key } else { inner }
    }
}
