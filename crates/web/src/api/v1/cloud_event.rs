//! CloudEvents 1.0 over HTTP: structured, in batches, and binary with the attributes in headers.

use auth::ReportedEvent;
use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{EventKind, Timestamp};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::receivers::RECEIVED;
use crate::{Problem, problem};

/// How many events one request may have.
const MOST_EVENTS: usize = 500;
/// How long names are at most, in characters; longer ones are refused, as cutting would make one of two.
const LONGEST_NAME: usize = 500;
/// How long a line is at most; longer ones are cut.
const LONGEST_LINE: usize = 300;
/// How long an address is at most, in bytes.
const LONGEST_LINK: usize = 2_000;
/// How many references one event may name.
const MOST_REFS: usize = 100;

/// Reads the events of a request.
///
/// # Errors
/// 400 that says which event is wrong and how; then none of them counts.
pub(super) fn read_events(headers: &HeaderMap, body: &[u8]) -> Result<Vec<ReportedEvent>, Problem> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if headers.contains_key("ce-id") || headers.contains_key("ce-specversion") {
        return Ok(vec![read_event(&attributes_of(headers), &media_type, body, "the event")?]);
    }
    if !matches!(
        media_type.as_str(),
        "application/cloudevents+json" | "application/cloudevents-batch+json" | "application/json"
    ) {
        return Err(problem::input(format!(
            "an event is sent as application/cloudevents+json, many as application/cloudevents-batch+json, not as `{media_type}`"
        )));
    }
    let value: Value =
        serde_json::from_slice(body).map_err(|error| problem::input(format!("the body is no JSON: {error}")))?;
    match value {
        Value::Array(_) if media_type == "application/cloudevents+json" => {
            Err(problem::input("many events are sent as application/cloudevents-batch+json"))
        }
        Value::Array(items) if items.len() > MOST_EVENTS => {
            Err(problem::input(format!("one request may have {MOST_EVENTS} events, this one has {}", items.len())))
        }
        Value::Array(items) => {
            let read = |(i, item): (usize, &Value)| read_structured(item, &format!("event {}", i + 1));
            items.iter().enumerate().map(read).collect()
        }
        item => Ok(vec![read_structured(&item, "the event")?]),
    }
}

/// The attributes of an event that is sent in binary mode.
fn attributes_of(headers: &HeaderMap) -> Map<String, Value> {
    let attribute = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        let name = name.as_str().strip_prefix("ce-")?.to_owned();
        let value = percent_decode_str(value.to_str().ok()?.trim_matches('"')).decode_utf8_lossy().into_owned();
        Some((name, Value::String(value)))
    };
    headers.iter().filter_map(attribute).collect()
}

fn read_structured(item: &Value, which: &str) -> Result<ReportedEvent, Problem> {
    let Some(attributes) = item.as_object() else {
        return Err(problem::input(format!("{which} is no JSON object")));
    };
    let data = match (attributes.get("data"), attributes.get("data_base64").and_then(Value::as_str)) {
        (Some(data), _) => data.clone(),
        (None, Some(text)) => {
            let bytes = STANDARD.decode(text).map_err(|_| wrong(which, "data_base64", "must be base64"))?;
            serde_json::from_slice(&bytes).unwrap_or_default()
        }
        (None, None) => Value::Null,
    };
    to_event(attributes, &data, which)
}

fn read_event(
    attributes: &Map<String, Value>,
    media_type: &str,
    body: &[u8],
    which: &str,
) -> Result<ReportedEvent, Problem> {
    // Data of another sort says nothing to us, but what the attributes say still counts.
    let is_json = media_type == "application/json" || media_type.ends_with("+json");
    let data = if is_json { serde_json::from_slice(body).unwrap_or_default() } else { Value::Null };
    to_event(attributes, &data, which)
}

fn to_event(attributes: &Map<String, Value>, data: &Value, which: &str) -> Result<ReportedEvent, Problem> {
    let version = required(attributes, "specversion", which)?;
    if !version.starts_with("1.") {
        return Err(wrong(which, "specversion", &format!("must be 1.0, not `{version}`")));
    }
    let event_type = required(attributes, "type", which)?;
    let kind = match text_of(data, &["kind"]) {
        Some(word) => EventKind::parse(&word).ok_or_else(|| {
            wrong(which, "data.kind", &format!("must be one of {}", EventKind::ALL.map(EventKind::word).join(", ")))
        })?,
        None => EventKind::of_type(&event_type),
    };
    let at = match attributes.get("time").and_then(Value::as_str).filter(|time| !time.is_empty()) {
        Some(time) => Some(parse_rfc3339(time).ok_or_else(|| wrong(which, "time", "must be a time of RFC 3339"))?),
        None => None,
    };
    let subject = attributes.get("subject").and_then(Value::as_str).filter(|subject| !subject.is_empty());
    let title = text_of(data, &["title", "summary", "message", "description"]);
    Ok(ReportedEvent {
        source: required(attributes, "source", which)?,
        id: own_id(required(attributes, "id", which)?, which)?,
        kind,
        at,
        subject: subject.map(cut),
        refs: refs_of(data),
        annotations: annotations_of(data),
        title: title.unwrap_or_else(|| match subject {
            Some(subject) => cut(&format!("{event_type} of {subject}")),
            None => event_type.clone(),
        }),
        link: ["link", "url"].iter().find_map(|name| link_of(data.get(name)?)),
        actor: text_of(data, &["actor", "user", "author"]),
        outcome: text_of(data, &["outcome", "status", "result", "state"]),
        event_type,
    })
}

/// The identity of an event, which must not look like that of a ready receiver.
fn own_id(id: String, which: &str) -> Result<String, Problem> {
    if id.starts_with(RECEIVED) {
        return Err(problem::input(format!(
            "{which}: an `id` that begins with `{RECEIVED}` is for receivers of webhooks"
        )));
    }
    Ok(id)
}

fn required(attributes: &Map<String, Value>, name: &str, which: &str) -> Result<String, Problem> {
    let text = attributes.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| wrong(which, name, "is missing"))?;
    if text.chars().count() > LONGEST_NAME {
        return Err(wrong(which, name, &format!("is longer than {LONGEST_NAME} characters")));
    }
    Ok(text.to_owned())
}

fn wrong(which: &str, name: &str, what: &str) -> Problem {
    problem::input(format!("`{name}` of {which} {what}"))
}

/// The first of some members that is a text with something in it.
pub(super) fn text_of(data: &Value, names: &[&str]) -> Option<String> {
    let texts = names.iter().filter_map(|name| data.get(name)?.as_str());
    texts.map(str::trim).find(|text| !text.is_empty()).map(cut)
}

/// Cuts a text to one line of bearable length.
pub(super) fn cut(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// An address, unless it is longer than any that leads somewhere; a cut one would lead nowhere.
pub(super) fn link_of(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty() && text.len() <= LONGEST_LINK && !text.contains(char::is_control)).then(|| text.to_owned())
}

fn refs_of(data: &Value) -> Vec<String> {
    let refs = data.get("entityRefs").or_else(|| data.get("entityRef"));
    match refs {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => {
            many.iter().filter_map(|one| Some(one.as_str()?.to_owned())).take(MOST_REFS).collect()
        }
        _ => Vec::new(),
    }
}

fn annotations_of(data: &Value) -> Vec<(String, String)> {
    let annotations = data.get("annotations").and_then(Value::as_object);
    let pairs = annotations.into_iter().flatten().take(MOST_REFS);
    pairs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// Reads a time of RFC 3339.
pub(super) fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    text.trim().parse::<jiff::Timestamp>().ok().map(|time| Timestamp(time.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn single(body: &Value) -> Result<Vec<ReportedEvent>, String> {
        let headers = headers(&[("content-type", "application/cloudevents+json; charset=utf-8")]);
        read_events(&headers, body.to_string().as_bytes()).map_err(|problem| problem.error.message.clone())
    }

    #[test]
    fn reads_a_structured_event() {
        let body = json!({
            "specversion": "1.0", "id": "7", "source": "/ci", "type": "dev.cdevents.service.deployed.0.1.1",
            "time": "2026-11-23T19:52:15Z", "subject": "component:default/shop",
            "data": {
                "title": "Shop 1.2\nand more", "url": "https://ci.example/7", "user": "jane", "status": "success",
                "entityRefs": ["component:default/shop"], "annotations": { "argocd/app-name": "shop", "x": 1 },
            },
        });
        let event = single(&body).unwrap().remove(0);
        assert_eq!((event.kind, event.title.as_str()), (EventKind::Deployment, "Shop 1.2"));
        assert_eq!(event.at, Some(Timestamp(1_795_463_535_000)));
        assert_eq!((event.actor.as_deref(), event.outcome.as_deref()), (Some("jane"), Some("success")));
        assert_eq!(event.refs, ["component:default/shop"]);
        assert_eq!(event.annotations, [("argocd/app-name".to_owned(), "shop".to_owned())]);
    }

    #[test]
    fn reads_a_binary_event_and_a_batch() {
        let pairs = [
            ("content-type", "application/json"),
            ("ce-specversion", "1.0"),
            ("ce-id", "7"),
            ("ce-source", "/ci"),
            ("ce-type", "org.example.flag.on"),
            ("ce-subject", "shop%20two"),
        ];
        let event = read_events(&headers(&pairs), br#"{"title":"On"}"#).unwrap().remove(0);
        assert_eq!(
            (event.subject.as_deref(), event.kind, event.title.as_str()),
            (Some("shop two"), EventKind::Flag, "On")
        );
        let item =
            json!({ "specversion": "1.0", "id": "7", "source": "/ci", "type": "t", "data": { "kind": "alert" } });
        let batch = headers(&[("content-type", "application/cloudevents-batch+json")]);
        let events = read_events(&batch, json!([item, item]).to_string().as_bytes()).unwrap();
        assert_eq!((events.len(), events[0].kind, events[0].title.as_str()), (2, EventKind::Alert, "t"));
        let wrong = read_events(&batch, json!([item, { "id": "8" }]).to_string().as_bytes()).unwrap_err();
        assert_eq!(wrong.error.message, "`specversion` of event 2 is missing");
    }

    #[test]
    fn says_what_is_wrong() {
        let event = |name: &str, value: Value| {
            let mut body = json!({ "specversion": "1.0", "id": "7", "source": "/ci", "type": "t" });
            body[name] = value;
            single(&body).unwrap_err()
        };
        assert_eq!(event("id", json!("")), "`id` of the event is missing");
        assert_eq!(event("specversion", json!("0.3")), "`specversion` of the event must be 1.0, not `0.3`");
        assert_eq!(event("time", json!("now")), "`time` of the event must be a time of RFC 3339");
        assert!(event("data", json!({ "kind": "x" })).contains("must be one of deployment, flag"));
        assert!(event("id", json!("x".repeat(501))).contains("longer than 500"));
        assert!(read_events(&HeaderMap::new(), b"{}").is_err());
    }
}
