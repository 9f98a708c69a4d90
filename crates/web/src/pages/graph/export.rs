//! `/catalog-graph.svg`: the picture as a file that opens anywhere.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use diagram::svg::Mode;

use super::{GraphQuery, draw, layouts, start, walk};
use crate::{App, Problem, View, problem};

/// The picture has its styles in itself, and needs nothing else.
const CONTENT_POLICY: &str =
    "default-src 'none';style-src 'unsafe-inline';sandbox allow-top-navigation-by-user-activation";

/// Answers with the picture.
pub(in crate::pages) async fn download_graph(
    State(app): State<App>,
    view: View,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let mut query = GraphQuery::parse(raw.as_deref());
    start::settle(&view, &mut query);
    let Some(first) = query.roots.first() else {
        return Err(problem::input("`rootEntityRefs[]` must name an entity to start from"));
    };
    let name = format!("graph-{}-{}.svg", first.kind(), first.name());
    let site = app.settings().base_url.clone();
    let svg = layouts::make(move || {
        let walk = walk::walk(&view, &query.route());
        draw::draw(&view, &walk, &query, Mode::Standalone(Some(&site))).svg
    })
    .await?;
    Ok((StatusCode::OK, headers(&name), svg).into_response())
}

fn headers(name: &str) -> [(header::HeaderName, HeaderValue); 4] {
    let safe: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')).collect();
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{safe}\""));
    [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml; charset=utf-8")),
        (header::CONTENT_DISPOSITION, disposition.unwrap_or_else(|_| HeaderValue::from_static("attachment"))),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    ]
}
