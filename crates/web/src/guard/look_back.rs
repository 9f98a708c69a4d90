//! Finds the moment that a request is about, and sees to it that its answer stays there.

use auth::{NoSuchMoment, PastError};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::refusal::refuse;
use crate::{
    App, Caller, Problem, pages,
    past::{self, Looking, Scene},
    problem,
};

/// The number of the moment that an answer is about.
const SEQ: HeaderName = HeaderName::from_static("x-callboard-seq");
/// Its time. An answer without it is of now.
const AT: HeaderName = HeaderName::from_static("x-callboard-at");

/// Passes requests of now on as they are; others get their moment, or a refusal.
pub(super) async fn look_back(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let asked = request.uri().query().and_then(past::at_of);
    let has_past = has_past(request.uri().path(), request.method());
    // Where nobody was asked who they are, nobody is told of the past either.
    let is_known = request.extensions().get::<Caller>().is_some();
    let Some(text) = asked.filter(|_| has_past && is_known) else { return next.run(request).await };
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let looking = match find(&app, &method, &uri, &text).await {
        Ok(Found::Looking(looking)) => looking,
        Ok(Found::Fixed(address)) => return redirect(&address),
        Err(problem) => return refuse_moment(&method, &uri, &problem),
    };
    request.extensions_mut().insert(looking.clone());
    let response = next.run(request).await;
    finish(response, looking, pages::is_page(uri.path())).await
}

/// Whether a request takes `at` at all: for pages and our own API, but not where something is changed that has no past.
fn has_past(path: &str, method: &Method) -> bool {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    (pages::is_page(path) || path.starts_with("/api/v1/")) && (reads || !past::is_of_now(path))
}

enum Found {
    Looking(Looking),
    /// The address with the moment in a form that does not move on.
    Fixed(String),
}

async fn find(app: &App, method: &Method, uri: &Uri, text: &str) -> Result<Found, Problem> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Err(problem::input("the past cannot be changed; leave `at` out"));
    }
    if !app.live().is_loaded() {
        return Err(problem::still_loading());
    }
    let now = app.now();
    let given = past::parse(past::AT, text, now)?;
    let found = app.past().find(given.asked, now).await?;
    if given.is_relative && pages::is_page(uri.path()) {
        let text = match &found {
            // Who asks for an hour ago on a server that is younger wants its beginning rather than an excuse.
            Err(NoSuchMoment::BeforeHistory(start)) if start.at.is_some() => start.seq.0.max(1).to_string(),
            _ => given.text(),
        };
        let address = uri.path_and_query().map_or("/", |both| both.as_str());
        if !pages::is_local(address) {
            return Err(problem::input("this address does not lead to a page"));
        }
        return Ok(Found::Fixed(past::keep_in_address(&past::address_without_at(address), &text)));
    }
    let then = match found {
        Ok(then) => then,
        Err(why) => return Err(past::no_such_moment(given, &why)),
    };
    let live = app.live().snapshot();
    let scene = if past::is_of_now(uri.path()) {
        Scene::Now(live)
    } else if then.seq == live.seq() {
        Scene::Unchanged(live)
    } else {
        Scene::Past(app.past().load(then.seq).await?)
    };
    Ok(Found::Looking(Looking::new(then, given.text(), scene)))
}

impl From<PastError> for Problem {
    fn from(error: PastError) -> Self {
        match error {
            PastError::Gate(error) => error.into(),
            PastError::Busy => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableError", PastError::Busy.to_string())
            }
        }
    }
}

fn refuse_moment(method: &Method, uri: &Uri, problem: &Problem) -> Response {
    let mut response = refuse(method, uri, problem);
    if problem.status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    response
}

fn redirect(address: &str) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    match HeaderValue::from_str(address) {
        Ok(address) => {
            response.headers_mut().insert(header::LOCATION, address);
            response
        }
        Err(_) => problem::input("`at` is no moment").into_response(),
    }
}

/// Keeps the moment in the links of a page, and says in the head of an answer of the API which one it is.
async fn finish(response: Response, looking: Looking, is_page: bool) -> Response {
    if looking.is_of_now() {
        // What leads away from here leads to now, and forms do what they always do.
        return with(response, looking);
    }
    let mut response = if is_shown_page(response.headers()) { keep(response, &looking).await } else { response };
    let headers = response.headers_mut();
    if let Some(address) = headers.get(header::LOCATION).and_then(|value| value.to_str().ok())
        && let Ok(kept) = HeaderValue::from_str(&past::keep_in_address(address, looking.text()))
    {
        headers.insert(header::LOCATION, kept);
    }
    if !is_page && response.status().is_success() {
        let headers = response.headers_mut();
        headers.insert(SEQ, HeaderValue::from(looking.seq().0));
        headers.insert(AT, HeaderValue::from_str(&past::rfc3339(looking.at())).expect("a time is plain ASCII"));
    }
    with(response, looking)
}

/// Whoever makes a page of a problem further out wants to know the moment too.
fn with(mut response: Response, looking: Looking) -> Response {
    response.extensions_mut().insert(looking);
    response
}

/// Whether an answer is a page that is shown, and no file to keep.
fn is_shown_page(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media_type.starts_with("text/html") && !headers.contains_key(header::CONTENT_DISPOSITION)
}

async fn keep(response: Response, looking: &Looking) -> Response {
    let (mut parts, body) = response.into_parts();
    let html = match to_bytes(body, usize::MAX).await {
        Ok(bytes) => bytes,
        Err(error) => return problem::internal(&error).into_response(),
    };
    let kept = past::keep_in_page(&String::from_utf8_lossy(&html), looking.text());
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(kept))
}
