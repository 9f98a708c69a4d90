//! Plain web hosts: those of `backend.reading.allow`.

use model::ScmUrls;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH},
};
use url::Url;

use crate::{
    http::{Answer, Call, Fetcher, show_url},
    observation::{ReadError, Sighting, Version},
};

/// Marks a version that is known by its date only, for hosts without ETags.
const MODIFIED_MARK: &str = "modified:";

/// ETags longer than this are no use to anybody.
const MAX_ETAG_BYTES: usize = 1_024;

/// Reads a file.
///
/// # Errors
/// See [`ReadError`].
pub(crate) async fn observe(
    fetcher: &Fetcher,
    url: Url,
    since: Option<&Version>,
    may_follow: &(dyn Fn(&Url) -> Result<(), ReadError> + Send + Sync),
) -> Result<Sighting, ReadError> {
    let shown = show_url(&url);
    let headers = conditions(since);
    let is_conditional = !headers.is_empty();
    let max_bytes = fetcher.limits().max_file_bytes;
    let call = Call { method: Method::GET, url, headers, max_bytes, is_aside: false, may_follow };
    let answer = fetcher.fetch(call).await?;
    match answer.status.as_u16() {
        304 if is_conditional => Ok(Sighting::NotModified),
        200 | 203 => {
            let etag = version_mark(&answer);
            Ok(Sighting::of_content(answer.body, etag, since))
        }
        404 | 410 => Err(ReadError::NotFound(format!("could not read {shown}, {}", answer.status_text()))),
        _ => Err(ReadError::Failed {
            message: format!("could not read {shown}, {}", answer.status_text()),
            retry_after_ms: answer.retry_after().map(|pause| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)),
        }),
    }
}

/// The headers that ask for a file only when it is not as it was at `since`. A version that cannot be sent is left out.
pub(crate) fn conditions(since: Option<&Version>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(etag) = since.and_then(|version| version.etag.as_deref()) {
        let (name, value): (HeaderName, _) = match etag.strip_prefix(MODIFIED_MARK) {
            Some(date) => (IF_MODIFIED_SINCE, date),
            None => (IF_NONE_MATCH, etag),
        };
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    headers
}

/// What to remember of an answer in order to ask conditionally next time.
pub(crate) fn version_mark(answer: &Answer) -> Option<String> {
    let etag = answer.header("etag").filter(|etag| !etag.is_empty() && etag.len() <= MAX_ETAG_BYTES);
    let modified = || answer.header("last-modified").map(|date| format!("{MODIFIED_MARK}{date}"));
    etag.map(str::to_owned).or_else(modified).filter(|mark| mark.len() <= MAX_ETAG_BYTES)
}

/// The links for a file: nothing is known but its own address.
pub(crate) fn scm_urls(target: &str) -> ScmUrls {
    ScmUrls { view: Some(target.to_owned()), edit: None, source_location: None }
}
