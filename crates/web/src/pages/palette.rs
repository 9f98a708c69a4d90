//! `/palette?q=`: what the palette lists for what was typed. A fragment, not a page: entities, teams, pages and actions as one
//! list to choose from.

use std::collections::HashSet;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use index::{Filter, PageQuery, QuickHit, QuickQuery, Start};
use url::form_urlencoded;

use super::{
    Frame,
    catalog::query::Personal,
    facts::Facts,
    frame::NAV,
    icon::Icon,
    link::{EntityLink, related},
    render,
    search::Marked,
    urls,
};
use crate::{App, Gate, Problem, View};

/// How many entities and how many teams and people are listed at most.
const MOST_ENTITIES: usize = 8;
const MOST_TEAMS: usize = 4;

/// What it is worth that an entity was opened lately, is starred, or is owned. The start of a name is worth 900, letters in
/// order at most 600.
const RECENT: u32 = 120;
const STARRED: u32 = 90;
const OWNED: u32 = 50;
/// Of more that is owned, any will do.
const MOST_OWNED: usize = 500;

#[derive(Template)]
#[template(path = "palette.html")]
struct Palette {
    groups: Vec<Group>,
    /// The number of all options.
    count: usize,
}

/// Options under one heading.
struct Group {
    title: &'static str,
    options: Vec<PaletteOption>,
}

/// Something to choose.
struct PaletteOption {
    /// Its number on the list.
    number: usize,
    icon: Icon,
    label: Marked,
    /// What it is, in a word or two.
    hint: String,
    /// Its name, where that is what fits and the title says something else.
    name: Option<Marked>,
    /// Whose it is, or where it is.
    detail: String,
    does: Does,
}

/// What choosing an option does.
enum Does {
    /// Opens an address.
    Opens(String),
    /// Presses the button of the page that a selector finds.
    Presses(&'static str),
}

impl PaletteOption {
    fn opens(icon: Icon, label: Marked, hint: impl Into<String>, href: impl Into<String>) -> Self {
        let does = Does::Opens(href.into());
        Self { number: 0, icon, label, hint: hint.into(), name: None, detail: String::new(), does }
    }
}

/// Lists what may be meant.
pub(super) async fn show_palette(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let raw = raw.unwrap_or_default();
    let typed =
        form_urlencoded::parse(raw.as_bytes()).find(|(name, _)| name == "q").map(|(_, value)| value.into_owned());
    let typed = typed.unwrap_or_default();
    let typed = typed.trim();
    let personal = Personal::load(&app, &view, &gate, &frame).await?;
    let mut groups = if typed.is_empty() {
        known_places(&view, &frame, &personal)
    } else {
        found_places(&view, &frame, &personal, typed)
    };
    groups.push(Group { title: "Pages", options: pages(typed) });
    groups.push(Group { title: "Actions", options: actions(typed) });
    groups.retain(|group| !group.options.is_empty());
    let mut count = 0;
    for option in groups.iter_mut().flat_map(|group| &mut group.options) {
        option.number = count;
        count += 1;
    }
    render(&Palette { groups, count })
}

/// Before anything is typed: what was opened lately, then what is starred.
fn known_places(view: &View, frame: &Frame, personal: &Personal) -> Vec<Group> {
    let mut seen = HashSet::new();
    let mut group = |title, refs: &[model::EntityRef]| {
        let docs = refs.iter().filter_map(|entity_ref| view.find(entity_ref.as_str()));
        let fresh = docs.filter(|doc| seen.insert(doc.entity_ref().to_owned())).take(MOST_ENTITIES);
        let options = fresh.map(|doc| {
            let link = EntityLink::to_doc(&doc);
            entity(view, &doc, Marked::new(&link.title, &[]), link)
        });
        Group { title, options: options.collect() }
    };
    vec![group("Recently opened", &frame.recent), group("Starred", &personal.stars)]
}

/// The entities that may be meant, and the teams and people; who has the better match comes first.
fn found_places(view: &View, frame: &Frame, personal: &Personal, typed: &str) -> Vec<Group> {
    let near = near(view, frame, personal);
    let near: Vec<(&str, u32)> = near.iter().map(|(entity_ref, worth)| (entity_ref.as_str(), *worth)).collect();
    let people = Filter::In("kind".to_owned(), vec!["group".to_owned(), "user".to_owned()]);
    let ask = |filter: Filter, limit: usize| view.quick(&QuickQuery { text: typed, filter, limit, near: &near });
    let things = ask(Filter::Not(Box::new(people.clone())), MOST_ENTITIES);
    let teams = ask(people, MOST_TEAMS);
    let best = |hits: &[QuickHit]| hits.first().map_or(0, |hit| hit.score);
    let teams_first = best(&teams) > best(&things);
    let group =
        |title, hits: Vec<QuickHit>| Group { title, options: hits.iter().map(|hit| found(view, hit)).collect() };
    let mut groups = vec![group("Entities", things), group("Teams and people", teams)];
    if teams_first {
        groups.reverse();
    }
    groups
}

/// What is near to the person in front of the page.
fn near(view: &View, frame: &Frame, personal: &Personal) -> Vec<(String, u32)> {
    let recent = frame.recent.iter().map(|entity_ref| (entity_ref.to_string(), RECENT));
    let starred = personal.stars.iter().map(|entity_ref| (entity_ref.to_string(), STARRED));
    let mut near: Vec<(String, u32)> = recent.chain(starred).collect();
    if !personal.ownership.is_empty() {
        let owned = view.page(&PageQuery {
            filter: Filter::In("relations.ownedby".to_owned(), personal.ownership.clone()),
            order: index::Order::Uid,
            start: Start::Offset(0),
            limit: Some(MOST_OWNED),
            count: false,
        });
        near.extend(owned.rows.iter().map(|row| (row.doc.entity_ref().to_owned(), OWNED)));
        near.extend(personal.ownership.iter().map(|group| (group.clone(), OWNED)));
    }
    near
}

fn found(view: &View, hit: &QuickHit) -> PaletteOption {
    let link = EntityLink::to_doc(&hit.doc);
    let label =
        if link.title == hit.text { Marked::new(&hit.text, &hit.ranges) } else { Marked::new(&link.title, &[]) };
    let is_name = hit.field == index::SearchField::Name && link.title != hit.text;
    let mut option = entity(view, &hit.doc, label, link);
    if is_name && !hit.text.is_empty() {
        option.name = Some(Marked::new(&hit.text, &hit.ranges));
    }
    option
}

fn entity(view: &View, doc: &index::Doc, label: Marked, link: EntityLink) -> PaletteOption {
    let facts = Facts::of_descriptor(doc);
    let kind = facts.kind();
    let hint =
        link.entity_type.as_ref().map_or_else(|| kind.to_owned(), |entity_type| format!("{kind} · {entity_type}"));
    let owners: Vec<String> = related(view, doc, "ownedBy").into_iter().map(|owner| owner.title).collect();
    PaletteOption { detail: owners.join(", "), ..PaletteOption::opens(link.icon, label, hint, link.href) }
}

/// The pages of the portal whose name has what was typed at the start of a word; all of them when nothing is typed.
fn pages(typed: &str) -> Vec<PaletteOption> {
    let others = [("Settings", "/settings", "settings"), ("Keyboard", "/keyboard", "keyboard")];
    let rail = NAV.iter().map(|item| (item.label, item.href, item.icon));
    let all = rail.chain(others.map(|(label, href, icon)| (label, href, Icon(icon))));
    all.filter_map(|(label, href, icon)| Some(PaletteOption::opens(icon, fit(label, typed)?, "", href))).collect()
}

/// What can be done from anywhere. To search for what was typed is always possible.
fn actions(typed: &str) -> Vec<PaletteOption> {
    let mut actions = Vec::new();
    if !typed.is_empty() {
        let label = format!("Search everything for “{typed}”");
        let href = urls::with_query("/search", [("query", typed)]);
        actions.push(PaletteOption::opens(Icon("search"), Marked::new(&label, &[]), "", href));
    }
    let presses = [
        ("Change colours", "sun-moon", "[data-toggle=theme]"),
        ("Fold or unfold the menu", "panel-left", "[data-toggle=rail]"),
        ("Show the keys", "keyboard", "[data-dialog=keyboard]"),
    ];
    for (label, icon, selector) in presses {
        if let Some(marked) = fit(label, typed) {
            let option = PaletteOption::opens(Icon(icon), marked, "", "");
            actions.push(PaletteOption { does: Does::Presses(selector), ..option });
        }
    }
    actions
}

/// Marks where a word of a label starts with what was typed.
fn fit(label: &str, typed: &str) -> Option<Marked> {
    let (lower, typed) = (label.to_lowercase(), typed.to_lowercase());
    let starts = |at: &usize| *at == 0 || lower[..*at].ends_with(' ');
    let at = lower.match_indices(typed.as_str()).map(|(at, _)| at).find(starts)?;
    // One mark, or none when nothing was typed.
    Some(Marked::new(label, std::slice::from_ref(&(at..at + typed.len()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(options: &[PaletteOption]) -> Vec<String> {
        options.iter().map(|option| option.label.render().unwrap()).collect()
    }

    #[test]
    fn pages_are_found_by_the_starts_of_their_words() {
        assert_eq!(labels(&pages("cat")), ["<mark>Cat</mark>alog"]);
        assert!(pages("").len() > NAV.len());
        assert!(pages("zzz").is_empty());
    }

    #[test]
    fn what_was_typed_can_always_be_searched_for() {
        let options = actions("a&b");
        let Does::Opens(href) = &options[0].does else { panic!("it opens the search page") };
        assert_eq!(href, "/search?query=a%26b");
        assert_eq!(labels(&actions("menu")), ["Search everything for “menu”", "Fold or unfold the <mark>menu</mark>"]);
    }
}
