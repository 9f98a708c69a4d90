//! JSON Schemas of OpenAPI and AsyncAPI -> types, fields and shapes. References are followed inside of the document only, and
//! every walk has a depth, so that a schema that holds itself ends.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::{
    Budget,
    document::{flag, items, member, scalar, text},
    outline::{EnumValue, Field, Shape},
    type_text::TypeText,
};

/// How deep a type is written: `string[][]`, unions inside of unions.
const TYPE_DEPTH: usize = 6;
/// How deep the fields of objects without a name are written out.
const FIELD_DEPTH: usize = 4;
/// How many references in a row are followed.
const REFERENCES: usize = 16;
/// How many members of a union are named.
const UNION: usize = 12;
/// How many parts a type has at most; references that are no names multiply.
const TYPE_PARTS: usize = 60;
/// How many allowed values are named in a field's notes.
const VALUES: usize = 20;

/// A document whose references can be followed.
#[derive(Clone, Copy)]
pub(crate) struct Document<'a> {
    pub(crate) root: &'a Value,
}

impl<'a> Document<'a> {
    /// Follows `$ref` as long as it leads to a place of the document; what leads nowhere stays as it is.
    pub(crate) fn resolve(self, value: &'a Value) -> &'a Value {
        let mut at = value;
        for _ in 0..REFERENCES {
            match reference_of(at).and_then(|reference| self.find(reference)) {
                Some(target) => at = target,
                None => break,
            }
        }
        at
    }

    fn find(self, reference: &str) -> Option<&'a Value> {
        let mut at = self.root;
        for part in reference.strip_prefix("#/")?.split('/') {
            let part = decode_pointer(part);
            at = match at {
                Value::Object(members) => members.get(&part)?,
                Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(at)
    }

    /// Writes the type of a schema.
    pub(crate) fn type_of(self, schema: &'a Value) -> TypeText {
        self.type_at(schema, TYPE_DEPTH, &mut { TYPE_PARTS })
    }

    fn type_at(self, schema: &'a Value, depth: usize, parts: &mut usize) -> TypeText {
        let Some(left) = parts.checked_sub(1) else { return TypeText::plain("…") };
        *parts = left;
        let members = match schema {
            _ if depth == 0 => return TypeText::plain("…"),
            Value::Object(members) => members,
            Value::Bool(false) => return TypeText::plain("nothing"),
            _ => return TypeText::plain("any"),
        };
        if let Some(reference) = reference_of(schema) {
            return self.type_of_reference(schema, reference, depth, parts);
        }
        let mut of = self.type_of_members(members, depth, parts);
        if flag(schema, "nullable") {
            of.push_text(" | null");
        }
        of
    }

    fn type_of_reference(self, schema: &'a Value, reference: &str, depth: usize, parts: &mut usize) -> TypeText {
        let mut of = TypeText::default();
        match schema_name(reference) {
            Some(name) if self.find(reference).is_some() => of.push_name(&name),
            _ => match self.resolve(schema) {
                // A reference to another file, or to nothing.
                unresolved if std::ptr::eq(unresolved, schema) => of.push_text(reference),
                target => return self.type_at(target, depth - 1, parts),
            },
        }
        of
    }

    fn type_of_members(self, members: &'a Map<String, Value>, depth: usize, parts: &mut usize) -> TypeText {
        for (key, joint) in [("oneOf", " | "), ("anyOf", " | "), ("allOf", " & ")] {
            if let Some(list) = members.get(key).and_then(Value::as_array).filter(|list| !list.is_empty()) {
                return self.joined(list, joint, depth, parts);
            }
        }
        if let Some(value) = members.get("const") {
            return TypeText::plain(&short_json(value));
        }
        let mut of = TypeText::default();
        match members.get("type") {
            Some(Value::Array(types)) => {
                for (n, one) in types.iter().take(UNION).enumerate() {
                    of.push_text(if n == 0 { "" } else { " | " });
                    of.push_all(self.type_named(&scalar(one), members, depth, parts));
                }
            }
            Some(Value::String(one)) => of = self.type_named(one, members, depth, parts),
            _ if members.contains_key("properties") || members.contains_key("additionalProperties") => {
                of = self.type_named("object", members, depth, parts);
            }
            _ if members.contains_key("items") => of = self.type_named("array", members, depth, parts),
            _ if members.contains_key("enum") => of.push_text("enum"),
            _ => of.push_text("any"),
        }
        of
    }

    fn joined(self, list: &'a [Value], joint: &str, depth: usize, parts: &mut usize) -> TypeText {
        let mut of = TypeText::default();
        for (n, part) in list.iter().take(UNION).enumerate() {
            of.push_text(if n == 0 { "" } else { joint });
            of.push_all(self.type_at(part, depth - 1, parts));
        }
        if list.len() > UNION {
            of.push_text(&format!("{joint}{} more", list.len() - UNION));
        }
        of
    }

    fn type_named(self, name: &str, members: &'a Map<String, Value>, depth: usize, parts: &mut usize) -> TypeText {
        match name {
            "array" => {
                let item = members.get("items");
                let item = item.map_or_else(|| TypeText::plain("any"), |item| self.type_at(item, depth - 1, parts));
                let is_union = item.to_string().contains([' ', '|']);
                let mut of = TypeText::default();
                of.push_text(if is_union { "(" } else { "" });
                of.push_all(item);
                of.push_text(if is_union { ")[]" } else { "[]" });
                of
            }
            "object" if !members.contains_key("properties") => match members.get("additionalProperties") {
                Some(values @ Value::Object(_)) => {
                    let mut of = TypeText::plain("map of ");
                    of.push_all(self.type_at(values, depth - 1, parts));
                    of
                }
                _ => TypeText::plain("object"),
            },
            name => match members.get("format").and_then(Value::as_str) {
                Some(format) if format.len() < 40 => TypeText::plain(&format!("{name} ({format})")),
                _ => TypeText::plain(name),
            },
        }
    }

    /// Writes out the fields of a schema, those of objects without a name as paths. A named schema has its own place: give
    /// the schema itself, not a reference to it.
    pub(crate) fn fields_of(self, schema: &'a Value, budget: &mut Budget) -> Vec<Field> {
        let mut fields = Vec::new();
        self.push_fields(schema, "", FIELD_DEPTH, &mut fields, budget);
        fields
    }

    fn push_fields(self, schema: &'a Value, path: &str, depth: usize, out: &mut Vec<Field>, budget: &mut Budget) {
        let Some(depth) = depth.checked_sub(1) else { return };
        // What is put together from other schemas is shown whole.
        for part in items(schema, "allOf").take(UNION) {
            if !budget.step() {
                return;
            }
            self.push_fields(self.resolve(part), path, depth, out, budget);
        }
        let required: HashSet<&str> = items(schema, "required").filter_map(Value::as_str).collect();
        for (name, property) in crate::document::entries(schema, "properties") {
            if !budget.item() {
                return;
            }
            let mut field = self.field(&format!("{path}{name}"), property, budget);
            field.required = required.contains(name.as_str());
            let inner = format!("{}.", field.name);
            out.push(field);
            self.push_fields_within(property, &inner, depth, out, budget);
        }
    }

    /// The fields of an object without a name, or of a list of such objects.
    fn push_fields_within(
        self,
        schema: &'a Value,
        path: &str,
        depth: usize,
        out: &mut Vec<Field>,
        budget: &mut Budget,
    ) {
        if reference_of(schema).is_some() {
            return;
        }
        match member(schema, "items") {
            Some(item) if reference_of(item).is_none() => {
                let path = format!("{}[].", path.trim_end_matches('.'));
                self.push_fields(item, &path, depth, out, budget);
            }
            _ => self.push_fields(schema, path, depth, out, budget),
        }
    }

    /// Tells of one property, parameter or header by its schema.
    pub(crate) fn field(self, name: &str, schema: &'a Value, budget: &mut Budget) -> Field {
        let target = self.resolve(schema);
        let own = text(schema, "description");
        // A named schema is described in its own place.
        let description =
            if own.is_empty() && schema_reference(schema).is_none() { text(target, "description") } else { own };
        Field {
            name: budget.text(name),
            of: self.type_of(schema),
            required: false,
            deprecated: flag(schema, "deprecated") || flag(target, "deprecated"),
            description: budget.text(&description),
            notes: if schema_reference(schema).is_some() { Vec::new() } else { notes(target, budget) },
            arguments: Vec::new(),
        }
    }

    /// Tells of a named schema.
    pub(crate) fn shape(self, name: &str, schema: &'a Value, budget: &mut Budget) -> Shape {
        let target = self.resolve(schema);
        let fields = self.fields_of(target, budget);
        let of = self.type_of(schema);
        let values: Vec<EnumValue> = items(target, "enum")
            .take_while(|_| budget.item())
            .map(|value| EnumValue { name: short_json(value), ..EnumValue::default() })
            .collect();
        Shape {
            name: budget.text(name),
            kind: if !values.is_empty() {
                "enum"
            } else if fields.is_empty() {
                "schema"
            } else {
                "object"
            },
            description: budget.text(&text(target, "description")),
            deprecated: flag(target, "deprecated"),
            // An object is its fields.
            of: if fields.is_empty() || of.to_string() != "object" { of } else { TypeText::default() },
            fields,
            values,
        }
    }

    /// The fields to show with a body or a message: none when its type has a name, under which they are shown.
    pub(crate) fn fields_without_name(self, schema: &'a Value, budget: &mut Budget) -> Vec<Field> {
        let mut fields = Vec::new();
        self.push_fields_within(schema, "", FIELD_DEPTH, &mut fields, budget);
        fields
    }
}

/// The text of `$ref`.
pub(crate) fn reference_of(value: &Value) -> Option<&str> {
    member(value, "$ref")?.as_str()
}

/// The last part of a reference, as a name.
pub(crate) fn reference_name(reference: &str) -> String {
    decode_pointer(reference.rsplit('/').next().unwrap_or_default())
}

fn schema_reference(schema: &Value) -> Option<String> {
    reference_of(schema).and_then(schema_name)
}

/// The name of a schema that a reference leads to, when it is one of the document's named schemas.
fn schema_name(reference: &str) -> Option<String> {
    let name = reference.strip_prefix("#/components/schemas/").or_else(|| reference.strip_prefix("#/definitions/"))?;
    if name.contains('/') { None } else { Some(decode_pointer(name)) }
}

/// A part of a JSON pointer in a URL: `%7B` and `~1` are written out.
fn decode_pointer(part: &str) -> String {
    let bytes = part.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = part.get(at + 1..at + 3).filter(|_| bytes[at] == b'%').and_then(|h| u8::from_str_radix(h, 16).ok());
        decoded.push(hex.unwrap_or(bytes[at]));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).replace("~1", "/").replace("~0", "~")
}

fn notes(schema: &Value, budget: &mut Budget) -> Vec<String> {
    let mut notes = Vec::new();
    let allowed = member(schema, "enum").or_else(|| member(schema, "items").and_then(|item| member(item, "enum")));
    if let Some(values) = allowed.and_then(Value::as_array) {
        let mut shown: Vec<String> = values.iter().take(VALUES).map(short_json).collect();
        if values.len() > VALUES {
            shown.push(format!("{} more", values.len() - VALUES));
        }
        notes.push(budget.text(&format!("one of {}", shown.join(", "))));
    }
    for (key, word) in [
        ("default", "default"),
        ("minimum", "at least"),
        ("exclusiveMinimum", "more than"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "less than"),
        ("minLength", "min length"),
        ("maxLength", "max length"),
        ("minItems", "min items"),
        ("maxItems", "max items"),
        ("pattern", "pattern"),
        ("example", "for example"),
    ] {
        if let Some(value) = member(schema, key).filter(|value| !value.is_null() && !value.is_boolean()) {
            notes.push(budget.text(&format!("{word} {}", short_json(value))));
        }
    }
    if let Some(Value::Bool(default)) = member(schema, "default") {
        notes.push(format!("default {default}"));
    }
    for (key, word) in [("readOnly", "read only"), ("writeOnly", "write only"), ("uniqueItems", "unique items")] {
        if flag(schema, key) {
            notes.push(word.to_owned());
        }
    }
    notes
}

/// A value in a note: scalars as they are, the rest as JSON of at most 80 characters.
fn short_json(value: &Value) -> String {
    let full = match value {
        Value::Array(_) | Value::Object(_) | Value::Null => value.to_string(),
        other => scalar(other),
    };
    match full.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &full[..end]),
        None => full,
    }
}
