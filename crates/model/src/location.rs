//! Location references: `<type>:<target>`, the places that descriptors are read from.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// A place that descriptors are read from: `url:https://...`, `file:/abs/path`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocationRef {
    text: Arc<str>,
    colon: usize,
}

/// Why a text is no location reference. The wording is Backstage's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// There is no colon, or nothing before or after it.
    #[error("Unable to parse location reference '{0}', expected '<type>:<target>', e.g. 'url:https://host/path'")]
    Malformed(String),
    /// A bare web address without `url:`.
    #[error("Invalid location reference '{0}', please prefix it with 'url:', e.g. 'url:{0}'")]
    MissingUrlPrefix(String),
    /// A target that would run as a script when shown as a link.
    #[error("Invalid location reference '{0}', the target is not safe to show")]
    Script(String),
}

impl LocationRef {
    /// Joins a type and a target.
    #[must_use]
    pub fn new(location_type: &str, target: &str) -> Self {
        Self { text: format!("{location_type}:{target}").into(), colon: location_type.len() }
    }

    /// Parses `<type>:<target>`, splitting at the first colon and trimming both parts.
    ///
    /// # Errors
    /// When a part is empty, the type is `http`/`https`, or the target is a `javascript:` address.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        let (kind, target) = text.split_once(':').ok_or_else(|| LocationError::Malformed(text.to_owned()))?;
        let (kind, target) = (kind.trim(), target.trim());
        if kind.is_empty() || target.is_empty() {
            return Err(LocationError::Malformed(text.to_owned()));
        }
        if matches!(kind, "http" | "https") {
            return Err(LocationError::MissingUrlPrefix(text.to_owned()));
        }
        if is_script_url(target) {
            return Err(LocationError::Script(text.to_owned()));
        }
        Ok(Self::new(kind, target))
    }

    /// Returns the part before the first colon: `url`, `file` ...
    #[must_use]
    pub fn location_type(&self) -> &str {
        &self.text[..self.colon]
    }

    /// Returns the part after the first colon: a web address or an absolute path.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.text[self.colon + 1..]
    }

    /// Returns the whole text, `<type>:<target>`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Tells whether a browser would run `target` as a script, also when blanks or control characters hide it.
/// Source: Backstage's `scriptProtocolPattern`.
#[must_use]
pub fn is_script_url(target: &str) -> bool {
    let mut wanted = "javascript:".chars();
    let mut next = wanted.next();
    for c in target.chars().skip_while(|c| c.is_control() || c.is_whitespace()) {
        if matches!(c, '\r' | '\n' | '\t') {
            continue;
        }
        match next {
            Some(want) if c.eq_ignore_ascii_case(&want) => next = wanted.next(),
            Some(_) => return false,
            None => return true,
        }
    }
    next.is_none()
}

impl fmt::Display for LocationRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for LocationRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocationRef({})", self.text)
    }
}

impl TryFrom<String> for LocationRef {
    type Error = LocationError;
    fn try_from(text: String) -> Result<Self, LocationError> {
        let colon = text.find(':').ok_or_else(|| LocationError::Malformed(text.clone()))?;
        Ok(Self { text: text.into(), colon })
    }
}

impl From<LocationRef> for String {
    fn from(value: LocationRef) -> Self {
        value.text.as_ref().to_owned()
    }
}

/// Whether a target that is not there is a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// A missing target is a fault of the Location (the default).
    #[default]
    Required,
    /// A missing target is fine.
    Optional,
}

/// The links that a source host offers for one file; they become annotations of the entities in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScmUrls {
    /// Becomes `backstage.io/view-url`.
    pub view: Option<String>,
    /// Becomes `backstage.io/edit-url`; absent when the address names a commit.
    pub edit: Option<String>,
    /// Becomes `backstage.io/source-location`: `url:<folder>/`, with the trailing slash.
    pub source_location: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_the_first_colon() {
        let l = LocationRef::parse(" url : https://example.org/a:b ").unwrap();
        assert_eq!((l.location_type(), l.target()), ("url", "https://example.org/a:b"));
    }

    #[test]
    fn refuses_bare_addresses_and_scripts() {
        assert!(matches!(LocationRef::parse("https://x"), Err(LocationError::MissingUrlPrefix(_))));
        assert!(matches!(LocationRef::parse("url:"), Err(LocationError::Malformed(_))));
        assert!(matches!(LocationRef::parse("nothing"), Err(LocationError::Malformed(_))));
        assert!(matches!(LocationRef::parse("url:java\nscript:alert(1)"), Err(LocationError::Script(_))));
        assert!(is_script_url("\u{1} JavaScript:x") && !is_script_url("https://javascript:1"));
    }
}
