//! Pages for what went wrong: what happened, and what to do next.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::csrf::ProtectionError;

use super::{Frame, frame::Section, link::EntityLink};
use crate::{
    App, Problem,
    past::{self, Looking},
    problem,
};

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage {
    frame: Frame,
    status: u16,
    lines: Vec<String>,
    nearest: Vec<EntityLink>,
    /// Labels and addresses.
    actions: Vec<(&'static str, &'static str)>,
}

/// The entities that a missing one was perhaps meant to be; a handler that answers 404 may put them into its response.
#[derive(Clone)]
pub(super) struct Nearest(pub(super) Vec<EntityLink>);

/// Makes the page of a problem.
fn error_page(frame: Frame, problem: &Problem, nearest: Vec<EntityLink>, looking: Option<&Looking>) -> Response {
    let status = problem.status;
    let (title, advice) = words(status);
    let message = sentence(&problem.error.message);
    let page = MessagePage {
        frame: frame.titled(title, Section::Elsewhere),
        status: status.as_u16(),
        lines: std::iter::once(message).chain(advice.map(str::to_owned)).collect(),
        nearest,
        actions: match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::SERVICE_UNAVAILABLE => vec![],
            _ => vec![("Search", "/search"), ("Open the catalog", "/catalog"), ("Home", "/")],
        },
    };
    let html = page.render().unwrap_or_else(|_| title.to_owned());
    let html = match looking.filter(|looking| !looking.is_of_now()) {
        Some(looking) => past::keep_in_page(&html, looking.text()),
        None => html,
    };
    let mut response = (status, html).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("2"));
    }
    response
}

/// A title for a status, and what to do next.
fn words(status: StatusCode) -> (&'static str, Option<&'static str>) {
    match status {
        StatusCode::NOT_FOUND => ("Nothing is here", Some("The address may be mistyped, or what was here is gone.")),
        StatusCode::UNAUTHORIZED => (
            "This portal wants to know who you are",
            Some("Requests need a token in the header Authorization. Ask those who run this server for one."),
        ),
        StatusCode::FORBIDDEN => ("This is not open to you", Some("Ask those who run this server for the permission.")),
        StatusCode::SERVICE_UNAVAILABLE => ("In a moment", Some("This page asks again by itself.")),
        StatusCode::BAD_REQUEST => ("This address cannot be answered", None),
        StatusCode::CONFLICT => ("This is there already", None),
        status if status.is_server_error() => (
            "Something went wrong here",
            Some("It is written to the log. Mention the number to those who run this server."),
        ),
        _ => ("This did not work", None),
    }
}

/// Starts with a capital and ends with a full stop.
fn sentence(message: &str) -> String {
    let mut chars = message.trim_end_matches('.').chars();
    let Some(first) = chars.next() else { return String::new() };
    format!("{}{}.", first.to_uppercase(), chars.as_str())
}

/// Writes the pages of the problems that requests for pages end with, be it in a handler or before. The outermost layer.
pub(crate) async fn write_problems(State(app): State<App>, request: Request, next: Next) -> Response {
    if !super::is_page(request.uri().path()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let frame = Frame::new(&app, None, &parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let nearest = response.extensions_mut().remove::<Nearest>().map(|Nearest(links)| links).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    let looking = parts.extensions.remove::<Looking>();
    let mut page = error_page(frame.at(looking.as_ref()), &problem, nearest, looking.as_ref());
    for (name, value) in &parts.headers {
        page.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    page
}

/// Answers for an address that is no page: a page to people, and nothing but the status to programs, as Express does.
pub(crate) async fn no_such_page(request: Request) -> Response {
    let accepted = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if request.method() != Method::GET || !accepted.contains("text/html") || !super::is_page(request.uri().path()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    problem::not_found(format!("there is no page at {}", request.uri().path())).into_response()
}

/// Answers for a form that another site has sent.
pub(super) fn refuse_cross_site(_: ProtectionError) -> Response {
    problem::not_allowed("this form was sent from another site; open the page here and send it again").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_the_api_become_sentences() {
        assert_eq!(
            sentence("entity `component:default/x` does not exist"),
            "Entity `component:default/x` does not exist."
        );
        assert_eq!(sentence(""), "");
    }
}
