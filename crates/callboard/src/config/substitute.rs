//! `${VAR}`, `$env`, `$file` and `$include`, with the meaning that Backstage's `@backstage/config-loader` gives them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Fault,
    tree::{Node, Spot, Value},
    yaml,
};

/// The placeholders. Other keys with `$` are data: predicates have `$not` and `$any`.
const KEYS: [&str; 3] = ["$env", "$file", "$include"];
/// Files that include each other end here.
const DEEPEST_INCLUDE: usize = 10;

/// Replaces all placeholders of a layer. `folder` is that of the file; relative paths start there.
pub fn run(node: Node, folder: &Path, environment: &BTreeMap<String, String>, faults: &mut Vec<Fault>) -> Node {
    Substitution { environment, faults, depth: 0 }.node(node, folder)
}

struct Substitution<'a> {
    environment: &'a BTreeMap<String, String>,
    faults: &'a mut Vec<Fault>,
    depth: usize,
}

impl Substitution<'_> {
    fn node(&mut self, node: Node, folder: &Path) -> Node {
        let Node { value, spot } = node;
        let value = match value {
            Value::Text(text) => self.text(&text),
            Value::List(items) => Value::List(
                items
                    .into_iter()
                    .map(|item| self.node(item, folder))
                    .filter(|item| !matches!(item.value, Value::Absent(_)))
                    .collect(),
            ),
            Value::Map(entries) => match entries.iter().find(|(key, _)| KEYS.contains(&key.as_str())) {
                Some((key, _)) => {
                    let key = key.clone();
                    self.include(&key, &entries, folder, &spot)
                }
                None => Value::Map(entries.into_iter().map(|(key, node)| (key, self.node(node, folder))).collect()),
            },
            value => value,
        };
        Node { value, spot }
    }

    /// `${VAR}` and `${VAR:-default}`; `$${` stands for `${`. One variable that is not set makes the whole value absent.
    fn text(&self, text: &str) -> Value {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let Some(len) = rest[at + 2..].find(['{', '}']).filter(|len| rest[at + 2 + len..].starts_with('}')) else {
                out.push_str(&rest[..at + 2]);
                rest = &rest[at + 2..];
                continue;
            };
            let inner = &rest[at + 2..at + 2 + len];
            let tail = &rest[at + 2 + len + 1..];
            match rest[..at].strip_suffix('$') {
                Some(before) => {
                    out.push_str(before);
                    out.push_str(&rest[at..at + 2 + len + 1]);
                }
                None => {
                    out.push_str(&rest[..at]);
                    match self.variable(inner) {
                        Ok(value) => out.push_str(&value),
                        Err(name) => return Value::Absent(name),
                    }
                }
            }
            rest = tail;
        }
        out.push_str(rest);
        Value::Text(out)
    }

    fn variable(&self, inner: &str) -> Result<String, String> {
        let (name, default) = match inner.split_once(":-") {
            Some((name, default)) => (name.trim(), Some(default.trim())),
            None => (inner.trim(), None),
        };
        let value = self.environment.get(name).map(|value| value.trim());
        match (value, default) {
            (Some("") | None, Some(default)) => Ok(default.to_owned()),
            (Some(value), _) => Ok(value.to_owned()),
            (None, None) => Err(name.to_owned()),
        }
    }

    fn include(&mut self, key: &str, entries: &[(String, Node)], folder: &Path, spot: &Spot) -> Value {
        let fault = |message: String| Fault::new(spot.clone(), message);
        let [(_, node)] = entries else {
            self.faults.push(fault(format!("`{key}` must be the only key of its map")));
            return Value::Unread;
        };
        let Value::Text(argument) = &node.value else {
            self.faults.push(fault(format!("`{key}` wants text, this is {}", node.kind())));
            return Value::Unread;
        };
        let argument = match self.text(argument) {
            Value::Text(argument) => argument,
            absent => return absent,
        };
        match key {
            "$env" => match self.environment.get(&argument) {
                Some(value) => Value::Text(value.trim().to_owned()),
                None => Value::Absent(argument),
            },
            "$file" => match self.read(&folder.join(&argument), &node.spot) {
                Some(text) => Value::Text(text.trim_end().to_owned()),
                None => Value::Unread,
            },
            _ => self.included(&argument, folder, &node.spot),
        }
    }

    fn read(&mut self, path: &Path, spot: &Spot) -> Option<String> {
        match fs::read_to_string(path) {
            Ok(text) => Some(text),
            Err(error) => {
                let message = format!("the file `{}` cannot be read: {error}", path.display());
                self.faults.push(Fault::new(spot.clone(), message));
                None
            }
        }
    }

    fn included(&mut self, argument: &str, folder: &Path, spot: &Spot) -> Value {
        let (file, fragment) = argument.split_once('#').unwrap_or((argument, ""));
        let path: PathBuf = folder.join(file);
        let known = path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json");
        if !known {
            let message = format!("`$include` reads .yaml, .yml and .json files, not `{file}`");
            self.faults.push(Fault::new(spot.clone(), message));
            return Value::Unread;
        }
        if self.depth == DEEPEST_INCLUDE {
            self.faults.push(Fault::new(spot.clone(), "files include each other more than 10 deep"));
            return Value::Unread;
        }
        let Some(text) = self.read(&path, spot) else { return Value::Unread };
        let origin: Arc<str> = path.display().to_string().into();
        let node = match yaml::read(&text, &origin) {
            Ok(Some(node)) => node,
            Ok(None) => return Value::Null,
            Err(fault) => {
                self.faults.push(fault);
                return Value::Unread;
            }
        };
        self.depth += 1;
        let node = self.node(node, path.parent().unwrap_or(Path::new(".")));
        self.depth -= 1;
        let mut found = &node;
        for part in fragment.split('.').filter(|part| !part.is_empty()) {
            match found.entry(part) {
                Some(next) => found = next,
                None => {
                    let message = format!("`{file}` has no value at `{fragment}`");
                    self.faults.push(Fault::new(spot.clone(), message));
                    return Value::Unread;
                }
            }
        }
        found.value.clone()
    }
}
