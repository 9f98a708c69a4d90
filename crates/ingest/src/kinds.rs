//! The kinds that are known: Backstage's own, and those that the organisation declares in YAML files.

mod definition;
mod load;
mod own;

use std::sync::Arc;

use model::{Diagnostic, EntityBody};

use self::own::{OwnRule, OwnSchema, is_meant};
use crate::{
    check::{BUILTIN, BuiltinKind, ReferenceRule, Root},
    report::Report,
    yaml::NodeRef,
};

pub use definition::SCHEMAS as DEFINITION_SCHEMAS;

/// The kinds that are known: Backstage's own and those declared in YAML files, with their extra schemas and rules.
#[derive(Debug)]
pub struct Kinds {
    /// The references of the built-in kinds, in the order of the table.
    builtin_references: Vec<Vec<ReferenceRule>>,
    own: Vec<OwnKind>,
    schemas: Vec<OwnSchema>,
    rules: Vec<OwnRule>,
    table: Vec<KindInfo>,
    fingerprint: u64,
}

/// What the pages and the API show of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindInfo {
    /// As written in `kind:`.
    pub name: String,
    /// For headings and menus.
    pub plural: String,
    /// Name of an icon.
    pub icon: String,
    /// What lists of the kind show beside name and title.
    pub columns: Vec<Column>,
    /// The accepted values of `apiVersion`.
    pub api_versions: Vec<String>,
    /// Whether it is one of Backstage's own.
    pub builtin: bool,
}

/// A column of a list of entities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub title: String,
    /// Where the value is, as a dotted path (`spec.type`).
    pub path: String,
}

/// A kind declared in a file.
#[derive(Debug)]
pub(crate) struct OwnKind {
    pub(crate) name: String,
    pub(crate) api_versions: Vec<String>,
    pub(crate) references: Vec<ReferenceRule>,
}

/// What is known about a kind in a version.
pub(crate) enum Known<'a> {
    Builtin(&'static BuiltinKind, &'a [ReferenceRule]),
    Own(&'a OwnKind),
    No,
}

impl Kinds {
    /// Backstage's own kinds.
    #[must_use]
    pub fn builtin() -> Self {
        Self {
            builtin_references: BUILTIN.iter().map(builtin_references).collect(),
            own: Vec::new(),
            schemas: Vec::new(),
            rules: Vec::new(),
            table: BUILTIN.iter().map(builtin_info).collect(),
            fingerprint: 0,
        }
    }

    /// Adds the definitions of files (KindDefinition, SchemaExtension, RuleSet) to the built-in kinds. Each file is its path
    /// and its text. A definition that is faulty is left out, and the diagnostics say why.
    #[must_use]
    pub fn load(files: &[(String, Vec<u8>)]) -> (Self, Vec<Diagnostic>) {
        load::load(files)
    }

    /// All kinds, the built-in ones first.
    #[must_use]
    pub fn table(&self) -> &[KindInfo] {
        &self.table
    }

    /// A number that changes when any definition changes, so that callers can tell when files must be processed again.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    pub(crate) fn find(&self, kind: &str, api_version: &str) -> Known<'_> {
        if let Some(at) = BUILTIN.iter().position(|builtin| builtin.name == kind) {
            return match BUILTIN[at].api_versions.contains(&api_version) {
                true => Known::Builtin(&BUILTIN[at], &self.builtin_references[at]),
                false => Known::No,
            };
        }
        let found = self.own.iter().find(|own| own.name == kind && own.api_versions.iter().any(|v| v == api_version));
        found.map_or(Known::No, Known::Own)
    }

    /// The names of all kinds with their versions.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        self.table.iter().map(|kind| (kind.name.as_str(), kind.api_versions.iter().map(String::as_str).collect()))
    }

    /// Checks what the organisation asks beyond Backstage.
    pub(crate) fn check_own(&self, root: &Root<'_>, body: &EntityBody, entity_ref: &str, report: &mut Report<'_>) {
        if self.schemas.is_empty() && self.rules.is_empty() {
            return;
        }
        let kind = root.kind_text().unwrap_or_default();
        let mut schemas = self.schemas.iter().filter(|schema| is_meant(schema.kinds.as_deref(), kind)).peekable();
        let mut rules = self.rules.iter().filter(|rule| is_meant(rule.kinds.as_deref(), kind)).peekable();
        if schemas.peek().is_none() && rules.peek().is_none() {
            return;
        }
        let entity = serde_json::from_str(body.as_str()).unwrap_or_default();
        schemas.for_each(|schema| schema.check(root, &entity, entity_ref, report));
        rules.for_each(|rule| rule.check(root, &entity, entity_ref, report));
    }
}

fn builtin_references(kind: &BuiltinKind) -> Vec<ReferenceRule> {
    let rule = |reference: &crate::check::Reference| ReferenceRule {
        path: vec![reference.field.to_owned()],
        default_kind: reference.default_kind.map(str::to_owned),
        default_namespace: None,
        forward: Arc::from(reference.forward),
        reverse: Arc::from(reference.reverse),
    };
    kind.references.iter().map(rule).collect()
}

fn builtin_info(kind: &BuiltinKind) -> KindInfo {
    let column = |path: &&str| Column { title: title_of(path), path: (*path).to_owned() };
    KindInfo {
        name: kind.name.to_owned(),
        plural: kind.plural.to_owned(),
        icon: kind.icon.to_owned(),
        columns: kind.columns.iter().map(column).collect(),
        api_versions: kind.api_versions.iter().map(|version| (*version).to_owned()).collect(),
        builtin: true,
    }
}

/// The node that a JSON pointer names, or the nearest one above it.
fn own_node<'a>(root: NodeRef<'a>, pointer: &str) -> NodeRef<'a> {
    let mut node = root;
    for step in pointer.split('/').skip(1) {
        let next = match node.is_list() {
            true => step.parse().ok().and_then(|index| node.items().nth(index)),
            false => node.get(&step.replace("~1", "/").replace("~0", "~")),
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node
}

/// `spec.memberOf` -> `Member of`.
fn title_of(path: &str) -> String {
    let mut title = String::new();
    for c in path.rsplit('.').next().unwrap_or(path).chars() {
        match c {
            _ if title.is_empty() => title.extend(c.to_uppercase()),
            c if c.is_uppercase() => {
                title.push(' ');
                title.extend(c.to_lowercase());
            }
            c => title.push(c),
        }
    }
    title
}
