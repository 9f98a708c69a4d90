//! Sending messages to addresses that people have typed in: webhooks. The same guard as for reading stands before it, and
//! nothing is followed, retried or remembered here; whoever sends decides what an answer means.

use std::{collections::HashSet, time::Duration};

use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use tokio::sync::Semaphore;
use url::Url;

use super::{
    AddressGuard, AllowList, Client,
    attempt::{Answer, Trouble, explain},
};
use crate::{
    observation::ReadError,
    settings::{Limits, ReadingAllow},
};

/// The key of the configuration that opens private addresses.
const KEY: &str = "callboard.webhooks.allow";
/// How much of an answer is read, in bytes. It is shown to the person who looks for a mistake.
const MOST_READ: usize = 4096;

/// What a sender is told.
#[derive(Clone, Debug)]
pub struct SenderSettings {
    /// Hosts that may be private or spoken to without TLS: `host`, `host:port`, `*.domain`. A private address needs a host
    /// that is named in full.
    pub allow: Vec<String>,
    /// Longest time of one message, from the start to the end of the answer.
    pub timeout: Duration,
    /// Messages at the same time.
    pub at_once: usize,
}

/// Sends messages.
#[derive(Debug)]
pub struct Sender {
    client: Client,
    guard: AddressGuard,
    allow: AllowList,
    named: HashSet<String>,
    limits: Limits,
    all: Semaphore,
}

/// What a receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The status.
    pub status: u16,
    /// How long it wants to be left alone.
    pub retry_after: Option<Duration>,
    /// The beginning of what it said.
    pub said: String,
}

impl Sender {
    /// Makes a sender.
    #[must_use]
    pub fn new(settings: &SenderSettings) -> Self {
        let entries: Vec<ReadingAllow> =
            settings.allow.iter().map(|host| ReadingAllow { host: host.clone(), paths: Vec::new() }).collect();
        let allow = AllowList::new(&entries);
        let named: HashSet<String> = allow.named_hosts().map(str::to_owned).collect();
        let guard = AddressGuard::for_key(named.iter().cloned(), KEY);
        let limits = Limits {
            connect_timeout: settings.timeout.min(Duration::from_secs(10)),
            request_timeout: settings.timeout,
            idle_timeout: settings.timeout,
            requests_per_host: 2,
            ..Limits::default()
        };
        Self {
            client: Client::new(guard.clone(), limits.clone()),
            guard,
            allow,
            named,
            limits,
            all: Semaphore::new(settings.at_once.max(1)),
        }
    }

    /// Says whether messages may go to an address, as far as that can be told without asking anybody.
    ///
    /// # Errors
    /// A sentence for the person who typed it.
    pub fn check(&self, address: &str) -> Result<Url, String> {
        let url = Url::parse(address).map_err(|_| format!("`{address}` is no web address"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err("messages go to web addresses that begin with https://".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("an address with a user name or password in it would be shown to others".to_owned());
        }
        let is_allowed = self.allow.allows(&url);
        if url.scheme() == "http" && !is_allowed {
            return Err(format!("messages go by https only, unless the host is named at `{KEY}`"));
        }
        if self.named.contains(url.host_str().unwrap_or_default()) && !is_allowed {
            return Err(format!("this host is named at `{KEY}` with another port"));
        }
        self.guard.check_literal(&url).map_err(|error| error.to_string())?;
        Ok(url)
    }

    /// Sends one message, once.
    ///
    /// # Errors
    /// A sentence that says why there is no answer.
    pub async fn post(
        &self,
        address: &str,
        content_type: &str,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<Posted, String> {
        let url = self.check(address)?;
        let mut all = HeaderMap::new();
        let value = |text: &str| HeaderValue::from_str(text).map_err(|_| format!("`{text}` cannot stand in a header"));
        all.insert(CONTENT_TYPE, value(content_type)?);
        for (name, text) in headers {
            all.insert(HeaderName::from_static(name), value(text)?);
        }
        let _permit = self.all.acquire().await.expect("the semaphore is never closed");
        let client = self.client.get().map_err(|error| error.to_string())?;
        let start = std::time::Instant::now();
        let request = client.request(Method::POST, url).headers(all).body(body);
        let put_into_words = |error| match explain(error, &self.limits, start.elapsed()) {
            Trouble::Passing(message) => message,
            Trouble::Lasting(ReadError::Failed { message, .. }) => message,
            Trouble::Lasting(error) => error.to_string(),
        };
        let mut response = request.send().await.map_err(put_into_words)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut said = Vec::new();
        // The status is the answer; what breaks off after it changes nothing.
        while let Ok(Some(part)) = response.chunk().await {
            said.extend_from_slice(&part[..part.len().min(MOST_READ - said.len())]);
            if said.len() == MOST_READ {
                break;
            }
        }
        let answer = Answer { status, headers, body: said };
        let said = String::from_utf8_lossy(&answer.body).chars().filter(|c| !c.is_control() || *c == '\n').collect();
        Ok(Posted { status: status.as_u16(), retry_after: answer.retry_after(), said })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(allow: &[&str]) -> Sender {
        Sender::new(&SenderSettings {
            allow: allow.iter().map(|host| (*host).to_owned()).collect(),
            timeout: Duration::from_secs(5),
            at_once: 4,
        })
    }

    #[test]
    fn addresses_are_checked_before_anybody_is_asked() {
        let sender = sender(&["hooks.internal", "127.0.0.1:8080"]);
        for good in ["https://hooks.example.com/x", "http://hooks.internal/x", "http://127.0.0.1:8080/x"] {
            assert!(sender.check(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("hooks.example.com", "no web address"),
            ("ftp://hooks.example.com", "https://"),
            ("http://hooks.example.com/x", "https only"),
            ("https://user:word@hooks.example.com/x", "password"),
            ("https://10.0.0.1/x", "callboard.webhooks.allow"),
            ("https://[::1]/x", "not a public address"),
            ("https://169.254.169.254/latest", "not a public address"),
            ("http://127.0.0.1:9090/x", "https only"),
            ("https://127.0.0.1:9090/x", "another port"),
        ] {
            let error = sender.check(bad).unwrap_err();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }

    #[tokio::test]
    async fn names_that_lead_to_this_machine_are_refused() {
        let refused = sender(&[]).post("https://localhost:9/x", "text/plain", &[], String::new()).await.unwrap_err();
        assert!(refused.contains("not a public address") && refused.contains(KEY), "{refused}");
    }
}
