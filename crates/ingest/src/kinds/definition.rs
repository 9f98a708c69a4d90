//! The files in which an organisation declares kinds, extra schemas and rules, as they are written.
//!
//! `schemas/*.json` say what may be written; these types only take over what has passed them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

pub(crate) const API_VERSION: &str = "callboard.dev/v1";

/// The kinds of definitions with the text of the JSON Schema of each.
pub const SCHEMAS: [(&str, &str); 3] = [
    ("KindDefinition", include_str!("../../schemas/KindDefinition.json")),
    ("SchemaExtension", include_str!("../../schemas/SchemaExtension.json")),
    ("RuleSet", include_str!("../../schemas/RuleSet.json")),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KindDefinition {
    pub(crate) kind: String,
    pub(crate) plural: Option<String>,
    pub(crate) icon: Option<String>,
    pub(crate) api_versions: Vec<String>,
    pub(crate) schema: Option<Value>,
    #[serde(default)]
    pub(crate) references: Vec<ReferenceDefinition>,
    #[serde(default)]
    pub(crate) columns: Vec<ColumnDefinition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReferenceDefinition {
    pub(crate) field: String,
    pub(crate) forward: String,
    pub(crate) reverse: String,
    pub(crate) default_kind: Option<String>,
    pub(crate) default_namespace: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct ColumnDefinition {
    pub(crate) title: Option<String>,
    pub(crate) path: String,
}

#[derive(Deserialize)]
pub(crate) struct SchemaExtension {
    pub(crate) kinds: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) severity: OwnSeverity,
    pub(crate) metadata: Option<Value>,
    pub(crate) spec: Option<Value>,
}

#[derive(Deserialize)]
pub(crate) struct RuleSet {
    pub(crate) rules: Vec<RuleDefinition>,
}

#[derive(Deserialize)]
pub(crate) struct RuleDefinition {
    pub(crate) name: String,
    pub(crate) kinds: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) when: BTreeMap<String, Value>,
    pub(crate) require: Vec<Requirement>,
    #[serde(default)]
    pub(crate) severity: OwnSeverity,
    pub(crate) message: Option<String>,
    pub(crate) help: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Requirement {
    Field(String),
    Match { field: String, pattern: Option<String> },
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OwnSeverity {
    #[default]
    Error,
    Warning,
}
