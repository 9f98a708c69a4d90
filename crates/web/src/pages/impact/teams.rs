//! The teams behind what is hit, and every way to reach them.

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
    /// How it is reached; `None` when it is not in the catalog.
    pub(crate) reach: Option<Reach>,
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

    /// Finds out how it is reached.
    pub(crate) fn find_reach(&mut self, impact: &Impact, tools: &[ToolSpec]) {
        let owner = self.nodes.first().and_then(|node| impact.owner_doc(*node));
        self.reach = owner.map(|owner| Reach::of(owner, tools));
    }

    /// Whether it is in the catalog.
    pub(crate) fn is_known(&self) -> bool {
        self.reach.is_some()
    }

    /// Links to it, be it in the catalog or not.
    pub(crate) fn link(&self) -> Option<EntityLink> {
        let missing = || EntityRef::parse(self.owner.as_deref()?).ok().map(|owner| EntityLink::missing(&owner));
        self.reach.as_ref().map(Reach::link).or_else(missing)
    }

    pub(crate) fn email(&self) -> Option<&str> {
        self.reach.as_ref()?.email.as_deref()
    }

    /// On-call, chat and so on.
    pub(crate) fn contacts(&self) -> &[ToolLink] {
        self.reach.as_ref().map_or(&[], |reach| &reach.contacts)
    }

    /// The group above it.
    pub(crate) fn above(&self) -> Option<&EntityRef> {
        self.reach.as_ref()?.above.as_ref()
    }

    /// The worst of it, as a mark.
    pub(super) fn mark(&self) -> StateMark {
        StateMark(self.worst.0)
    }

    /// When the worst of it comes, in words.
    pub(super) fn when(&self) -> String {
        when(self.worst.1)
    }

    /// What people call it; a name when it is not in the catalog.
    pub(crate) fn title(&self) -> &str {
        match (&self.reach, &self.owner) {
            (Some(reach), _) => &reach.title,
            (None, Some(owner)) => owner.rsplit('/').next().unwrap_or_default(),
            (None, None) => "Nobody known",
        }
    }
}

/// Gathers the owners of what fails and of what is hit: who has the worst comes first, then who has
/// it first, then who has most.
pub(crate) fn called_teams(impact: &Impact, tools: &[ToolSpec]) -> Vec<CalledTeam> {
    let mut teams = hit_teams(impact);
    teams.iter_mut().for_each(|team| team.find_reach(impact, tools));
    teams
}

/// The same, not knowing yet how they are reached: of a thousand teams that takes longest.
pub(crate) fn hit_teams(impact: &Impact) -> Vec<CalledTeam> {
    // By the place of the owner; the last one is for what nobody owns.
    let mut places: Vec<Option<usize>> = vec![None; impact.owner_count() + 1];
    let mut teams: Vec<CalledTeam> = Vec::with_capacity(places.len());
    impact.find_owners();
    let all = impact.roots.iter().map(|root| (root.node, root.state, Delay::default(), true));
    let all = all.chain(impact.hits.iter().map(|hit| (hit.node, hit.severity, hit.delay, false)));
    for (node, severity, delay, is_root) in all {
        let owner = impact.owner_place(node).unwrap_or(impact.owner_count());
        let at = *places[owner].get_or_insert_with(|| {
            teams.push(CalledTeam {
                owner: impact.owner(node).map(str::to_owned),
                reach: None,
                roots: 0,
                hits: [0; 3],
                worst: (severity, delay),
                nodes: Vec::new(),
            });
            teams.len() - 1
        });
        let team = &mut teams[at];
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
    teams.sort_by(|a, b| {
        let weight = |team: &CalledTeam| {
            // What nobody owns comes last: nobody can be called about it.
            let size = team.total() + team.roots;
            (team.owner.is_none(), std::cmp::Reverse(team.worst.0), team.worst.1, std::cmp::Reverse(size))
        };
        weight(a).cmp(&weight(b)).then_with(|| a.owner.cmp(&b.owner))
    });
    teams
}

/// The place of a state in counts.
pub(crate) fn place(state: State) -> usize {
    State::ALL.iter().position(|other| *other == state).unwrap_or_default()
}
