//! Web addresses of GitHub: `https://<host>/<owner>/<repo>/<blob|tree|raw|edit>/<ref>/<path>`.

use model::ScmUrls;
use url::Url;

use crate::{hosts::Hosts, resolve::resolve_url};

/// A file, or a pattern for files, in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileAddress {
    /// User or organisation.
    pub(crate) owner: String,
    /// Repository.
    pub(crate) repository: String,
    /// Branch, tag or commit.
    pub(crate) git_ref: String,
    /// Path from the repository's root, decoded, without a leading slash.
    pub(crate) path: String,
}

impl FileAddress {
    /// Takes a web address apart. The ref is one segment, as in Backstage, unless it is written in full
    /// (`refs/heads/<one segment>`) or with encoded slashes.
    ///
    /// # Errors
    /// A sentence when it is no address of a file.
    pub(crate) fn parse(url: &Url) -> Result<Self, String> {
        let invalid = || format!("Incorrect URL: {url}, Error: Invalid GitHub URL or file path");
        let raw_segments: Vec<&str> =
            url.path_segments().ok_or_else(invalid)?.filter(|part| !part.is_empty()).collect();
        let mut segments = Vec::with_capacity(raw_segments.len());
        for segment in raw_segments {
            segments.push(decode(segment).ok_or_else(invalid)?);
        }
        let [owner, repository, kind, rest @ ..] = segments.as_slice() else { return Err(invalid()) };
        if !matches!(kind.as_str(), "blob" | "tree" | "raw" | "edit") {
            return Err(invalid());
        }
        let (git_ref, path) = match rest {
            [refs, heads, name, path @ ..] if refs == "refs" && matches!(heads.as_str(), "heads" | "tags") => {
                (format!("refs/{heads}/{name}"), path)
            }
            [name, path @ ..] => (name.clone(), path),
            [] => return Err(invalid()),
        };
        if path.is_empty() {
            return Err(invalid());
        }
        if path.iter().any(|part| holds_traversal(part)) {
            return Err("Invalid SCM URL: path traversal is not allowed in the URL".to_owned());
        }
        let repository = repository.strip_suffix(".git").unwrap_or(repository).to_owned();
        Ok(Self { owner: owner.clone(), repository, git_ref, path: path.join("/") })
    }

    /// The commit, when the ref is one.
    pub(crate) fn commit(&self) -> Option<&str> {
        is_commit(&self.git_ref).then_some(self.git_ref.as_str())
    }
}

/// Replaces the kind in a web address, when it has one. Source: `replaceGithubUrlType` of Backstage.
pub(crate) fn replace_url_type(address: &str, kind: &str) -> String {
    let Some(start) = address.find("//").map(|start| start + 2) else { return address.to_owned() };
    let mut parts: Vec<&str> = address[start..].splitn(5, '/').collect();
    match parts.as_mut_slice() {
        [_, _, _, found @ ("blob" | "tree" | "edit"), _] => *found = kind,
        _ => return address.to_owned(),
    }
    format!("{}{}", &address[..start], parts.join("/"))
}

/// Puts a path below the root of the repository that `base` lies in.
pub(crate) fn join_repository_root(base: &Url, path: &str) -> Option<Url> {
    let root: Vec<&str> = base.path_segments()?.take(4).collect();
    let mut joined = base.clone();
    joined.set_fragment(None);
    joined.set_path(&format!("/{}/{path}", root.join("/")));
    Some(joined)
}

/// The links for a file on GitHub. Source: `AnnotateLocationEntityProcessor` of Backstage.
pub(crate) fn scm_urls(hosts: &Hosts, target: &str) -> ScmUrls {
    let names_commit =
        Url::parse(target).ok().and_then(|url| FileAddress::parse(&url).ok()).is_some_and(|a| a.commit().is_some());
    ScmUrls {
        view: Some(target.to_owned()),
        edit: (!names_commit).then(|| replace_url_type(target, "edit")),
        source_location: resolve_url(hosts, target, "./").map(|folder| format!("url:{folder}")),
    }
}

fn is_commit(git_ref: &str) -> bool {
    git_ref.len() == 40 && git_ref.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Nobody encodes an address more often than this, except to hide something.
const MOST_ENCODINGS: usize = 8;

/// Tells whether a segment hides `.` or `..`, however often it is encoded.
fn holds_traversal(segment: &str) -> bool {
    let mut decoded = segment.to_owned();
    let mut rounds = 0;
    while let Some(next) = decode(&decoded).filter(|next| *next != decoded) {
        rounds += 1;
        if rounds > MOST_ENCODINGS {
            return true;
        }
        decoded = next;
    }
    decoded.split(['/', '\\']).any(|part| part == "." || part == "..")
}

/// Decodes `%xx`; `None` when the result is no text.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter();
    while let Some(&byte) = rest.next() {
        let encoded = (byte == b'%').then(|| rest.as_slice().get(..2)).flatten();
        match encoded.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest.nth(1);
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<FileAddress, String> {
        FileAddress::parse(&Url::parse(text).unwrap())
    }

    #[test]
    fn takes_web_addresses_apart() {
        for (text, git_ref, path) in [
            ("https://github.com/o/r/blob/main/a/b.yaml", "main", "a/b.yaml"),
            ("https://github.com/o/r/tree/main/b.yaml", "main", "b.yaml"),
            ("https://github.com/o/r/raw/v1.0/b.yaml#L3", "v1.0", "b.yaml"),
            ("https://github.com/o/r.git/edit/main/b.yaml", "main", "b.yaml"),
            ("https://github.com/o/r/blob/feature%2Fx/b.yaml", "feature/x", "b.yaml"),
            ("https://github.com/o/r/blob/refs/heads/main/b.yaml", "refs/heads/main", "b.yaml"),
            ("https://github.com/o/r/blob/main/sp%20ace/%7Ba,b%7D.yaml", "main", "sp ace/{a,b}.yaml"),
        ] {
            let address = parse(text).unwrap();
            assert_eq!((address.owner.as_str(), address.repository.as_str()), ("o", "r"), "{text}");
            assert_eq!((address.git_ref.as_str(), address.path.as_str()), (git_ref, path), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_file() {
        for text in ["https://github.com/o/r", "https://github.com/o/r/blob/main", "https://github.com/o/r/issues/1/x"]
        {
            assert!(parse(text).unwrap_err().contains("Invalid GitHub URL or file path"), "{text}");
        }
        let text = "https://github.com/o/r/blob/main/%252e%252e%2f%252e%252e/user/repos";
        assert!(parse(text).unwrap_err().contains("path traversal"));
        // Decoding it to the end takes as many rounds as it has layers.
        let layers = format!("https://github.com/o/r/blob/main/%{}2e.yaml", "25".repeat(200_000));
        assert!(parse(&layers).unwrap_err().contains("path traversal"));
    }

    #[test]
    fn replaces_the_kind_only_where_there_is_one() {
        assert_eq!(replace_url_type("https://h/o/r/blob/main/x", "tree"), "https://h/o/r/tree/main/x");
        assert_eq!(replace_url_type("https://h/o/r/raw/main/blob/x", "tree"), "https://h/o/r/raw/main/blob/x");
        assert_eq!(replace_url_type("https://h/o/r", "edit"), "https://h/o/r");
    }
}
