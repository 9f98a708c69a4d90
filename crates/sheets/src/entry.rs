//! The entries of a sheet. They are appended and never changed.

use model::{EntityRef, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Difference, Frozen};

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the sheet, counting from 1.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum What {
    /// The sheet was opened.
    Opened {
        /// What the event is called.
        title: String,
        /// The tool that opened it, when it was one.
        #[serde(default)]
        source: Option<String>,
        /// What the tool or the person said about the event.
        #[serde(default)]
        text: Option<String>,
    },
    /// What is hit was looked up and frozen.
    Frozen {
        /// As it was.
        impact: Box<Frozen>,
        /// How it differs from the one before, when there is one.
        #[serde(default)]
        difference: Option<Difference>,
    },
    /// A team was told, has seen it, or has answered.
    Team {
        /// The team.
        team: EntityRef,
        /// How far it is.
        standing: Standing,
        /// What was said.
        #[serde(default)]
        note: Option<String>,
    },
    /// A note.
    Note {
        /// The text.
        text: String,
    },
    /// A link into a tool that manages the event.
    Link {
        /// What people call it.
        title: String,
        /// Where it leads.
        url: String,
    },
    /// A message was sent.
    Sent {
        /// Through which sender.
        sender: String,
        /// To which teams it speaks.
        teams: Vec<EntityRef>,
        /// Why it did not go.
        #[serde(default)]
        failure: Option<String>,
    },
    /// An alerting tool spoke again.
    Alert {
        /// The tool.
        source: String,
        /// Whether it says that all is well again.
        resolved: bool,
        /// What it says.
        text: String,
    },
    /// The sheet got another title.
    Titled {
        /// The new one.
        title: String,
    },
    /// Somebody answered whether the catalog was right.
    Verdict {
        /// About what.
        question: Question,
        /// The entity.
        entity: EntityRef,
        /// The owner or the dependency that the question is about.
        other: Option<EntityRef>,
        /// Whether the catalog was right.
        right: bool,
        /// How it is instead.
        #[serde(default)]
        note: Option<String>,
    },
    /// A wrong answer of the catalog was mended, or was none.
    Settled {
        /// About what.
        question: Question,
        /// The entity.
        entity: EntityRef,
        /// The owner or dependency.
        other: Option<EntityRef>,
    },
    /// The sheet was closed.
    Closed {
        /// What is to be remembered.
        #[serde(default)]
        note: Option<String>,
    },
    /// The sheet was opened again.
    Reopened,
}

impl What {
    /// The word by which entries are told apart in the store and in exports.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Frozen { .. } => "frozen",
            Self::Team { .. } => "team",
            Self::Note { .. } => "note",
            Self::Link { .. } => "link",
            Self::Sent { .. } => "sent",
            Self::Alert { .. } => "alert",
            Self::Titled { .. } => "titled",
            Self::Verdict { .. } => "verdict",
            Self::Settled { .. } => "settled",
            Self::Closed { .. } => "closed",
            Self::Reopened => "reopened",
        }
    }
}

/// How far a team is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// Nobody has told it.
    #[default]
    Waiting,
    /// It was told.
    Told,
    /// It has seen it.
    Seen,
    /// It has answered.
    Answered,
}

impl Standing {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Told, Self::Seen, Self::Answered];

    /// The word of forms and of the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Told => "told",
            Self::Seen => "seen",
            Self::Answered => "answered",
        }
    }

    /// Reads [`Standing::word`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.word() == word)
    }
}

/// A question about the catalog that an event answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Question {
    /// Was the owner right?
    Owner,
    /// Was the dependency there?
    Dependency,
    /// Something was hit that the catalog did not name. Always answered with no.
    Missing,
}

impl Question {
    /// All.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Dependency, Self::Missing];

    /// The word of forms, of the API and of the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Dependency => "dependency",
            Self::Missing => "missing",
        }
    }

    /// Reads [`Question::word`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|question| question.word() == word)
    }
}
