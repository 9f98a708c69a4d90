//! Entity references: `[kind:][namespace/]name`, parsed once and trusted after.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// The namespace of an entity that names none.
pub const DEFAULT_NAMESPACE: &str = "default";

/// A complete entity reference in its canonical, lower-cased form: `component:default/shop`.
///
/// Identity in the catalog is case-insensitive, so two references that differ only in letter case are equal here.
/// Cloning is cheap (the text is shared).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EntityRef(Arc<str>);

/// What to assume for the parts that a short reference leaves out.
#[derive(Clone, Copy, Debug)]
pub struct RefDefaults<'a> {
    /// The kind to assume; `None` makes a reference without a kind an error.
    pub kind: Option<&'a str>,
    /// The namespace to assume.
    pub namespace: &'a str,
}

/// Why a text is no entity reference. The wording is Backstage's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefError {
    /// No kind was given and none is assumed here.
    #[error("Entity reference \"{0}\" had missing or empty kind (e.g. did not start with \"component:\" or similar)")]
    MissingKind(String),
    /// The namespace part is empty.
    #[error("Entity reference \"{0}\" had missing or empty namespace")]
    MissingNamespace(String),
    /// The name part is empty.
    #[error("Entity reference \"{0}\" had missing or empty name")]
    MissingName(String),
}

impl EntityRef {
    /// Builds the reference of an entity from its three parts, in any letter case.
    #[must_use]
    pub fn new(kind: &str, namespace: &str, name: &str) -> Self {
        let mut text = String::with_capacity(kind.len() + namespace.len() + name.len() + 2);
        push_lower(&mut text, kind);
        text.push(':');
        push_lower(&mut text, namespace);
        text.push('/');
        push_lower(&mut text, name);
        Self(text.into())
    }

    /// Parses `[kind:][namespace/]name` and completes it from `defaults`.
    ///
    /// As in Backstage, a slash ahead of the colon makes the colon part of the name.
    ///
    /// # Errors
    /// When a part is empty, or the kind is missing and `defaults` has none.
    pub fn parse_with(text: &str, defaults: RefDefaults<'_>) -> Result<Self, RefError> {
        let slash = text.find('/');
        let colon = text.find(':').filter(|colon| slash.is_none_or(|slash| *colon < slash));
        let kind = colon.map_or(defaults.kind.unwrap_or_default(), |colon| &text[..colon]);
        let after_colon = colon.map_or(0, |colon| colon + 1);
        let namespace = slash.map_or(defaults.namespace, |slash| &text[after_colon..slash]);
        let name = &text[after_colon.max(slash.map_or(0, |slash| slash + 1))..];
        match (kind, namespace, name) {
            ("", _, _) => Err(RefError::MissingKind(text.to_owned())),
            (_, "", _) => Err(RefError::MissingNamespace(text.to_owned())),
            (_, _, "") => Err(RefError::MissingName(text.to_owned())),
            // Most texts are complete and in lower case, which is the form that is kept.
            _ if colon.is_some() && slash.is_some() && is_plain_lower(text) => Ok(Self(text.into())),
            _ => Ok(Self::new(kind, namespace, name)),
        }
    }

    /// Parses a reference that must name its kind; the namespace may be left out.
    ///
    /// # Errors
    /// See [`EntityRef::parse_with`].
    pub fn parse(text: &str) -> Result<Self, RefError> {
        Self::parse_with(text, RefDefaults { kind: None, namespace: DEFAULT_NAMESPACE })
    }

    /// Returns the canonical text, `kind:namespace/name` in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the lower-cased kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.split_once(':').map_or("", |(kind, _)| kind)
    }

    /// Returns the lower-cased namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.rest().split_once('/').map_or("", |(namespace, _)| namespace)
    }

    /// Returns the lower-cased name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.rest().split_once('/').map_or("", |(_, name)| name)
    }

    fn rest(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, rest)| rest)
    }
}

fn push_lower(out: &mut String, part: &str) {
    if part.is_ascii() {
        out.extend(part.chars().map(|c| c.to_ascii_lowercase()));
    } else {
        out.push_str(&part.to_lowercase());
    }
}

/// Whether a text is surely its own lower-cased form.
fn is_plain_lower(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
}

impl fmt::Display for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntityRef({})", self.0)
    }
}

impl TryFrom<String> for EntityRef {
    type Error = RefError;
    fn try_from(text: String) -> Result<Self, RefError> {
        Self::parse(&text)
    }
}

impl From<EntityRef> for String {
    fn from(value: EntityRef) -> Self {
        value.0.as_ref().to_owned()
    }
}

impl std::borrow::Borrow<str> for EntityRef {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, kind: Option<&str>, want: Result<&str, &str>) {
        let got = EntityRef::parse_with(text, RefDefaults { kind, namespace: "home" });
        match (&got, want) {
            (Ok(r), Ok(want)) => assert_eq!(r.as_str(), want, "{text}"),
            (Err(e), Err(want)) => assert!(e.to_string().contains(want), "{text}: {e}"),
            _ => panic!("{text}: got {got:?}, want {want:?}"),
        }
    }

    #[test]
    fn completes_short_references_and_lower_cases() {
        check("Shop", Some("Component"), Ok("component:home/shop"));
        check("api:Shop", Some("Component"), Ok("api:home/shop"));
        check("Default/shop", Some("component"), Ok("component:default/shop"));
        check("API:Default/Shop", None, Ok("api:default/shop"));
    }

    #[test]
    fn a_slash_ahead_of_the_colon_makes_the_colon_part_of_the_name() {
        check("ns/a:b", Some("component"), Ok("component:ns/a:b"));
        check("a:b:c/d/e", None, Ok("a:b:c/d/e"));
    }

    #[test]
    fn refuses_missing_parts() {
        check("shop", None, Err("missing or empty kind"));
        check(":ns/shop", Some("component"), Err("missing or empty kind"));
        check("component:/shop", None, Err("missing or empty namespace"));
        check("component:ns/", None, Err("missing or empty name"));
        check("", Some("component"), Err("missing or empty name"));
    }

    #[test]
    fn gives_its_parts_back() {
        let r = EntityRef::new("Component", "Default", "Shop.Web_1");
        assert_eq!((r.kind(), r.namespace(), r.name()), ("component", "default", "shop.web_1"));
    }
}
