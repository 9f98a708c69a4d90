//! Who to call: the team, the people on it, and every way to reach them.

use index::Doc;
use model::EntityRef;

use crate::{
    ToolSpec, View,
    pages::{
        facts::Facts,
        link::{EntityLink, related},
        reach::Reach,
        tools::{Purpose, ToolLink, links_of},
    },
};

/// How many people are named; the team's page has all.
const MOST_PEOPLE: usize = 6;

/// The first card of the side rail.
pub(in crate::pages) struct WhoToCall {
    /// The owners; most entities have one.
    pub(in crate::pages) teams: Vec<Team>,
    /// On-call links of the entity itself.
    pub(in crate::pages) on_call: Vec<ToolLink>,
    /// What the descriptor says when it says something that is not in the catalog, or nothing.
    pub(in crate::pages) unknown_owner: Option<String>,
}

/// An owner with its contacts.
pub(in crate::pages) struct Team {
    pub(in crate::pages) link: EntityLink,
    pub(in crate::pages) email: Option<String>,
    /// Chat, on-call and other links of the team.
    pub(in crate::pages) contacts: Vec<ToolLink>,
    pub(in crate::pages) people: Vec<EntityLink>,
    pub(in crate::pages) more_people: usize,
    /// The group above it, which is asked when nobody answers.
    pub(in crate::pages) above: Option<EntityLink>,
}

/// Gathers who answers for an entity; for a group or user, it is the entity itself.
pub(in crate::pages) fn who_to_call(view: &View, doc: &Doc, facts: &Facts, tools: &[ToolSpec]) -> WhoToCall {
    let is_owner_itself = matches!(facts.entity_ref.kind(), "group" | "user");
    let owners = if is_owner_itself { vec![EntityLink::to_doc(doc)] } else { related(view, doc, "ownedBy") };
    let of_purpose = |purpose: Purpose, facts: &Facts| {
        let groups = links_of(facts, tools).into_iter().filter(|group| group.purpose == purpose);
        groups.flat_map(|group| group.links).collect::<Vec<_>>()
    };
    let missing = owners.iter().find(|link| link.is_missing).map(|link| link.entity_ref.to_string());
    let none = (owners.is_empty()).then(|| facts.text("/spec/owner").unwrap_or("nobody").to_owned());
    WhoToCall {
        teams: owners
            .into_iter()
            .filter(|link| !link.is_missing)
            .filter_map(|link| team_of(view, &link.entity_ref, tools))
            .collect(),
        on_call: if is_owner_itself { Vec::new() } else { of_purpose(Purpose::OnCall, facts) },
        unknown_owner: missing.or(none),
    }
}

fn team_of(view: &View, owner: &EntityRef, tools: &[ToolSpec]) -> Option<Team> {
    let doc = view.find(owner.as_str())?;
    let reach = Reach::of(&doc, tools);
    let mut people = related(view, &doc, "hasMember");
    let more_people = people.len().saturating_sub(MOST_PEOPLE);
    people.truncate(MOST_PEOPLE);
    Some(Team {
        link: reach.link(),
        email: reach.email,
        contacts: reach.contacts,
        people,
        more_people,
        above: reach.above.map(|above| EntityLink::to(view, &above)),
    })
}
