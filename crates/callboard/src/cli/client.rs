//! Asking a running server.

use std::future::Future;

use anyhow::{anyhow, bail};

use super::ClientArgs;

/// Runs one client command to its end.
pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    // A second call finds the provider in place, which is what is wanted.
    let _already = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// Sends a GET and gives the answer, once it is a good one.
pub async fn get(args: &ClientArgs, path: &str, query: &[(&str, &str)]) -> anyhow::Result<reqwest::Response> {
    let server = complete(&args.server);
    let url = format!("{server}{path}");
    let mut request = reqwest::Client::new().get(&url).query(query);
    if let Some(token) = &args.token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await.map_err(|error| unreachable_server(&server, &error))?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let message = message_of(response.text().await.unwrap_or_default());
    let hint = if status.as_u16() == 401 { "; give a token with --token or CALLBOARD_TOKEN" } else { "" };
    bail!("{url} answers {status}: {message}{hint}");
}

/// Accepts `127.0.0.1:7007` and, as `--listen` does, `:7007` for `http://127.0.0.1:7007`, and a slash at the end.
fn complete(server: &str) -> String {
    let server = server.trim_end_matches('/');
    match server {
        _ if server.contains("://") => server.to_owned(),
        _ if server.starts_with(':') => format!("http://127.0.0.1{server}"),
        _ => format!("http://{server}"),
    }
}

/// The layers between say nothing that helps; the innermost reason does.
fn unreachable_server(server: &str, error: &reqwest::Error) -> anyhow::Error {
    let mut reason: &dyn std::error::Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    anyhow!("no server answers at {server} ({reason}); start one with `callboard serve`, or name another with --server")
}

/// The sentence in an error body: `detail` of our own API, `error.message` of Backstage's, else the body as it is.
fn message_of(body: String) -> String {
    let sentence = serde_json::from_str::<serde_json::Value>(&body).ok().and_then(|json| {
        let sentence = json["detail"].as_str().or_else(|| json["error"]["message"].as_str());
        sentence.map(str::to_owned)
    });
    sentence.unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_sentence_of_either_api() {
        assert_eq!(message_of(r#"{"status":403,"detail":"you may not"}"#.to_owned()), "you may not");
        assert_eq!(message_of(r#"{"error":{"name":"X","message":"no such thing"}}"#.to_owned()), "no such thing");
        assert_eq!(message_of("bad gateway".to_owned()), "bad gateway");
    }

    #[test]
    fn an_address_needs_no_scheme() {
        assert_eq!(complete("127.0.0.1:7007"), "http://127.0.0.1:7007");
        assert_eq!(complete(":7008"), "http://127.0.0.1:7008");
        assert_eq!(complete("https://portal.example.com/"), "https://portal.example.com");
    }

    #[test]
    fn a_missing_server_is_said_with_the_reason_and_a_way_on() {
        // Bound and dropped, so that nobody listens there.
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let args = ClientArgs { server: address.to_string(), token: None };
        let error = block_on(get(&args, "/api/v1/status", &[])).unwrap_err().to_string();
        assert!(error.starts_with(&format!("no server answers at http://{address} (")), "{error}");
        assert!(error.contains("refused") && error.contains("--server"), "{error}");
    }
}
