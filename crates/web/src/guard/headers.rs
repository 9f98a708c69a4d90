//! Security headers on every answer: those that Backstage sends through helmet, with a stricter content policy.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// Nothing is loaded from elsewhere, no script or style stands in a page, and none is evaluated from text.
const CONTENT_POLICY: &str = "default-src 'self';base-uri 'self';font-src 'self';form-action 'self';frame-ancestors 'self';\
    img-src 'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self'";

/// The headers of this server.
pub(super) struct SecurityHeaders(Vec<(HeaderName, HeaderValue)>);

impl SecurityHeaders {
    /// `Strict-Transport-Security` is sent only where the server is reached over TLS.
    pub(super) fn new(base_url: &str) -> Arc<Self> {
        let mut headers = vec![
            (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_DNS_PREFETCH_CONTROL, "off"),
            (HeaderName::from_static("x-download-options"), "noopen"),
            (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
            (HeaderName::from_static("x-permitted-cross-domain-policies"), "none"),
            (header::X_XSS_PROTECTION, "0"),
        ];
        if base_url.starts_with("https://") {
            headers.push((header::STRICT_TRANSPORT_SECURITY, "max-age=15552000; includeSubDomains"));
        }
        Arc::new(Self(headers.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()))
    }
}

/// Adds the headers that an answer does not set itself.
pub(super) async fn secure(State(headers): State<Arc<SecurityHeaders>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in &headers.0 {
        response.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    response
}
