//! References in `spec` -> relations.

use std::{collections::HashSet, sync::Arc};

use model::{DeclaredRelation, EntityRef, ErrorChain};

use super::path::Path;
use crate::{
    codes,
    report::{Finding, Report},
    yaml::NodeRef,
};

/// A field that refers to other entities, ready for use.
#[derive(Debug)]
pub(crate) struct ReferenceRule {
    /// Where the field is, in keys below `spec`.
    pub(crate) path: Vec<String>,
    pub(crate) default_kind: Option<String>,
    /// `None` takes the namespace of the referring entity.
    pub(crate) default_namespace: Option<String>,
    pub(crate) forward: Arc<str>,
    pub(crate) reverse: Arc<str>,
}

/// Relations as they are found, without duplicates. Their lines count from the start of the file until
/// [`Relations::below`] is asked.
pub(crate) struct Relations {
    pub(crate) list: Vec<DeclaredRelation>,
    /// Filled only when there are many.
    seen: HashSet<(Arc<str>, EntityRef)>,
}

const FEW: usize = 24;

impl Relations {
    pub(crate) fn new() -> Self {
        Self { list: Vec::new(), seen: HashSet::new() }
    }

    /// Gives the relations with lines that count from the first line of their document, which is 1.
    pub(crate) fn below(self, document_line: u32) -> Vec<DeclaredRelation> {
        let mut list = self.list;
        for relation in list.iter_mut().filter(|relation| relation.line > 0) {
            relation.line = (relation.line + 1).saturating_sub(document_line);
        }
        list
    }

    /// Adds what one field refers to.
    pub(crate) fn collect(
        &mut self,
        rule: &ReferenceRule,
        spec: NodeRef<'_>,
        namespace: &str,
        report: &mut Report<'_>,
    ) {
        let top = Path::ROOT;
        let path = top.key("spec", (0, 0));
        self.descend(rule, &rule.path, spec, &path, namespace, report);
    }

    fn descend(
        &mut self,
        rule: &ReferenceRule,
        keys: &[String],
        node: NodeRef<'_>,
        path: &Path<'_>,
        namespace: &str,
        report: &mut Report<'_>,
    ) {
        if let [key, rest @ ..] = keys {
            if let Some((key_node, value)) = node.entry(key) {
                self.descend(rule, rest, value, &path.key(key, key_node.span()), namespace, report);
            }
            for (at, item) in node.items().enumerate() {
                self.descend(rule, keys, item, &path.index(at, item.span()), namespace, report);
            }
            return;
        }
        if node.is_list() {
            for (at, item) in node.items().enumerate() {
                self.add(rule, item, &|| path.index(at, (0, 0)).dotted(), namespace, report);
            }
        } else if !node.is_falsy() {
            self.add(rule, node, &|| path.dotted(), namespace, report);
        }
    }

    fn add(
        &mut self,
        rule: &ReferenceRule,
        node: NodeRef<'_>,
        field: &dyn Fn() -> String,
        namespace: &str,
        report: &mut Report<'_>,
    ) {
        let namespace = rule.default_namespace.as_deref().unwrap_or(namespace);
        let other = match node.is_map() {
            true => complete_map(node, rule.default_kind.as_deref(), namespace),
            false => complete_text(node, rule.default_kind.as_deref(), namespace),
        };
        match other {
            Ok(other) => self.push(rule, other, report.line_of(node)),
            Err(refused) => report.add(
                Finding::new(refused.code, refused.message).at(node).field(field()).help(refused.help).error(
                    ErrorChain::caused_by(
                        "InputError",
                        "Processor BuiltinKindsEntityProcessor threw an error while postprocessing",
                        refused.error,
                    ),
                ),
            ),
        }
    }

    fn push(&mut self, rule: &ReferenceRule, other: EntityRef, line: u32) {
        if self.list.len() < FEW {
            if self.list.iter().any(|r| r.other == other && r.forward == rule.forward) {
                return;
            }
        } else {
            if self.seen.is_empty() {
                self.seen = self.list.iter().map(|r| (r.forward.clone(), r.other.clone())).collect();
            }
            if !self.seen.insert((rule.forward.clone(), other.clone())) {
                return;
            }
        }
        self.list.push(DeclaredRelation { forward: rule.forward.clone(), reverse: rule.reverse.clone(), other, line });
    }
}

/// Why a value is no reference.
struct Refused {
    code: &'static str,
    message: String,
    help: String,
    error: ErrorChain,
}

/// Source of the rules and words: `parseEntityRef` of `@backstage/catalog-model`.
fn complete_text(node: NodeRef<'_>, default_kind: Option<&str>, namespace: &str) -> Result<EntityRef, Refused> {
    if node.is_falsy() {
        return Err(Refused {
            code: codes::REF_EMPTY,
            message: "the reference is empty".to_owned(),
            help: "remove the empty item, or name an entity".to_owned(),
            error: ErrorChain::new("Error", "Entity reference must not be empty"),
        });
    }
    let Some(text) = node.as_str() else {
        let shown = node.to_js_string();
        return Err(Refused {
            code: codes::REF_MALFORMED,
            message: format!("`{shown}` is no reference"),
            help: "write a text of the form `[kind:][namespace/]name`".to_owned(),
            error: missing_part(&shown, "kind"),
        });
    };
    let slash = text.find('/');
    let colon = text.find(':').filter(|colon| slash.is_none_or(|slash| *colon < slash));
    let kind = colon.map(|colon| &text[..colon]);
    let after_colon = colon.map_or(0, |colon| colon + 1);
    let given_namespace = slash.map(|slash| &text[after_colon..slash]);
    let name = &text[after_colon.max(slash.map_or(0, |slash| slash + 1))..];
    if kind == Some("") || given_namespace == Some("") || name.is_empty() {
        return Err(Refused {
            code: codes::REF_MALFORMED,
            message: format!("`{text}` has an empty part"),
            help: "write `[kind:][namespace/]name`, such as `group:default/platform`".to_owned(),
            error: ErrorChain::new(
                "TypeError",
                format!("Entity reference \"{text}\" was not on the form [<kind>:][<namespace>/]<name>"),
            ),
        });
    }
    match kind.or(default_kind) {
        Some(kind) => Ok(EntityRef::new(kind, given_namespace.unwrap_or(namespace), name)),
        None => Err(without_kind(text)),
    }
}

fn without_kind(text: &str) -> Refused {
    Refused {
        code: codes::REF_WITHOUT_KIND,
        message: format!("`{text}` does not say which kind is meant"),
        help: format!("write `component:{text}` or `resource:{text}`"),
        error: missing_part(&serde_json::Value::from(text).to_string(), "kind"),
    }
}

fn missing_part(shown: &str, part: &str) -> ErrorChain {
    let hint = if part == "kind" { " (e.g. did not start with \"component:\" or similar)" } else { "" };
    ErrorChain::new("Error", format!("Entity reference {shown} had missing or empty {part}{hint}"))
}

/// `{kind, namespace, name}`, which Backstage accepts where no schema forbids it.
fn complete_map(node: NodeRef<'_>, default_kind: Option<&str>, namespace: &str) -> Result<EntityRef, Refused> {
    let part = |key: &str| node.get(key).and_then(NodeRef::as_str);
    let kind = part("kind").or(default_kind).unwrap_or_default();
    let namespace = part("namespace").unwrap_or(namespace);
    let name = part("name").unwrap_or_default();
    let missing = match (kind, namespace, name) {
        ("", _, _) => "kind",
        (_, "", _) => "namespace",
        (_, _, "") => "name",
        _ => return Ok(EntityRef::new(kind, namespace, name)),
    };
    let mut shown = String::new();
    crate::json::push_node(&mut shown, node);
    Err(Refused {
        code: codes::REF_MALFORMED,
        message: format!("the reference lacks its {missing}"),
        help: "write a text of the form `[kind:][namespace/]name`".to_owned(),
        error: missing_part(&shown, missing),
    })
}

/// Whether the characters of a reference are such that an entity of that name can exist.
pub(crate) fn check_reference_text(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'/'))
}
