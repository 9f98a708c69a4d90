//! What the page of a group or a user shows of the organisation: who is in it, where it stands, and what it owns.
//!
//! Two switches are in the address: `members=all` has the people of the teams below, too, and `owned=all` or `owned=own` what
//! is owned below a team, or by the person alone.

use index::{Doc, Filter, View};
use url::form_urlencoded;

use super::place::{PlaceInOrganisation, members_of, with_all_below};
use crate::{
    App,
    pages::{
        Frame,
        facts::Facts,
        icon,
        icon::Icon,
        link::{EntityLink, related},
        urls,
    },
};

/// How many people are named.
const MOST_PEOPLE: usize = 120;
/// With more owners than this, the list of what they own has no address that a browser would take.
const MOST_OWNERS_IN_ADDRESS: usize = 60;

/// The cards of a group or a user.
pub(in crate::pages) struct Organisation {
    pub(in crate::pages) place: Option<PlaceInOrganisation>,
    pub(in crate::pages) members: Option<Members>,
    /// The teams of a user.
    pub(in crate::pages) teams: Vec<EntityLink>,
    pub(in crate::pages) is_user: bool,
    pub(in crate::pages) ownership: Ownership,
}

/// The people of a group.
pub(in crate::pages) struct Members {
    pub(in crate::pages) people: Vec<Person>,
    pub(in crate::pages) more: usize,
    pub(in crate::pages) total: usize,
    /// Between its own and those of the teams below; empty when there are no teams below.
    pub(in crate::pages) switch: Vec<Choice>,
}

/// A person with the way to reach them.
pub(in crate::pages) struct Person {
    pub(in crate::pages) link: EntityLink,
    pub(in crate::pages) email: Option<String>,
}

/// One side of a switch.
pub(in crate::pages) struct Choice {
    pub(in crate::pages) label: String,
    pub(in crate::pages) href: String,
    pub(in crate::pages) is_chosen: bool,
}

/// What is owned, by kind and type.
pub(in crate::pages) struct Ownership {
    pub(in crate::pages) total: u64,
    /// Whether more owners than the entity itself are counted.
    pub(in crate::pages) is_wide: bool,
    pub(in crate::pages) kinds: Vec<OwnedKind>,
    pub(in crate::pages) switch: Vec<Choice>,
    /// All problems of what is owned.
    pub(in crate::pages) problems_href: String,
}

/// What is owned of one kind.
pub(in crate::pages) struct OwnedKind {
    pub(in crate::pages) label: String,
    pub(in crate::pages) icon: Icon,
    pub(in crate::pages) count: u64,
    pub(in crate::pages) href: Option<String>,
    /// Type, count, address.
    pub(in crate::pages) types: Vec<(String, u64, Option<String>)>,
}

/// What the address says.
struct Asked {
    members: String,
    owned: String,
}

impl Organisation {
    /// Gathers the cards; `None` for what is neither a group nor a user.
    pub(in crate::pages) fn of(app: &App, view: &View, frame: &Frame, doc: &Doc, facts: &Facts) -> Option<Self> {
        let asked = Asked::read(&frame.here);
        let page = urls::entity(&facts.entity_ref);
        match facts.entity_ref.kind() {
            "group" => Some(of_group(app, view, doc, &asked, &page)),
            "user" => Some(of_user(app, view, doc, &asked, &page)),
            _ => None,
        }
    }
}

impl Asked {
    fn read(address: &str) -> Self {
        let mut asked = Self { members: String::new(), owned: String::new() };
        let query = address.split_once('?').map_or("", |(_, query)| query);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "members" => asked.members = value.into_owned(),
                "owned" => asked.owned = value.into_owned(),
                _ => {}
            }
        }
        asked
    }

    /// The address of the page with one switch put to `value`; what is usual is left out.
    fn with(&self, page: &str, name: &str, value: &str) -> String {
        let members = if name == "members" { value } else { &self.members };
        let owned = if name == "owned" { value } else { &self.owned };
        let pairs = [("members", members), ("owned", owned)];
        urls::with_query(page, pairs.into_iter().filter(|(_, value)| !value.is_empty()))
    }
}

fn of_group(app: &App, view: &View, doc: &Doc, asked: &Asked, page: &str) -> Organisation {
    let everything = with_all_below(view, doc);
    let own = std::slice::from_ref(doc);
    let has_teams = everything.len() > 1;
    let choice = |label: &str, name: &str, value: &str, is_chosen: bool| Choice {
        label: label.to_owned(),
        href: asked.with(page, name, value),
        is_chosen,
    };
    let switch = |name: &str, chosen: &str| {
        let all = chosen == "all";
        let both = || vec![choice("Its own", name, "", !all), choice("With teams below", name, "all", all)];
        if has_teams { both() } else { Vec::new() }
    };
    let people = members_of(view, if asked.members == "all" { &everything } else { own });
    let owners = refs(if asked.owned == "all" { &everything } else { own });
    Organisation {
        place: PlaceInOrganisation::of(view, doc),
        members: Some(Members {
            total: people.len(),
            more: people.len().saturating_sub(MOST_PEOPLE),
            people: people.into_iter().take(MOST_PEOPLE).map(|link| person(view, link)).collect(),
            switch: switch("members", &asked.members),
        }),
        teams: Vec::new(),
        is_user: false,
        ownership: ownership(app, view, &owners, switch("owned", &asked.owned)),
    }
}

fn of_user(app: &App, view: &View, doc: &Doc, asked: &Asked, page: &str) -> Organisation {
    let teams = related(view, doc, "memberOf");
    let alone = asked.owned == "own";
    let mut owners = vec![doc.entity_ref().to_owned()];
    if !alone {
        owners.extend(teams.iter().map(|team| team.entity_ref.to_string()));
    }
    let choice = |label: &str, value: &str, is_chosen: bool| Choice {
        label: label.to_owned(),
        href: asked.with(page, "owned", value),
        is_chosen,
    };
    let both = || vec![choice("With their teams", "", !alone), choice("Alone", "own", alone)];
    let switch = if teams.is_empty() { Vec::new() } else { both() };
    Organisation { place: None, members: None, is_user: true, ownership: ownership(app, view, &owners, switch), teams }
}

/// Everybody whose things count as an owner's own: a group with all groups below it, a person with their teams. `None` for what
/// owns nothing by its kind.
pub(in crate::pages) fn owners(view: &View, doc: &Doc, facts: &Facts) -> Option<Vec<String>> {
    match facts.entity_ref.kind() {
        "group" => Some(refs(&with_all_below(view, doc))),
        "user" => {
            let teams = related(view, doc, "memberOf").into_iter().map(|team| team.entity_ref.to_string());
            Some(std::iter::once(doc.entity_ref().to_owned()).chain(teams).collect())
        }
        _ => None,
    }
}

/// The list of all problems of what some owners have.
pub(in crate::pages) fn problems_of(owners: &[String]) -> String {
    let most = owners.iter().take(MOST_OWNERS_IN_ADDRESS);
    urls::with_query("/problems", most.map(|owner| ("owner", owner.as_str())))
}

fn refs(docs: &[Doc]) -> Vec<String> {
    docs.iter().map(|doc| doc.entity_ref().to_owned()).collect()
}

fn person(view: &View, link: EntityLink) -> Person {
    let doc = view.find(link.entity_ref.as_str());
    let email = doc.and_then(|doc| Facts::of_descriptor(&doc).text("/spec/profile/email").map(str::to_owned));
    Person { link, email }
}

fn ownership(app: &App, view: &View, owners: &[String], switch: Vec<Choice>) -> Ownership {
    let owned = Filter::In("relations.ownedby".to_owned(), owners.to_vec());
    let list = |kind: &str, entity_type: Option<&str>| {
        if owners.len() > MOST_OWNERS_IN_ADDRESS {
            return None;
        }
        let kind = ("filters[kind]", kind);
        let entity_type = entity_type.map(|entity_type| ("filters[type][]", entity_type));
        let owners = owners.iter().map(|owner| ("filters[owners][]", owner.as_str()));
        Some(urls::with_query("/catalog", std::iter::once(kind).chain(entity_type).chain(owners)))
    };
    let counted = view.facets(&["kind".to_owned()], &owned).pop().unwrap_or_default();
    let known = &app.settings().kinds;
    let mut kinds: Vec<_> = counted
        .into_iter()
        .map(|value| {
            let name = value.value.to_lowercase();
            let place = known.iter().position(|kind| kind.name.eq_ignore_ascii_case(&name));
            let kind = place.map(|place| &known[place]);
            let of_kind = Filter::And(vec![owned.clone(), Filter::Equals("kind".to_owned(), name.clone())]);
            let types = view.facets(&["spec.type".to_owned()], &of_kind).pop().unwrap_or_default();
            let row = OwnedKind {
                label: match kind {
                    None => value.value.clone(),
                    Some(kind) if value.count == 1 => kind.name.clone(),
                    Some(kind) => kind.plural.clone(),
                },
                icon: icon::of_kind(kind.map_or(name.as_str(), |kind| &kind.icon)),
                count: value.count,
                href: list(&name, None),
                types: types.into_iter().map(|t| (t.value.clone(), t.count, list(&name, Some(&t.value)))).collect(),
            };
            (place.unwrap_or(usize::MAX), row)
        })
        .collect();
    kinds.sort_by_key(|(place, _)| *place);
    let kinds: Vec<_> = kinds.into_iter().map(|(_, row)| row).collect();
    Ownership {
        is_wide: owners.len() > 1,
        total: kinds.iter().map(|kind| kind.count).sum(),
        kinds,
        switch,
        problems_href: problems_of(owners),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_switch_leaves_the_other_as_it_is() {
        let asked = Asked::read("/catalog/default/group/x?members=all&owned=all&tab=1");
        assert_eq!(asked.with("/x", "members", ""), "/x?owned=all");
        assert_eq!(asked.with("/x", "owned", ""), "/x?members=all");
        assert_eq!(Asked::read("/x").with("/x", "owned", "all"), "/x?owned=all");
    }
}
