//! JSON bodies: reading them, and checking their shape in the words of the OpenAPI validator in front of Backstage.

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, Request},
    http::header,
};
use serde_json::{Map, Value};

use super::json_error;
use crate::{App, Problem, problem};

/// A JSON object that was sent as the body of a request.
pub(super) struct JsonBody(pub(super) Object);

/// An object of a body with its place, for the words of a complaint.
pub(super) struct Object {
    /// The members.
    pub(super) members: Map<String, Value>,
    place: String,
}

impl FromRequest<App> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        match content_type {
            Some(given) if is_json(given) => read(body, announced, app.settings().limits.body_bytes).await.map(Self),
            given => Err(problem::unsupported_media_type(given.unwrap_or("undefined"))),
        }
    }
}

/// A body that may be left out with its content type (as `by-refs` allows it); then it is an empty object.
pub(super) struct LooseJsonBody(pub(super) Option<Object>);

impl FromRequest<App> for LooseJsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        if request.headers().contains_key(header::CONTENT_TYPE) {
            return JsonBody::from_request(request, app).await.map(|JsonBody(object)| Self(Some(object)));
        }
        Ok(Self(None))
    }
}

fn is_json(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

async fn read(body: Body, announced: Option<usize>, limit: usize) -> Result<Object, Problem> {
    if announced.is_some_and(|length| length > limit) {
        return Err(problem::request_entity_too_large());
    }
    let bytes = to_bytes(body, limit).await.map_err(|_| problem::request_entity_too_large())?;
    parse(&bytes)
}

/// Parses the bytes of a body. No bytes are an empty object, as in Express.
fn parse(bytes: &[u8]) -> Result<Object, Problem> {
    let text = String::from_utf8_lossy(bytes);
    if text.is_empty() {
        return Ok(Object { members: Map::new(), place: "request/body".to_owned() });
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(members)) => Ok(Object { members, place: "request/body".to_owned() }),
        Ok(Value::Array(_)) => Err(problem::must_be("request/body", "object")),
        Ok(_) | Err(_) => Err(problem::input(
            json_error::explain_strict(&text).unwrap_or_else(|| "the JSON text is nested too deeply".to_owned()),
        )),
    }
}

impl Object {
    /// Checks that members are there, in the order in which the schema names them.
    ///
    /// # Errors
    /// 400 naming the first that is missing.
    pub(super) fn require(&self, names: &[&str]) -> Result<(), Problem> {
        match names.iter().find(|name| !self.members.contains_key(**name)) {
            Some(missing) => Err(problem::must_have_property(&self.place, missing)),
            None => Ok(()),
        }
    }

    /// Returns a text.
    ///
    /// # Errors
    /// 400 when the member is something else.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.must_be(name, "string")),
        }
    }

    /// Returns a text that [`Object::require`] has asked for.
    ///
    /// # Errors
    /// 400 when the member is something else or missing.
    pub(super) fn required_text(&self, name: &str) -> Result<&str, Problem> {
        self.text(name)?.ok_or_else(|| problem::must_have_property(&self.place, name))
    }

    /// Returns a list of texts.
    ///
    /// # Errors
    /// 400 when the member or one of its elements is something else.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<&str>>, Problem> {
        let Some(values) = self.list(name)? else { return Ok(None) };
        let texts = values.iter().enumerate().map(|(i, value)| {
            value.as_str().ok_or_else(|| problem::must_be(&format!("{}/{name}/{i}", self.place), "string"))
        });
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// Returns a list.
    ///
    /// # Errors
    /// 400 when the member is something else.
    pub(super) fn list(&self, name: &str) -> Result<Option<&[Value]>, Problem> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::Array(values)) => Ok(Some(values)),
            Some(_) => Err(self.must_be(name, "array")),
        }
    }

    /// Returns an object.
    ///
    /// # Errors
    /// 400 when the member is something else.
    pub(super) fn object(&self, name: &str) -> Result<Option<Object>, Problem> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::Object(members)) => {
                Ok(Some(Self { members: members.clone(), place: format!("{}/{name}", self.place) }))
            }
            Some(_) => Err(self.must_be(name, "object")),
        }
    }

    /// Returns the objects of a list.
    ///
    /// # Errors
    /// 400 when the member or one of its elements is something else.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Object>, Problem> {
        let values = self.list(name)?.unwrap_or_default();
        let objects = values.iter().enumerate().map(|(i, value)| {
            let place = format!("{}/{name}/{i}", self.place);
            match value {
                Value::Object(members) => Ok(Self { members: members.clone(), place }),
                _ => Err(problem::must_be(&place, "object")),
            }
        });
        objects.collect()
    }

    /// Returns a whole number.
    ///
    /// # Errors
    /// 400 when the member is something else.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Problem> {
        let Some(value) = self.members.get(name) else { return Ok(None) };
        let float = value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e15);
        match float {
            Some(number) => Ok(Some(number as i64)),
            None => Err(self.must_be(name, "integer")),
        }
    }

    /// Returns a whole number of at least 0.
    ///
    /// # Errors
    /// 400 when the member is something else.
    pub(super) fn count(&self, name: &str) -> Result<Option<u64>, Problem> {
        match self.integer(name)? {
            None => Ok(None),
            Some(number) => u64::try_from(number)
                .map(Some)
                .map_err(|_| problem::must_be_at_least(&format!("{}/{name}", self.place), 0)),
        }
    }

    /// Returns one of a few words.
    ///
    /// # Errors
    /// 400 when the member is something else.
    pub(super) fn one_of(&self, name: &str, words: &[&str]) -> Result<Option<&str>, Problem> {
        match self.text(name)? {
            Some(text) if !words.contains(&text) => {
                Err(problem::must_be_one_of(&format!("{}/{name}", self.place), words))
            }
            text => Ok(text),
        }
    }

    fn must_be(&self, name: &str, kind: &str) -> Problem {
        problem::must_be(&format!("{}/{name}", self.place), kind)
    }
}

/// Makes the object of a request body, for tests of what reads it.
#[cfg(test)]
pub(super) fn object_of(value: Value) -> Object {
    parse(value.to_string().as_bytes()).map_err(|problem| problem.error.message).expect("an object")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message<T>(result: Result<T, Problem>) -> String {
        result.err().map(|problem| problem.error.message).unwrap_or_default()
    }

    #[test]
    fn complains_like_the_validator() {
        let body = object_of(
            json!({"refs": "x", "list": ["a", 1], "n": 1.5, "neg": -1, "word": "up", "o": [], "os": [{}, 3]}),
        );
        for (got, want) in [
            (message(body.require(&["n", "entityRefs"])), "request/body must have required property 'entityRefs'"),
            (message(body.list("refs")), "request/body/refs must be array"),
            (message(body.texts("list")), "request/body/list/1 must be string"),
            (message(body.count("n")), "request/body/n must be integer"),
            (message(body.count("neg")), "request/body/neg must be >= 0"),
            (
                message(body.one_of("word", &["asc", "desc"])),
                "request/body/word must be equal to one of the allowed values: asc, desc",
            ),
            (message(body.object("o")), "request/body/o must be object"),
            (message(body.objects("os")), "request/body/os/1 must be object"),
            (message(parse(b"[]")), "request/body must be object"),
            (message(parse(b"{")), "Expected property name or '}' in JSON at position 1"),
        ] {
            assert_eq!(got, want);
        }
        assert!(parse(b"").is_ok_and(|object| object.members.is_empty()));
    }

    #[test]
    fn knows_the_json_content_type() {
        assert!(is_json("application/json") && is_json("Application/JSON; charset=utf-8"));
        assert!(!is_json("text/plain") && !is_json("application/jsonp"));
    }
}
