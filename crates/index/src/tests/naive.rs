//! The catalog as one would write it without a thought for speed: the reference that the index is held against.

use std::collections::BTreeMap;

use model::{Diagnostic, EntityRef, StoredEntity, Uid};
use serde_json::{Value, json};

use crate::{Direction, FacetValue, Filter, Order, PageQuery, Start, like::Like};

/// One search row: key, original value, lower-cased value.
type SearchRow = (String, Option<String>, Option<String>);

pub(super) struct NaiveDoc {
    pub(super) entity_ref: String,
    pub(super) uid: Uid,
    /// Without an etag of ours.
    pub(super) json: Value,
    pub(super) parents: Vec<EntityRef>,
    pub(super) line: u32,
    pub(super) warnings: Vec<Diagnostic>,
    rows: Vec<SearchRow>,
}

pub(super) struct Naive {
    pub(super) docs: Vec<NaiveDoc>,
}

/// A row of a page: uid and value of the order key.
pub(super) type PageRow = (Uid, Option<String>);

pub(super) struct NaivePage {
    pub(super) rows: Vec<PageRow>,
    pub(super) total: u64,
    pub(super) more: bool,
    pub(super) earlier: bool,
}

impl Naive {
    pub(super) fn new(entities: &BTreeMap<EntityRef, StoredEntity>) -> Self {
        let mut docs: Vec<NaiveDoc> = entities.values().map(|entity| doc(entity, entities)).collect();
        docs.sort_by_key(|doc| doc.uid);
        Self { docs }
    }

    pub(super) fn matching(&self, filter: &Filter) -> Vec<&NaiveDoc> {
        self.docs.iter().filter(|doc| doc.matches(filter)).collect()
    }

    pub(super) fn facet(&self, key: &str, filter: &Filter) -> Vec<FacetValue> {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for doc in self.matching(filter) {
            let mut own: Vec<&String> = doc.rows_of(key).filter_map(|row| row.1.as_ref()).collect();
            own.sort();
            own.dedup();
            own.into_iter().for_each(|value| *counts.entry(value.clone()).or_default() += 1);
        }
        counts.into_iter().map(|(value, count)| FacetValue { value, count }).collect()
    }

    pub(super) fn page(&self, query: &PageQuery) -> NaivePage {
        let docs = self.matching(&query.filter);
        let (rows, total) = ordered(&docs, &query.order);
        let position = |value: &Option<String>, uid: &Uid| Position { value: value.clone(), uid: *uid };
        let (start, end) = match &query.start {
            Start::Offset(n) => ((*n as usize).min(rows.len()), rows.len()),
            Start::After { value, uid } => {
                let at = position(value, uid);
                (rows.iter().filter(|row| at.of(row, &query.order).is_le()).count(), rows.len())
            }
            Start::Before { value, uid } => {
                let at = position(value, uid);
                (0, rows.iter().filter(|row| at.of(row, &query.order).is_lt()).count())
            }
        };
        let limit = query.limit.unwrap_or(usize::MAX);
        let (start, end) = match &query.start {
            Start::Before { .. } => (end.saturating_sub(limit), end),
            _ => (start, end.min(start.saturating_add(limit))),
        };
        NaivePage { rows: rows[start..end].to_vec(), total, more: end < rows.len(), earlier: start > 0 }
    }
}

struct Position {
    value: Option<String>,
    uid: Uid,
}

impl Position {
    /// Where a row stands as seen from this position.
    fn of(&self, row: &PageRow, order: &Order) -> std::cmp::Ordering {
        match order {
            Order::Uid => row.0.cmp(&self.uid),
            Order::EntityRef => row.1.cmp(&self.value),
            Order::Field(_, Direction::Ascending) => (&row.1, row.0).cmp(&(&self.value, self.uid)),
            Order::Field(_, Direction::Descending) => (&self.value, self.uid).cmp(&(&row.1, row.0)),
            Order::Fields(_) => unreachable!("orders of several keys are paged by offset here"),
        }
    }
}

fn ordered(docs: &[&NaiveDoc], order: &Order) -> (Vec<PageRow>, u64) {
    let mut rows: Vec<PageRow> = match order {
        Order::Uid => docs.iter().map(|doc| (doc.uid, None)).collect(),
        Order::EntityRef => docs.iter().map(|doc| (doc.uid, Some(doc.entity_ref.clone()))).collect(),
        Order::Field(key, _) => docs
            .iter()
            .flat_map(|doc| {
                let mut values: Vec<String> = doc.rows_of(key).filter_map(|row| row.2.clone()).collect();
                values.sort();
                values.dedup();
                values.into_iter().map(|value| (doc.uid, Some(value)))
            })
            .collect(),
        Order::Fields(keys) => return (by_fields(docs, keys), docs.len() as u64),
    };
    let mut entities: Vec<Uid> = rows.iter().map(|row| row.0).collect();
    entities.sort();
    entities.dedup();
    rows.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
    if matches!(order, Order::Field(_, Direction::Descending)) {
        rows.reverse();
    }
    (rows, entities.len() as u64)
}

fn by_fields(docs: &[&NaiveDoc], keys: &[(String, Direction)]) -> Vec<PageRow> {
    let value = |doc: &NaiveDoc, (key, direction): &(String, Direction)| {
        let values = doc.rows_of(key).filter_map(|row| row.2.clone());
        if *direction == Direction::Ascending { values.min() } else { values.max() }
    };
    let mut docs = docs.to_vec();
    docs.sort_by(|a, b| {
        for key in keys {
            let order = match (value(a, key), value(b, key)) {
                (Some(a), Some(b)) if key.1 == Direction::Ascending => a.cmp(&b),
                (Some(a), Some(b)) => b.cmp(&a),
                (a, b) => a.is_none().cmp(&b.is_none()),
            };
            if order.is_ne() {
                return order;
            }
        }
        a.uid.cmp(&b.uid)
    });
    docs.into_iter().map(|doc| (doc.uid, None)).collect()
}

impl NaiveDoc {
    fn rows_of(&self, key: &str) -> impl Iterator<Item = &SearchRow> {
        let key = key.to_lowercase();
        self.rows.iter().filter(move |row| row.0 == key)
    }

    fn has(&self, key: &str, test: impl Fn(&str) -> bool) -> bool {
        self.rows_of(key).any(|row| row.2.as_deref().is_some_and(&test))
    }

    pub(super) fn matches(&self, filter: &Filter) -> bool {
        match filter {
            Filter::All => true,
            Filter::Never => false,
            Filter::Exists(key) => self.rows_of(key).next().is_some(),
            Filter::Equals(key, value) => self.has(key, |own| own == value.to_lowercase()),
            Filter::In(key, values) => self.has(key, |own| values.iter().any(|value| own == value.to_lowercase())),
            Filter::Prefix(key, prefix) => self.has(key, |own| own.starts_with(&prefix.to_lowercase())),
            // The matcher has tests of its own.
            Filter::Like(term, keys) => {
                keys.iter().any(|key| self.has(key, |own| Like::containing(&term.to_lowercase()).matches(own)))
            }
            Filter::Refs(refs) => refs.contains(&self.entity_ref),
            Filter::And(all) => all.iter().all(|filter| self.matches(filter)),
            Filter::Or(any) => any.iter().any(|filter| self.matches(filter)),
            Filter::Not(not) => !self.matches(not),
        }
    }
}

fn doc(entity: &StoredEntity, all: &BTreeMap<EntityRef, StoredEntity>) -> NaiveDoc {
    let mut json: Value = serde_json::from_str(entity.body.as_str()).unwrap();
    json["metadata"]["uid"] = entity.uid.to_string().into();
    json["relations"] =
        relations(entity, all).into_iter().map(|(kind, target)| json!({"type": kind, "targetRef": target})).collect();
    if !entity.errors.is_empty() {
        let items: Vec<Value> = entity
            .errors
            .iter()
            .map(|error| {
                json!({
                    "type": "backstage.io/catalog-processing",
                    "level": "error",
                    "message": format!("{}: {}", error.name, error.message),
                    "error": error,
                })
            })
            .collect();
        json["status"] = json!({"items": items});
    }
    NaiveDoc {
        entity_ref: entity.entity_ref.as_str().to_owned(),
        uid: entity.uid,
        rows: search_rows(&json),
        json,
        parents: entity.parents.clone(),
        line: entity.line,
        warnings: entity.warnings.clone(),
    }
}

fn relations(entity: &StoredEntity, all: &BTreeMap<EntityRef, StoredEntity>) -> Vec<(String, String)> {
    let own = entity.relations.iter().map(|r| (r.forward.to_string(), r.other.to_string()));
    let incoming = all.values().flat_map(|other| {
        let to_us = other.relations.iter().filter(|r| r.other == entity.entity_ref);
        to_us.map(|r| (r.reverse.to_string(), other.entity_ref.to_string()))
    });
    let mut relations: Vec<(String, String)> = own.chain(incoming).collect();
    relations.sort();
    relations.dedup();
    relations
}

/// Backstage's `buildEntitySearch`.
fn search_rows(entity: &Value) -> Vec<SearchRow> {
    let mut raw = Vec::new();
    visit("", entity, &mut raw);
    let metadata = &entity["metadata"];
    raw.push(("metadata.name".to_owned(), metadata["name"].clone()));
    raw.push(("metadata.namespace".to_owned(), metadata["namespace"].clone()));
    raw.push(("metadata.uid".to_owned(), metadata["uid"].clone()));
    if metadata["namespace"].is_null() {
        raw.push(("metadata.namespace".to_owned(), "default".into()));
    }
    for relation in entity["relations"].as_array().unwrap() {
        raw.push((format!("relations.{}", relation["type"].as_str().unwrap()), relation["targetRef"].clone()));
    }
    raw.into_iter().filter_map(to_row).collect()
}

fn visit(path: &str, current: &Value, output: &mut Vec<(String, Value)>) {
    const SPECIAL: [&str; 7] =
        ["attachments", "relations", "status", "metadata.name", "metadata.namespace", "metadata.uid", "metadata.etag"];
    if SPECIAL.contains(&path) {
        return;
    }
    match current {
        Value::Array(items) => {
            for item in items {
                visit(path, item, output);
                if let Value::String(text) = item {
                    let key = format!("{path}.{text}");
                    if !output.iter().any(|(known, _)| known.to_lowercase() == key.to_lowercase()) {
                        output.push((key, true.into()));
                    }
                }
            }
        }
        Value::Object(members) => {
            for (key, value) in members {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                visit(&path, value, output);
            }
        }
        scalar => output.push((path.to_owned(), scalar.clone())),
    }
}

fn to_row((key, value): (String, Value)) -> Option<SearchRow> {
    let key = key.to_lowercase();
    if key.encode_utf16().count() > 200 {
        return None;
    }
    let text = match value {
        Value::Null => return Some((key, None, None)),
        Value::String(text) => text,
        other => other.to_string(),
    };
    let lower = text.to_lowercase();
    let comparable = lower.encode_utf16().count() <= 200;
    Some((key, comparable.then_some(text), comparable.then_some(lower)))
}
