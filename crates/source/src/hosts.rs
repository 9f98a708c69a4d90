//! Which host serves which address. A new family of hosts is one more variant of [`Host`] and its module.

use url::Url;

use crate::{
    github::GitHubHost,
    http::{AddressGuard, AllowList, show_url},
    observation::ReadError,
    settings::{ReaderSettings, UnsupportedIntegration},
};

/// Hosts that Backstage reads without being told, of families that are not supported yet. Source: the defaults of
/// Backstage's integrations.
const UNSUPPORTED_DEFAULTS: [(&str, &str); 3] =
    [("GitLab", "gitlab.com"), ("Bitbucket", "bitbucket.org"), ("Azure DevOps", "dev.azure.com")];

/// All hosts of the configuration.
#[derive(Debug)]
pub(crate) struct Hosts {
    github: Vec<GitHubHost>,
    unsupported: Vec<UnsupportedIntegration>,
    allow: AllowList,
}

/// Who serves an address.
pub(crate) enum Host<'a> {
    /// GitHub, or a GitHub Enterprise server.
    GitHub(&'a GitHubHost),
    /// A plain web host of `backend.reading.allow`.
    Web,
}

/// A repository of a git host, for comparison.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Repository {
    host: String,
    owner: String,
    name: String,
}

impl Hosts {
    /// Takes the hosts out of the settings and adds those that need no configuration.
    pub(crate) fn new(settings: &ReaderSettings) -> Self {
        let mut github: Vec<_> = settings.integrations.github.iter().map(GitHubHost::new).collect();
        if !github.iter().any(|host| host.host() == "github.com") {
            github.push(GitHubHost::public());
        }
        let mut unsupported = settings.integrations.unsupported.clone();
        for (family, host) in UNSUPPORTED_DEFAULTS {
            unsupported.push(UnsupportedIntegration { family: family.to_owned(), host: host.to_owned() });
        }
        Self { github, unsupported, allow: AllowList::new(&settings.reading_allow) }
    }

    /// The guard that trusts exactly the hosts that are named in full.
    pub(crate) fn address_guard(&self) -> AddressGuard {
        let of_github = self.github.iter().flat_map(GitHubHost::trusted_names);
        AddressGuard::new(of_github.chain(self.allow.named_hosts().map(str::to_owned)))
    }

    /// Finds who serves an address.
    ///
    /// # Errors
    /// `NotAllowed` when nobody is configured to.
    pub(crate) fn find(&self, url: &Url, written: &str) -> Result<Host<'_>, ReadError> {
        if matches!(url.scheme(), "http" | "https") {
            if let Some(host) = self.github.iter().find(|host| host.serves(url)) {
                return Ok(Host::GitHub(host));
            }
            if self.allow.allows(url) {
                return Ok(Host::Web);
            }
            if let Some(known) = self.unsupported.iter().find(|known| is_authority(&known.host, url)) {
                return Err(ReadError::NotAllowed(format!(
                    "Reading from '{}' is not possible yet: {} is not supported. A file that can be had without signing in can be read after adding '{}' to 'backend.reading.allow'",
                    show_url(url),
                    known.family,
                    known.host
                )));
            }
        }
        Err(not_allowed(url, written))
    }

    /// Finds the GitHub host of an address.
    pub(crate) fn find_github(&self, address: &str) -> Option<&GitHubHost> {
        let url = Url::parse(address).ok()?;
        self.github.iter().find(|host| host.serves(&url))
    }

    /// Tells whether a redirect to an address may be followed.
    ///
    /// # Errors
    /// `NotAllowed` when it may not.
    pub(crate) fn check_redirect(&self, url: &Url) -> Result<(), ReadError> {
        if self.allow.allows(url) || self.github.iter().any(|host| host.serves(url) || host.serves_api(url)) {
            return Ok(());
        }
        Err(not_allowed(url, &show_url(url)))
    }

    /// The repository that an address of a git host lies in.
    pub(crate) fn repository_of(&self, address: &str) -> Option<Repository> {
        let url = Url::parse(address).ok()?;
        let is_git_host = self.github.iter().any(|host| host.serves(&url))
            || self.unsupported.iter().any(|known| is_authority(&known.host, &url));
        let mut segments = url.path_segments().filter(|_| is_git_host)?;
        let (owner, name) = (segments.next()?, segments.next()?);
        Some(Repository {
            host: url.host_str()?.to_owned(),
            owner: owner.to_ascii_lowercase(),
            name: name.trim_end_matches(".git").to_ascii_lowercase(),
        })
    }
}

/// Tells whether an address lies on `host` or `host:port`.
pub(crate) fn is_authority(authority: &str, url: &Url) -> bool {
    let own = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => return false,
    };
    own.eq_ignore_ascii_case(authority)
}

fn not_allowed(url: &Url, written: &str) -> ReadError {
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    let shown = if has_credentials { show_url(url) } else { written.to_owned() };
    ReadError::NotAllowed(format!(
        "Reading from '{shown}' is not allowed. You may need to configure an integration for the target host, or add it to the configured list of allowed hosts at 'backend.reading.allow'"
    ))
}
