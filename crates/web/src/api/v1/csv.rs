//! Entities as a table (RFC 4180), safe to be opened in a spreadsheet.

use std::borrow::Cow;

use serde_json::Value;

/// The columns when none are named.
pub(super) const DEFAULT_COLUMNS: &[&str] = &[
    "ref",
    "kind",
    "namespace",
    "name",
    "title",
    "description",
    "type",
    "lifecycle",
    "owner",
    "system",
    "tags",
    "location",
];

/// Short names of columns, with their paths.
const ALIASES: &[(&str, &str)] = &[
    ("namespace", "metadata.namespace"),
    ("name", "metadata.name"),
    ("title", "metadata.title"),
    ("description", "metadata.description"),
    ("tags", "metadata.tags"),
    ("uid", "metadata.uid"),
    ("type", "spec.type"),
    ("lifecycle", "spec.lifecycle"),
    ("system", "spec.system"),
    ("location", "metadata.annotations.backstage.io/managed-by-location"),
];

/// The chosen columns: short names, or dotted paths into the entity.
pub(crate) struct Columns(Vec<String>);

impl Columns {
    /// Takes the names over; none means the usual columns.
    pub(super) fn parse(names: &[&str]) -> Self {
        let names = if names.is_empty() { DEFAULT_COLUMNS } else { names };
        Self(names.iter().map(|name| (*name).to_owned()).collect())
    }

    /// Writes the line of names.
    pub(super) fn head(&self) -> String {
        let mut out = Vec::new();
        write_line(self.0.iter().map(|name| Cow::Borrowed(name.as_str())), &mut out);
        String::from_utf8(out).expect("the names are text")
    }

    /// Writes the line of one entity.
    pub(super) fn write_row(&self, entity_ref: &str, entity: &Value, out: &mut Vec<u8>) {
        write_line(self.0.iter().map(|column| cell(column, entity_ref, entity)), out);
    }
}

fn cell<'a>(column: &str, entity_ref: &'a str, entity: &'a Value) -> Cow<'a, str> {
    match column {
        "ref" => Cow::Borrowed(entity_ref),
        "owner" => Cow::Borrowed(owner(entity)),
        _ => {
            let path = ALIASES.iter().find(|(name, _)| *name == column).map_or(column, |(_, path)| path);
            find_path(entity, path).map_or(Cow::Borrowed(""), text_of)
        }
    }
}

/// The relation is complete where `spec.owner` may be short.
fn owner(entity: &Value) -> &str {
    let relations = entity.get("relations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    relations
        .iter()
        .find(|relation| relation["type"] == "ownedBy")
        .and_then(|relation| relation["targetRef"].as_str())
        .or_else(|| entity["spec"]["owner"].as_str())
        .unwrap_or_default()
}

/// Walks a dotted path; keys may hold dots themselves, the shortest that fits wins.
fn find_path<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let object = value.as_object()?;
    if let Some(found) = object.get(path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(dot, _)| find_path(object.get(&path[..dot])?, &path[dot + 1..]))
}

fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        Value::Array(items) if items.iter().all(|item| !item.is_array() && !item.is_object()) => {
            Cow::Owned(items.iter().map(text_of).collect::<Vec<_>>().join(";"))
        }
        other => Cow::Owned(other.to_string()),
    }
}

/// Writes the cells of one line.
pub(crate) fn write_line<'a>(cells: impl Iterator<Item = Cow<'a, str>>, out: &mut Vec<u8>) {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_cell(&cell, out);
    }
    out.extend_from_slice(b"\r\n");
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe in front, so that it stays text.
fn write_cell(cell: &str, out: &mut Vec<u8>) {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if !is_formula && !cell.contains([',', '"', '\n', '\r']) {
        out.extend_from_slice(cell.as_bytes());
        return;
    }
    out.push(b'"');
    if is_formula {
        out.push(b'\'');
    }
    out.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(columns: &[&str], entity: Value) -> String {
        let mut out = Vec::new();
        Columns::parse(columns).write_row("component:default/shop", &entity, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_formula_stays_text() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            let line = row(&["title"], json!({"metadata": {"title": evil}}));
            assert_eq!(line, format!("\"'{evil}\"\r\n"));
        }
    }

    #[test]
    fn commas_quotes_and_lines_are_quoted() {
        let entity = json!({"metadata": {"title": "a, \"b\"\nc"}});
        assert_eq!(row(&["ref", "title"], entity), "component:default/shop,\"a, \"\"b\"\"\nc\"\r\n");
    }

    #[test]
    fn finds_annotations_lists_and_owners() {
        let entity = json!({
            "metadata": {"tags": ["java", "web"], "annotations": {"a.b/c": "x"}},
            "spec": {"owner": "team-a"},
            "relations": [{"type": "ownedBy", "targetRef": "group:default/team-a"}],
        });
        let line = row(&["metadata.annotations.a.b/c", "tags", "owner", "nothing"], entity);
        assert_eq!(line, "x,java;web,group:default/team-a,\r\n");
    }
}
