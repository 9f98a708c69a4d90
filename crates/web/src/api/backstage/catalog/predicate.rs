//! The predicate language of POST bodies (`$all`, `$any`, `$not`, `$exists`, `$in`, `$hasPrefix`, `$contains`), read into a
//! [`Filter`], and filters written back as predicates for cursors.

use index::Filter;
use serde_json::{Map, Value, json};

use super::filter_param::any_of;
use crate::{Problem, problem};

/// Reads a predicate. The caller has checked that `query` is an object.
///
/// # Errors
/// 400 when it is not well formed.
pub(super) fn parse(query: &Map<String, Value>) -> Result<Filter, Problem> {
    if let Some((operator, operand)) = query.iter().find(|(key, _)| matches!(key.as_str(), "$all" | "$any" | "$not")) {
        if query.len() > 1 {
            return Err(invalid(format!("{operator} must be the only key of its object")));
        }
        return parse_operator(operator, operand);
    }
    let mut conditions =
        query.iter().map(|(key, value)| parse_field(query, key, value)).collect::<Result<Vec<_>, _>>()?;
    Ok(match conditions.len() {
        0 => Filter::All,
        1 => conditions.remove(0),
        _ => Filter::And(conditions),
    })
}

fn parse_operator(operator: &str, operand: &Value) -> Result<Filter, Problem> {
    let inner = |value: &Value| match value {
        Value::Object(object) => parse(object),
        other => Err(invalid(format!("Expected object, received {} in {operator}", type_of(other)))),
    };
    if operator == "$not" {
        return Ok(Filter::Not(Box::new(inner(operand)?)));
    }
    let Value::Array(operands) = operand else {
        return Err(invalid(format!("Expected array, received {} at \"{operator}\"", type_of(operand))));
    };
    let operands = operands.iter().map(inner).collect::<Result<Vec<_>, _>>()?;
    Ok(match (operator, operands.is_empty()) {
        ("$all", true) => Filter::All,
        ("$all", false) => Filter::And(operands),
        (_, true) => Filter::Never,
        (_, false) => Filter::Or(operands),
    })
}

fn parse_field(root: &Map<String, Value>, key: &str, value: &Value) -> Result<Filter, Problem> {
    if key.starts_with('$') {
        return Err(invalid(format!("Unrecognized operator \"{key}\"")));
    }
    let lower = key.to_lowercase();
    match value {
        Value::Object(matcher) => parse_matcher(key, lower, matcher),
        Value::Null | Value::Array(_) => Err(invalid(wrong_field_type(root, key, type_of(value)))),
        primitive => Ok(Filter::Equals(lower, text_of(primitive))),
    }
}

fn parse_matcher(key: &str, lower: String, matcher: &Map<String, Value>) -> Result<Filter, Problem> {
    let mut entries = matcher.iter();
    let (Some((operator, operand)), None) = (entries.next(), entries.next()) else {
        return Err(invalid(format!("Expected exactly one operator at \"{key}\"")));
    };
    match (operator.as_str(), operand) {
        ("$exists", Value::Bool(true)) => Ok(Filter::Exists(lower)),
        ("$exists", Value::Bool(false)) => Ok(Filter::Not(Box::new(Filter::Exists(lower)))),
        ("$in", Value::Array(values)) if values.iter().all(is_primitive) => {
            Ok(any_of(lower, values.iter().map(text_of).collect()))
        }
        ("$hasPrefix", Value::String(prefix)) => Ok(Filter::Prefix(lower, prefix.to_lowercase())),
        ("$contains", Value::Object(relation)) => parse_relation(key, &lower, relation),
        ("$contains", value) if is_primitive(value) => Ok(Filter::Equals(lower, text_of(value))),
        ("$exists" | "$in" | "$hasPrefix" | "$contains", other) => {
            Err(invalid(format!("Unexpected {} for {operator} at \"{key}\"", type_of(other))))
        }
        _ => Err(invalid(format!("Unrecognized operator \"{operator}\" at \"{key}\""))),
    }
}

/// `{relations: {$contains: {type, targetRef?}}}`, the only object that `$contains` takes.
fn parse_relation(key: &str, lower: &str, relation: &Map<String, Value>) -> Result<Filter, Problem> {
    if lower != "relations" {
        return Err(problem::input(format!("Object form of $contains is not supported for field \"{key}\"")));
    }
    let Some(Value::String(kind)) = relation.get("type") else {
        return Err(invalid("$contains for relations needs a \"type\"".to_owned()));
    };
    let relation_key = format!("relations.{}", kind.to_lowercase());
    match relation.get("targetRef") {
        None => Ok(Filter::Exists(relation_key)),
        Some(Value::String(target)) => Ok(Filter::Equals(relation_key, target.to_lowercase())),
        Some(Value::Object(matcher)) => parse_matcher("relations", relation_key, matcher),
        Some(other) => Err(invalid(format!("Unexpected {} for \"targetRef\" in $contains", type_of(other)))),
    }
}

/// Writes a filter as a predicate that [`parse`] reads back into an equal condition.
pub(super) fn write(filter: &Filter) -> Value {
    let list = |filters: &[Filter]| Value::Array(filters.iter().map(write).collect());
    match filter {
        Filter::All => json!({}),
        Filter::Never => json!({ "$any": [] }),
        Filter::Exists(key) => json!({ key.as_str(): { "$exists": true } }),
        Filter::Equals(key, value) => json!({ key.as_str(): value }),
        Filter::In(key, values) => json!({ key.as_str(): { "$in": values } }),
        Filter::Prefix(key, prefix) => json!({ key.as_str(): { "$hasPrefix": prefix } }),
        Filter::And(filters) => json!({ "$all": list(filters) }),
        Filter::Or(filters) => json!({ "$any": list(filters) }),
        Filter::Not(filter) => json!({ "$not": write(filter) }),
        // Substring search has its own place beside the predicate and is never part of one; references are asked for by pages alone.
        Filter::Like(..) | Filter::Refs(_) => json!({}),
    }
}

fn is_primitive(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_))
}

/// The text under which a primitive is indexed: lower case, numbers as JavaScript spells them.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_lowercase(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e21 => format!("{float:.0}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// The word that zod uses for a value's type.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn invalid(detail: String) -> Problem {
    problem::input(format!("Invalid query: Validation error: {detail}"))
}

/// What zod reports when a field holds null or a list: every alternative of the union with its complaint.
fn wrong_field_type(root: &Map<String, Value>, key: &str, received: &str) -> String {
    let field = ["string", "number", "boolean", "object"]
        .map(|expected| format!("Expected {expected}, received {received} at \"{key}\""))
        .join(", or ");
    let primitive =
        ["string", "number", "boolean"].map(|expected| format!("Expected {expected}, received object")).join(", or ");
    let names = root.keys().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let operators = ["$all", "$any", "$not"]
        .map(|operator| format!("Required at \"{operator}\"; Unrecognized key(s) in object: {names}"))
        .join(", or ");
    format!(
        "{field}, or Invalid at \"{key}\"; Expected never, received {received} at \"{key}\", or {primitive}, or {operators}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: Value) -> Result<Filter, String> {
        let Value::Object(object) = query else { panic!("an object") };
        parse(&object).map_err(|problem| problem.error.message)
    }

    fn equals(key: &str, value: &str) -> Filter {
        Filter::Equals(key.into(), value.into())
    }

    #[test]
    fn reads_every_operator() {
        for (query, want) in [
            (json!({}), Filter::All),
            (json!({"$all": []}), Filter::All),
            (json!({"$any": []}), Filter::Never),
            (json!({"Kind": "Component"}), equals("kind", "component")),
            (json!({"spec.n": 42}), equals("spec.n", "42")),
            (json!({"spec.n": 42.0}), equals("spec.n", "42")),
            (json!({"spec.n": 1.5}), equals("spec.n", "1.5")),
            (json!({"spec.b": true}), equals("spec.b", "true")),
            (json!({"a": {"$exists": true}}), Filter::Exists("a".into())),
            (json!({"a": {"$exists": false}}), Filter::Not(Box::new(Filter::Exists("a".into())))),
            (json!({"a": {"$in": ["X", 1]}}), Filter::In("a".into(), vec!["x".into(), "1".into()])),
            (json!({"a": {"$in": []}}), Filter::Never),
            (json!({"a": {"$hasPrefix": "TILL"}}), Filter::Prefix("a".into(), "till".into())),
            (json!({"metadata.tags": {"$contains": "Java"}}), equals("metadata.tags", "java")),
            (json!({"a": 1, "b": 2}), Filter::And(vec![equals("a", "1"), equals("b", "2")])),
            (json!({"$not": {"a": 1}}), Filter::Not(Box::new(equals("a", "1")))),
            (
                json!({"relations": {"$contains": {"type": "partOf", "targetRef": "domain:default/Retail"}}}),
                equals("relations.partof", "domain:default/retail"),
            ),
            (json!({"relations": {"$contains": {"type": "partOf"}}}), Filter::Exists("relations.partof".into())),
            (json!({"$all": [{}, {"kind": "Group"}]}), Filter::And(vec![Filter::All, equals("kind", "group")])),
        ] {
            assert_eq!(read(query.clone()), Ok(want), "{query}");
        }
    }

    #[test]
    fn refuses_what_is_not_well_formed() {
        for (query, want) in [
            (
                json!({"spec.x": {"$contains": {"a": 1}}}),
                "Object form of $contains is not supported for field \"spec.x\"",
            ),
            (json!({"$all": [], "kind": "x"}), "$all must be the only key"),
            (json!({"$any": {}}), "Expected array, received object at \"$any\""),
            (json!({"$not": [1]}), "Expected object, received array in $not"),
            (json!({"a": {"$like": "x"}}), "Unrecognized operator \"$like\" at \"a\""),
            (json!({"a": {"$in": [null]}}), "Unexpected array for $in at \"a\""),
            (json!({"a": {}}), "Expected exactly one operator at \"a\""),
            (json!({"$nor": []}), "Unrecognized operator \"$nor\""),
            (json!({"kind": null}), "Expected string, received null at \"kind\", or Expected number"),
        ] {
            let got = read(query.clone()).expect_err("refused");
            assert!(got.contains(want), "{query}: {got}");
        }
    }

    #[test]
    fn a_written_filter_is_read_back() {
        let filter = Filter::Or(vec![
            Filter::And(vec![equals("kind", "component"), Filter::Exists("spec.a".into())]),
            Filter::Not(Box::new(Filter::In("b".into(), vec!["x".into(), "y".into()]))),
            Filter::Prefix("metadata.name".into(), "till".into()),
            Filter::Never,
        ]);
        assert_eq!(read(write(&filter)), Ok(filter));
    }
}
