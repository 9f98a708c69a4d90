//! Files with definitions -> kinds, schemas and rules, and what is wrong with the files.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use jsonschema::Validator;
use model::{Diagnostic, LocationRef};
use regex::Regex;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    Column, KindInfo, Kinds, OwnKind,
    definition::{API_VERSION, KindDefinition, Requirement, RuleDefinition, RuleSet, SCHEMAS, SchemaExtension},
    own::{OwnRule, OwnSchema},
    title_of,
};
use crate::{
    ParsedFile,
    check::{BUILTIN, ReferenceRule, Root},
    codes,
    json::push_node,
    parse,
    process::describe_yaml,
    report::{Finding, Report},
    yaml::NodeRef,
};

pub(crate) fn load(files: &[(String, Vec<u8>)]) -> (Kinds, Vec<Diagnostic>) {
    let mut loader = Loader { kinds: Kinds::builtin(), schemas: compile_schemas(), diagnostics: Vec::new() };
    let mut hasher = DefaultHasher::new();
    for (path, bytes) in files {
        (path, bytes).hash(&mut hasher);
        let file = parse(bytes, &LocationRef::new("file", path));
        loader.read_file(&file);
    }
    if !files.is_empty() {
        loader.kinds.fingerprint = hasher.finish() | 1;
    }
    (loader.kinds, loader.diagnostics)
}

fn compile_schemas() -> Vec<(&'static str, Validator)> {
    let compile = |text: &str| {
        let schema: Value = serde_json::from_str(text).expect("the embedded schemas are JSON");
        jsonschema::validator_for(&schema).expect("the embedded schemas are schemas")
    };
    SCHEMAS.iter().map(|(kind, text)| (*kind, compile(text))).collect()
}

struct Loader {
    kinds: Kinds,
    schemas: Vec<(&'static str, Validator)>,
    diagnostics: Vec<Diagnostic>,
}

impl Loader {
    fn read_file(&mut self, file: &ParsedFile) {
        let mut report = Report::new(Some(file));
        report.diagnostics.extend(file.problems.iter().cloned());
        for document in &file.documents {
            match &document.content {
                Ok(root) => self.read_document(file.tree.node(*root), &mut report),
                Err(problem) => {
                    let (_, message, help) = describe_yaml(&problem.kind);
                    report.add(Finding::new(codes::DEFINITION_UNREADABLE, message).at_span(problem.span).help_if(help));
                }
            }
        }
        self.diagnostics.append(&mut report.diagnostics);
    }

    fn read_document(&mut self, node: NodeRef<'_>, report: &mut Report<'_>) {
        if node.is_null() {
            return;
        }
        let root = Root::read(node);
        let kind = root.kind_text().unwrap_or_default();
        let known = self.schemas.iter().find(|(name, _)| *name == kind && root.api_version_text() == Some(API_VERSION));
        let Some((_, schema)) = known else {
            let message = format!("this is no definition of `apiVersion: {API_VERSION}`");
            let names = SCHEMAS.map(|(name, _)| name).join(", ");
            let finding = Finding::new(codes::DEFINITION_UNREADABLE, message);
            return report.add(
                finding
                    .at(root.kind.map_or(node, |(_, value)| value))
                    .help(format!("the kinds of definitions are {names}")),
            );
        };
        let value = json_of(node);
        let mut sound = true;
        for violation in schema.iter_errors(&value) {
            sound = false;
            let pointer = violation.instance_path().as_str();
            let message = match pointer {
                "" => violation.to_string(),
                _ => format!("`{}`: {violation}", pointer[1..].replace('/', ".")),
            };
            report.add(Finding::new(codes::DEFINITION_INVALID, message).at(super::own_node(node, pointer)));
        }
        if !sound {
            return;
        }
        let name = value["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        match kind {
            "KindDefinition" => self.add_kind(&name, &root, spec_of(&value), report),
            "SchemaExtension" => self.add_extension(&name, node, spec_of(&value), report),
            _ => self.add_rules(node, spec_of(&value), report),
        }
    }

    fn add_kind(&mut self, name: &str, root: &Root<'_>, definition: Option<KindDefinition>, report: &mut Report<'_>) {
        let Some(definition) = definition else { return };
        let kind = definition.kind;
        if self.kinds.table.iter().any(|known| known.name.eq_ignore_ascii_case(&kind)) {
            let builtin = BUILTIN.iter().any(|builtin| builtin.name.eq_ignore_ascii_case(&kind));
            let (message, help) = match builtin {
                true => (format!("`{kind}` is a built-in kind"), "extend it with a SchemaExtension instead"),
                false => (format!("the kind `{kind}` is declared twice"), "keep one of the two definitions"),
            };
            let at = root.spec.and_then(|(_, spec)| spec.get("kind")).unwrap_or(root.node);
            return report.add(Finding::new(codes::DEFINITION_CONFLICT, message).at(at).field("spec.kind").help(help));
        }
        if let Some(schema) = definition.schema {
            let at = root.spec.and_then(|(_, spec)| spec.get("schema")).unwrap_or(root.node);
            let own = OwnSchema {
                name: name.to_owned(),
                kinds: Some(vec![kind.clone()]),
                severity: super::definition::OwnSeverity::Error,
                part: "spec",
                validator: match compile(&schema, at, "spec.schema", report) {
                    Some(validator) => validator,
                    None => return,
                },
            };
            self.kinds.schemas.push(own);
        }
        let reference = |r: super::definition::ReferenceDefinition| ReferenceRule {
            path: r.field.split('.').map(str::to_owned).collect(),
            default_kind: r.default_kind,
            default_namespace: r.default_namespace,
            forward: Arc::from(r.forward),
            reverse: Arc::from(r.reverse),
        };
        let column = |c: super::definition::ColumnDefinition| Column {
            title: c.title.unwrap_or_else(|| title_of(&c.path)),
            path: c.path,
        };
        self.kinds.table.push(KindInfo {
            name: kind.clone(),
            plural: definition.plural.unwrap_or_else(|| format!("{kind}s")),
            icon: definition.icon.unwrap_or_else(|| "kind".to_owned()),
            columns: definition.columns.into_iter().map(column).collect(),
            api_versions: definition.api_versions.clone(),
            builtin: false,
        });
        self.kinds.own.push(OwnKind {
            name: kind,
            api_versions: definition.api_versions,
            references: definition.references.into_iter().map(reference).collect(),
        });
    }

    fn add_extension(
        &mut self,
        name: &str,
        node: NodeRef<'_>,
        extension: Option<SchemaExtension>,
        report: &mut Report<'_>,
    ) {
        let Some(extension) = extension else { return };
        for (part, schema) in [("metadata", &extension.metadata), ("spec", &extension.spec)] {
            let Some(schema) = schema else { continue };
            let at = node.get("spec").and_then(|spec| spec.get(part)).unwrap_or(node);
            let Some(validator) = compile(schema, at, &format!("spec.{part}"), report) else { continue };
            self.kinds.schemas.push(OwnSchema {
                name: name.to_owned(),
                kinds: extension.kinds.clone(),
                severity: extension.severity,
                part,
                validator,
            });
        }
    }

    fn add_rules(&mut self, node: NodeRef<'_>, rules: Option<RuleSet>, report: &mut Report<'_>) {
        for rule in rules.into_iter().flat_map(|set| set.rules) {
            match ready_rule(rule) {
                Ok(rule) => self.kinds.rules.push(rule),
                Err(problem) => {
                    report.add(Finding::new(codes::DEFINITION_INVALID, problem).at(node).field("spec.rules"));
                }
            }
        }
    }
}

fn ready_rule(rule: RuleDefinition) -> Result<OwnRule, String> {
    let mut require = Vec::new();
    for requirement in rule.require {
        let (field, pattern) = match requirement {
            Requirement::Field(field) => (field, None),
            Requirement::Match { field, pattern } => (field, pattern),
        };
        let pattern = pattern.map(|pattern| Regex::new(&pattern)).transpose();
        require.push((field, pattern.map_err(|error| format!("the rule `{}` has a bad pattern: {error}", rule.name))?));
    }
    Ok(OwnRule {
        name: rule.name,
        kinds: rule.kinds,
        when: rule.when.into_iter().collect(),
        require,
        severity: rule.severity,
        message: rule.message,
        help: rule.help,
    })
}

fn compile(schema: &Value, at: NodeRef<'_>, field: &str, report: &mut Report<'_>) -> Option<Validator> {
    match jsonschema::validator_for(schema) {
        Ok(validator) => Some(validator),
        Err(error) => {
            let message = format!("`{field}` is no JSON Schema: {error}");
            report.add(Finding::new(codes::DEFINITION_INVALID, message).at(at).field(field));
            None
        }
    }
}

fn spec_of<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(&value["spec"]).ok()
}

fn json_of(node: NodeRef<'_>) -> Value {
    let mut text = String::new();
    push_node(&mut text, node);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}
