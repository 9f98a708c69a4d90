//! What the reader is told: integrations, allowed hosts, limits. Plain values; the configuration fills them.

use std::{fmt, path::PathBuf, time::Duration};

/// A text that must never be shown: its `Debug` form is a row of stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Gives the text itself, for the one place that sends or signs with it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Everything that a [`Reader`](crate::Reader) depends on.
#[derive(Clone, Debug, Default)]
pub struct ReaderSettings {
    /// `integrations`: git hosts and how to sign in there.
    pub integrations: Integrations,
    /// `backend.reading.allow`: other hosts that may be read.
    pub reading_allow: Vec<ReadingAllow>,
    /// How much, how long, how many at once.
    pub limits: Limits,
    /// When not empty: files on disk are read below these folders only.
    pub file_roots: Vec<PathBuf>,
    /// API groups beside Backstage's and Callboard's own (`example.com`, `example.com/`) by which
    /// [`Reader::discover`](crate::Reader::discover) tells a descriptor from other YAML.
    pub known_api_groups: Vec<String>,
}

/// `integrations` of the configuration.
#[derive(Clone, Debug, Default)]
pub struct Integrations {
    /// `integrations.github`. github.com is there without a token also when it is not listed.
    pub github: Vec<GitHubIntegration>,
    /// Hosts of families that Backstage knows and that cannot be read yet; reading them gives a clear error.
    pub unsupported: Vec<UnsupportedIntegration>,
}

/// A host of a family that cannot be read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedIntegration {
    /// The family as a person writes it: `GitLab`.
    pub family: String,
    /// Host name, with the port where it is not the usual one.
    pub host: String,
}

/// One entry of `integrations.github`.
#[derive(Clone, Debug, Default)]
pub struct GitHubIntegration {
    /// Host of the web addresses, with the port where it is not the usual one: `github.com`.
    pub host: String,
    /// Base address of the REST API; absent: `https://api.github.com`, or `https://<host>/api/v3` on other hosts.
    pub api_base_url: Option<String>,
    /// Base address of raw files; it is used for reading without credentials only.
    pub raw_base_url: Option<String>,
    /// A personal access token.
    pub token: Option<Secret>,
    /// GitHub Apps; the first with an installation for the owner goes before the token.
    pub apps: Vec<GitHubApp>,
}

/// One GitHub App of an integration.
#[derive(Clone, Debug)]
pub struct GitHubApp {
    /// The app's number.
    pub app_id: u64,
    /// Its RSA key in PEM form.
    pub private_key: Secret,
    /// OAuth client of the app; not needed for reading.
    pub client_id: Option<String>,
    /// OAuth secret of the app; not needed for reading.
    pub client_secret: Option<Secret>,
    /// With which the app signs its webhooks.
    pub webhook_secret: Option<Secret>,
    /// When present: owners (organisations, users) for which the app may be used.
    pub allowed_installation_owners: Option<Vec<String>>,
}

/// One entry of `backend.reading.allow`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadingAllow {
    /// `host`, `host:port`, `host:from-to`, or `*.domain`. A private address is read only behind a host that is named in full.
    pub host: String,
    /// Prefixes of allowed paths; empty: every path.
    pub paths: Vec<String>,
}

/// Limits of reading.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest file, in bytes after decompression.
    pub max_file_bytes: u64,
    /// Longest time until a connection stands, DNS and TLS included.
    pub connect_timeout: Duration,
    /// Longest time of one request from its start to the last byte of the answer.
    pub request_timeout: Duration,
    /// Longest silence in the middle of an answer.
    pub idle_timeout: Duration,
    /// Requests at the same time to one host.
    pub requests_per_host: usize,
    /// Requests at the same time in all.
    pub requests_in_all: usize,
    /// The first pause before a retry lies between zero and this; the second between zero and twice this.
    pub retry_pause: Duration,
    /// How long a host is left alone after several failures in a row.
    pub breaker_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_file_bytes: 10 * 1024 * 1024,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(15),
            requests_per_host: 5,
            requests_in_all: 64,
            retry_pause: Duration::from_millis(250),
            breaker_pause: Duration::from_secs(30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_a_secret() {
        let settings = ReaderSettings {
            integrations: Integrations {
                github: vec![GitHubIntegration {
                    host: "github.com".to_owned(),
                    token: Some(Secret::new("ghp_visible")),
                    apps: vec![GitHubApp {
                        app_id: 7,
                        private_key: Secret::new("visible-key"),
                        client_id: None,
                        client_secret: Some(Secret::new("visible-client")),
                        webhook_secret: Some(Secret::new("visible-hook")),
                        allowed_installation_owners: None,
                    }],
                    ..GitHubIntegration::default()
                }],
                ..Integrations::default()
            },
            ..ReaderSettings::default()
        };
        let text = format!("{settings:?}");
        assert!(text.contains("***") && !text.contains("visible"), "{text}");
    }
}
