//! Asking a running server.

use std::future::Future;

use anyhow::{Context as _, bail};

use super::ClientArgs;

/// Runs one client command to its end.
pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    // A second call finds the provider in place, which is what is wanted.
    let _already = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// Sends a GET and gives the answer, once it is a good one.
pub async fn get(args: &ClientArgs, path: &str, query: &[(&str, &str)]) -> anyhow::Result<reqwest::Response> {
    let url = format!("{}{path}", args.server.trim_end_matches('/'));
    let mut request = reqwest::Client::new().get(&url).query(query);
    if let Some(token) = &args.token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await.with_context(|| format!("no server answers at {}", args.server))?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body = response.text().await.unwrap_or_default();
    let message = serde_json::from_str::<serde_json::Value>(&body)
        .ok()
        .and_then(|body| body["error"]["message"].as_str().map(str::to_owned))
        .unwrap_or(body);
    let hint = if status.as_u16() == 401 { "; give a token with --token or CALLBOARD_TOKEN" } else { "" };
    bail!("{url} answers {status}: {message}{hint}");
}
