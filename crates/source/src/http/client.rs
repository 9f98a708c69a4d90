//! The HTTP client that all hosts share, made at the first request.

use std::sync::OnceLock;

use super::AddressGuard;
use crate::{observation::ReadError, settings::Limits};

/// Makes the client late, because reading files on disk must work on a machine without certificates.
#[derive(Debug)]
pub(crate) struct Client {
    guard: AddressGuard,
    limits: Limits,
    made: OnceLock<Result<reqwest::Client, String>>,
}

impl Client {
    /// Remembers how the client is to be made.
    pub(crate) fn new(guard: AddressGuard, limits: Limits) -> Self {
        Self { guard, limits, made: OnceLock::new() }
    }

    /// Gives the client.
    ///
    /// # Errors
    /// When it cannot be made: no certificates on this machine.
    pub(crate) fn get(&self) -> Result<&reqwest::Client, ReadError> {
        let made = self.made.get_or_init(|| build(&self.guard, &self.limits));
        made.as_ref().map_err(|message| ReadError::failed(format!("there is no HTTP client: {message}")))
    }
}

fn build(guard: &AddressGuard, limits: &Limits) -> Result<reqwest::Client, String> {
    // An error means that somebody has installed a provider before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("callboard/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        // A proxy would resolve names itself, past the guard.
        .no_proxy()
        .dns_resolver(guard.clone())
        .connect_timeout(limits.connect_timeout)
        .timeout(limits.request_timeout)
        .read_timeout(limits.idle_timeout)
        .pool_max_idle_per_host(limits.requests_per_host)
        .build()
        .map_err(|error| super::attempt::chain_text(&error))
}
