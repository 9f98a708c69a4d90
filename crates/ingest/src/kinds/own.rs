//! What an organisation asks beyond Backstage: schemas and rules, ready for use. Nothing here runs for kinds of which
//! nothing is asked.

use jsonschema::Validator;
use model::ErrorChain;
use regex::Regex;
use serde_json::Value;

use super::definition::OwnSeverity;
use crate::{
    check::Root,
    codes,
    report::{Finding, Report},
    yaml::NodeRef,
};

/// A schema for one part of entities of some kinds.
#[derive(Debug)]
pub(crate) struct OwnSchema {
    pub(crate) name: String,
    /// `None` means all.
    pub(crate) kinds: Option<Vec<String>>,
    pub(crate) severity: OwnSeverity,
    /// `metadata` or `spec`.
    pub(crate) part: &'static str,
    pub(crate) validator: Validator,
}

/// A rule: entities for which all of `when` holds must have what is required.
#[derive(Debug)]
pub(crate) struct OwnRule {
    pub(crate) name: String,
    pub(crate) kinds: Option<Vec<String>>,
    pub(crate) when: Vec<(String, Value)>,
    pub(crate) require: Vec<(String, Option<Regex>)>,
    pub(crate) severity: OwnSeverity,
    pub(crate) message: Option<String>,
    pub(crate) help: Option<String>,
}

/// Whether something that is asked of some kinds is asked of this one.
pub(crate) fn is_meant(kinds: Option<&[String]>, kind: &str) -> bool {
    kinds.is_none_or(|kinds| kinds.iter().any(|name| name == kind))
}

impl OwnSchema {
    pub(crate) fn check(&self, root: &Root<'_>, entity: &Value, entity_ref: &str, report: &mut Report<'_>) {
        let Some(part) = entity.get(self.part) else {
            if self.severity == OwnSeverity::Error && self.part == "spec" {
                let finding = Finding::new(codes::SPEC_MISSING, "`spec` is missing").at(root.node).field("spec");
                let error = self.error(entity_ref, "<root> must have required property 'spec' - missingProperty: spec");
                report.add(finding.help("add `spec:` with the fields of the kind").error(error));
            }
            return;
        };
        for violation in self.validator.iter_errors(part) {
            let pointer = violation.instance_path().as_str();
            let field = format!("{}{}", self.part, pointer.replace('/', "."));
            let node = find_node(root, self.part, pointer);
            let (code, name) = match self.severity {
                OwnSeverity::Error => (codes::OWN_SCHEMA, "the schema"),
                OwnSeverity::Warning => (codes::OWN_SCHEMA_WARNING, "the advice"),
            };
            report.add(
                Finding::new(code, format!("`{field}`: {violation}"))
                    .at(node)
                    .field(&field)
                    .help(format!("{name} `{}` asks for this", self.name))
                    .error(self.error(entity_ref, &format!("/{}{pointer} {violation}", self.part))),
            );
        }
    }

    fn error(&self, entity_ref: &str, message: &str) -> ErrorChain {
        violation_error(&self.name, entity_ref, message)
    }
}

impl OwnRule {
    pub(crate) fn check(&self, root: &Root<'_>, entity: &Value, entity_ref: &str, report: &mut Report<'_>) {
        let applies = self.when.iter().all(|(path, wanted)| {
            find_value(entity, path).is_some_and(|found| match wanted {
                Value::Array(any) => any.contains(found),
                one => one == found,
            })
        });
        if !applies {
            return;
        }
        for (path, pattern) in &self.require {
            let found = find_value(entity, path).filter(|value| !matches!(value, Value::Null) && *value != "");
            let why = match (found, pattern) {
                (None, _) => format!("`{path}` is missing"),
                (Some(value), Some(pattern)) if !value.as_str().is_some_and(|text| pattern.is_match(text)) => {
                    format!("`{path}` does not match `{pattern}`")
                }
                _ => continue,
            };
            let message = self.message.clone().unwrap_or(why);
            let code = match self.severity {
                OwnSeverity::Error => codes::OWN_RULE,
                OwnSeverity::Warning => codes::OWN_RULE_WARNING,
            };
            let help = self.help.clone().unwrap_or_else(|| format!("the rule `{}` asks for this", self.name));
            let error = violation_error(&self.name, entity_ref, &message);
            report.add(Finding::new(code, message).at(nearest_key(root, path)).field(path).help(help).error(error));
        }
    }
}

fn violation_error(name: &str, entity_ref: &str, message: &str) -> ErrorChain {
    ErrorChain::caused_by(
        "InputError",
        &format!("Processor {name} threw an error while validating the entity {entity_ref}"),
        ErrorChain::new("TypeError", message),
    )
}

/// Finds a value by its dotted path. Keys may hold dots themselves (`metadata.annotations.example.org/tier`).
fn find_value<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let map = value.as_object()?;
    if let Some(found) = map.get(path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(at, _)| find_value(map.get(&path[..at])?, &path[at + 1..]))
}

/// The node that a JSON pointer below a part of the entity names, or the nearest one above it.
fn find_node<'a>(root: &Root<'a>, part: &str, pointer: &str) -> NodeRef<'a> {
    match root.node.entry(part) {
        Some((key, _)) if pointer.is_empty() => key,
        Some((_, value)) => super::own_node(value, pointer),
        None => root.node,
    }
}

/// The key on the way along a dotted path that is still there.
fn nearest_key<'a>(root: &Root<'a>, path: &str) -> NodeRef<'a> {
    fn descend<'a>(node: NodeRef<'a>, path: &str) -> Option<NodeRef<'a>> {
        if let Some((key, _)) = node.entry(path) {
            return Some(key);
        }
        path.match_indices('.').find_map(|(at, _)| {
            let (key, value) = node.entry(&path[..at])?;
            Some(descend(value, &path[at + 1..]).unwrap_or(key))
        })
    }
    descend(root.node, path).or(root.kind.map(|(key, _)| key)).unwrap_or(root.node)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_values_behind_keys_with_dots() {
        let entity = json!({"metadata": {"annotations": {"a.b/c.d": "x"}}, "spec": {"type": "t"}});
        assert_eq!(find_value(&entity, "metadata.annotations.a.b/c.d"), Some(&json!("x")));
        assert_eq!(find_value(&entity, "spec.type"), Some(&json!("t")));
        assert_eq!(find_value(&entity, "spec.owner"), None);
        assert_eq!(find_value(&entity, "spec.type.more"), None);
    }
}
