//! The only place that decides what a client is told when something goes wrong: one sentence constructor for each problem,
//! and the envelope in which Backstage sends them.
//!
//! A [`Problem`] does not know the request. [`envelope`] wraps each plugin's routes and writes the body, because the
//! envelope repeats method and address relative to the plugin.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use model::ErrorChain;
use serde::Serialize;

/// What went wrong, as the client will see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// Name, message and cause.
    pub error: Box<ErrorChain>,
}

impl Problem {
    /// Makes a problem. Prefer the sentence constructors of this file.
    #[must_use]
    pub fn new(status: StatusCode, name: &str, message: impl Into<String>) -> Self {
        Self { status, error: Box::new(ErrorChain::new(name, message)) }
    }
}

/// The input is wrong: 400 `InputError`.
pub(crate) fn input(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "InputError", message)
}

/// There is no such thing: 404 `NotFoundError`.
pub(crate) fn not_found(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "NotFoundError", message)
}

/// The caller may not do it: 403 `NotAllowedError`.
pub(crate) fn not_allowed(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "NotAllowedError", message)
}

/// It exists already: 409 `ConflictError`.
pub(crate) fn conflict(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::CONFLICT, "ConflictError", message)
}

/// More often than is allowed: 429 `TooManyRequestsError`.
pub(crate) fn too_many_requests(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsError", message)
}

/// `no-such` in a query string.
pub(crate) fn unknown_query_parameter(name: &str) -> Problem {
    input(format!("Unknown query parameter '{name}'"))
}

/// `name=` in a query string.
pub(crate) fn empty_query_parameter(name: &str) -> Problem {
    input(format!("Empty value found for query parameter '{name}'"))
}

/// A value of another type, in the validator's words; `place` is such as `request/body/limit`.
pub(crate) fn must_be(place: &str, kind: &str) -> Problem {
    input(format!("{place} must be {kind}"))
}

/// A number below the least.
pub(crate) fn must_be_at_least(place: &str, least: i64) -> Problem {
    input(format!("{place} must be >= {least}"))
}

/// A word that is none of the allowed ones.
pub(crate) fn must_be_one_of(place: &str, words: &[&str]) -> Problem {
    input(format!("{place} must be equal to one of the allowed values: {}", words.join(", ")))
}

/// A missing member or parameter.
pub(crate) fn must_have_property(place: &str, name: &str) -> Problem {
    input(format!("{place} must have required property '{name}'"))
}

/// A body that is no JSON by its content type. The status is 400 in Backstage, not 415.
pub(crate) fn unsupported_media_type(content_type: &str) -> Problem {
    input(format!("unsupported media type {content_type}"))
}

/// A body above the limit. The status is 400 in Backstage, not 413.
pub(crate) fn request_entity_too_large() -> Problem {
    input("request entity too large")
}

/// A path whose escapes make no text.
pub(crate) fn undecodable_path() -> Problem {
    input("Failed to decode the path of the request")
}

/// A statement of a filter without a key.
pub(crate) fn invalid_filter(statement: &str) -> Problem {
    input(format!(
        "Invalid filter, '{statement}' is not a valid statement (expected a string on the form a=b or a= or a)"
    ))
}

/// A field with list syntax.
pub(crate) fn invalid_field(name: &str) -> Problem {
    input(format!("Invalid field \"{name}\", array type fields are not supported"))
}

/// An `order` parameter that is not `asc:` or `desc:` and a field.
pub(crate) fn invalid_order(text: &str) -> Problem {
    input(format!("Invalid order parameter \"{text}\", expected \"<asc or desc>:<field name>\""))
}

/// A cursor that is not one of ours.
pub(crate) fn malformed_cursor(reason: &str) -> Problem {
    input(format!("Malformed cursor: {reason}"))
}

/// No entity of that name that the caller may see.
pub(crate) fn no_entity_named(kind: &str, namespace: &str, name: &str) -> Problem {
    not_found(format!("No entity named '{name}' found, with kind '{kind}' in namespace '{namespace}'"))
}

/// No entity with that uid that the caller may see.
pub(crate) fn no_entity_with_uid(uid: &str) -> Problem {
    not_found(format!("No entity with uid {uid}"))
}

/// No entity with that reference that the caller may see.
pub(crate) fn no_such_entity(entity_ref: &str) -> Problem {
    not_found(format!("No such entity {entity_ref}"))
}

/// No registered location with that id.
pub(crate) fn no_location_with_id(id: &str) -> Problem {
    not_found(format!("Found no location with ID {id}"))
}

/// No registered location with that type and target.
pub(crate) fn no_location_at(location_type: &str, target: &str) -> Problem {
    not_found(format!("Found no location with type {location_type} and target {target}"))
}

/// No entity to ask the location of.
pub(crate) fn no_entity_for_location(entity_ref: &str) -> Problem {
    not_found(format!("found no entity for ref {entity_ref}"))
}

/// An entity that does not tell which location it comes from.
pub(crate) fn entity_without_origin(entity_ref: &str) -> Problem {
    not_found(format!("entity {entity_ref} has no origin location"))
}

/// No entity to refresh; the reference is repeated as it was sent.
pub(crate) fn entity_to_refresh_not_found(entity_ref: &str) -> Problem {
    not_found(format!("Entity {entity_ref} not found"))
}

/// No facet was asked for.
pub(crate) fn no_facets() -> Problem {
    input("Missing or empty facets parameter")
}

/// A body without a content type, where one may be left out: it was not read.
pub(crate) fn body_without_content_type() -> Problem {
    let issue = serde_json::json!([{
        "code": "invalid_type", "expected": "array", "received": "undefined", "path": ["entityRefs"], "message": "Required",
    }]);
    input(format!("Malformed request body (did you remember to specify an application/json content type?), {issue:#}"))
}

/// A location of a type that may only stand in the configuration.
pub(crate) fn location_type_not_allowed() -> Problem {
    input("Registered locations must be of an allowed type [\"url\"]")
}

/// A change of locations while `catalog.readonly` is on.
pub(crate) fn readonly() -> Problem {
    not_allowed("This operation not allowed in readonly mode")
}

/// A named error, with the status that Backstage gives to its name.
pub(crate) fn from_chain(error: ErrorChain) -> Problem {
    let status = match error.name.as_str() {
        "InputError" => StatusCode::BAD_REQUEST,
        "AuthenticationError" => StatusCode::UNAUTHORIZED,
        "NotAllowedError" => StatusCode::FORBIDDEN,
        "NotFoundError" => StatusCode::NOT_FOUND,
        "ConflictError" => StatusCode::CONFLICT,
        "NotImplementedError" => StatusCode::NOT_IMPLEMENTED,
        "ServiceUnavailableError" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Problem { status, error: Box::new(error) }
}

/// The catalog is not in memory yet.
pub(crate) fn still_loading() -> Problem {
    let message = "the catalog is still being loaded; ask again in a moment";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableError", message)
}

/// We failed: the chain goes to the log, the client gets a number to mention.
pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Problem {
    let log_id = next_log_id();
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        source = cause.source();
    }
    tracing::error!(log_id, error = chain, "a request failed");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "Error", format!("An internal error occurred logId={log_id}"))
}

/// Twenty hexadecimal digits, different for each failure of this process and hard to confuse between processes.
fn next_log_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    let id = uuid::Uuid::new_v4().simple().to_string();
    format!("{}{:04x}", &id[..16], n & 0xffff)
}

impl From<auth::GateError> for Problem {
    fn from(error: auth::GateError) -> Self {
        match error {
            auth::GateError::NotAllowed(message) => not_allowed(message),
            auth::GateError::Input(message) => input(message),
            auth::GateError::NotFound(message) => not_found(message),
            auth::GateError::Conflict(message) => conflict(message),
            auth::GateError::Gone(message) => Self::new(StatusCode::GONE, "GoneError", message),
            error @ auth::GateError::Unavailable(_) => {
                tracing::warn!(error = error.to_string(), "the database could not serve a request");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableError", error.to_string())
            }
            error @ auth::GateError::Store(_) => internal(&error),
        }
    }
}

impl From<auth::AuthError> for Problem {
    fn from(error: auth::AuthError) -> Self {
        match error {
            auth::AuthError::KeysUnavailable => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableError", error.to_string())
            }
            error => Self::new(StatusCode::UNAUTHORIZED, "AuthenticationError", error.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    /// Leaves the body to `envelope`.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a ErrorChain,
    request: RequestEcho<'a>,
    response: ResponseEcho,
}

#[derive(Serialize)]
struct RequestEcho<'a> {
    method: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResponseEcho {
    status_code: u16,
}

/// Writes the bodies of problems: `{error, request: {method, url}, response: {statusCode}}`, where `url` is relative to the
/// plugin and spelled as it was sent. A layer for the routes of one plugin, inside of its `nest`.
pub(crate) async fn envelope(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let uri = request.uri().clone();
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let url = uri.path_and_query().map_or("/", |both| both.as_str());
    let (parts, _) = response.into_parts();
    let body = render(&problem, &method, url);
    let mut response = (parts, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// Writes the envelope of one problem.
pub(crate) fn render(problem: &Problem, method: &Method, url: &str) -> String {
    let envelope = Envelope {
        error: &problem.error,
        request: RequestEcho { method: method.as_str(), url },
        response: ResponseEcho { status_code: problem.status.as_u16() },
    };
    serde_json::to_string(&envelope).expect("strings and a number always serialise")
}

/// Unknown routes and wrong methods: 404 without a body, as Express does.
pub(crate) async fn no_such_route() -> StatusCode {
    StatusCode::NOT_FOUND
}
