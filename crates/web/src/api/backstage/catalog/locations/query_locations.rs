//! `POST /locations/by-query`: pages of locations, by id, that match a predicate.

use axum::{
    http::{StatusCode, Uri},
    response::Response,
};
use index::Filter;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Location, registered};
use crate::{
    Gate, Problem, answer,
    api::backstage::catalog::{
        body::{JsonBody, Object},
        cursor,
        params::no_parameters,
        predicate,
    },
    problem,
};

/// How many locations a page has when nothing else is asked.
const DEFAULT_LIMIT: i64 = 1_000;

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationPage {
    items: Vec<Location>,
    total_items: usize,
    page_info: PageInfo,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Answers a page of locations.
pub(in super::super) async fn query_locations(
    gate: Gate,
    uri: Uri,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    no_parameters(&uri)?;
    let question = Question::parse(&body)?;
    let all = registered(&gate).await?;
    Ok(answer::json_value(StatusCode::OK, &question.answer(all)))
}

#[derive(Debug, PartialEq)]
struct Question {
    filter: Filter,
    limit: usize,
    after: Option<String>,
}

impl Question {
    fn parse(body: &Object) -> Result<Self, Problem> {
        let cursor = body.text("cursor")?.map(read_cursor).transpose()?;
        let limit = body.integer("limit")?;
        let query = body.object("query")?;
        let filter = match (&cursor, query) {
            (Some(cursor), _) => cursor["query"].as_object().map_or(Ok(Filter::All), predicate::parse)?,
            (None, Some(query)) => predicate::parse(&query.members)?,
            (None, None) => Filter::All,
        };
        let limit = limit.or_else(|| cursor.as_ref()?["limit"].as_i64()).unwrap_or(DEFAULT_LIMIT);
        let limit = usize::try_from(limit)
            .ok()
            .filter(|limit| *limit > 0)
            .ok_or_else(|| problem::input("Limit must be a positive integer >= 1"))?;
        let after = cursor.as_ref().and_then(|cursor| cursor["afterId"].as_str().map(str::to_owned));
        Ok(Self { filter, limit, after })
    }

    fn answer(&self, mut all: Vec<Location>) -> LocationPage {
        all.retain(|location| matches(location, &self.filter));
        all.sort_by(|a, b| a.id.cmp(&b.id));
        let total_items = all.len();
        all.retain(|location| self.after.as_ref().is_none_or(|after| location.id > *after));
        let more = all.len() > self.limit;
        all.truncate(self.limit);
        let next_cursor = all.last().filter(|_| more).map(|last| self.next(last));
        LocationPage { items: all, total_items, page_info: PageInfo { next_cursor } }
    }

    /// The cursor carries the question too, so that a client which sends nothing else stays within it.
    fn next(&self, last: &Location) -> String {
        let mut cursor = json!({ "limit": self.limit, "afterId": last.id });
        if self.filter != Filter::All {
            cursor["query"] = predicate::write(&self.filter);
        }
        cursor::encode(&cursor)
    }
}

fn read_cursor(text: &str) -> Result<Value, Problem> {
    let value: Option<Value> = serde_json::from_str(&cursor::decode_text(text)).ok();
    value.filter(|value| value["afterId"].is_string()).ok_or_else(|| problem::malformed_cursor("no afterId in it"))
}

/// Tells whether a location matches; its fields are the keys.
fn matches(location: &Location, filter: &Filter) -> bool {
    let value = |key: &str| match key {
        "id" => Some(location.id.to_lowercase()),
        "type" => Some(location.location_type.to_lowercase()),
        "target" => Some(location.target.to_lowercase()),
        "entityref" => Some(location.entity_ref.to_lowercase()),
        _ => None,
    };
    match filter {
        Filter::All => true,
        Filter::Never | Filter::Like(..) | Filter::Refs(_) => false,
        Filter::Exists(key) => value(key).is_some(),
        Filter::Equals(key, want) => value(key).is_some_and(|value| value == *want),
        Filter::In(key, wants) => value(key).is_some_and(|value| wants.contains(&value)),
        Filter::Prefix(key, prefix) => value(key).is_some_and(|value| value.starts_with(prefix.as_str())),
        Filter::And(filters) => filters.iter().all(|filter| matches(location, filter)),
        Filter::Or(filters) => filters.iter().any(|filter| matches(location, filter)),
        Filter::Not(filter) => !matches(location, filter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::backstage::catalog::body::object_of;

    fn location(id: &str, target: &str) -> Location {
        Location {
            id: id.into(),
            location_type: "url".into(),
            target: target.into(),
            entity_ref: "location:default/x".into(),
        }
    }

    fn ask(body: Value) -> Result<LocationPage, String> {
        let question = Question::parse(&object_of(body)).map_err(|problem| problem.error.message)?;
        Ok(question.answer(vec![location("c", "https://C"), location("a", "https://a"), location("b", "http://b")]))
    }

    fn ids(page: &LocationPage) -> Vec<&str> {
        page.items.iter().map(|location| location.id.as_str()).collect()
    }

    #[test]
    fn pages_go_by_id_and_stay_within_the_question() {
        let first = ask(json!({"limit": 1, "query": {"target": {"$hasPrefix": "HTTPS"}}})).unwrap();
        assert_eq!((ids(&first), first.total_items), (vec!["a"], 2));
        let second = ask(json!({"cursor": first.page_info.next_cursor})).unwrap();
        assert_eq!((ids(&second), second.total_items), (vec!["c"], 2));
        assert_eq!(second.page_info.next_cursor, None);
    }

    #[test]
    fn predicates_look_at_the_fields() {
        for (query, want) in [
            (json!({}), vec!["a", "b", "c"]),
            (json!({"target": "https://c"}), vec!["c"]),
            (json!({"id": {"$in": ["b", "x"]}}), vec!["b"]),
            (json!({"$not": {"id": "a"}, }), vec!["b", "c"]),
            (json!({"$any": [{"id": "a"}, {"nothing": {"$exists": true}}]}), vec!["a"]),
            (json!({"$all": [{"type": "url"}, {"$any": []}]}), vec![]),
        ] {
            assert_eq!(ids(&ask(json!({ "query": query })).unwrap()), want, "{query}");
        }
    }

    #[test]
    fn refuses_limits_and_cursors_that_are_none() {
        assert_eq!(ask(json!({"limit": 0})), Err("Limit must be a positive integer >= 1".into()));
        assert_eq!(ask(json!({"limit": "x"})), Err("request/body/limit must be integer".into()));
        assert_eq!(ask(json!({"cursor": "zz"})), Err("Malformed cursor: no afterId in it".into()));
    }
}
