//! The static files: style sheet, scripts, icons. They are part of the binary, compressed ahead, and named after their
//! content, so that a browser asks for each of them once.

use axum::{
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// A file with its compressed forms.
pub(crate) struct Asset {
    /// What code calls it: `app.css`.
    name: &'static str,
    /// The whole path at which it is served.
    path: &'static str,
    plain: &'static [u8],
    brotli: &'static [u8],
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The path below which they are served.
pub(crate) const PREFIX: &str = "/static/";

/// Returns the address of a static file by the name that code calls it.
///
/// # Panics
/// When there is none; a test asks for all of them.
pub(crate) fn url(name: &str) -> &'static str {
    TABLE.iter().find(|asset| asset.name == name).map(|asset| asset.path).expect("the name is in the folder of assets")
}

/// Answers `GET /static/{file}`. The address changes with the content, so the answer never does.
pub(crate) async fn show_asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let known = TABLE.iter().find(|asset| asset.path.strip_prefix(PREFIX) == Some(file.as_str()));
    let Some(asset) = known else { return StatusCode::NOT_FOUND.into_response() };
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts =
        |coding: &str| accepted.split(',').any(|part| part.split(';').next().is_some_and(|c| c.trim() == coding));
    let (body, coding) = match () {
        () if accepts("br") => (asset.brotli, Some("br")),
        () if accepts("gzip") => (asset.gzip, Some("gzip")),
        () => (asset.plain, None),
    };
    let mut response = Response::new(Body::from(body));
    let answer = response.headers_mut();
    if let Some(coding) = coding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(asset.name)));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "html" => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_that_every_page_names_are_there() {
        for name in ["app.css", "app.js", "htmx.js", "icons.svg"] {
            assert!(url(name).starts_with(PREFIX), "{name}");
        }
    }
}
