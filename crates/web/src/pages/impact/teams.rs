//! The teams behind what is hit, and every way to reach them.

use std::collections::HashMap;

use insights::{Impact, State};
use model::{Delay, EntityRef};

use super::rows::{StateMark, when};
use crate::{
    ToolSpec,
    pages::{link::EntityLink, reach::Reach, tools::ToolLink},
};

/// An owner with what it has that is hit.
#[derive(Clone, Debug)]
pub(crate) struct CalledTeam {
    /// The reference as the relations have it; `None` for what nobody owns.
    pub(crate) owner: Option<String>,
    /// The owner; missing ones are not in the catalog.
    pub(crate) link: Option<EntityLink>,
    pub(crate) email: Option<String>,
    /// On-call, chat and so on.
    pub(crate) contacts: Vec<ToolLink>,
    /// The group above it.
    pub(crate) above: Option<EntityRef>,
    /// How many entities of it fail by themselves.
    pub(crate) roots: usize,
    /// How many entities of it are hit, by severity: down, degraded, slow.
    pub(crate) hits: [usize; 3],
    /// The worst of it, and when that comes.
    pub(crate) worst: (State, Delay),
    /// Numbers of what is hit or fails, worst first.
    pub(crate) nodes: Vec<u32>,
}

impl CalledTeam {
    /// How many entities of it are hit.
    pub(crate) fn total(&self) -> usize {
        self.hits.iter().sum()
    }

    /// Whether it is in the catalog.
    pub(crate) fn is_known(&self) -> bool {
        self.link.as_ref().is_some_and(|link| !link.is_missing)
    }

    /// The worst of it, as a mark.
    pub(super) fn mark(&self) -> StateMark {
        StateMark(self.worst.0)
    }

    /// When the worst of it comes, in words.
    pub(super) fn when(&self) -> String {
        when(self.worst.1)
    }

    /// What people call it.
    pub(crate) fn title(&self) -> &str {
        self.link.as_ref().map_or("Nobody known", |link| &link.title)
    }
}

/// Gathers the owners of what fails and of what is hit: who has the worst comes first, then who has
/// it first, then who has most.
pub(crate) fn called_teams(impact: &Impact, tools: &[ToolSpec]) -> Vec<CalledTeam> {
    let mut by_owner: HashMap<Option<&str>, CalledTeam> = HashMap::new();
    let all = impact.roots.iter().map(|root| (root.node, root.state, Delay::default(), true));
    let all = all.chain(impact.hits.iter().map(|hit| (hit.node, hit.severity, hit.delay, false)));
    for (node, severity, delay, is_root) in all {
        let owner = impact.owner(node);
        let team = by_owner.entry(owner).or_insert_with(|| CalledTeam {
            owner: owner.map(str::to_owned),
            link: None,
            email: None,
            contacts: Vec::new(),
            above: None,
            roots: 0,
            hits: [0; 3],
            worst: (severity, delay),
            nodes: Vec::new(),
        });
        if is_root {
            team.roots += 1;
        } else {
            team.hits[place(severity)] += 1;
        }
        let (worst, first) = team.worst;
        if severity > worst || (severity == worst && delay < first) {
            team.worst = (severity, delay);
        }
        if team.nodes.last() != Some(&node) {
            team.nodes.push(node);
        }
    }
    let mut teams: Vec<CalledTeam> = by_owner.into_values().collect();
    teams.sort_by(|a, b| {
        let weight = |team: &CalledTeam| {
            // What nobody owns comes last: nobody can be called about it.
            let size = team.total() + team.roots;
            (team.owner.is_none(), std::cmp::Reverse(team.worst.0), team.worst.1, std::cmp::Reverse(size))
        };
        weight(a).cmp(&weight(b)).then_with(|| a.owner.cmp(&b.owner))
    });
    teams.into_iter().map(|team| with_contacts(impact, team, tools)).collect()
}

/// The place of a state in counts.
pub(crate) fn place(state: State) -> usize {
    State::ALL.iter().position(|other| *other == state).unwrap_or_default()
}

/// Adds how to reach a team.
fn with_contacts(impact: &Impact, team: CalledTeam, tools: &[ToolSpec]) -> CalledTeam {
    let Some(owner) = team.owner.as_deref().and_then(|owner| EntityRef::parse(owner).ok()) else { return team };
    let Some(doc) = team.nodes.first().and_then(|node| impact.owner_doc(*node)) else {
        return CalledTeam { link: Some(EntityLink::missing(&owner)), ..team };
    };
    let Reach { link, email, contacts, above } = Reach::of(doc, tools);
    CalledTeam { link: Some(link), email, contacts, above, ..team }
}
