//! `/teams`: all teams as a tree.

use std::collections::HashSet;

use askama::{Template, filters::HtmlSafe};
use axum::{extract::RawQuery, response::Response};
use index::Filter;
use url::form_urlencoded;

use super::tree::{Forest, Totals};
use crate::{
    Problem, View,
    pages::{
        Frame,
        frame::{Crumb, Section},
        icon::Icon,
        link::EntityLink,
        parts::Empty,
        render, urls,
    },
};

/// With more teams than this, only the upper levels are unfolded on one page; the others have pages of their own.
const MOST_ON_A_PAGE: usize = 600;
/// How many levels such a page shows.
const LEVELS: usize = 3;
/// How many levels are unfolded at first.
const OPEN_LEVELS: usize = 2;

#[derive(Template)]
#[template(path = "teams/teams.html")]
struct TeamsPage {
    frame: Frame,
    text: String,
    groups: usize,
    people: usize,
    /// People who are in no team.
    alone: usize,
    branches: Vec<Branch>,
    empty: Option<Empty>,
}

/// A team with all below it.
#[derive(Template)]
#[template(path = "teams/branch.html")]
struct Branch {
    link: EntityLink,
    totals: Totals,
    is_found: bool,
    is_open: bool,
    children: Vec<Branch>,
    /// Where those below are shown, when they are not here.
    elsewhere: Option<String>,
}

impl HtmlSafe for Branch {}

/// What the address says.
#[derive(Default)]
struct Asked {
    text: String,
    at: String,
}

/// Shows the tree, or the part of it below one team.
pub(in crate::pages) async fn show_teams(
    view: View,
    frame: Frame,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let mut asked = Asked::default();
    for (name, value) in form_urlencoded::parse(raw.as_deref().unwrap_or_default().as_bytes()) {
        match name.as_ref() {
            "text" => value.trim().clone_into(&mut asked.text),
            "part" => asked.at = value.trim().to_lowercase(),
            _ => {}
        }
    }
    let forest = Forest::of(&view);
    let at = forest.find(&asked.at);
    let growing = Growing::new(&forest, &asked.text);
    let tops = at.map_or_else(|| forest.roots().to_vec(), |place| vec![place]);
    let branches: Vec<Branch> = tops.into_iter().filter_map(|place| growing.branch(place, 1, Under::Others)).collect();
    let users = |rest: Option<Filter>| {
        let kind = Filter::Equals("kind".to_owned(), "user".to_owned());
        let counted = view.count(&Filter::And(std::iter::once(kind).chain(rest).collect()));
        usize::try_from(counted).unwrap_or(usize::MAX)
    };
    let at = at.map(|place| forest.group(place).link.clone());
    let mut frame = frame.titled(at.as_ref().map_or("Teams", |link| link.title.as_str()), Section::Teams);
    if at.is_some() {
        frame.crumbs = vec![Crumb { label: "Teams".to_owned(), href: "/teams".to_owned() }];
    }
    let people = users(None);
    let page = TeamsPage {
        groups: forest.len(),
        alone: people - users(Some(Filter::Exists("relations.memberof".to_owned()))),
        people,
        empty: branches.is_empty().then(|| empty(&asked.text)),
        branches,
        text: asked.text,
        frame,
    };
    render(&page)
}

fn empty(text: &str) -> Empty {
    if text.is_empty() {
        return Empty {
            icon: Icon("users"),
            title: "No team is in the catalog yet".to_owned(),
            text: "Teams are entities of the kind Group; register a file that has some.".to_owned(),
            action: Some(("Register".to_owned(), "/catalog-import".to_owned())),
        };
    }
    Empty {
        icon: Icon("search"),
        title: format!("No team is called “{text}”"),
        text: "Names, titles and types of teams were looked through.".to_owned(),
        action: Some(("Show all teams".to_owned(), "/teams".to_owned())),
    }
}

/// What the branches grow from.
struct Growing<'f> {
    forest: &'f Forest,
    totals: Vec<Totals>,
    /// The teams that were looked for, and those above them; `None` when nothing was.
    found: Option<(HashSet<usize>, HashSet<usize>)>,
    levels: usize,
}

impl<'f> Growing<'f> {
    fn new(forest: &'f Forest, text: &str) -> Self {
        let found = (!text.is_empty()).then(|| forest.matching(text));
        let is_small = found.as_ref().map_or(forest.len(), |(found, _)| found.len()) <= MOST_ON_A_PAGE;
        Self { forest, totals: forest.totals(), found, levels: if is_small { usize::MAX } else { LEVELS } }
    }

    /// A team and what is below it; `None` when neither it nor anything below was looked for.
    fn branch(&self, place: usize, level: usize, under: Under) -> Option<Branch> {
        let (is_found, leads_on) = match (&self.found, under) {
            (None, _) => (false, true),
            (Some((found, above)), _) => (found.contains(&place), above.contains(&place)),
        };
        if !is_found && !leads_on && under == Under::Others {
            return None;
        }
        let group = self.forest.group(place);
        let below = self.forest.children(place);
        let is_cut = level >= self.levels && !below.is_empty();
        // Below a team that was found everything is shown, folded.
        let under = if self.found.is_some() && is_found { Under::Found } else { under };
        let grow = |child: &usize| self.branch(*child, level + 1, under);
        Some(Branch {
            totals: self.totals[place],
            is_found,
            is_open: if self.found.is_some() { leads_on } else { level <= OPEN_LEVELS },
            children: if is_cut { Vec::new() } else { below.iter().filter_map(grow).collect() },
            elsewhere: is_cut.then(|| urls::with_query("/teams", [("part", group.link.entity_ref.as_str())])),
            link: group.link.clone(),
        })
    }
}

/// What a branch is below.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Under {
    /// A team that was looked for.
    Found,
    /// Others, or nothing.
    Others,
}
