//! The impact of an event as it was at one moment, with the contacts of everybody who is hit. It is stored as it is here.

use model::{EntityRef, Seq, Timestamp};
use serde::{Deserialize, Serialize};

/// What was hit when somebody looked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Frozen {
    /// The moment of the catalog.
    pub seq: Seq,
    /// When it was looked at.
    pub at: Timestamp,
    /// What fails.
    pub roots: Vec<FrozenRoot>,
    /// What was named and is not in the catalog.
    #[serde(default)]
    pub unknown: Vec<EntityRef>,
    /// Who has to know, those first who are hit hardest; only so many.
    pub teams: Vec<FrozenTeam>,
    /// How many teams more have to know than are kept.
    #[serde(default)]
    pub more_teams: usize,
    /// What fails or is hit and belongs to nobody, what fails first; only so many.
    #[serde(default)]
    pub unowned: Vec<EntityRef>,
    /// How many more belong to nobody than are kept.
    #[serde(default)]
    pub more_unowned: usize,
    /// What is hit, worst first; only so many.
    pub hits: Vec<FrozenHit>,
    /// How many are hit in all.
    pub hit_count: usize,
    /// How many journeys, systems, domains and the like are touched beyond those that are kept.
    #[serde(default)]
    pub more_places: usize,
    /// Journeys of the business that are touched.
    #[serde(default)]
    pub journeys: Vec<FrozenPlace>,
    /// Systems, domains and the like that carry a part that is hit.
    #[serde(default)]
    pub carriers: Vec<FrozenPlace>,
}

/// Something that fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrozenRoot {
    /// The entity.
    pub entity_ref: EntityRef,
    /// What people call it.
    pub title: String,
    /// `down`, `degraded` or `slow`.
    pub state: String,
    /// Who owns it by the catalog, be it known or not.
    pub owner: Option<EntityRef>,
}

/// A team that has to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrozenTeam {
    /// The owner.
    pub team: EntityRef,
    /// What people call it.
    pub title: String,
    /// Whether it is in the catalog.
    pub is_known: bool,
    /// Its address of mail.
    pub mail: Option<String>,
    /// On-call and chat, in the order in which one tries them.
    pub contacts: Vec<Contact>,
    /// The group above it, which is asked when nobody answers.
    pub above: Option<EntityRef>,
    /// The worst state among what it owns: `down`, `degraded` or `slow`.
    pub worst: String,
    /// How many of its things are hit or fail.
    pub hits: usize,
    /// The titles of a few of them.
    pub examples: Vec<String>,
    /// More of them, what fails by itself first.
    #[serde(default)]
    pub things: Vec<EntityRef>,
    /// Whether it owns something that fails by itself.
    pub owns_root: bool,
}

/// A way to reach a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// `On call` or `Chat`.
    pub purpose: String,
    /// What people call it.
    pub label: String,
    /// Where it leads, where an address can be made.
    pub href: Option<String>,
    /// What stands in the descriptor.
    pub value: Option<String>,
}

/// Something that is hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrozenHit {
    /// The entity.
    pub entity_ref: EntityRef,
    /// What people call it.
    pub title: String,
    /// `down`, `degraded` or `slow`.
    pub severity: String,
    /// When it is felt, in words; empty at once.
    #[serde(default)]
    pub delay: String,
    /// Who owns it by the catalog, be it known or not.
    pub owner: Option<EntityRef>,
    /// The dependency through which it is hit.
    pub through: EntityRef,
    /// How it needs that: `depends on`, `consumes`.
    pub because: String,
    /// The titles from what fails to it.
    pub way: Vec<String>,
}

/// A place of the model that carries what is hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrozenPlace {
    /// The entity.
    pub entity_ref: EntityRef,
    /// What people call it.
    pub title: String,
    /// The worst state of its parts.
    pub severity: String,
    /// How many parts are hit.
    pub parts: usize,
}

impl Frozen {
    /// Finds a team.
    #[must_use]
    pub fn team(&self, team: &EntityRef) -> Option<&FrozenTeam> {
        self.teams.iter().find(|known| known.team == *team)
    }
}
