//! The envelope: what has to be there before anything can be said about an entity, and the fields at its root.

use model::{DEFAULT_NAMESPACE, EntityRef, ErrorChain};

use super::{
    fault::{Fault, mend_type},
    path::Path,
    suggest::closest,
};
use crate::{
    codes,
    report::{Finding, Report},
    yaml::NodeRef,
};

/// A key and its value.
pub(crate) type Entry<'a> = (NodeRef<'a>, NodeRef<'a>);

/// The fields at the root of a document.
pub(crate) struct Root<'a> {
    pub(crate) node: NodeRef<'a>,
    pub(crate) api_version: Option<Entry<'a>>,
    pub(crate) kind: Option<Entry<'a>>,
    pub(crate) metadata: Option<Entry<'a>>,
    pub(crate) spec: Option<Entry<'a>>,
    /// All others.
    pub(crate) foreign: Vec<Entry<'a>>,
}

impl<'a> Root<'a> {
    pub(crate) fn read(node: NodeRef<'a>) -> Self {
        let mut root = Self { node, api_version: None, kind: None, metadata: None, spec: None, foreign: Vec::new() };
        for entry in node.entries() {
            match entry.0.key() {
                "apiVersion" => root.api_version = Some(entry),
                "kind" => root.kind = Some(entry),
                "metadata" => root.metadata = Some(entry),
                "spec" => root.spec = Some(entry),
                _ => root.foreign.push(entry),
            }
        }
        root
    }

    pub(crate) fn api_version_text(&self) -> Option<&'a str> {
        self.api_version.and_then(|(_, value)| value.as_str())
    }

    pub(crate) fn kind_text(&self) -> Option<&'a str> {
        self.kind.and_then(|(_, value)| value.as_str())
    }

    /// The entity's identity, when kind, namespace and name are texts.
    pub(crate) fn entity_ref(&self) -> Option<EntityRef> {
        let (_, metadata) = self.metadata?;
        let kind = self.kind_text().filter(|kind| !kind.is_empty())?;
        let name = metadata.get("name")?.as_str().filter(|name| !name.is_empty())?;
        let namespace = match metadata.get("namespace") {
            Some(node) => node.as_str().filter(|namespace| !namespace.is_empty())?,
            None => DEFAULT_NAMESPACE,
        };
        Some(EntityRef::new(kind, namespace, name))
    }
}

/// Checks the parts without which a document is no entity. Source: `EntityEnvelope.schema.json`.
pub(crate) fn check_envelope(root: &Root<'_>, report: &mut Report<'_>) {
    let top = Path::ROOT;
    for (name, entry) in [("apiVersion", root.api_version), ("kind", root.kind), ("metadata", root.metadata)] {
        if entry.is_none() {
            let near = closest(name, root.foreign.iter().map(|(key, _)| key.key()));
            let help = match near {
                Some(near) => format!("did you mean `{name}` where `{near}` stands?"),
                None => missing_help(name).to_owned(),
            };
            add(report, Fault::Missing(name), &top, root.node, Some(help));
        }
    }
    for (name, entry) in [("apiVersion", root.api_version), ("kind", root.kind)] {
        if let Some((key, value)) = entry {
            check_text(value, &top.key(name, key.span()), report);
        }
    }
    let Some((key, metadata)) = root.metadata else { return };
    let path = top.key("metadata", key.span());
    if !metadata.is_map() {
        return add(report, Fault::Type("object"), &path, metadata, None);
    }
    let (mut name, mut namespace) = (None, None);
    for (key, value) in metadata.entries() {
        match key.key() {
            "name" => name = Some((key, value)),
            "namespace" => namespace = Some((key, value)),
            _ => {}
        }
    }
    match name {
        Some((key, value)) => check_text(value, &path.key("name", key.span()), report),
        None => add(report, Fault::Missing("name"), &path, metadata, Some(missing_help("name").to_owned())),
    }
    if let Some((key, value)) = namespace {
        check_text(value, &path.key("namespace", key.span()), report);
    }
}

fn check_text(value: NodeRef<'_>, path: &Path<'_>, report: &mut Report<'_>) {
    match value.as_str() {
        None => add(report, Fault::Type("string"), path, value, None),
        Some("") => add(report, Fault::Empty, path, value, None),
        Some(_) => {}
    }
}

fn add(report: &mut Report<'_>, fault: Fault<'_>, path: &Path<'_>, node: NodeRef<'_>, help: Option<String>) {
    let (code, own_help) = match fault {
        Fault::Type(wanted) => (codes::ENVELOPE_TYPE, mend_type(wanted, node)),
        Fault::Empty => (codes::ENVELOPE_EMPTY, Some("fill it in".to_owned())),
        _ => (codes::ENVELOPE_MISSING, None),
    };
    let span = match fault {
        Fault::Missing(_) => path.span.unwrap_or_else(|| first_key(node)),
        _ => node.span(),
    };
    let finding = Finding::new(code, fault.message(path, node)).at_span(span).field(fault.field(path));
    let error = ErrorChain::new("TypeError", fault.ajv_message_with_params(path));
    report.add(finding.help_if(help.or(own_help)).error(error));
}

fn first_key(map: NodeRef<'_>) -> (u32, u32) {
    map.entries().next().map_or((map.span().0, map.span().0), |(key, _)| key.span())
}

fn missing_help(name: &str) -> &'static str {
    match name {
        "apiVersion" => "add `apiVersion: backstage.io/v1alpha1`",
        "kind" => "add `kind: Component`, or another kind",
        "metadata" => "add `metadata:` with a `name:` below it",
        _ => "add `name: <name>`",
    }
}

/// Checks the types of the fields at the root. Source: `Entity.schema.json`; the check that follows on it,
/// `NoForeignRootFieldsEntityPolicy`, can only ever refuse `relations` and `status`.
pub(crate) fn check_root(root: &Root<'_>, policy: &dyn Fn(String) -> ErrorChain, report: &mut Report<'_>) {
    let unknown = root.foreign.iter().filter(|(key, _)| !matches!(key.key(), "relations" | "status"));
    for (key, _) in unknown {
        let name = key.key();
        let help = match closest(name, ["apiVersion", "kind", "metadata", "spec"]) {
            Some(near) => format!("did you mean `{near}`?"),
            None if matches!(
                name,
                "name" | "namespace" | "title" | "description" | "labels" | "annotations" | "tags" | "links"
            ) =>
            {
                format!("move it below `metadata`: indent `{name}` by two spaces")
            }
            None => format!("move `{name}` below `metadata` or `spec`; is it indented far enough?"),
        };
        report.add(
            Finding::new(codes::UNKNOWN_ROOT_FIELD, format!("`{name}` is no field of an entity"))
                .at(*key)
                .field(name)
                .help(help)
                .error(policy("Malformed envelope, <root> must NOT have additional properties".to_owned())),
        );
    }
}

/// Refuses what only the catalog may write.
pub(crate) fn check_server_fields(root: &Root<'_>, policy: &dyn Fn(String) -> ErrorChain, report: &mut Report<'_>) {
    for (key, value) in &root.foreign {
        let name = key.key();
        let wrong_type = match name {
            "relations" if !value.is_list() => "Malformed envelope, /relations must be array".to_owned(),
            "status" if !value.is_map() => "Malformed envelope, /status must be object".to_owned(),
            "relations" | "status" => format!("Unknown field {name}"),
            _ => continue,
        };
        report.add(
            Finding::new(
                codes::SERVER_FIELD,
                format!("`{name}` is made by the catalog and may not be written by hand"),
            )
            .at(*key)
            .field(name)
            .help(format!("remove `{name}`"))
            .error(policy(wrong_type)),
        );
    }
}
