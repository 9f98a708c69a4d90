//! Requests to GitHub's API: headers, rate limits, refusals in words.

use std::time::Duration;

use reqwest::{
    Method, StatusCode,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue},
};
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use super::{GitHubHost, app::unix_now};
use crate::{
    http::{Answer, Call, Fetcher, RateLimit, authority, show_url},
    observation::ReadError,
};

/// Largest JSON answer; GitHub cuts trees at 7 MB.
const MAX_JSON_BYTES: u64 = 32 * 1024 * 1024;

/// How long to wait after a secondary rate limit that names no time. Source: GitHub's best practices for the REST API.
const SECONDARY_PAUSE: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct Complaint {
    message: String,
}

impl GitHubHost {
    /// Makes an address of the API; every segment is encoded.
    ///
    /// # Errors
    /// When the configured base address is none.
    pub(super) fn api_url(&self, segments: &[&str]) -> Result<Url, ReadError> {
        match &self.api {
            Ok(base) => Ok(append(base, segments)),
            Err(message) => {
                let host = &self.host;
                Err(ReadError::failed(format!("integrations.github for '{host}': apiBaseUrl {message}")))
            }
        }
    }

    /// Sends a request for JSON.
    ///
    /// # Errors
    /// When there is no answer; an answer of any status is a success here.
    pub(super) async fn ask(
        &self,
        fetcher: &Fetcher,
        method: Method,
        url: Url,
        authorization: Option<HeaderValue>,
    ) -> Result<Answer, ReadError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
        self.send(fetcher, method, url, headers, authorization, MAX_JSON_BYTES).await
    }

    /// Sends a request and heeds what the answer says of rate limits.
    ///
    /// # Errors
    /// As [`GitHubHost::ask`].
    pub(super) async fn send(
        &self,
        fetcher: &Fetcher,
        method: Method,
        url: Url,
        headers: HeaderMap,
        authorization: Option<HeaderValue>,
        max_bytes: u64,
    ) -> Result<Answer, ReadError> {
        let answer = self.fetch(fetcher, (method, url.clone(), false), headers, authorization, max_bytes).await?;
        if let Some(pause) = asked_pause(&answer) {
            fetcher.pause(&url, pause);
        }
        Ok(answer)
    }

    /// Asks for JSON that can be done without.
    ///
    /// # Errors
    /// As [`GitHubHost::ask`].
    pub(super) async fn ask_aside(
        &self,
        fetcher: &Fetcher,
        url: Url,
        authorization: HeaderValue,
    ) -> Result<Answer, ReadError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
        self.fetch(fetcher, (Method::GET, url, true), headers, Some(authorization), MAX_JSON_BYTES).await
    }

    async fn fetch(
        &self,
        fetcher: &Fetcher,
        (method, url, is_aside): (Method, Url, bool),
        mut headers: HeaderMap,
        authorization: Option<HeaderValue>,
        max_bytes: u64,
    ) -> Result<Answer, ReadError> {
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, value);
        }
        let may_follow = |next: &Url| match self.serves_api(next) || self.serves(next) {
            true => Ok(()),
            false => Err(ReadError::NotAllowed(format!("'{}' does not belong to {}", show_url(next), self.host))),
        };
        let call = Call { method, url: url.clone(), headers, max_bytes, is_aside, may_follow: &may_follow };
        let answer = fetcher.fetch(call).await?;
        if let Some(limit) = read_rate_limit(&url, &answer) {
            fetcher.host_state(&url).note_rate_limit(limit);
        }
        Ok(answer)
    }

    /// Puts an answer without success into words. Source of the first half: Backstage's `GithubUrlReader`.
    pub(super) fn refusal(&self, url: &Url, answer: &Answer) -> ReadError {
        let mut message = format!("Request failed for {}, {}", show_url(url), answer.status_text());
        if is_rate_limited(answer) {
            message.push_str(" (rate limit exceeded)");
            let pause = asked_pause(answer).map(|pause| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
            return ReadError::Failed { message, retry_after_ms: pause };
        }
        if let Ok(complaint) = serde_json::from_slice::<Complaint>(&answer.body) {
            let text: String = complaint.message.chars().filter(|c| !c.is_control()).take(300).collect();
            message.push_str(&format!(", {text}"));
        }
        if answer.status != StatusCode::NOT_FOUND {
            return ReadError::failed(message);
        }
        if self.credentials.is_empty() {
            message.push_str(
                " (without credentials in integrations.github a private repository looks as if it were not there)",
            );
        }
        ReadError::NotFound(message)
    }
}

impl Answer {
    /// The host's own clock, in seconds since 1970.
    pub(super) fn server_time(&self) -> Option<u64> {
        self.header("date").and_then(crate::http::parse_date).and_then(|time| u64::try_from(time).ok())
    }
}

/// Appends segments to a base address.
pub(super) fn append(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    // Web addresses always have a path to append to.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// Reads the JSON of an answer.
pub(super) fn read_json<T: DeserializeOwned>(url: &Url, answer: &Answer) -> Result<T, ReadError> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| ReadError::failed(format!("the answer of {} cannot be understood: {error}", show_url(url))))
}

fn read_rate_limit(url: &Url, answer: &Answer) -> Option<RateLimit> {
    Some(RateLimit {
        host: authority(url),
        limit: answer.number("x-ratelimit-limit")?,
        remaining: answer.number("x-ratelimit-remaining")?,
        reset_at: answer.number("x-ratelimit-reset")?,
    })
}

fn is_rate_limited(answer: &Answer) -> bool {
    match answer.status.as_u16() {
        429 => true,
        403 => {
            answer.number("x-ratelimit-remaining") == Some(0)
                || answer.retry_after().is_some()
                || String::from_utf8_lossy(&answer.body).to_ascii_lowercase().contains("rate limit")
        }
        _ => false,
    }
}

/// How long the host is to be left alone: because it refused, or because this was the last request that it grants.
fn asked_pause(answer: &Answer) -> Option<Duration> {
    let until_reset = || {
        let now = answer.server_time().unwrap_or_else(unix_now);
        answer.number("x-ratelimit-reset").map(|reset| Duration::from_secs(reset.saturating_sub(now) + 1))
    };
    let is_used_up = answer.number("x-ratelimit-remaining") == Some(0);
    match is_rate_limited(answer) {
        true => {
            Some(answer.retry_after().or_else(|| is_used_up.then(until_reset).flatten()).unwrap_or(SECONDARY_PAUSE))
        }
        false => is_used_up.then(until_reset).flatten(),
    }
}
