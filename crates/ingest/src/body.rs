//! The JSON text of an entity, written from the tree in one go.

use std::cmp::Ordering;

use model::{EntityBody, LocationRef, ScmUrls, is_script_url};

use crate::{
    check::{Metadata, Root, SORTED_FIELDS},
    json::{push_node, push_text},
    yaml::NodeRef,
};

const VIEW_URL: &str = "backstage.io/view-url";
const EDIT_URL: &str = "backstage.io/edit-url";
const REJECTED_URL: &str = "https://backstage.io/annotation-rejected-for-security-reasons";

/// The annotations that every entity of a file gets.
pub(crate) struct FileAnnotations {
    /// Key, value as JSON text, and whether the author's own value wins.
    rows: Vec<(&'static str, String, Winner)>,
    /// All of them as JSON text, with a comma after each but the last.
    joined: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Winner {
    Catalog,
    Author,
}

impl FileAnnotations {
    pub(crate) fn new(location: &LocationRef, origin: &LocationRef, urls: &ScmUrls) -> Self {
        let rows = [
            ("backstage.io/managed-by-location", Some(location.as_str()), Winner::Catalog),
            ("backstage.io/managed-by-origin-location", Some(origin.as_str()), Winner::Catalog),
            (VIEW_URL, urls.view.as_deref(), Winner::Author),
            (EDIT_URL, urls.edit.as_deref(), Winner::Author),
            ("backstage.io/source-location", urls.source_location.as_deref(), Winner::Author),
        ];
        let as_json = |key, value: Option<&str>, winner| {
            let mut text = String::new();
            push_text(&mut text, if is_link(key) { safe_url(value?) } else { value? });
            Some((key, text, winner))
        };
        let rows: Vec<_> = rows.into_iter().filter_map(|(key, value, winner)| as_json(key, value, winner)).collect();
        let joined = rows.iter().map(|(key, value, _)| format!("\"{key}\":{value}")).collect::<Vec<_>>().join(",");
        Self { rows, joined }
    }

    fn push(&self, out: &mut String, author: Option<NodeRef<'_>>) {
        out.push_str("\"annotations\":{");
        let ours = |key: &str| key.starts_with("backstage.io/") && self.rows.iter().any(|(own, ..)| *own == key);
        let Some(author) = author else {
            out.push_str(&self.joined);
            out.push('}');
            return;
        };
        if author.entries().any(|(key, _)| ours(key.key())) {
            for (at, (key, value, winner)) in self.rows.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                match author.get(key).filter(|_| *winner == Winner::Author) {
                    Some(own) => push_annotation(out, key, own),
                    None => {
                        push_text(out, key);
                        out.push(':');
                        out.push_str(value);
                    }
                }
            }
        } else {
            out.push_str(&self.joined);
        }
        for (key, value) in author.entries().filter(|(key, _)| !ours(key.key())) {
            out.push(',');
            push_annotation(out, key.key(), value);
        }
        out.push('}');
    }
}

fn push_annotation(out: &mut String, key: &str, value: NodeRef<'_>) {
    push_text(out, key);
    out.push(':');
    match value.as_str() {
        Some(text) if is_link(key) => push_text(out, safe_url(text)),
        _ => push_node(out, value),
    }
}

fn is_link(key: &str) -> bool {
    key == VIEW_URL || key == EDIT_URL
}

fn safe_url(url: &str) -> &str {
    if is_script_url(url) { REJECTED_URL } else { url }
}

/// Writes the body. The layout and the order of keys are described at [`EntityBody`].
pub(crate) fn write_body(root: &Root<'_>, metadata: &Metadata<'_>, annotations: &FileAnnotations) -> EntityBody {
    let (start, end) = root.node.span();
    let mut out = String::with_capacity((end - start) as usize + annotations.joined.len() + 128);
    out.push_str("{\"metadata\":{");
    if metadata.namespace.is_none() {
        out.push_str("\"namespace\":\"default\",");
    }
    annotations.push(&mut out, metadata.annotations.map(|(_, value)| value).filter(|value| value.is_map()));
    for (key, value) in root.metadata.into_iter().flat_map(|(_, node)| node.entries()) {
        if !matches!(key.key(), "annotations" | "uid") {
            out.push(',');
            push_text(&mut out, key.key());
            out.push(':');
            push_node(&mut out, value);
        }
    }
    out.push('}');
    for (name, entry) in [("apiVersion", root.api_version), ("kind", root.kind)] {
        out.push_str(",\"");
        out.push_str(name);
        out.push_str("\":");
        push_text(&mut out, entry.map_or("", |(_, value)| value.key()));
    }
    if let Some((_, spec)) = root.spec {
        out.push_str(",\"spec\":{");
        for (at, (key, value)) in spec.entries().enumerate() {
            if at > 0 {
                out.push(',');
            }
            push_text(&mut out, key.key());
            out.push(':');
            match SORTED_FIELDS.contains(&key.key()) && value.is_list() {
                true => push_sorted(&mut out, value),
                false => push_node(&mut out, value),
            }
        }
        out.push('}');
    }
    out.push('}');
    EntityBody::from_json(out)
}

/// Writes a list of strings in JavaScript's order; any other list as it stands.
fn push_sorted(out: &mut String, list: NodeRef<'_>) {
    let Some(mut texts) = list.items().map(NodeRef::as_str).collect::<Option<Vec<_>>>() else {
        return push_node(out, list);
    };
    texts.sort_by(|a, b| compare_utf16(a, b));
    out.push('[');
    for (at, text) in texts.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        push_text(out, text);
    }
    out.push(']');
}

/// The order of JavaScript's `sort()`: by UTF-16 code units.
fn compare_utf16(a: &str, b: &str) -> Ordering {
    if a.is_ascii() || b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_by_utf16_code_units() {
        // U+1D11E is two surrogates, which stand before U+FF5E in UTF-16 but after it in UTF-8.
        assert_eq!(compare_utf16("\u{1d11e}", "\u{ff5e}"), Ordering::Less);
        assert_eq!(compare_utf16("a", "B"), Ordering::Greater);
        assert_eq!(compare_utf16("a", "é"), Ordering::Less);
    }
}
