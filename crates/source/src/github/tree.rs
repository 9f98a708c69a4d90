//! The files of a repository that a pattern stands for, out of its tree.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::{FutureExt, future::BoxFuture};
use reqwest::{
    Method,
    header::{ACCEPT, HeaderValue},
};
use serde::Deserialize;
use url::Url;

use super::{GitHubHost, address::FileAddress, request::read_json};
use crate::{
    glob::{Pattern, is_clear_pattern},
    http::Fetcher,
    observation::{ReadError, Version},
    web::{conditions, version_mark},
};

/// Matches that are kept in order to ask conditionally; beyond it starts anew.
const MAX_CACHED: usize = 4_096;

/// Largest tree, in bytes of JSON; GitHub cuts at 7 MB.
const MAX_TREE_BYTES: u64 = 32 * 1024 * 1024;

/// Folders that are asked for one by one when a tree is too large for one answer.
const MAX_FOLDERS: usize = 500;

/// By address of the tree and pattern: the ETag and the paths that matched.
type KnownMatches = HashMap<(String, String), (String, Arc<Vec<String>>)>;

/// What trees held, by address and pattern, with the ETag to ask whether it still holds.
#[derive(Debug, Default)]
pub(super) struct TreeCache {
    matches: Mutex<KnownMatches>,
}

#[derive(Deserialize)]
struct Tree {
    sha: String,
    tree: Vec<TreeEntry>,
    #[serde(default)]
    truncated: bool,
}

#[derive(Deserialize)]
struct TreeEntry {
    path: String,
    #[serde(rename = "type")]
    kind: String,
    sha: String,
}

struct Walk<'a> {
    host: &'a GitHubHost,
    fetcher: &'a Fetcher,
    address: &'a FileAddress,
    authorization: Option<HeaderValue>,
    pattern: Pattern,
    asked: AtomicUsize,
}

impl GitHubHost {
    /// Lists the web addresses that a web address with a pattern stands for, sorted; one without gives itself.
    ///
    /// # Errors
    /// `NotFound` when nothing matches; otherwise see [`ReadError`].
    pub(crate) async fn expand(&self, fetcher: &Fetcher, url: &Url, written: &str) -> Result<Vec<String>, ReadError> {
        let Some(address) = FileAddress::parse(url).ok().filter(|address| is_clear_pattern(&address.path)) else {
            return Ok(vec![written.to_owned()]);
        };
        let authorization = self.credentials.authorization(self, fetcher, &address.owner).await?;
        let walk = Walk {
            host: self,
            fetcher,
            address: &address,
            authorization,
            pattern: Pattern::parse(&address.path),
            asked: AtomicUsize::new(0),
        };
        let paths = walk.list().await?;
        if paths.is_empty() {
            return Err(ReadError::NotFound(format!("no file of the repository matches '{}'", address.path)));
        }
        Ok(paths.iter().map(|path| file_url(url, path)).collect())
    }
}

impl Walk<'_> {
    async fn list(&self) -> Result<Arc<Vec<String>>, ReadError> {
        let url = self.tree_url(&self.address.git_ref, true)?;
        let key = (url.to_string(), self.address.path.clone());
        let known = self.cache().get(&key).cloned();
        let since = known.as_ref().map(|(etag, _)| Version { etag: Some(etag.clone()), content_hash: None });
        let mut headers = conditions(since.as_ref());
        headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
        let answer = self.send(url.clone(), headers).await?;
        if let (304, Some((_, paths))) = (answer.status.as_u16(), known) {
            return Ok(paths);
        }
        if !answer.status.is_success() {
            return Err(self.host.refusal(&url, &answer));
        }
        let etag = version_mark(&answer);
        let tree: Tree = read_json(&url, &answer)?;
        let is_whole = !tree.truncated;
        let mut paths = match is_whole {
            true => self.select("", tree),
            false => self.list_folder(tree.sha, String::new()).await?,
        };
        paths.sort_unstable();
        let paths = Arc::new(paths);
        if let Some(etag) = etag.filter(|_| is_whole) {
            let mut cache = self.cache();
            if cache.len() >= MAX_CACHED {
                cache.clear();
            }
            cache.insert(key, (etag, Arc::clone(&paths)));
        }
        Ok(paths)
    }

    /// Lists a folder whose whole tree is too large: each folder in it that can hold matches is asked for by itself.
    fn list_folder(&self, sha: String, folder: String) -> BoxFuture<'_, Result<Vec<String>, ReadError>> {
        async move {
            let here = self.fetch_tree(&sha, false).await?;
            if here.truncated {
                return Err(ReadError::failed(format!("the folder '{folder}' holds too many files for GitHub's API")));
            }
            let (folders, files): (Vec<_>, Vec<_>) = here.tree.into_iter().partition(|entry| entry.kind == "tree");
            let mut found = self.select(&folder, Tree { sha, tree: files, truncated: false });
            for entry in folders {
                let path = format!("{folder}{}", entry.path);
                if !self.pattern.may_match_below(&path) {
                    continue;
                }
                let below = self.fetch_tree(&entry.sha, true).await?;
                let folder = path + "/";
                match below.truncated {
                    true => found.extend(self.list_folder(entry.sha, folder).await?),
                    false => found.extend(self.select(&folder, below)),
                }
            }
            Ok(found)
        }
        .boxed()
    }

    async fn fetch_tree(&self, sha: &str, recursive: bool) -> Result<Tree, ReadError> {
        if self.asked.fetch_add(1, Ordering::Relaxed) >= MAX_FOLDERS {
            let path = &self.address.path;
            return Err(ReadError::failed(format!(
                "'{path}' needs more than {MAX_FOLDERS} requests, begin it with a folder"
            )));
        }
        let url = self.tree_url(sha, recursive)?;
        let answer = self.send(url.clone(), conditions(None)).await?;
        if !answer.status.is_success() {
            return Err(self.host.refusal(&url, &answer));
        }
        read_json(&url, &answer)
    }

    async fn send(&self, url: Url, headers: reqwest::header::HeaderMap) -> Result<crate::http::Answer, ReadError> {
        self.host.send(self.fetcher, Method::GET, url, headers, self.authorization.clone(), MAX_TREE_BYTES).await
    }

    fn select(&self, folder: &str, tree: Tree) -> Vec<String> {
        let files = tree.tree.into_iter().filter(|entry| entry.kind == "blob");
        files.map(|entry| format!("{folder}{}", entry.path)).filter(|path| self.pattern.matches(path)).collect()
    }

    fn tree_url(&self, sha_or_ref: &str, recursive: bool) -> Result<Url, ReadError> {
        let FileAddress { owner, repository, .. } = self.address;
        let mut url = self.host.api_url(&["repos", owner, repository, "git", "trees", sha_or_ref])?;
        if recursive {
            url.query_pairs_mut().append_pair("recursive", "1");
        }
        Ok(url)
    }

    fn cache(&self) -> MutexGuard<'_, KnownMatches> {
        self.host.trees.matches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The web address of a file in the same repository, of the same kind and ref.
fn file_url(base: &Url, path: &str) -> String {
    let segments: Vec<String> = base.path_segments().into_iter().flatten().map(str::to_owned).collect();
    let is_full_ref = segments.get(3).is_some_and(|part| part == "refs");
    let mut url = base.clone();
    url.set_fragment(None);
    let root = segments[..segments.len().min(if is_full_ref { 6 } else { 4 })].join("/");
    url.set_path(&root);
    super::request::append(&url, &path.split('/').collect::<Vec<_>>()).to_string()
}
