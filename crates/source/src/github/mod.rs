//! GitHub and GitHub Enterprise: web addresses of files, read through the REST API.

mod address;
mod app;
mod credentials;
mod read;
mod request;
mod revision;
mod tree;

use std::{sync::Mutex, time::Instant};

use url::Url;

pub(crate) use address::{join_repository_root, replace_url_type, scm_urls};
use credentials::Credentials;
use tree::TreeCache;

use crate::{hosts::is_authority, settings::GitHubIntegration};

/// One host of `integrations.github`.
#[derive(Debug)]
pub(crate) struct GitHubHost {
    host: String,
    api: Result<Url, String>,
    raw: Option<Url>,
    credentials: Credentials,
    trees: TreeCache,
    /// Until when nobody is asked for commits.
    revisions_rest: Mutex<Option<Instant>>,
}

impl GitHubHost {
    /// Makes a host ready. A base address that is none is reported at the first reading.
    pub(crate) fn new(settings: &GitHubIntegration) -> Self {
        let host = settings.host.to_ascii_lowercase();
        let default_api = match host.as_str() {
            "github.com" => "https://api.github.com".to_owned(),
            _ => format!("https://{host}/api/v3"),
        };
        let api = parse_base(settings.api_base_url.as_deref().unwrap_or(&default_api));
        // Reading through the API without credentials is limited to 60 requests an hour; raw files are not.
        let default_raw =
            (host == "github.com" && settings.api_base_url.is_none()).then_some("https://raw.githubusercontent.com");
        let raw = settings.raw_base_url.as_deref().or(default_raw).and_then(|base| parse_base(base).ok());
        Self {
            host,
            api,
            raw,
            credentials: Credentials::new(settings),
            trees: TreeCache::default(),
            revisions_rest: Mutex::default(),
        }
    }

    /// github.com without a token.
    pub(crate) fn public() -> Self {
        Self::new(&GitHubIntegration { host: "github.com".to_owned(), ..GitHubIntegration::default() })
    }

    /// The host of the web addresses.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Tells whether an address is one of this host's web addresses.
    pub(crate) fn serves(&self, url: &Url) -> bool {
        is_authority(&self.host, url)
    }

    /// Tells whether an address belongs to this host's API or raw files.
    pub(crate) fn serves_api(&self, url: &Url) -> bool {
        let bases = self.api.iter().chain(&self.raw);
        bases.into_iter().any(|base| base.origin() == url.origin())
    }

    /// Names whose addresses may be private, because the configuration names them.
    pub(crate) fn trusted_names(&self) -> Vec<String> {
        // github.com and its relatives are public; a private address behind those names is an attack.
        if self.host == "github.com" && self.api.as_ref().is_ok_and(|api| api.host_str() == Some("api.github.com")) {
            return Vec::new();
        }
        let own = Url::parse(&format!("https://{}", self.host)).ok();
        let bases = self.api.iter().chain(&self.raw).chain(&own);
        bases.into_iter().filter_map(|base| base.host_str().map(str::to_owned)).collect()
    }
}

fn parse_base(text: &str) -> Result<Url, String> {
    Url::parse(text.trim_end_matches('/'))
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| format!("'{text}' is no web address"))
}
