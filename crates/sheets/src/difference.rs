//! How one frozen impact differs from the one before.

use std::collections::{BTreeMap, BTreeSet};

use model::EntityRef;
use serde::{Deserialize, Serialize};

use crate::Frozen;

/// What came and went between two looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Teams that are hit now and were not.
    pub teams_added: Vec<EntityRef>,
    /// Teams that are no longer hit.
    pub teams_removed: Vec<EntityRef>,
    /// Entities that are hit now and were not.
    pub hits_added: Vec<EntityRef>,
    /// Entities that are no longer hit.
    pub hits_removed: Vec<EntityRef>,
    /// Entities that are hit worse or less.
    pub hits_changed: Vec<EntityRef>,
}

/// Compares two looks.
#[must_use]
pub fn compare(before: &Frozen, after: &Frozen) -> Difference {
    let teams = |frozen: &Frozen| frozen.teams.iter().map(|team| team.team.clone()).collect::<BTreeSet<_>>();
    let hits = |frozen: &Frozen| {
        let of = |hit: &crate::FrozenHit| (hit.entity_ref.clone(), hit.severity.clone());
        frozen.hits.iter().map(of).collect::<BTreeMap<_, _>>()
    };
    let (teams_before, teams_after) = (teams(before), teams(after));
    let (hits_before, hits_after) = (hits(before), hits(after));
    let keys_only_in = |one: &BTreeMap<EntityRef, String>, other: &BTreeMap<EntityRef, String>| {
        one.keys().filter(|key| !other.contains_key(*key)).cloned().collect::<Vec<_>>()
    };
    let changed = hits_after.iter().filter(|(hit, severity)| hits_before.get(*hit).is_some_and(|s| s != *severity));
    Difference {
        teams_added: teams_after.difference(&teams_before).cloned().collect(),
        teams_removed: teams_before.difference(&teams_after).cloned().collect(),
        hits_added: keys_only_in(&hits_after, &hits_before),
        hits_removed: keys_only_in(&hits_before, &hits_after),
        hits_changed: changed.map(|(hit, _)| hit.clone()).collect(),
    }
}

impl Difference {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Says it in one line.
    #[must_use]
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        let mut push = |label: &str, refs: &[EntityRef]| {
            if !refs.is_empty() {
                let named: Vec<&str> = refs.iter().take(5).map(EntityRef::as_str).collect();
                let more = if refs.len() > 5 { format!(" and {} more", refs.len() - 5) } else { String::new() };
                parts.push(format!("{label} {}{more}", named.join(", ")));
            }
        };
        push("teams that came:", &self.teams_added);
        push("teams that went:", &self.teams_removed);
        push("hit now:", &self.hits_added);
        push("no longer hit:", &self.hits_removed);
        push("hit otherwise:", &self.hits_changed);
        if parts.is_empty() { "nothing differs".to_owned() } else { parts.join("; ") }
    }
}
