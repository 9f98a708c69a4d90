//! `/viewer/openapi`: the viewer in which an OpenAPI definition can be tried. It is somebody else's code, so it lives in a
//! frame of its own: sandboxed into an origin that is nobody's, without the portal's cookies, with a policy of its own that
//! lets it call nothing but the servers that the definition names. The other pages keep their strict policy.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::Query,
    http::{HeaderValue, header},
    response::Response,
};
use definitions::Outline;
use model::EntityRef;
use serde::Deserialize;
use url::Url;

use super::{entity, facts::Facts, render};
use crate::{Problem, View, problem};

/// How many servers the policy names.
const MOST_SERVERS: usize = 20;

/// What to view.
#[derive(Deserialize)]
pub(super) struct ViewerQuery {
    /// The API.
    #[serde(rename = "ref")]
    entity_ref: String,
    /// The colours.
    #[serde(default)]
    theme: String,
}

#[derive(Template)]
#[template(path = "viewer.html")]
struct ViewerPage {
    title: String,
    theme: &'static str,
    definition: String,
}

/// Shows the viewer with a definition in it.
pub(super) async fn show_viewer(view: View, Query(query): Query<ViewerQuery>) -> Result<Response, Problem> {
    let missing = || problem::not_found(format!("`{}` is no API with an OpenAPI definition", query.entity_ref));
    let entity_ref = EntityRef::parse(&query.entity_ref).map_err(|_| missing())?;
    let doc = view.find(entity_ref.as_str()).ok_or_else(missing)?;
    let facts = Facts::of_descriptor(&doc);
    let definition = entity::definition_of(&facts).ok_or_else(missing)?;
    let outline = entity::outline(facts.entity_type().unwrap_or_default(), &definition).await;
    let Outline::OpenApi(api) = &*outline else { return Err(missing()) };
    let policy = policy(api.servers.iter().map(|server| server.url.as_str()));
    let theme = match query.theme.as_str() {
        "dark" => "dark",
        "light" => "light",
        _ => "system",
    };
    let mut response = render(&ViewerPage { title: facts.title().to_owned(), theme, definition })?;
    let policy = HeaderValue::from_str(&policy).expect("origins are ASCII");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// The policy of the frame.
fn policy<'a>(servers: impl Iterator<Item = &'a str>) -> String {
    let mut origins = BTreeSet::new();
    for server in servers.take(MOST_SERVERS) {
        // `https://{region}.example`: which hosts these are only the viewer's user knows.
        if server.contains('{') {
            origins.insert(if server.starts_with("http:") { "http:" } else { "https:" }.to_owned());
        } else if let Some(url) = Url::parse(server).ok().filter(|url| matches!(url.scheme(), "http" | "https")) {
            let origin = url.origin().ascii_serialization();
            // A host may hold characters that end a directive of the policy.
            let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '/' | '[' | ']' | '_');
            if origin.chars().all(is_plain) {
                origins.insert(origin);
            }
        }
    }
    let connect = match origins.len() {
        0 => "'none'".to_owned(),
        _ => origins.into_iter().collect::<Vec<_>>().join(" "),
    };
    format!(
        "sandbox allow-scripts allow-forms;frame-ancestors 'self';form-action 'none';base-uri 'none';default-src 'none';\
         script-src 'self';style-src 'self' 'unsafe-inline';img-src 'self' data:;font-src data:;connect-src {connect}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_viewer_may_call_the_servers_of_the_definition_only() {
        let connect = |servers: &[&str]| {
            let policy = policy(servers.iter().copied());
            policy.split("connect-src ").nth(1).unwrap().split(';').next().unwrap().to_owned()
        };
        assert_eq!(connect(&[]), "'none'");
        assert_eq!(connect(&["/v1", "javascript:x", "file:///etc"]), "'none'");
        assert_eq!(connect(&["https://a.example/v1", "https://a.example:8443", "https://a.example"]), {
            "https://a.example https://a.example:8443"
        });
        assert_eq!(connect(&["https://{region}.example"]), "https:");
        assert_eq!(connect(&["https://x.example/;script-src *"]), "https://x.example");
        assert_eq!(connect(&["https://a;frame-ancestors", "https://b.example"]), "https://b.example");
    }
}
