//! One request, once: send, read the answer within the limits, and put what goes wrong into words.

use std::{
    error::Error as StdError,
    io,
    time::{Duration, Instant},
};

use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use url::Url;

use super::{Client, addresses::AddressRefused};
use crate::{observation::ReadError, settings::Limits, units::show_bytes};

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its status; never a redirect.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its content, decompressed.
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Trying again may help: connection lost, nobody answers, time is up.
    Passing(String),
    /// Trying again gives the same.
    Lasting(ReadError),
}

impl Answer {
    /// A header as text, when it is there and can be written as ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A header as number.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.header(name)?.trim().parse().ok()
    }

    /// How long the host wants to be left alone. A date instead of seconds counts from the host's own `Date`.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let text = self.header(RETRY_AFTER.as_str())?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = parse_date(text)?;
        let now = self.header("date").and_then(parse_date)?;
        Some(Duration::from_secs(u64::try_from(until - now).unwrap_or(0)))
    }

    /// `404 Not Found`.
    pub(crate) fn status_text(&self) -> String {
        match self.status.canonical_reason() {
            Some(reason) => format!("{} {reason}", self.status.as_u16()),
            None => self.status.as_u16().to_string(),
        }
    }
}

/// Seconds since 1970 of an HTTP date.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    jiff::fmt::rfc2822::parse(text).ok().map(|time| time.timestamp().as_second())
}

/// Sends one request and reads the answer to its end.
pub(crate) async fn send(
    client: &Client,
    method: &Method,
    url: &Url,
    headers: &HeaderMap,
    max_bytes: u64,
    limits: &Limits,
) -> Result<Answer, Trouble> {
    let client = client.get().map_err(Trouble::Lasting)?;
    let start = Instant::now();
    let request = client.request(method.clone(), url.clone()).headers(headers.clone());
    let mut response = request.send().await.map_err(|error| explain(error, limits, start.elapsed()))?;
    let (status, headers) = (response.status(), response.headers().clone());
    let too_large = || {
        let limit = show_bytes(max_bytes);
        Trouble::Lasting(ReadError::failed(format!("the answer is larger than the limit of {limit}")))
    };
    let mut body = Vec::new();
    if response.content_length().is_some_and(|length| length > max_bytes) {
        return Err(too_large());
    }
    while let Some(part) = response.chunk().await.map_err(|error| explain(error, limits, start.elapsed()))? {
        if (body.len() + part.len()) as u64 > max_bytes {
            return Err(too_large());
        }
        body.extend_from_slice(&part);
    }
    Ok(Answer { status, headers, body })
}

/// The messages of an error and of all that led to it, in one line.
pub(crate) fn chain_text(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        // Some libraries repeat their cause.
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        cause = error.source();
    }
    text
}

/// Puts into words why there is no answer.
pub(super) fn explain(error: reqwest::Error, limits: &Limits, elapsed: Duration) -> Trouble {
    // Addresses can hold credentials, and the caller names the address anyway.
    let error = error.without_url();
    if let Some(refused) = find_cause::<AddressRefused>(&error) {
        return Trouble::Lasting(ReadError::NotAllowed(refused.to_string()));
    }
    if let Some(tls) = find_cause::<rustls::Error>(&error) {
        return Trouble::Lasting(ReadError::failed(format!("the TLS connection failed: {tls}")));
    }
    if error.is_timeout() {
        let message = match error.is_connect() {
            true => format!("no connection within {:?}", limits.connect_timeout.min(limits.request_timeout)),
            false if elapsed >= limits.request_timeout => {
                format!("no complete answer within {:?}", limits.request_timeout)
            }
            false => format!("silence for {:?}", limits.idle_timeout),
        };
        return Trouble::Passing(message);
    }
    if error.is_builder() {
        return Trouble::Lasting(ReadError::failed(chain_text(&error)));
    }
    let reason = innermost(&error);
    Trouble::Passing(if error.is_connect() { format!("cannot connect: {reason}") } else { reason })
}

/// Looks for an error of one type among the causes, also inside of I/O errors, which hide what they carry.
fn find_cause<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        let carried = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = carried.and_then(|carried| find_cause::<T>(carried)) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

fn innermost(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = error.to_string();
        cause = error.source();
    }
    text
}
