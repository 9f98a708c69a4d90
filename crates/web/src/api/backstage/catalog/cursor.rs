//! Cursors: base64 of the JSON that Backstage puts into them. Its client looks inside, so the shape is part of the contract.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use index::{Direction, Filter};
use serde_json::{Map, Value, json};

use super::{json_error, predicate};
use crate::{Problem, problem};

/// Where a page of `/entities/by-query` starts, and the question it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cursor {
    /// The order; only the first one counts, none means by uid.
    pub(super) order: Vec<(String, Direction)>,
    /// Whether to go backwards from the position.
    pub(super) backwards: bool,
    /// Which entities.
    pub(super) filter: Filter,
    /// Substring search.
    pub(super) text: Option<TextSearch>,
    /// The position: value of the order key (only when there is one) and uid.
    pub(super) position: Position,
    /// The position of the very first row, by which the first page is known again.
    pub(super) first: Option<Position>,
    /// How many there are in all; counted when it is not there.
    pub(super) total: Option<u64>,
}

/// A place in an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// The lower-cased value of the order key.
    pub(super) value: Option<String>,
    /// The uid, in its text form.
    pub(super) uid: Option<String>,
}

/// A substring search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TextSearch {
    /// What to look for, as it was sent.
    pub(super) term: String,
    /// Where, as it was sent; `None` looks at the order key, or at the uid.
    pub(super) fields: Option<Vec<String>>,
}

impl Cursor {
    /// Writes the cursor.
    pub(super) fn encode(&self) -> String {
        let mut object = Map::new();
        let order = self.order.iter().map(|(field, direction)| json!({ "field": field, "order": word(*direction) }));
        object.insert("orderFields".to_owned(), order.collect());
        object.insert("isPrevious".to_owned(), self.backwards.into());
        object.insert("query".to_owned(), predicate::write(&self.filter));
        if let Some(text) = &self.text {
            let mut search = Map::new();
            search.insert("term".to_owned(), text.term.as_str().into());
            if let Some(fields) = &text.fields {
                search.insert("fields".to_owned(), fields.as_slice().into());
            }
            object.insert("fullTextFilter".to_owned(), search.into());
        }
        object.insert("orderFieldValues".to_owned(), self.write_position(&self.position));
        if let Some(first) = &self.first {
            object.insert("firstSortFieldValues".to_owned(), self.write_position(first));
        }
        if let Some(total) = self.total {
            object.insert("totalItems".to_owned(), total.into());
        }
        encode(&Value::Object(object))
    }

    fn write_position(&self, position: &Position) -> Value {
        if self.order.is_empty() { json!([position.uid]) } else { json!([position.value, position.uid]) }
    }

    /// Reads a cursor.
    ///
    /// # Errors
    /// 400 when it is not one.
    pub(super) fn decode(text: &str) -> Result<Self, Problem> {
        let json = decode_text(text);
        let value: Value = serde_json::from_str(&json).map_err(|_| {
            let reason = json_error::explain(&json).unwrap_or_else(|| "nested too deeply".to_owned());
            problem::malformed_cursor(&format!("SyntaxError: {reason}"))
        })?;
        Self::read(&value)
    }

    fn read(value: &Value) -> Result<Self, Problem> {
        let issues = missing(value);
        if !issues.is_empty() {
            return Err(problem::malformed_cursor(&format!("InputError: Malformed cursor: {}", pretty(issues))));
        }
        let malformed = |what: &str| problem::malformed_cursor(&format!("InputError: Malformed cursor: bad {what}"));
        let order = value["orderFields"].as_array().map_or(&[][..], Vec::as_slice).iter().map(|entry| {
            let direction = match entry["order"].as_str() {
                Some("desc") => Direction::Descending,
                _ => Direction::Ascending,
            };
            entry["field"].as_str().map(|field| (field.to_owned(), direction)).ok_or_else(|| malformed("orderFields"))
        });
        let order = order.collect::<Result<Vec<_>, _>>()?;
        let filter = match &value["query"] {
            Value::Null => Filter::All,
            Value::Object(query) => predicate::parse(query)?,
            _ => return Err(malformed("query")),
        };
        let position = |value: &Value| read_position(value, order.is_empty());
        Ok(Self {
            backwards: value["isPrevious"].as_bool().unwrap_or_default(),
            filter,
            text: read_text(&value["fullTextFilter"]),
            position: position(&value["orderFieldValues"]).ok_or_else(|| malformed("orderFieldValues"))?,
            first: position(&value["firstSortFieldValues"]),
            total: value["totalItems"].as_u64(),
            order,
        })
    }
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => "asc",
        Direction::Descending => "desc",
    }
}

fn read_position(value: &Value, by_uid: bool) -> Option<Position> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match value.as_array()?.as_slice() {
        [uid] if by_uid => Some(Position { value: None, uid: text(uid) }),
        [value, uid] => Some(Position { value: text(value), uid: text(uid) }),
        _ => None,
    }
}

fn read_text(value: &Value) -> Option<TextSearch> {
    let term = value["term"].as_str()?.to_owned();
    let fields = value["fields"].as_array();
    let fields = fields.map(|fields| fields.iter().filter_map(|field| field.as_str().map(str::to_owned)).collect());
    Some(TextSearch { term, fields })
}

/// The members without which a value is no cursor, as zod lists them.
fn missing(value: &Value) -> Vec<Value> {
    let wrong = [("orderFields", "array"), ("orderFieldValues", "array"), ("isPrevious", "boolean")];
    let wrong = wrong.into_iter().filter(|(name, expected)| match *expected {
        "array" => !value[*name].is_array(),
        _ => !value[*name].is_boolean(),
    });
    wrong
        .map(|(name, expected)| {
            json!({
                "code": "invalid_type", "expected": expected, "received": "undefined", "path": [name], "message": "Required",
            })
        })
        .collect()
}

fn pretty(issues: Vec<Value>) -> String {
    serde_json::to_string_pretty(&Value::Array(issues)).expect("a value always serialises")
}

/// The start of a page of `GET /entities`: `{limit?, offset?}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AfterCursor {
    /// How many rows.
    pub(super) limit: Option<i64>,
    /// From which row on.
    pub(super) offset: Option<i64>,
}

impl AfterCursor {
    /// Writes the cursor of the page that starts at `offset`.
    pub(super) fn encode(limit: u64, offset: u64) -> String {
        encode(&json!({ "limit": limit, "offset": offset }))
    }

    /// Reads a cursor.
    ///
    /// # Errors
    /// 400 when it is not one.
    pub(super) fn decode(text: &str) -> Result<Self, Problem> {
        let value: Value = serde_json::from_str(&decode_text(text))
            .map_err(|_| problem::input("Malformed after cursor, could not be parsed"))?;
        let number = |name: &str, complaint: &str| match &value[name] {
            Value::Null => Ok(None),
            value => value.as_i64().map(Some).ok_or_else(|| problem::input(complaint)),
        };
        Ok(Self {
            limit: number("limit", "Malformed after cursor, limit was not an number")?,
            offset: number("offset", "Malformed after cursor, offset was not a number")?,
        })
    }
}

/// Writes JSON as base64.
pub(super) fn encode(value: &Value) -> String {
    STANDARD.encode(value.to_string())
}

/// Reads base64 as Node's `Buffer` does: both alphabets, padding optional, anything else skipped.
pub(super) fn decode_text(text: &str) -> String {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let mut clean: String = text
        .chars()
        .take_while(|c| *c != '=')
        .filter_map(|c| match c {
            '-' => Some('+'),
            '_' => Some('/'),
            c if c.is_ascii_alphanumeric() || matches!(c, '+' | '/') => Some(c),
            // A blank is what a query string makes of a raw "+".
            ' ' => Some('+'),
            _ => None,
        })
        .collect();
    if clean.len() % 4 == 1 {
        clean.pop();
    }
    String::from_utf8_lossy(&LENIENT.decode(clean).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor() -> Cursor {
        Cursor {
            order: vec![("metadata.name".into(), Direction::Ascending)],
            backwards: true,
            filter: Filter::Equals("kind".into(), "component".into()),
            text: Some(TextSearch { term: " Till ".into(), fields: Some(vec!["metadata.name".into()]) }),
            position: Position { value: Some("kiosk".into()), uid: Some("u1".into()) },
            first: Some(Position { value: None, uid: Some("u0".into()) }),
            total: Some(21),
        }
    }

    #[test]
    fn is_the_json_that_the_client_expects() {
        assert_eq!(
            decode_text(&cursor().encode()),
            r#"{"orderFields":[{"field":"metadata.name","order":"asc"}],"isPrevious":true,"query":{"kind":"component"},"fullTextFilter":{"term":" Till ","fields":["metadata.name"]},"orderFieldValues":["kiosk","u1"],"firstSortFieldValues":[null,"u0"],"totalItems":21}"#
        );
    }

    #[test]
    fn survives_encoding() {
        assert_eq!(Cursor::decode(&cursor().encode()).unwrap(), cursor());
        let by_uid = Cursor {
            order: vec![],
            text: None,
            total: None,
            position: Position { value: None, uid: Some("u1".into()) },
            ..cursor()
        };
        assert_eq!(Cursor::decode(&by_uid.encode()).unwrap(), by_uid);
    }

    #[test]
    fn a_malformed_cursor_is_explained() {
        let message = |text: &str| Cursor::decode(text).unwrap_err().error.message;
        assert!(message("eyJhIjoxfQ==").starts_with(
            "Malformed cursor: InputError: Malformed cursor: [\n  {\n    \"code\": \"invalid_type\",\n    \"expected\": \"array\",\n    \"received\": \"undefined\",\n    \"path\": [\n      \"orderFields\"\n    ],\n    \"message\": \"Required\"\n  },\n  {"
        ));
        assert!(
            message("bm8ganNvbg==").starts_with("Malformed cursor: SyntaxError: Unexpected token 'o', \"no json\"")
        );
    }

    #[test]
    fn after_cursors_are_lenient() {
        assert_eq!(
            AfterCursor::decode("eyJsaW1pdCI6Mywib2Zmc2V0IjozfQ").unwrap(),
            AfterCursor { limit: Some(3), offset: Some(3) }
        );
        assert_eq!(AfterCursor::decode("e30=").unwrap(), AfterCursor::default());
        assert_eq!(AfterCursor::encode(3, 6), "eyJsaW1pdCI6Mywib2Zmc2V0Ijo2fQ==");
        let message = |text: &str| AfterCursor::decode(text).unwrap_err().error.message;
        assert_eq!(message("%%%"), "Malformed after cursor, could not be parsed");
        assert_eq!(message("eyJsaW1pdCI6IngifQ=="), "Malformed after cursor, limit was not an number");
    }
}
