//! Entities as nodes of a picture.

use diagram::{FoldKey, Mark, Node};
use index::{Doc, View};
use model::EntityRef;

use super::query::FoldBy;
use crate::pages::{facts::Facts, link::EntityLink};

/// The node of an entity that is in the catalog.
pub(super) fn node(view: &View, doc: &Doc, fold: FoldBy) -> Node {
    let link = EntityLink::to_doc(doc);
    let kind = link.entity_ref.kind().to_owned();
    let sub = match &link.entity_type {
        Some(entity_type) => format!("{} · {entity_type}", kind_word(&kind)),
        None => kind_word(&kind).to_owned(),
    };
    Node {
        id: link.entity_ref.to_string(),
        title: link.title,
        sub,
        href: Some(link.href),
        fold: fold_key(view, doc, &kind, fold),
        problem: has_problem(doc),
        class: kind,
        ..Node::default()
    }
}

/// The node of an entity that is only known by name.
pub(super) fn missing(entity_ref: &str) -> Node {
    let title = EntityRef::parse(entity_ref).map_or_else(|_| entity_ref.to_owned(), |parsed| parsed.name().to_owned());
    let kind = entity_ref.split(':').next().unwrap_or_default().to_owned();
    let sub = format!("{} · not in the catalog", kind_word(&kind));
    Node { title, sub, class: kind, mark: Mark::Missing, ..Node::missing(entity_ref) }
}

/// The kind as people write it.
pub(super) fn kind_word(kind: &str) -> &str {
    if kind == "api" { "API" } else { kind }
}

/// Whether something is wrong with it that its owners should know.
pub(super) fn has_problem(doc: &Doc) -> bool {
    let has_error = || {
        let status = Facts::of(doc).json().pointer("/status/items").and_then(|items| items.as_array().cloned());
        status.into_iter().flatten().any(|item| item["level"] == "error")
    };
    !doc.warnings().is_empty() || (doc.as_json().contains("\"level\":\"error\"") && has_error())
}

/// What an entity may be folded by. The owner, when nothing is said, as groups of one team can be told apart.
fn fold_key(view: &View, doc: &Doc, kind: &str, fold: FoldBy) -> Option<FoldKey> {
    let other = match fold {
        FoldBy::Need | FoldBy::Owner => first_related(doc, "ownedBy", ""),
        FoldBy::System => first_related(doc, "partOf", "system:"),
        FoldBy::Kind => return Some(FoldKey { key: kind.to_owned(), label: String::new() }),
    }?;
    let label = EntityLink::to_text(view, &other).map_or_else(|| other.clone(), |link| link.title);
    Some(FoldKey { key: other, label })
}

/// The first entity at the other end of a relation whose reference starts so.
pub(super) fn first_related(doc: &Doc, relation: &str, start: &str) -> Option<String> {
    let relations = doc.relations();
    let mut others = relations.into_iter().filter(|(name, other)| name == relation && other.starts_with(start));
    others.next().map(|(_, other)| other.into_owned())
}
