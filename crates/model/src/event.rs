//! Events from outside: what other programs say has happened to an entity.

use serde::{Deserialize, Serialize};

use crate::{EntityRef, Timestamp};

/// What sort of thing has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// Something was put into an environment.
    Deployment,
    /// A feature flag was switched.
    Flag,
    /// A setting was changed.
    Configuration,
    /// Something asked for attention.
    Alert,
    /// Anything else.
    Other,
}

impl EventKind {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Deployment, Self::Flag, Self::Configuration, Self::Alert, Self::Other];

    /// The word for addresses and answers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::Flag => "flag",
            Self::Configuration => "configuration",
            Self::Alert => "alert",
            Self::Other => "other",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Tells what sort of event a type of CloudEvents is, such as `dev.cdevents.service.deployed.0.1.1`, by the words in it.
    #[must_use]
    pub fn of_type(event_type: &str) -> Self {
        let words = event_type.to_ascii_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
        match () {
            () if has(&["deploy", "rollout", "rolledback", "rollback"]) => Self::Deployment,
            () if has(&["flag", "toggle"]) => Self::Flag,
            () if has(&["config", "setting"]) => Self::Configuration,
            () if has(&["alert", "incident", "alarm"]) => Self::Alert,
            () => Self::Other,
        }
    }
}

/// An event as it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Who says so, as a URI reference; with `id` it tells events apart.
    pub source: String,
    /// The sender's name of the event.
    pub id: String,
    /// What sort of thing has happened.
    pub kind: EventKind,
    /// The type as the sender calls it.
    pub event_type: String,
    /// When it happened.
    pub at: Timestamp,
    /// What it happened to, as the sender calls it.
    pub subject: Option<String>,
    /// One line.
    pub title: String,
    /// Where to see more.
    pub link: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// How it ended, such as `success` or `failure`.
    pub outcome: Option<String>,
    /// The entities that it concerns.
    pub refs: Vec<EntityRef>,
}

/// An event on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number here.
    pub number: u64,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Who sent it here.
    pub reporter: String,
    /// What was reported.
    pub event: NewEvent,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_by_their_words() {
        for (event_type, want) in [
            ("dev.cdevents.service.deployed.0.1.1", EventKind::Deployment),
            ("com.example.FeatureFlag.changed", EventKind::Flag),
            ("org.acme.config.updated", EventKind::Configuration),
            ("com.example.alertmanager.firing", EventKind::Alert),
            ("com.example.coffee", EventKind::Other),
        ] {
            assert_eq!(EventKind::of_type(event_type), want, "{event_type}");
        }
        assert!(EventKind::ALL.iter().all(|kind| EventKind::parse(kind.word()) == Some(*kind)));
        assert_eq!(EventKind::parse("Deployment"), None);
    }
}
