//! While the database cannot be reached, every answer says as of when it is known to be right.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

use crate::App;

/// The header: a moment as RFC 3339 has it. It is there only while answers may be old.
const AS_OF: HeaderName = HeaderName::from_static("x-callboard-stale-since");

/// Adds the header where it belongs.
pub(super) async fn tell(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(since) = app.live().stale_since() {
        let moment = jiff::Timestamp::from_millisecond(since.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string();
        if let Ok(value) = HeaderValue::from_str(&moment) {
            response.headers_mut().insert(AS_OF, value);
        }
    }
    response
}
