//! Whether a request comes from this machine by way of its own names.
//!
//! A server on a loopback address is open, because only this machine reaches it. Two things reach through that wall: a web
//! page that gives its own name the loopback address (DNS rebinding), so that the browser here lends it our answers, and a
//! proxy here that passes the requests of others on. The first is known by its `Host`, the second by what it adds.

use axum::http::{HeaderMap, HeaderName, StatusCode, Uri, header};

use crate::Problem;

/// What proxies add to the requests that they pass on.
const PROXY_HEADERS: [HeaderName; 3] =
    [header::FORWARDED, HeaderName::from_static("x-forwarded-for"), HeaderName::from_static("x-real-ip")];

/// Refuses a request without credentials that took another way than straight from this machine.
///
/// # Errors
/// 401 with the reason and the cure.
pub(super) fn check(uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    if let Some(name) = PROXY_HEADERS.iter().find(|name| headers.contains_key(*name)) {
        return Err(refused(&format!("this request was passed on by a proxy (it has the header '{name}')")));
    }
    let host = uri.authority().map(|authority| Some(authority.as_str()));
    let host = host.or_else(|| headers.get(header::HOST).map(|value| value.to_str().ok()));
    match host {
        // Only very old programs send none; a browser always does.
        None => Ok(()),
        Some(Some(host)) if is_own_name(host) => Ok(()),
        Some(host) => Err(refused(&format!("this request calls the server '{}'", host.unwrap_or("?")))),
    }
}

/// Tells whether a name cannot belong to somebody else: numbers, `localhost` and what lies below it (RFC 6761, section 6.3).
fn is_own_name(host: &str) -> bool {
    if host.starts_with('[') {
        return true;
    }
    let name = host.split(':').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || name.parse::<std::net::Ipv4Addr>().is_ok()
}

fn refused(what: &str) -> Problem {
    let message = format!(
        "Without a token this server answers only to its own machine, as localhost, and {what}. \
         Send a token of 'backend.auth.externalAccess', or start the server with --open-to-network"
    );
    Problem::new(StatusCode::UNAUTHORIZED, "AuthenticationError", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_names_are_those_that_nobody_else_can_have() {
        for host in ["localhost:7007", "LOCALHOST.", "portal.localhost:80", "127.0.0.1:7007", "[::1]:7007", "10.1.2.3"]
        {
            assert!(is_own_name(host), "{host}");
        }
        for host in ["evil.example:7007", "localhost.evil.example", "127.0.0.1.evil.example", "notlocalhost", ""] {
            assert!(!is_own_name(host), "{host}");
        }
    }
}
