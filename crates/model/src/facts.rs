//! What changed: two forms of an entity in, the facts that differ out, in lines that people can read.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::{Map, Value};

use crate::{DeclaredRelation, EntityBody, StoredEntity};

/// Values longer than this are cut in a line, in characters.
const LONGEST_VALUE: usize = 80;
/// Maps whose entries are facts of their own.
const OPENED: [&str; 5] = ["metadata", "metadata.labels", "metadata.annotations", "spec", "spec.profile"];
/// Facts that follow from others: they change with every commit or with the place of the file.
const DERIVED: [&str; 2] = ["metadata.annotations.backstage.io/view-url", "metadata.annotations.backstage.io/edit-url"];

/// A fact that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactChange {
    /// Which fact: a dotted path such as `spec.owner`, or a word such as `warnings`.
    pub fact: String,
    /// How it differs.
    pub difference: Difference,
}

/// How a fact differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It was not there before.
    Set(String),
    /// It is gone.
    Unset(String),
    /// It has another value.
    Replaced {
        /// The value before.
        from: String,
        /// The value now.
        to: String,
    },
    /// A list has other items, regardless of their order.
    Items {
        /// New ones.
        added: Vec<String>,
        /// Those that are gone.
        removed: Vec<String>,
    },
    /// It differs in a way that no line can show: a long text, a nested value, an order.
    Other,
}

impl fmt::Display for FactChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fact = &self.fact;
        match &self.difference {
            Difference::Set(to) => write!(f, "{fact}: {to} (new)"),
            Difference::Unset(from) => write!(f, "{fact}: {from} (removed)"),
            Difference::Replaced { from, to } => write!(f, "{fact}: {from} → {to}"),
            Difference::Items { added, removed } => {
                write!(f, "{fact}:")?;
                if !added.is_empty() {
                    write!(f, " added {}", added.join(", "))?;
                }
                if !removed.is_empty() {
                    let comma = if added.is_empty() { "" } else { ";" };
                    write!(f, "{comma} removed {}", removed.join(", "))?;
                }
                Ok(())
            }
            Difference::Other => write!(f, "{fact}: changed"),
        }
    }
}

/// Compares two forms of an entity: first what its author wrote, then what the processing found.
#[must_use]
pub fn compare_entities(before: &StoredEntity, after: &StoredEntity) -> Vec<FactChange> {
    let mut found = compare_bodies(&before.body, &after.body);
    let mut push = |fact: &str, from: String, to: String| {
        if from != to {
            found.push(FactChange { fact: fact.to_owned(), difference: Difference::Replaced { from, to } });
        }
    };
    let first_error = |entity: &StoredEntity| entity.errors.first().map_or("none".to_owned(), |e| cut(&e.message));
    push("errors", first_error(before), first_error(after));
    push("warnings", before.warnings.len().to_string(), after.warnings.len().to_string());
    if found.is_empty() {
        // Only worth a line when nothing else is.
        if before.line != after.line {
            let (from, to) = (before.line.to_string(), after.line.to_string());
            found.push(FactChange {
                fact: "line in the file".to_owned(),
                difference: Difference::Replaced { from, to },
            });
        }
        if before.parents != after.parents {
            found.push(FactChange { fact: "locations that name the file".to_owned(), difference: Difference::Other });
        }
        if before.relations != after.relations {
            let ends = |entity: &StoredEntity| -> Vec<DeclaredRelation> {
                entity.relations.iter().map(|relation| DeclaredRelation { line: 0, ..relation.clone() }).collect()
            };
            let fact = if ends(before) == ends(after) { "lines of relations" } else { "relations" };
            found.push(FactChange { fact: fact.to_owned(), difference: Difference::Other });
        }
    }
    found
}

/// Compares two bodies, in order of fact: `metadata` first, then `spec`, then the rest.
#[must_use]
pub fn compare_bodies(before: &EntityBody, after: &EntityBody) -> Vec<FactChange> {
    if before == after {
        return Vec::new();
    }
    let (before, after) = (facts_of(before), facts_of(after));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut found: Vec<FactChange> = keys
        .into_iter()
        .filter_map(|fact| {
            let difference = difference(before.get(fact), after.get(fact))?;
            Some(FactChange { fact: fact.clone(), difference })
        })
        .collect();
    found.sort_by_key(|change| weight(&change.fact));
    found
}

/// What people care for most comes first; annotations come last.
fn weight(fact: &str) -> u8 {
    match fact {
        "kind" | "apiVersion" => 0,
        "metadata.title" | "metadata.description" => 1,
        _ if fact.starts_with("spec.") => 2,
        _ if fact.starts_with("metadata.annotations.") => 4,
        _ => 3,
    }
}

fn facts_of(body: &EntityBody) -> BTreeMap<String, Value> {
    let mut facts = BTreeMap::new();
    // A body is JSON by its making; if one is not, it has no facts to compare.
    if let Ok(Value::Object(root)) = serde_json::from_str(body.as_str()) {
        collect(root, "", &mut facts);
    }
    facts
}

fn collect(map: Map<String, Value>, path: &str, facts: &mut BTreeMap<String, Value>) {
    for (key, value) in map {
        let below = if path.is_empty() { key } else { format!("{path}.{key}") };
        match value {
            Value::Object(inner) if OPENED.contains(&below.as_str()) => collect(inner, &below, facts),
            _ if DERIVED.contains(&below.as_str()) => {}
            value => {
                facts.insert(below, value);
            }
        }
    }
}

fn difference(before: Option<&Value>, after: Option<&Value>) -> Option<Difference> {
    match (before, after) {
        (before, after) if before == after => None,
        (None, Some(Value::Array(items))) | (Some(Value::Array(items)), None) if items.is_empty() => None,
        (None, Some(Value::Array(items))) => Some(items_difference(&[], items)),
        (Some(Value::Array(items)), None) => Some(items_difference(items, &[])),
        (Some(Value::Array(before)), Some(Value::Array(after))) => Some(items_difference(before, after)),
        (None, Some(after)) => Some(show(after).map_or(Difference::Other, Difference::Set)),
        (Some(before), None) => Some(show(before).map_or(Difference::Other, Difference::Unset)),
        (Some(before), Some(after)) => Some(match (show(before), show(after)) {
            (Some(from), Some(to)) if from != to => Difference::Replaced { from, to },
            _ => Difference::Other,
        }),
        (None, None) => None,
    }
}

fn items_difference(before: &[Value], after: &[Value]) -> Difference {
    let names = |items: &[Value], others: &[Value]| -> Option<Vec<String>> {
        items.iter().filter(|item| !others.contains(item)).map(name_of_item).collect()
    };
    match (names(after, before), names(before, after)) {
        (Some(added), Some(removed)) if !(added.is_empty() && removed.is_empty()) => {
            Difference::Items { added, removed }
        }
        _ => Difference::Other,
    }
}

/// An item of a list by its value, or a link and the like by its title or address.
fn name_of_item(item: &Value) -> Option<String> {
    match item {
        Value::Object(map) => ["title", "name", "url"].iter().find_map(|key| show(map.get(*key)?)),
        other => show(other),
    }
}

/// The value in one line; `None` when it has no such form.
fn show(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("null".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::String(text) if text.is_empty() => Some("\"\"".to_owned()),
        // A text of many lines is a document, such as an API definition.
        Value::String(text) if text.trim_end().contains('\n') => None,
        Value::String(text) => Some(cut(text)),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntityRef, ErrorChain, Uid};

    fn body(metadata: &str, spec: &str) -> EntityBody {
        EntityBody::from_json(format!(
            r#"{{"metadata":{{"name":"x"{metadata}}},"apiVersion":"a/v1","kind":"Component","spec":{{{spec}}}}}"#
        ))
    }

    fn check(before: (&str, &str), after: (&str, &str), want: &[&str]) {
        let found = compare_bodies(&body(before.0, before.1), &body(after.0, after.1));
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), want);
    }

    #[test]
    fn names_facts_that_differ() {
        check(("", r#""owner":"a""#), ("", r#""owner":"b""#), &["spec.owner: a → b"]);
        check(("", ""), ("", r#""owner":"b","size":3"#), &["spec.owner: b (new)", "spec.size: 3 (new)"]);
        check((r#","title":"T""#, ""), ("", ""), &["metadata.title: T (removed)"]);
        check((r#","labels":{"a":"1"}"#, ""), (r#","labels":{"a":"2"}"#, ""), &["metadata.labels.a: 1 → 2"]);
        check(("", ""), ("", ""), &[]);
    }

    #[test]
    fn lists_say_what_came_and_went() {
        let (before, after) = (r#","tags":["a","b"]"#, r#","tags":["b","c","d"]"#);
        check((before, ""), (after, ""), &["metadata.tags: added c, d; removed a"]);
        check(("", ""), (after, ""), &["metadata.tags: added b, c, d"]);
        check((before, ""), ("", ""), &["metadata.tags: removed a, b"]);
        check((before, ""), (r#","tags":["b","a"]"#, ""), &["metadata.tags: changed"]);
        check(("", ""), (r#","tags":[]"#, ""), &[]);
        let links = r#","links":[{"url":"https://x","title":"Runbook"},{"url":"https://y"}]"#;
        check(("", ""), (links, ""), &["metadata.links: added Runbook, https://y"]);
        check(("", r#""l":[[1]]"#), ("", r#""l":[[2]]"#), &["spec.l: changed"]);
    }

    #[test]
    fn long_and_nested_values_stay_short() {
        check(("", r#""definition":"a\nb""#), ("", r#""definition":"a\nc""#), &["spec.definition: changed"]);
        check(("", r#""n":{"a":{"b":1}}"#), ("", r#""n":{"a":{"b":2}}"#), &["spec.n: changed"]);
        let long = "ö".repeat(100);
        let line = format!("spec.text: {}… (new)", "ö".repeat(LONGEST_VALUE));
        check(("", ""), ("", &format!(r#""text":"{long}""#)), &[&line]);
    }

    #[test]
    fn what_people_care_for_comes_first_and_links_of_the_host_do_not_count() {
        let notes = r#","title":"New","annotations":{"a/b":"1","backstage.io/view-url":"https://new"}"#;
        let old = r#","annotations":{"backstage.io/view-url":"https://old"}"#;
        let want = ["metadata.title: New (new)", "spec.owner: b (new)", "metadata.annotations.a/b: 1 (new)"];
        check((old, ""), (notes, r#""owner":"b""#), &want);
    }

    #[test]
    fn what_the_processing_found_counts_too() {
        let before = StoredEntity {
            entity_ref: EntityRef::new("component", "default", "x"),
            uid: Uid(1),
            body: body("", ""),
            relations: Vec::new(),
            errors: Vec::new(),
            parents: Vec::new(),
            line: 3,
            warnings: Vec::new(),
        };
        let lines = |after: &StoredEntity| {
            compare_entities(&before, after).iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        };
        let sick = StoredEntity { errors: vec![ErrorChain::new("InputError", "no owner")], ..before.clone() };
        assert_eq!(lines(&sick), "errors: none → no owner");
        assert_eq!(lines(&StoredEntity { line: 9, ..before.clone() }), "line in the file: 3 → 9");
        let parents = vec![EntityRef::new("location", "default", "all")];
        assert_eq!(lines(&StoredEntity { parents, ..before.clone() }), "locations that name the file: changed");
        assert_eq!(lines(&before), "");
    }
}
