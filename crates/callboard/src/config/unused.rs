//! Keys that nobody reads: those of Backstage and its plugins are accepted and listed, unknown ones of ours are faults.

use super::{
    Fault, keys,
    tree::{Node, Spot, Value},
};

/// A key without effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotUsed {
    /// Its path.
    pub path: String,
    /// Where it was written.
    pub spot: Spot,
    /// A known key that it may have been meant to be.
    pub meant: Option<String>,
}

impl std::fmt::Display for NotUsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.meant {
            Some(meant) => write!(f, "{} (did you mean `{meant}`?)", self.path),
            None => f.write_str(&self.path),
        }
    }
}

/// Lists the topmost keys without effect, and reports unknown keys below `callboard`.
pub fn check(root: &Node, faults: &mut Vec<Fault>) -> Vec<NotUsed> {
    let mut found = Vec::new();
    visit(root, "", &mut found);
    let (ours, theirs): (Vec<_>, Vec<_>) = found.into_iter().partition(|key| key.path.starts_with("callboard."));
    for key in ours {
        let fault = Fault::new(key.spot, format!("`{}` is no key of Callboard", key.path));
        faults.push(match key.meant {
            Some(meant) => fault.help(format!("did you mean `{meant}`?")),
            None => fault.help("the reference of configuration keys lists all of them"),
        });
    }
    theirs
}

fn visit(node: &Node, path: &str, found: &mut Vec<NotUsed>) {
    match &node.value {
        Value::Map(entries) => {
            for (key, value) in entries {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let pattern = keys::pattern_of(&below);
                if keys::has_below(&pattern) {
                    visit(value, &below, found);
                } else if !keys::is_used(&pattern) && !is_other_integration(&pattern) {
                    let meant = suggest(key, path, entries);
                    // One line for a key that is wrong in every item of a list.
                    if !found.iter().any(|other: &NotUsed| keys::pattern_of(&other.path) == pattern) {
                        found.push(NotUsed { path: below, spot: value.spot.clone(), meant });
                    }
                }
            }
        }
        Value::List(items) => {
            for (i, item) in items.iter().enumerate() {
                visit(item, &format!("{path}[{i}]"), found);
            }
        }
        _ => {}
    }
}

/// Hosts of other families have an effect: reading them gives an error that says so.
fn is_other_integration(pattern: &str) -> bool {
    keys::OTHER_INTEGRATIONS.iter().any(|(name, _)| pattern == format!("integrations.{name}"))
}

/// A known key of the same map that is spelled alike and not there.
fn suggest(key: &str, path: &str, entries: &[(String, Node)]) -> Option<String> {
    let names = keys::names_below(&keys::pattern_of(path));
    let (name, distance) = names
        .into_iter()
        .filter(|name| !entries.iter().any(|(other, _)| other == name))
        .map(|name| (name, strsim::damerau_levenshtein(&name.to_lowercase(), &key.to_lowercase())))
        .min_by_key(|(_, distance)| *distance)?;
    let close = distance <= 2 && distance * 3 <= key.len();
    close.then(|| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") })
}
