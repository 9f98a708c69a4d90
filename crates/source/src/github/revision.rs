//! Which commit a file was changed by last, and who wrote it.

use std::{
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use model::Revision;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use url::Url;

use super::{GitHubHost, address::FileAddress};
use crate::{
    http::{Fetcher, RateLimit},
    observation::ReadError,
};

/// Longest name of an author, in characters.
const LONGEST_NAME: usize = 100;
/// The share of the granted requests that is kept for reading files: a half.
const KEPT_FOR_READING: u64 = 2;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long nothing is asked after the host would not, or could not, answer.
const REST: Duration = Duration::from_secs(60);

/// A commit of "List commits". Source: GitHub's REST API.
#[derive(Deserialize)]
struct Listed {
    sha: String,
    commit: Details,
    /// The account, where the address of the author belongs to one.
    author: Option<Account>,
}

#[derive(Deserialize)]
struct Account {
    login: Option<String>,
}

#[derive(Deserialize)]
struct Details {
    author: Option<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    name: Option<String>,
}

impl GitHubHost {
    /// Finds the commit that changed the file behind a web address last. A file is good without: when the host does not tell, or
    /// has few requests left to grant, there is none. Nothing is asked for an address that names a commit, nor without
    /// credentials, because a host grants strangers too little.
    pub(crate) async fn find_revision(&self, fetcher: &Fetcher, url: &Url) -> Option<Revision> {
        let address = FileAddress::parse(url).ok()?;
        if let Some(commit) = address.commit() {
            return Some(Revision { commit: commit.into(), author: None });
        }
        if self.revisions_rest_until().is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let authorization = self.credentials.authorization(self, fetcher, &address.owner).await.ok()??;
        let asked = tokio::time::timeout(PATIENCE, self.ask_for_revision(fetcher, &address, authorization)).await;
        match asked.unwrap_or_else(|_| Err(ReadError::failed("no answer in time"))) {
            Ok(found) => found,
            Err(error) => {
                *self.revisions_rest.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + REST);
                tracing::debug!(repository = address.repository, path = address.path, %error, "the commit of a file is not known");
                None
            }
        }
    }

    fn revisions_rest_until(&self) -> Option<Instant> {
        *self.revisions_rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask_for_revision(
        &self,
        fetcher: &Fetcher,
        address: &FileAddress,
        authorization: HeaderValue,
    ) -> Result<Option<Revision>, ReadError> {
        let mut url = self.api_url(&["repos", &address.owner, &address.repository, "commits"])?;
        if fetcher.host_state(&url).rate_limit().is_some_and(|limit| is_scarce(&limit)) {
            return Ok(None);
        }
        url.query_pairs_mut()
            .append_pair("sha", &address.git_ref)
            .append_pair("path", &address.path)
            .append_pair("per_page", "1");
        let answer = self.ask_aside(fetcher, url.clone(), authorization).await?;
        match answer.status.as_u16() {
            200 => {}
            // This repository does not tell; others may.
            404 | 409 => return Ok(None),
            _ => return Err(self.refusal(&url, &answer)),
        }
        let listed: Vec<Listed> =
            serde_json::from_slice(&answer.body).map_err(|error| ReadError::failed(error.to_string()))?;
        Ok(listed.into_iter().next().and_then(into_revision))
    }
}

fn is_scarce(limit: &RateLimit) -> bool {
    limit.remaining < limit.limit / KEPT_FOR_READING
}

fn into_revision(listed: Listed) -> Option<Revision> {
    let Listed { sha, commit, author } = listed;
    let is_hash = (7..=64).contains(&sha.len()) && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    let login = author.and_then(|account| account.login);
    // Whoever commits writes what he likes as his name: nothing that looks like a reference of the catalog.
    let name = || commit.author.and_then(|author| author.name).filter(|name| !name.contains(':'));
    let author = login.or_else(name).map(|name| clean(&name));
    is_hash.then(|| Revision { commit: sha.into(), author: author.filter(|name| !name.is_empty()) })
}

/// A name as one short line, without what would turn the direction of the text beside it.
fn clean(name: &str) -> Arc<str> {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    name.trim().chars().filter(|c| !c.is_control() && !turns(*c)).take(LONGEST_NAME).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn revision(listed: serde_json::Value) -> Option<Revision> {
        into_revision(serde_json::from_value(listed).expect("the shape of a commit"))
    }

    #[test]
    fn the_account_stands_for_the_author_and_else_the_name_in_the_commit() {
        let sha = "6dcb09b5b57875f334f61aebed695e2e4193db5e";
        let commit = json!({ "author": { "name": " Mona\nOctocat " } });
        let of =
            |author: serde_json::Value| revision(json!({ "sha": sha, "commit": commit, "author": author })).unwrap();
        assert_eq!(of(json!({ "login": "octocat" })).author.as_deref(), Some("octocat"));
        assert_eq!(of(json!(null)).author.as_deref(), Some("MonaOctocat"));
        assert_eq!(of(json!({})).author.as_deref(), Some("MonaOctocat"), "an account that is gone is an empty object");
        let forged = json!({ "author": { "name": "user:default/admin" } });
        let forged = revision(json!({ "sha": sha, "commit": forged, "author": null })).unwrap();
        assert_eq!(forged.author, None, "a name is no reference");
        let nobody = revision(json!({ "sha": sha, "commit": { "author": null }, "author": null })).unwrap();
        assert_eq!((&*nobody.commit, nobody.author), (sha, None));
    }

    #[test]
    fn what_is_no_hash_is_no_commit() {
        assert_eq!(revision(json!({ "sha": "<b>", "commit": { "author": null }, "author": null })), None);
    }
}
