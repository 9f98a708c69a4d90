//! A definition's text -> a JSON value: JSON when it looks like it, YAML otherwise. Both are bounded in depth.

use serde_json::Value;

use crate::yaml;

/// Reads the first document of a text.
pub(crate) fn read(text: &str) -> Result<Value, String> {
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with('{') {
        return yaml::read(text);
    }
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        // A map in braces may be YAML that is no JSON: names without quotes, comments, a comma too many.
        Err(json) => yaml::read(text).map_err(|_| format!("It is no JSON: {json}.")),
    }
}

/// A member of an object; `None` for anything that is none.
pub(crate) fn member<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.as_object()?.get(key)
}

/// A member as text: numbers and booleans as they are spelt, nothing for lists and maps.
pub(crate) fn text(value: &Value, key: &str) -> String {
    member(value, key).map_or_else(String::new, scalar)
}

/// A scalar as text.
pub(crate) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(b) => b.to_string(),
        _ => String::new(),
    }
}

/// Whether a member is `true`.
pub(crate) fn flag(value: &Value, key: &str) -> bool {
    member(value, key) == Some(&Value::Bool(true))
}

/// The entries of a map under a key.
pub(crate) fn entries<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    member(value, key).and_then(Value::as_object).into_iter().flatten()
}

/// The items of a list under a key.
pub(crate) fn items<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    member(value, key).and_then(Value::as_array).into_iter().flatten()
}
