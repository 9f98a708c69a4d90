//! `/catalog/:namespace/:kind/:name/history`: what happened to an entity, to what it owns or consists of, and nearby.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use model::Timestamp;

use super::head::{EntityPath, Head, Refusal};
use crate::{
    App, Gate, Problem, View,
    pages::{
        Frame,
        changes::{ChangesQuery, Older, PAGE, empty, kinds},
        happenings::Happenings,
        parts::{Empty, Tab, Tabs},
        render, urls,
    },
    problem,
    telling::{self, Scope},
};

/// The word for what happened nearby.
const NEARBY: &str = "nearby";
/// How many hours that reaches back, and how many it may.
const HOURS: u32 = 24;
const MOST_HOURS: u32 = 24 * 90;
/// How many steps it goes.
const STEPS: u32 = 3;
const MOST_NEAR: usize = 200;

#[derive(Template)]
#[template(path = "entity/history.html")]
struct HistoryTab {
    frame: Frame,
    head: Head,
    page: String,
    scopes: Option<Tabs>,
    query: ChangesQuery,
    kinds: Vec<(String, String)>,
    what: &'static [(&'static str, &'static str)],
    happenings: Happenings,
    older: Option<Older>,
    empty: Option<Empty>,
    /// What the list leaves out.
    note: Option<String>,
    /// How far back what happened nearby is shown, with the other choices; empty for the other lists.
    spans: Vec<(String, String, bool)>,
}

/// Shows what happened to an entity.
pub(in crate::pages) async fn show_history(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    axum::extract::Path(path): EntityPath,
    RawQuery(raw): RawQuery,
) -> Result<Response, Refusal> {
    let (head, frame) = Head::load(&app, &view, &gate, frame, &path, "history").await?;
    let entity_ref = head.facts.entity_ref.clone();
    let page = urls::entity_tab(&entity_ref, "history");
    let mut query = ChangesQuery::parse(raw.as_deref());
    let choices = choices(entity_ref.kind());
    if !choices.iter().any(|(word, _)| *word == query.of) {
        query.of = choices.first().map_or_else(String::new, |(word, _)| (*word).to_owned());
    }
    let (happenings, next, note) = if query.of == NEARBY {
        // The moment that the page is about, not the one at which it is looked at.
        let at = view.looking().map_or(frame.now, |looking| looking.at());
        let since = Timestamp(at.0.saturating_sub(i64::from(hours(&query)?) * 3_600_000));
        let places = telling::nearby(&view, &entity_ref, STEPS);
        let near = gate.near(&places.entities, since, MOST_NEAR).await?;
        let note = telling::cut_note(places.is_cut).or_else(|| {
            near.is_cut.then(|| format!("More happened than is shown: these are the {} nearest.", near.items.len()))
        });
        (Happenings::near(&view, &near.items, frame.now), None, note)
    } else {
        let scope = Scope::parse(&query.of).unwrap_or_default();
        let (question, note) = query.to_gate(&view, Some((scope, &entity_ref)), frame.now)?;
        let found = gate.history(&question, PAGE).await?;
        (Happenings::of(&view, &found.items, frame.now), found.next, note)
    };
    let tab = HistoryTab {
        scopes: Some(scopes(&choices, &query, &page)),
        kinds: kinds(&app),
        what: &telling::WHAT,
        older: query.pager(&page, happenings.rows.len(), next),
        empty: happenings.rows.is_empty().then(|| empty(&query, &page)),
        spans: if query.of == NEARBY { spans(&query, &page)? } else { Vec::new() },
        happenings,
        note,
        query,
        page,
        frame,
        head,
    };
    Ok(render(&tab)?)
}

/// The lists of a kind of entity, the most telling one first.
fn choices(kind: &str) -> Vec<(&'static str, &'static str)> {
    let itself = (Scope::Itself.word(), "Itself");
    let nearby = (NEARBY, "Nearby");
    match kind {
        "group" | "user" => vec![(Scope::Owned.word(), "What it owns"), itself, nearby],
        "system" | "domain" => vec![(Scope::Parts.word(), "With its parts"), itself, nearby],
        _ => vec![itself, nearby],
    }
}

fn scopes(choices: &[(&'static str, &'static str)], query: &ChangesQuery, page: &str) -> Tabs {
    let tab = |(word, label): &(&'static str, &'static str)| Tab {
        label: (*label).to_owned(),
        href: ChangesQuery { of: (*word).to_owned(), ..ChangesQuery::default() }.href(page),
        count: None,
        is_current: *word == query.of,
    };
    Tabs { label: "Whose history".to_owned(), tabs: choices.iter().map(tab).collect() }
}

fn hours(query: &ChangesQuery) -> Result<u32, Problem> {
    if query.hours.is_empty() {
        return Ok(HOURS);
    }
    let hours = query.hours.parse().ok().filter(|hours| (1..=MOST_HOURS).contains(hours));
    hours.ok_or_else(|| problem::input(format!("`hours` must be a whole number from 1 to {MOST_HOURS}")))
}

fn spans(query: &ChangesQuery, page: &str) -> Result<Vec<(String, String, bool)>, Problem> {
    let current = hours(query)?;
    let choices = [(1, "1 hour"), (6, "6 hours"), (24, "24 hours"), (168, "7 days")];
    let span = |(hours, label): (u32, &str)| {
        let href = ChangesQuery { hours: hours.to_string(), ..query.clone() }.href(page);
        (label.to_owned(), href, hours == current)
    };
    Ok(choices.into_iter().map(span).collect())
}
