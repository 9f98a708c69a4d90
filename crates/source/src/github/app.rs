//! GitHub Apps: a signed claim gives the list of installations, an installation gives a token for an hour.

use std::{
    collections::HashMap,
    sync::OnceLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Method, header::HeaderValue};
use serde::{Deserialize, Serialize};
use tokio::{sync::Mutex, time::Instant};

use super::{GitHubHost, credentials::bearer};
use crate::{
    http::Fetcher,
    observation::ReadError,
    settings::{GitHubApp, Secret},
};

/// A token is replaced this long before it ends.
const EXPIRY_MARGIN: Duration = Duration::from_secs(300);

/// How long the list of installations is believed for an owner that is in it.
const LIST_LIFETIME: Duration = Duration::from_secs(600);

/// How long it is believed for an owner that is not in it.
const ABSENCE_LIFETIME: Duration = Duration::from_secs(60);

/// Installations per page and pages that are read: 10,000 in all.
const PAGE_SIZE: usize = 100;
const MAX_PAGES: usize = 100;

/// One app with its tokens.
#[derive(Debug)]
pub(crate) struct App {
    settings: GitHubApp,
    key: OnceLock<Option<SigningKey>>,
    installations: Mutex<Option<(Instant, HashMap<String, u64>)>>,
    tokens: Mutex<HashMap<u64, (Secret, Instant)>>,
}

struct SigningKey(EncodingKey);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[derive(Serialize)]
struct Claims {
    iat: u64,
    exp: u64,
    iss: String,
}

#[derive(Deserialize)]
struct Installation {
    id: u64,
    account: Option<Account>,
    suspended_at: Option<String>,
}

#[derive(Deserialize)]
struct Account {
    login: String,
}

#[derive(Deserialize)]
struct IssuedToken {
    token: String,
    expires_at: String,
}

impl App {
    /// An app that has no tokens yet.
    pub(super) fn new(settings: GitHubApp) -> Self {
        Self { settings, key: OnceLock::new(), installations: Mutex::default(), tokens: Mutex::default() }
    }

    /// Tells whether the configuration lets the app be used for an owner.
    pub(super) fn may_serve(&self, owner: &str) -> bool {
        match &self.settings.allowed_installation_owners {
            Some(owners) => owners.iter().any(|allowed| allowed.eq_ignore_ascii_case(owner)),
            None => true,
        }
    }

    /// Gives a token for the repositories of an owner; `None` when the app is not installed there.
    ///
    /// # Errors
    /// When the key is no key, or GitHub refuses.
    pub(super) async fn token_for(
        &self,
        host: &GitHubHost,
        fetcher: &Fetcher,
        owner: &str,
    ) -> Result<Option<Secret>, ReadError> {
        let Some(installation) = self.find_installation(host, fetcher, owner).await? else { return Ok(None) };
        // The lock is held while asking, so that many readers at the start ask once.
        let mut tokens = self.tokens.lock().await;
        if let Some((token, until)) = tokens.get(&installation)
            && *until > Instant::now()
        {
            return Ok(Some(token.clone()));
        }
        let (token, lifetime) = self.issue_token(host, fetcher, installation).await?;
        tokens.insert(installation, (token.clone(), Instant::now() + lifetime.saturating_sub(EXPIRY_MARGIN)));
        Ok(Some(token))
    }

    async fn find_installation(
        &self,
        host: &GitHubHost,
        fetcher: &Fetcher,
        owner: &str,
    ) -> Result<Option<u64>, ReadError> {
        let owner = owner.to_ascii_lowercase();
        let mut known = self.installations.lock().await;
        if let Some((since, list)) = known.as_ref() {
            let found = list.get(&owner).copied();
            let lifetime = if found.is_some() { LIST_LIFETIME } else { ABSENCE_LIFETIME };
            if since.elapsed() < lifetime {
                return Ok(found);
            }
        }
        let list = self.list_installations(host, fetcher).await?;
        let found = list.get(&owner).copied();
        *known = Some((Instant::now(), list));
        Ok(found)
    }

    async fn list_installations(
        &self,
        host: &GitHubHost,
        fetcher: &Fetcher,
    ) -> Result<HashMap<String, u64>, ReadError> {
        let mut list = HashMap::new();
        for page in 1..=MAX_PAGES {
            let mut url = host.api_url(&["app", "installations"])?;
            url.query_pairs_mut()
                .append_pair("per_page", &PAGE_SIZE.to_string())
                .append_pair("page", &page.to_string());
            let answer = host.ask(fetcher, Method::GET, url.clone(), Some(self.claim()?)).await?;
            if !answer.status.is_success() {
                return Err(self.refused(host, &url, &answer));
            }
            let installations: Vec<Installation> = super::request::read_json(&url, &answer)?;
            let is_last = installations.len() < PAGE_SIZE;
            let active = installations.into_iter().filter(|installation| installation.suspended_at.is_none());
            list.extend(active.filter_map(|one| Some((one.account?.login.to_ascii_lowercase(), one.id))));
            if is_last {
                break;
            }
        }
        Ok(list)
    }

    async fn issue_token(
        &self,
        host: &GitHubHost,
        fetcher: &Fetcher,
        installation: u64,
    ) -> Result<(Secret, Duration), ReadError> {
        let url = host.api_url(&["app", "installations", &installation.to_string(), "access_tokens"])?;
        let answer = host.ask(fetcher, Method::POST, url.clone(), Some(self.claim()?)).await?;
        if !answer.status.is_success() {
            return Err(self.refused(host, &url, &answer));
        }
        let issued: IssuedToken = super::request::read_json(&url, &answer)?;
        let until: jiff::Timestamp = issued
            .expires_at
            .parse()
            .map_err(|_| ReadError::failed(format!("'{}' of a GitHub token is no time", issued.expires_at)))?;
        // Counted from GitHub's own clock, because ours may be wrong.
        let now = answer.server_time().unwrap_or_else(unix_now);
        let lifetime = u64::try_from(until.as_second()).unwrap_or(0).saturating_sub(now);
        Ok((Secret::new(issued.token), Duration::from_secs(lifetime)))
    }

    /// The claim to be this app, good for nine minutes. A minute of grace for clocks that differ, as GitHub advises.
    fn claim(&self) -> Result<HeaderValue, ReadError> {
        let key = self.key.get_or_init(|| read_key(self.settings.private_key.reveal()));
        let Some(key) = key else { return Err(self.explain("its privateKey is no RSA key in PEM form")) };
        let now = unix_now();
        let claims = Claims { iat: now.saturating_sub(60), exp: now + 540, iss: self.settings.app_id.to_string() };
        let signed = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key.0)
            .map_err(|_| self.explain("its privateKey cannot sign"))?;
        bearer(&Secret::new(signed))
    }

    fn refused(&self, host: &GitHubHost, url: &url::Url, answer: &crate::http::Answer) -> ReadError {
        match host.refusal(url, answer) {
            ReadError::Failed { message, retry_after_ms } => {
                ReadError::Failed { message: format!("GitHub App {}: {message}", self.settings.app_id), retry_after_ms }
            }
            // A missing installation must not look like a missing file, which would count as gone.
            other => self.explain(&other.to_string()),
        }
    }

    fn explain(&self, what: &str) -> ReadError {
        ReadError::failed(format!("GitHub App {}: {what}", self.settings.app_id))
    }
}

fn read_key(pem: &str) -> Option<SigningKey> {
    // Keys in environment variables often have their line ends written out.
    let pem = pem.replace("\\n", "\n");
    EncodingKey::from_rsa_pem(pem.trim().as_bytes()).ok().map(SigningKey)
}

/// Seconds since 1970 by the clock of this machine.
pub(super) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
