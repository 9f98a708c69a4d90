//! YAML text -> value tree, with the meaning that npm `yaml` gives it (core schema, no merge keys).

use std::{collections::HashMap, sync::Arc};

use granit_parser::{Event, Parser, ScalarStyle, Span};

use super::{
    Fault,
    tree::{Node, Spot, Value},
};

/// Values of one file, aliases written out. Configuration files are small; more is a mistake or an attack.
const MOST_NODES: usize = 100_000;

/// Reads the only document of a file; `None` when the file holds nothing but comments.
///
/// # Errors
/// The first thing that is no YAML, a second document, or a file of more than 100,000 values.
pub fn read(text: &str, origin: &Arc<str>) -> Result<Option<Node>, Fault> {
    let mut composer = Composer { origin, anchors: HashMap::new(), nodes: 0 };
    let mut parser = Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut document = None;
    while let Some((event, span)) = composer.next(&mut parser)? {
        match event {
            Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(..) if document.is_some() => {
                return Err(composer
                    .fault(&span, "a configuration file holds one document")
                    .help("split the file at `---` and name both with `--config`"));
            }
            Event::DocumentStart(..) => {}
            event => document = Some(composer.node(&mut parser, event, &span)?),
        }
    }
    Ok(document.filter(|node| node.value != Value::Null))
}

struct Composer<'a> {
    origin: &'a Arc<str>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
}

type Source<'i> = Parser<'i, granit_parser::StrInput<'i>>;

impl Composer<'_> {
    fn next<'i>(&self, parser: &mut Source<'i>) -> Result<Option<(Event<'i>, Span)>, Fault> {
        loop {
            match parser.next_event() {
                None => return Ok(None),
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok(pair)) => return Ok(Some(pair)),
                Some(Err(error)) => {
                    let mark = error.marker();
                    let spot = self.spot(mark.line(), mark.col());
                    return Err(Fault::new(spot, format!("this is no YAML: {}", error.info())));
                }
            }
        }
    }

    fn spot(&self, line: usize, column: usize) -> Spot {
        Spot { origin: self.origin.clone(), line: line as u32, column: column as u32 + 1 }
    }

    fn fault(&self, span: &Span, message: &str) -> Fault {
        Fault::new(self.spot(span.start.line(), span.start.col()), message)
    }

    fn node<'i>(&mut self, parser: &mut Source<'i>, event: Event<'i>, span: &Span) -> Result<Node, Fault> {
        let spot = self.spot(span.start.line(), span.start.col());
        let before = self.nodes;
        self.count(1, span)?;
        let anchor = event.anchor_id();
        let value = match event {
            Event::Scalar(text, style, _, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                if plain { resolve_plain(&text) } else { Value::Text(text.into_owned()) }
            }
            Event::SequenceStart(..) => Value::List(self.items(parser, span)?),
            Event::MappingStart(..) => Value::Map(self.entries(parser, span)?),
            Event::Alias(id) => {
                let Some((node, size)) = self.anchors.get(&id).cloned() else {
                    return Err(self.fault(span, "an alias inside its own anchor has no value"));
                };
                self.count(size, span)?;
                node.value
            }
            _ => return Err(self.fault(span, "a value is missing here")),
        };
        let node = Node { value, spot };
        if let Some(id) = anchor.filter(|id| *id != 0) {
            self.anchors.insert(id, (node.clone(), self.nodes - before));
        }
        Ok(node)
    }

    fn count(&mut self, more: usize, span: &Span) -> Result<(), Fault> {
        self.nodes += more;
        match self.nodes > MOST_NODES {
            true => Err(self.fault(span, "the file holds more than 100000 values")),
            false => Ok(()),
        }
    }

    fn items(&mut self, parser: &mut Source<'_>, start: &Span) -> Result<Vec<Node>, Fault> {
        let mut items = Vec::new();
        loop {
            match self.next(parser)? {
                Some((Event::SequenceEnd, _)) => return Ok(items),
                Some((event, span)) => items.push(self.node(parser, event, &span)?),
                None => return Err(self.fault(start, "this list has no end")),
            }
        }
    }

    fn entries(&mut self, parser: &mut Source<'_>, start: &Span) -> Result<Vec<(String, Node)>, Fault> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        loop {
            let key = match self.next(parser)? {
                Some((Event::MappingEnd, _)) => return Ok(entries),
                Some((Event::Scalar(text, ..), span)) => (text.into_owned(), span),
                Some((_, span)) => {
                    return Err(self
                        .fault(&span, "a list or map cannot be a key")
                        .help("put `{{ ... }}` and the like in quotes"));
                }
                None => return Err(self.fault(start, "this map has no end")),
            };
            if entries.iter().any(|(name, _)| *name == key.0) {
                return Err(self.fault(&key.1, &format!("`{}` is written twice in the same map", key.0)));
            }
            let Some((event, span)) = self.next(parser)? else {
                return Err(self.fault(start, "this map has no end"));
            };
            let mut node = self.node(parser, event, &span)?;
            // Faults are shown at the key: that is where a person looks for a value that spans lines or is empty.
            if matches!(node.value, Value::Null | Value::Map(_) | Value::List(_)) {
                node.spot = self.spot(key.1.start.line(), key.1.start.col());
            }
            entries.push((key.0, node));
        }
    }
}

/// The YAML 1.2 core schema, with JavaScript's numbers.
fn resolve_plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => resolve_number(text).map_or_else(|| Value::Text(text.to_owned()), Value::Number),
    }
}

fn resolve_number(text: &str) -> Option<f64> {
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok().map(|n| n as f64);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return u64::from_str_radix(digits, 8).ok().map(|n| n as f64);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    numeric.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        read(text, &"f.yaml".into()).unwrap_err().to_string()
    }

    #[test]
    fn reads_scalars_as_npm_yaml_does() {
        let node = read("a: yes\nb: 010\nc: '7'\nd: ~\ne: 1.5\nf: 0.0.0.0:7007\n", &"f".into()).unwrap().unwrap();
        assert_eq!(node.get("a").unwrap().value, Value::Text("yes".into()));
        assert_eq!(node.get("b").unwrap().value, Value::Number(10.0));
        assert_eq!(node.get("c").unwrap().value, Value::Text("7".into()));
        assert_eq!(node.entry("d").unwrap().value, Value::Null);
        assert_eq!(node.get("e").unwrap().value, Value::Number(1.5));
        assert_eq!(node.get("f").unwrap().value, Value::Text("0.0.0.0:7007".into()));
        assert_eq!(node.get("f").unwrap().spot.to_string(), "f:6:4");
    }

    #[test]
    fn an_empty_file_is_no_fault() {
        assert_eq!(read("# nothing\n", &"f".into()), Ok(None));
        assert_eq!(read("", &"f".into()), Ok(None));
    }

    #[test]
    fn says_where_a_file_is_broken() {
        assert!(fault("a: 1\na: 2\n").starts_with("f.yaml:2:1: `a` is written twice"));
        assert!(fault("a: 1\n---\nb: 2\n").contains("one document"));
        assert!(fault("a: [1\n").starts_with("f.yaml:"));
        assert!(fault("a: {{ x }}\n").contains("cannot be a key"));
    }

    #[test]
    fn a_bomb_of_aliases_ends_in_a_fault() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..9 {
            let line = format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(", "));
            text.push_str(&line);
        }
        assert!(fault(&text).contains("more than 100000 values"));
    }
}
