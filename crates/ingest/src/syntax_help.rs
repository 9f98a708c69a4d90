//! What to do about text that is no YAML, by what the parser says of it.

/// A part of the parser's words, and what to do then. The first that fits counts.
const HELP: [(&str, &str); 25] = [
    (
        "mapping values are not allowed",
        "put quotes round a text that has `: ` in it, and check the indentation of the line",
    ),
    ("mapping keys are not allowed", "put quotes round a text that starts with `?`"),
    ("unexpected character", "put quotes round a text that starts with a special character"),
    ("expected ',' or ']'", "is a closing bracket missing?"),
    ("expected ',' or '}'", "is a closing brace missing?"),
    ("found a tab", "indent with spaces: YAML does not allow tabs there"),
    (
        "illegal placement of ':'",
        "close the bracket, brace or quote that a line above leaves open, or put quotes round a text that has `:` in it",
    ),
    ("unclosed bracket", "close the bracket or brace, or put quotes round a text that starts with one"),
    ("misplaced bracket", "take the bracket or brace away, or put quotes round a text that has one"),
    ("unclosed quote", "write the closing quote"),
    ("did not find expected key", "start the line below the other keys of its map, neither left nor right of them"),
    ("expected '-' indicator", "start each item of the list with `- `, exactly below the one before"),
    ("multiline quoted scalar", "is a closing quote missing above? A quoted text that goes on must be indented"),
    (
        "invalid indentation",
        "is a bracket, brace or quote left open above? What goes on in the next line must be indented",
    ),
    ("expected ':'", "write `: ` with a space behind the key, or put quotes round a text that spans lines"),
    (
        "invalid trailing content after",
        "put quotes round the whole value; a quote inside is written `\\\"` between double and `''` between single ones",
    ),
    ("unknown escape character", "use single quotes, or write `\\\\` for a backslash between double quotes"),
    ("escape code", "use single quotes, or write `\\\\` for a backslash between double quotes"),
    ("hexadecimal number", "use single quotes, or write `\\\\` for a backslash between double quotes"),
    ("unexpected document indicator", "is a closing quote missing above? The text reaches into the next document"),
    ("block scalar", "put nothing but a comment behind `|` or `>`, and indent the lines of the text below it"),
    ("anchor or alias", "put quotes round a text that starts with `*` or `&`"),
    ("tag", "put quotes round a text that starts with `!`"),
    ("eof", "is a closing bracket, brace or quote missing?"),
    ("EOF", "is a closing bracket, brace or quote missing?"),
];

/// What to do about text of which the parser says `message`.
pub(crate) fn of(message: &str) -> &'static str {
    let known = HELP.iter().find(|(part, _)| message.contains(part));
    known.map_or("check the indentation and the quotes of this line and of those just above it", |(_, help)| help)
}
