//! A request with all its care: permits, pauses, retries, and redirects that are checked one by one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{
    Method, StatusCode,
    header::{AUTHORIZATION, HeaderMap, LOCATION},
};
use tokio::{sync::Semaphore, time::Instant};
use tracing::Instrument;
use url::Url;

pub(crate) use super::attempt::Answer;
use super::{
    AddressGuard, Client, RateLimit,
    attempt::{Trouble, send},
    host_state::{Closed, HostState},
    redact::show_url,
};
use crate::{observation::ReadError, settings::Limits};

/// Attempts after the first that failed for a passing reason.
const RETRIES: u32 = 2;

/// Redirects that are followed for one request.
const MAX_REDIRECTS: u32 = 5;

/// No host is left alone for longer than this because it asked for it.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// Sends requests to all hosts.
#[derive(Debug)]
pub(crate) struct Fetcher {
    client: Client,
    guard: AddressGuard,
    limits: Limits,
    hosts: Mutex<HashMap<String, Arc<HostState>>>,
    all: Semaphore,
}

/// One request.
pub(crate) struct Call<'a> {
    /// `GET`, or a `POST` without a body that may be repeated.
    pub(crate) method: Method,
    /// What to read.
    pub(crate) url: Url,
    /// Headers; `Authorization` goes to no other host than that of `url`.
    pub(crate) headers: HeaderMap,
    /// Largest answer, in bytes.
    pub(crate) max_bytes: u64,
    /// Whether the answer can be done without: then there is one attempt, and a failure says nothing about the host.
    pub(crate) is_aside: bool,
    /// Asked before every redirect is followed.
    pub(crate) may_follow: &'a (dyn Fn(&Url) -> Result<(), ReadError> + Send + Sync),
}

impl Fetcher {
    /// Makes a fetcher that connects to public addresses and to those that `guard` trusts.
    pub(crate) fn new(guard: AddressGuard, limits: Limits) -> Self {
        Self {
            client: Client::new(guard.clone(), limits.clone()),
            guard,
            all: Semaphore::new(limits.requests_in_all.max(1)),
            limits,
            hosts: Mutex::default(),
        }
    }

    /// The limits.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Sends a request and follows redirects. An answer of any status but a redirect is a success here.
    ///
    /// # Errors
    /// When there is no whole answer, or a redirect leads where nothing may be read.
    pub(crate) async fn fetch(&self, call: Call<'_>) -> Result<Answer, ReadError> {
        let shown = show_url(&call.url);
        let (mut url, mut headers) = (call.url, call.headers);
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.fetch_patiently(&call.method, &url, &headers, call.max_bytes, call.is_aside).await?;
            let Some(next) = redirect_target(&answer, &url)? else { return Ok(answer) };
            (call.may_follow)(&next).map_err(|error| refuse_redirect(&shown, &error))?;
            if next.origin() != url.origin() {
                headers.remove(AUTHORIZATION);
            }
            url = next;
        }
        Err(ReadError::failed(format!("could not read {shown}, more than {MAX_REDIRECTS} redirects")))
    }

    /// The state of the host of an address.
    pub(crate) fn host_state(&self, url: &Url) -> Arc<HostState> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let state =
            hosts.entry(authority(url)).or_insert_with(|| Arc::new(HostState::new(self.limits.requests_per_host)));
        Arc::clone(state)
    }

    /// Leaves the host of an address alone for a while, because it asked for it.
    pub(crate) fn pause(&self, url: &Url, duration: Duration) {
        tracing::warn!(host = authority(url), seconds = duration.as_secs(), "host asks to be left alone");
        self.host_state(url).pause(Instant::now(), duration.min(LONGEST_PAUSE));
    }

    /// What the hosts grant, sorted by host.
    pub(crate) fn rate_limits(&self) -> Vec<RateLimit> {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut limits: Vec<_> = hosts.values().filter_map(|state| state.rate_limit()).collect();
        limits.sort_by(|a, b| a.host.cmp(&b.host));
        limits
    }

    async fn fetch_patiently(
        &self,
        method: &Method,
        url: &Url,
        headers: &HeaderMap,
        max_bytes: u64,
        is_aside: bool,
    ) -> Result<Answer, ReadError> {
        self.guard.check_literal(url).map_err(|error| ReadError::NotAllowed(error.to_string()))?;
        let state = self.host_state(url);
        let mut retry = 0;
        loop {
            let outcome = self.fetch_once(&state, method, url, headers, max_bytes).await?;
            if is_aside {
                return outcome.map_err(|trouble| match trouble {
                    Trouble::Lasting(error) => name_address(error, url),
                    Trouble::Passing(message) => ReadError::failed(message),
                });
            }
            let may_retry = retry < RETRIES;
            match outcome {
                Ok(answer) if !is_passing(answer.status) => {
                    state.note_answer();
                    self.heed_pause(url, &answer);
                    return Ok(answer);
                }
                Ok(answer) if answer.retry_after().is_some() || !may_retry => {
                    state.note_failure(Instant::now(), self.limits.breaker_pause);
                    self.heed_pause(url, &answer);
                    return Ok(answer);
                }
                Err(Trouble::Lasting(error)) => return Err(name_address(error, url)),
                Err(Trouble::Passing(message)) if !may_retry => {
                    state.note_failure(Instant::now(), self.limits.breaker_pause);
                    return Err(ReadError::failed(format!("could not read {}, {message}", show_url(url))));
                }
                Ok(_) | Err(Trouble::Passing(_)) => {}
            }
            tokio::time::sleep(jitter(self.limits.retry_pause * 2_u32.pow(retry))).await;
            retry += 1;
        }
    }

    async fn fetch_once(
        &self,
        state: &HostState,
        method: &Method,
        url: &Url,
        headers: &HeaderMap,
        max_bytes: u64,
    ) -> Result<Result<Answer, Trouble>, ReadError> {
        // First the host's permit, so that the requests of one slow host do not wait while holding those for all.
        let _host = state.permits.acquire().await.expect("the semaphore is never closed");
        let _all = self.all.acquire().await.expect("the semaphore is never closed");
        if let Some((why, rest)) = state.closed(Instant::now()) {
            return Err(left_alone(url, why, rest));
        }
        let span = tracing::debug_span!("fetch", host = authority(url), status = tracing::field::Empty);
        let outcome = send(&self.client, method, url, headers, max_bytes, &self.limits).instrument(span.clone()).await;
        let status = outcome.as_ref().map_or("failed".to_owned(), |answer| answer.status.as_u16().to_string());
        span.record("status", status.as_str());
        metrics::counter!("callboard_source_requests_total", "host" => authority(url), "status" => status).increment(1);
        Ok(outcome)
    }

    fn heed_pause(&self, url: &Url, answer: &Answer) {
        let asks = matches!(answer.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        if let Some(pause) = answer.retry_after().filter(|_| asks) {
            self.pause(url, pause);
        }
    }
}

/// `host`, or `host:port` where the port is not the usual one.
pub(crate) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

fn redirect_target(answer: &Answer, url: &Url) -> Result<Option<Url>, ReadError> {
    if !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let shown = show_url(url);
    let target = answer.header(LOCATION.as_str()).and_then(|target| url.join(target).ok());
    let Some(mut target) = target else {
        return Err(ReadError::failed(format!("could not read {shown}, the redirect names no address")));
    };
    target.set_fragment(None);
    match (url.scheme(), target.scheme()) {
        ("https", "http") => {
            Err(ReadError::NotAllowed(format!("could not read {shown}, it redirects to an address without TLS")))
        }
        (_, "http" | "https") => Ok(Some(target)),
        (_, scheme) => {
            Err(ReadError::NotAllowed(format!("could not read {shown}, it redirects to a '{scheme}:' address")))
        }
    }
}

fn refuse_redirect(shown: &str, error: &ReadError) -> ReadError {
    ReadError::NotAllowed(format!("could not read {shown}, it redirects elsewhere: {error}"))
}

fn name_address(error: ReadError, url: &Url) -> ReadError {
    match error {
        ReadError::Failed { message, retry_after_ms } => {
            ReadError::Failed { message: format!("could not read {}, {message}", show_url(url)), retry_after_ms }
        }
        other => other,
    }
}

fn left_alone(url: &Url, why: Closed, rest: Duration) -> ReadError {
    let (host, seconds) = (authority(url), rest.as_secs() + 1);
    let message = match why {
        Closed::Paused => format!("{host} asked to be left alone (rate limit exceeded), next try in {seconds} s"),
        Closed::Broken => format!("{host} failed several times in a row, next try in {seconds} s"),
    };
    ReadError::Failed { message, retry_after_ms: Some(u64::try_from(rest.as_millis()).unwrap_or(u64::MAX)) }
}

/// A pause of any length up to `longest`, so that many waiting requests do not come back at the same moment.
fn jitter(longest: Duration) -> Duration {
    longest.mul_f64(rand::random::<f64>())
}
