//! Reading one file of a repository.

use reqwest::{
    Method,
    header::{ACCEPT, HeaderMap, HeaderValue},
};
use url::Url;

use super::{GitHubHost, address::FileAddress, request::append};
use crate::{
    http::{Fetcher, show_url},
    observation::{ReadError, Sighting, Version},
    web::{conditions, version_mark},
};

/// Asks for the bytes instead of JSON. Source: GitHub's "Get repository content".
const RAW: HeaderValue = HeaderValue::from_static("application/vnd.github.v3.raw");

impl GitHubHost {
    /// Reads the file behind a web address. An answer of "not modified" costs nothing of the rate limit.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub(crate) async fn observe(
        &self,
        fetcher: &Fetcher,
        url: &Url,
        since: Option<&Version>,
    ) -> Result<Sighting, ReadError> {
        let address = FileAddress::parse(url).map_err(ReadError::failed)?;
        let authorization = self.credentials.authorization(self, fetcher, &address.owner).await?;
        let is_anonymous = authorization.is_none();
        let from = self.content_url(&address, is_anonymous)?;
        let mut headers: HeaderMap = conditions(since);
        let is_conditional = !headers.is_empty();
        headers.insert(ACCEPT, RAW);
        let max_bytes = fetcher.limits().max_file_bytes;
        let answer = self.send(fetcher, Method::GET, from.clone(), headers, authorization, max_bytes).await?;
        match answer.status.as_u16() {
            304 if is_conditional => Ok(Sighting::NotModified),
            200 if answer.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) => {
                Err(ReadError::failed(format!("{} is a folder and no file", show_url(url))))
            }
            200 => {
                let etag = version_mark(&answer);
                Ok(Sighting::of_content(answer.body, etag, since))
            }
            _ => Err(self.refusal(&from, &answer)),
        }
    }

    fn content_url(&self, address: &FileAddress, is_anonymous: bool) -> Result<Url, ReadError> {
        let path = address.path.split('/');
        if let Some(raw) = self.raw.as_ref().filter(|_| is_anonymous) {
            let start = [address.owner.as_str(), &address.repository].into_iter().chain(address.git_ref.split('/'));
            return Ok(append(raw, &start.chain(path).collect::<Vec<_>>()));
        }
        let start = ["repos", &address.owner, &address.repository, "contents"];
        let mut url = self.api_url(&start.into_iter().chain(path).collect::<Vec<_>>())?;
        url.query_pairs_mut().append_pair("ref", &address.git_ref);
        Ok(url)
    }
}
