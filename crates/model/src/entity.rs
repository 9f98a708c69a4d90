//! The body of an entity: its JSON text, made once by `ingest` and only copied after.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The server-given identity of one life of an entity (a UUID, version 4). It changes when an entity is deleted and comes back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Uid(pub u128);

impl Uid {
    /// Parses the hyphenated form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, in any letter case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 36 {
            return None;
        }
        let mut value = 0u128;
        for (i, b) in bytes.iter().enumerate() {
            match (i, b) {
                (8 | 13 | 18 | 23, b'-') => {}
                (8 | 13 | 18 | 23, _) => return None,
                _ => value = value << 4 | u128::from(char::from(*b).to_digit(16)?),
            }
        }
        Some(Self(value))
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            v >> 96,
            v >> 80 & 0xffff,
            v >> 64 & 0xffff,
            v >> 48 & 0xffff,
            v & 0xffff_ffff_ffff
        )
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uid({self})")
    }
}

/// The JSON text of an entity as its author and the processing left it.
///
/// Layout, relied upon by `index`: compact JSON, `{"metadata":{...},"apiVersion":"...","kind":"..."[,"spec":{...}]}` with
/// `metadata` first, never holding `metadata.uid`, `relations` or `status` (those are added when the entity is served).
/// `metadata.etag` is there only when the author wrote one. Numbers are spelled as JavaScript spells them.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EntityBody(Box<str>);

impl EntityBody {
    /// Wraps JSON text of the layout above. Only `ingest` and `store` make bodies.
    #[must_use]
    pub fn from_json(json: impl Into<Box<str>>) -> Self {
        let json = json.into();
        debug_assert!(json.starts_with("{\"metadata\":{"), "an entity body starts with its metadata");
        Self(json)
    }

    /// Returns the JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EntityBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntityBody({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_survives_printing_and_parsing() {
        let uid = Uid(0x0123_4567_89ab_4cde_8f01_2345_6789_abcd);
        assert_eq!(uid.to_string(), "01234567-89ab-4cde-8f01-23456789abcd");
        assert_eq!(Uid::parse(&uid.to_string()), Some(uid));
        assert_eq!(Uid::parse("zzz"), None);
        assert_eq!(Uid::parse("01234567089ab-4cde-8f01-23456789abcd"), None);
    }
}
