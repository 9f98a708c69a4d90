//! `backend.cors`, with the meaning of Express' `cors` package and Backstage's wildcards.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::CorsSettings;

/// What `cors` allows when the configuration names no methods.
const DEFAULT_METHODS: &str = "GET,HEAD,PUT,PATCH,POST,DELETE";

/// The rules, ready to be written into headers.
pub(super) struct Cors {
    origins: Vec<String>,
    credentials: bool,
    methods: HeaderValue,
    allowed_headers: Option<HeaderValue>,
    exposed_headers: Option<HeaderValue>,
    max_age: Option<HeaderValue>,
}

impl Cors {
    /// Takes the settings over; values that no header can hold are left out.
    pub(super) fn new(settings: Option<&CorsSettings>) -> Option<Arc<Self>> {
        let settings = settings?;
        Some(Arc::new(Self {
            origins: settings.origins.iter().map(|origin| origin.to_lowercase()).collect(),
            credentials: settings.credentials,
            methods: joined(&settings.methods).unwrap_or(HeaderValue::from_static(DEFAULT_METHODS)),
            allowed_headers: joined(&settings.allowed_headers),
            exposed_headers: joined(&settings.exposed_headers),
            max_age: settings.max_age_seconds.map(HeaderValue::from),
        }))
    }

    /// Returns the origin to echo, when it is allowed.
    fn allowed<'h>(&self, headers: &'h HeaderMap) -> Option<&'h HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        let text = origin.to_str().ok()?.to_lowercase();
        self.origins.iter().any(|pattern| matches_origin(pattern, &text)).then_some(origin)
    }

    fn write_common(&self, origin: &HeaderValue, out: &mut HeaderMap) {
        out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if self.credentials {
            out.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        if let Some(exposed) = &self.exposed_headers {
            out.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
        }
    }

    fn preflight(&self, origin: &HeaderValue, asked: Option<&HeaderValue>) -> Response {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let out = response.headers_mut();
        self.write_common(origin, out);
        out.insert(header::VARY, HeaderValue::from_static("Origin"));
        out.insert(header::ACCESS_CONTROL_ALLOW_METHODS, self.methods.clone());
        if let Some(allowed) = self.allowed_headers.as_ref().or(asked) {
            out.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed.clone());
            out.append(header::VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
        }
        if let Some(max_age) = &self.max_age {
            out.insert(header::ACCESS_CONTROL_MAX_AGE, max_age.clone());
        }
        response
    }
}

/// Answers preflights, and lets the allowed origins read every answer, errors included.
pub(super) async fn share(State(cors): State<Option<Arc<Cors>>>, request: Request, next: Next) -> Response {
    let Some(cors) = cors else {
        return next.run(request).await;
    };
    let origin = cors.allowed(request.headers()).cloned();
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if let (true, Some(origin)) = (is_preflight, &origin) {
        return cors.preflight(origin, request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS));
    }
    let mut response = next.run(request).await;
    // Caches must keep answers apart even for origins that get nothing.
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        cors.write_common(&origin, response.headers_mut());
    }
    response
}

fn joined(values: &[String]) -> Option<HeaderValue> {
    if values.is_empty() {
        return None;
    }
    HeaderValue::from_str(&values.join(",")).ok()
}

/// Compares an origin with a pattern in which `*` stands for any text without a slash. Both are in lower case.
/// A pattern that is only `*` stands for every origin.
fn matches_origin(pattern: &str, origin: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = origin.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        let found =
            if parts.peek().is_none() { rest.strip_suffix(part).map(|gap| (gap, "")) } else { rest.split_once(part) };
        match found {
            Some((gap, after)) if !gap.contains('/') => rest = after,
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_text_without_a_slash() {
        let cases = [
            ("http://localhost:3000", "http://localhost:3000", true),
            ("http://localhost:3000", "http://localhost:30001", false),
            ("https://*.example.org", "https://a.b.example.org", true),
            ("https://*.example.org", "https://example.org", false),
            ("https://*.example.org", "https://evil.org/.example.org", false),
            ("https://*.example.org", "https://x.example.org.evil.org", false),
            ("http://localhost:*", "http://localhost:8080", true),
            ("https://*-pr-*.example.org", "https://shop-pr-7.example.org", true),
            ("*", "null", true),
        ];
        for (pattern, origin, want) in cases {
            assert_eq!(matches_origin(pattern, origin), want, "{pattern} {origin}");
        }
    }
}
