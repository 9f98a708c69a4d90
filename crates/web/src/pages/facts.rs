//! What pages read out of an entity: its JSON with names for the parts that people ask for.

use index::Doc;
use model::EntityRef;
use serde_json::{Map, Value};

/// An entity as pages read it.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    json: Value,
    /// Its canonical reference.
    pub(crate) entity_ref: EntityRef,
}

/// One of `metadata.links`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeclaredLink {
    pub(crate) url: String,
    pub(crate) title: String,
    pub(crate) icon: Option<String>,
    pub(crate) link_type: Option<String>,
}

impl Facts {
    /// Reads an entity. What its author wrote in other types than the model's is as if it were not there.
    pub(crate) fn of(doc: &Doc) -> Self {
        let json = serde_json::from_str(doc.as_json()).expect("the index serialises JSON");
        let entity_ref = EntityRef::parse(doc.entity_ref()).expect("references in the index are canonical");
        Self { json, entity_ref }
    }

    /// Reads an entity without its relations and status, of which there may be thousands.
    pub(crate) fn of_descriptor(doc: &Doc) -> Self {
        let json = serde_json::from_str(&doc.descriptor_json()).expect("the index serialises JSON");
        let entity_ref = EntityRef::parse(doc.entity_ref()).expect("references in the index are canonical");
        Self { json, entity_ref }
    }

    /// Reads an entity that is at hand as JSON.
    pub(crate) fn of_json(entity_ref: &EntityRef, json: &Value) -> Self {
        Self { json: json.clone(), entity_ref: entity_ref.clone() }
    }

    /// The whole entity.
    pub(crate) fn json(&self) -> &Value {
        &self.json
    }

    /// The text at a JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.json.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The value at a dotted path (`spec.type`), where later keys may hold dots themselves.
    pub(crate) fn at_path(&self, path: &str) -> Option<&Value> {
        find_path(&self.json, path)
    }

    /// `kind` as written.
    pub(crate) fn kind(&self) -> &str {
        self.text("/kind").unwrap_or_else(|| self.entity_ref.kind())
    }

    /// `metadata.name` as written.
    pub(crate) fn name(&self) -> &str {
        self.text("/metadata/name").unwrap_or_else(|| self.entity_ref.name())
    }

    /// What people call it: its title, the display name of its profile, or its name.
    pub(crate) fn title(&self) -> &str {
        let named =
            ["/metadata/title", "/spec/profile/displayName"].into_iter().filter_map(|pointer| self.text(pointer));
        named.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_else(|| self.name())
    }

    /// `metadata.description`.
    pub(crate) fn description(&self) -> Option<&str> {
        self.text("/metadata/description")
    }

    /// `spec.type`.
    pub(crate) fn entity_type(&self) -> Option<&str> {
        self.text("/spec/type")
    }

    /// `spec.lifecycle`.
    pub(crate) fn lifecycle(&self) -> Option<&str> {
        self.text("/spec/lifecycle")
    }

    /// `metadata.tags`.
    pub(crate) fn tags(&self) -> Vec<String> {
        let tags = self.json.pointer("/metadata/tags").and_then(Value::as_array);
        tags.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// `metadata.links`, those with a `url`.
    pub(crate) fn links(&self) -> Vec<DeclaredLink> {
        let links = self.json.pointer("/metadata/links").and_then(Value::as_array);
        let text = |link: &Value, key: &str| link.get(key).and_then(Value::as_str).map(str::to_owned);
        let read = |link: &Value| {
            let url = text(link, "url").filter(|url| !url.is_empty())?;
            let title = text(link, "title").filter(|title| !title.is_empty()).unwrap_or_else(|| url.clone());
            Some(DeclaredLink { url, title, icon: text(link, "icon"), link_type: text(link, "type") })
        };
        links.into_iter().flatten().filter_map(read).collect()
    }

    /// An annotation.
    pub(crate) fn annotation(&self, name: &str) -> Option<&str> {
        self.pairs("annotations").and_then(|map| map.get(name)).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// All annotations, in order of appearance.
    pub(crate) fn annotations(&self) -> Vec<(String, String)> {
        self.texts("annotations")
    }

    /// All labels, in order of appearance.
    pub(crate) fn labels(&self) -> Vec<(String, String)> {
        self.texts("labels")
    }

    fn pairs(&self, name: &str) -> Option<&Map<String, Value>> {
        self.json.get("metadata")?.get(name)?.as_object()
    }

    fn texts(&self, name: &str) -> Vec<(String, String)> {
        let pairs = self.pairs(name).into_iter().flatten();
        pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
    }
}

/// Finds a dotted path in JSON. Keys with dots in them are found too: each step takes the shortest key that leads on.
pub(crate) fn find_path<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let object = value.as_object()?;
    if let Some(found) = object.get(path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(dot, _)| find_path(object.get(&path[..dot])?, &path[dot + 1..]))
}

/// Writes a JSON value in one line, as a table shows it.
pub(crate) fn one_line(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(one_line).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_keys_with_dots_in_them() {
        let value = serde_json::json!({ "metadata": { "annotations": { "a.b/c": "x" }, "name": "n" } });
        assert_eq!(find_path(&value, "metadata.annotations.a.b/c").unwrap(), "x");
        assert_eq!(find_path(&value, "metadata.name").unwrap(), "n");
        assert!(find_path(&value, "metadata.name.x").is_none());
    }
}
