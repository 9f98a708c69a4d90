//! The reader: finds who serves a location and asks there.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use model::{LocationRef, Revision, ScmUrls};
use url::Url;

use crate::{
    file,
    fresher::FresherVersions,
    github, glob,
    hosts::{Host, Hosts},
    http::{Fetcher, RateLimit},
    observation::{Observation, ReadError, Sighting, Version},
    resolve,
    settings::ReaderSettings,
    web,
};

/// Reads locations. Cheap to clone; all clones share connections, limits and caches.
#[derive(Clone, Debug)]
pub struct Reader {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    hosts: Hosts,
    fetcher: Fetcher,
    fresher: FresherVersions,
    file_roots: Vec<PathBuf>,
    known_api_groups: Vec<String>,
    max_file_bytes: u64,
}

impl Reader {
    /// Makes a reader. Nothing is opened before the first reading; a wrong setting shows as an error there.
    #[must_use]
    pub fn new(settings: ReaderSettings) -> Self {
        let hosts = Hosts::new(&settings);
        let fetcher = Fetcher::new(hosts.address_guard(), settings.limits.clone());
        Self {
            inner: Arc::new(Inner {
                hosts,
                fetcher,
                fresher: FresherVersions::default(),
                file_roots: settings.file_roots,
                known_api_groups: settings.known_api_groups,
                max_file_bytes: settings.limits.max_file_bytes,
            }),
        }
    }

    /// Reads one file.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn observe(&self, location: &LocationRef, since: Option<&Version>) -> Result<Observation, ReadError> {
        let since = self.inner.fresher.choose(location, since);
        match self.look(location, since).await? {
            Sighting::NotModified => Ok(Observation::Unchanged),
            Sighting::SameContent(version) => {
                self.inner.fresher.keep(location, version);
                Ok(Observation::Unchanged)
            }
            Sighting::Full(document) => {
                self.inner.fresher.forget(location);
                Ok(Observation::Full(document))
            }
        }
    }

    /// Resolves globs: the concrete files that `location` stands for, sorted. A location without a glob gives itself.
    ///
    /// # Errors
    /// See [`ReadError`]. A glob that matches nothing is `NotFound`.
    pub async fn expand(&self, location: &LocationRef) -> Result<Vec<LocationRef>, ReadError> {
        match location.location_type() {
            // Most targets are plain; those need no trip to the disk.
            "file" if !glob::is_pattern(location.target()) => Ok(vec![location.clone()]),
            "file" => {
                let path = PathBuf::from(location.target());
                let paths = self.on_disk(move |_| file::expand(&path)).await?;
                Ok(paths.iter().filter_map(|path| file_location(path)).collect())
            }
            "url" => {
                let url = parse_url(location.target())?;
                match self.inner.hosts.find(&url, location.target())? {
                    Host::GitHub(host) => {
                        let found = host.expand(&self.inner.fetcher, &url, location.target()).await?;
                        Ok(found.iter().map(|url| LocationRef::new("url", url)).collect())
                    }
                    Host::Web => Ok(vec![location.clone()]),
                }
            }
            other => Err(unknown_type(other)),
        }
    }

    /// Finds the descriptors below a folder, sorted: `catalog-info.yaml`, `catalog-info.yml`, YAML in `.backstage`
    /// folders, and YAML whose first document has an `apiVersion` of Backstage, Callboard or
    /// [`ReaderSettings::known_api_groups`]. `.git`, `node_modules`, `target`, other hidden folders, links to folders and
    /// files above the size limit are left out. An empty folder gives an empty list.
    ///
    /// # Errors
    /// `NotFound` when the folder is not there; `Failed` when it cannot be listed; `NotAllowed` outside of the file roots.
    pub async fn discover(&self, folder: &Path) -> Result<Vec<LocationRef>, ReadError> {
        let folder = std::path::absolute(folder).map_err(|error| ReadError::failed(error.to_string()))?;
        let paths = self
            .on_disk(move |inner| {
                let folder = file::normalise(&folder);
                file::check_roots(&folder, &inner.file_roots)?;
                file::discover(&folder, &inner.known_api_groups, inner.max_file_bytes)
            })
            .await?;
        Ok(paths.iter().filter_map(|path| file_location(path)).collect())
    }

    /// Resolves a target as written in the file at `base` (relative path, absolute path, web address) for a location of type `location_type`.
    ///
    /// # Errors
    /// The text that Backstage gives when no address can be made.
    pub fn resolve(&self, base: &LocationRef, location_type: &str, target: &str) -> Result<LocationRef, String> {
        resolve::resolve_target(&self.inner.hosts, base, location_type, target)
    }

    /// Resolves the target of a `$text`, `$json` or `$yaml` placeholder in the file at `base`.
    ///
    /// # Errors
    /// The text that Backstage gives after the placeholder's name: relative path in a `file:` location, target in another repository.
    pub fn resolve_attachment(&self, base: &LocationRef, target: &str) -> Result<LocationRef, String> {
        resolve::resolve_attachment(&self.inner.hosts, base, target)
    }

    /// Returns the links that the source host offers for a file; all `None` for files on disk.
    #[must_use]
    pub fn scm_urls(&self, location: &LocationRef) -> ScmUrls {
        match (location.location_type(), self.inner.hosts.find_github(location.target())) {
            ("url", Some(_)) => github::scm_urls(&self.inner.hosts, location.target()),
            ("url", None) => web::scm_urls(location.target()),
            _ => ScmUrls::default(),
        }
    }

    /// Finds the commit that changed a file last, where its host tells; one more request to it. `None` for files on disk, for
    /// plain web addresses, and whenever the host does not answer: a file is good without.
    pub async fn find_revision(&self, location: &LocationRef) -> Option<Revision> {
        if location.location_type() != "url" {
            return None;
        }
        let url = parse_url(location.target()).ok()?;
        match self.inner.hosts.find(&url, location.target()).ok()? {
            Host::GitHub(host) => host.find_revision(&self.inner.fetcher, &url).await,
            Host::Web => None,
        }
    }

    /// Returns what the hosts said last about the requests that they grant, sorted by host. Empty until a host said something.
    #[must_use]
    pub fn rate_limits(&self) -> Vec<RateLimit> {
        self.inner.fetcher.rate_limits()
    }

    async fn look(&self, location: &LocationRef, since: Option<Version>) -> Result<Sighting, ReadError> {
        match location.location_type() {
            "file" => {
                let path = PathBuf::from(location.target());
                self.on_disk(move |inner| {
                    file::check_roots(&path, &inner.file_roots)?;
                    file::read_file(&path, since.as_ref(), inner.max_file_bytes)
                })
                .await
            }
            "url" => {
                let url = parse_url(location.target())?;
                let Inner { hosts, fetcher, .. } = &*self.inner;
                match hosts.find(&url, location.target())? {
                    Host::GitHub(host) => host.observe(fetcher, &url, since.as_ref()).await,
                    Host::Web => web::observe(fetcher, url, since.as_ref(), &|next| hosts.check_redirect(next)).await,
                }
            }
            other => Err(unknown_type(other)),
        }
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        done.unwrap_or_else(|error| Err(ReadError::failed(format!("reading from disk broke off: {error}"))))
    }
}

fn parse_url(target: &str) -> Result<Url, ReadError> {
    // The text is JavaScript's for an address that cannot be parsed.
    Url::parse(target).map_err(|_| ReadError::failed("Invalid URL"))
}

fn file_location(path: &Path) -> Option<LocationRef> {
    path.to_str().map(|path| LocationRef::new("file", path))
}

fn unknown_type(location_type: &str) -> ReadError {
    ReadError::failed(format!("no reader for locations of type '{location_type}'"))
}
