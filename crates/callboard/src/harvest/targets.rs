//! Targets: what roots and Location entities want read, and how the wish becomes files.

use ingest::NestedTargets;
use model::{EntityRef, ErrorChain, LocationRef, Presence};
use serde::{Deserialize, Serialize};
use source::{ReadError, Reader};

/// One wish: read this, on behalf of that Location entity.
#[derive(Clone, Debug)]
pub struct Target {
    /// What to read; may hold a glob.
    pub location: LocationRef,
    /// Whether it may be missing.
    pub presence: Presence,
    /// The Location entity that asks.
    pub parent: EntityRef,
    /// True for the target of a root, which may be a folder.
    pub is_root: bool,
}

/// A Location entity of a file, kept beside the file so that an unchanged file needs no parsing to walk on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KnownNested {
    /// The Location entity.
    pub entity_ref: EntityRef,
    /// `spec.type`.
    pub location_type: Option<String>,
    /// Targets as written.
    pub targets: Vec<String>,
    /// `spec.presence`.
    pub presence: Presence,
    /// The errors of its targets when it was last stored.
    pub errors: Vec<ErrorChain>,
}

impl KnownNested {
    /// Makes the record of a Location entity before its targets are known.
    pub fn new(entity_ref: EntityRef, nested: NestedTargets) -> Self {
        let NestedTargets { location_type, targets, presence } = nested;
        Self { entity_ref, location_type, targets, presence, errors: Vec::new() }
    }

    /// Turns the targets as written in the file at `base` into targets to read.
    pub fn resolve(
        &self,
        reader: &Reader,
        base: &LocationRef,
        allowed_types: &[String],
    ) -> (Vec<Target>, Vec<ErrorChain>) {
        let location_type = self.location_type.as_deref().unwrap_or(base.location_type());
        if location_type != base.location_type() && !allowed_types.iter().any(|allowed| allowed == location_type) {
            let message = format!(
                "Location type '{location_type}' is not allowed in a location of type '{}'; allowed are {allowed_types:?}",
                base.location_type()
            );
            return (Vec::new(), vec![ErrorChain::new("NotAllowedError", message)]);
        }
        let mut targets = Vec::new();
        let mut errors = Vec::new();
        for written in &self.targets {
            match reader.resolve(base, location_type, written) {
                Ok(location) => targets.push(Target {
                    location,
                    presence: self.presence,
                    parent: self.entity_ref.clone(),
                    is_root: false,
                }),
                Err(message) => errors.push(ErrorChain::new("InputError", message)),
            }
        }
        (targets, errors)
    }
}

/// What is kept of a file beside its entities, so that one that has not changed needs no parsing to be walked on from and to
/// be judged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outline {
    /// Its Location entities.
    pub nested: Vec<KnownNested>,
    /// Whether any of its documents is a healthy entity.
    pub has_entities: bool,
    /// The error with which Backstage would fail the Location that named the file.
    pub error: Option<ErrorChain>,
}

impl Outline {
    /// Reads the stored form; a text of another program version counts as unknown.
    pub fn decode(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self { nested: Vec::new(), has_entities: true, error: None });
        }
        serde_json::from_str(text).ok()
    }

    /// Writes the stored form, which is empty for a file with healthy entities and nothing else to say.
    pub fn encode(&self) -> String {
        if self.nested.is_empty() && self.has_entities && self.error.is_none() {
            return String::new();
        }
        serde_json::to_string(self).expect("plain data has a JSON form")
    }
}

/// Lists the files that a target stands for: itself, the matches of its glob, or the descriptors in its folder.
pub async fn list_files(reader: &Reader, target: &Target) -> Result<Vec<LocationRef>, ReadError> {
    if target.is_root && target.location.location_type() == "file" {
        let path = std::path::PathBuf::from(target.location.target());
        if tokio::fs::metadata(&path).await.is_ok_and(|found| found.is_dir()) {
            return reader.discover(&path).await;
        }
    }
    reader.expand(&target.location).await
}
