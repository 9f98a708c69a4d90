//! `/impact`: when something breaks or is about to change, what else is hit, through what, and whom to call. The address holds
//! the question, so that it can be sent to the others on the call.

mod alert;
mod answer;
mod causes;
mod evidence;
mod plan;
mod query;
mod rows;
mod teams;
mod text;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use model::EntityRef;

pub(crate) use self::{
    alert::names_in,
    causes::{Recent, USUAL_WINDOW, rank_by_changes},
    evidence::{Reason, Steps, find_evidence, web_address},
    teams::{CalledTeam, hit_teams},
};
use self::{
    answer::{Answer, answer},
    query::{ImpactQuery, LONGEST_ALERT},
    rows::Heading,
};
use super::{Frame, frame::Section, icon::Icon, link::EntityLink, render, urls, words::counted};
use crate::{App, Gate, Problem, View, problem};

/// How many names are offered for what somebody typed.
const MOST_OFFERS: usize = 12;
/// How many entities are offered in the place of one that is not there.
pub(crate) const MOST_GUESSES: usize = 3;

#[derive(Template)]
#[template(path = "impact.html")]
struct ImpactPage {
    frame: Frame,
    query: ImpactQuery,
    /// Each with the address of the question without it.
    roots: Vec<(EntityLink, String)>,
    offers: Vec<Offers>,
    states: Vec<Choice>,
    depths: Vec<Choice>,
    carried: Vec<(&'static str, String)>,
    answer: Option<Answer>,
    /// The whole address, to be sent round.
    link: String,
}

/// A value of a control.
struct Choice {
    value: String,
    label: String,
    is_chosen: bool,
}

/// Entities that may be meant, each with the address of the question with it.
struct Offers {
    title: String,
    links: Vec<(EntityLink, String)>,
    /// The address of the question with all of them, where there are several that belong together.
    all: Option<String>,
    /// What is left out.
    note: Option<String>,
}

/// Answers, or helps to ask.
pub(super) async fn show_impact(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let mut query = ImpactQuery::parse(raw.as_deref());
    let offers = offers(&view, &frame, &mut query);
    let link = format!("{}{}", app.settings().base_url, query.href());
    let is_known = query.roots.iter().any(|root| view.find(root.as_str()).is_some());
    let answer = if is_known { Some(answer(&app, &view, &gate, &query, &link).await?) } else { None };
    let roots = query.roots.iter().map(|root| (EntityLink::to(&view, root), query.without_root(root).href()));
    let page = ImpactPage {
        roots: roots.collect(),
        offers,
        states: states(&query),
        depths: depths(&query),
        carried: query.pairs().into_iter().filter(|(name, _)| matches!(*name, "ref" | "show")).collect(),
        answer,
        link,
        frame: frame.titled("Impact", Section::Impact),
        query,
    };
    render(&page)
}

/// How many such works run at once; others wait for their turn. One that its asker has given up runs to its end all the same.
static PLACES: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(4);

/// Runs work that may take its time where it holds nobody up.
///
/// # Errors
/// 500 when it panics.
pub(crate) async fn off_threads<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let place = PLACES.acquire().await.map_err(|error| problem::internal(&error))?;
    let work = move || {
        let done = work();
        drop(place);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| problem::internal(&error))
}

/// The address of the impact of one entity.
pub(super) fn href_of(entity_ref: &EntityRef) -> String {
    ImpactQuery::of(entity_ref).href()
}

/// Puts entities in the place of names that can only mean one, and offers some for the rest and for an alert.
fn offers(view: &View, frame: &Frame, query: &mut ImpactQuery) -> Vec<Offers> {
    let mut offers = Vec::new();
    for name in std::mem::take(&mut query.typed) {
        let found = super::graph::named(view, &name);
        match found.as_slice() {
            [only] => urls::take_value(&mut query.roots, only.clone()),
            [] => offers.push(offer(query, format!("Nothing in the catalog is called “{name}”"), Vec::new())),
            several => {
                let links = several.iter().take(MOST_OFFERS).map(|other| EntityLink::to(view, other));
                offers.push(offer(query, format!("Which “{name}”?"), links.collect()));
            }
        }
    }
    // Each is held against all names, so that many would keep everybody else waiting.
    let missing = query.roots.iter().filter(|root| view.find(root.as_str()).is_none()).take(MOST_GUESSES);
    offers.extend(missing.map(|root| offer_near(view, query, root)));
    if !query.alert.is_empty() {
        let named = alert::names_in(view, &query.alert);
        let note = if query.is_alert_cut {
            Some(format!("Only the first {LONGEST_ALERT} characters of the text are looked at."))
        } else {
            named.note()
        };
        let (title, links) = match (named.exact.is_empty(), named.perhaps.is_empty()) {
            (false, _) => ("Named in the text", named.exact),
            (true, false) => ("Perhaps meant by the text", named.perhaps),
            (true, true) => ("The text names nothing that is in the catalog", Vec::new()),
        };
        let all = offer(query, title.to_owned(), links);
        offers.push(Offers { all: with_all(query, &all.links), note, ..all });
    }
    if query.roots.is_empty() && offers.is_empty() {
        let recent =
            frame.recent.iter().filter(|one| matches!(one.kind(), "component" | "api" | "resource" | "system"));
        let links = recent.map(|one| EntityLink::to(view, one)).filter(|link| !link.is_missing);
        let links: Vec<EntityLink> = links.take(MOST_OFFERS).collect();
        if !links.is_empty() {
            offers.push(offer(query, "Opened lately".to_owned(), links));
        }
    }
    offers
}

fn offer(query: &ImpactQuery, title: String, links: Vec<EntityLink>) -> Offers {
    let with = |link: EntityLink| {
        let href = query.with_root(&link.entity_ref).href();
        (link, href)
    };
    let new = links.into_iter().filter(|link| !query.roots.contains(&link.entity_ref));
    Offers { title, links: new.map(with).collect(), all: None, note: None }
}

/// Offers, in the place of an entity that is not in the catalog, those that may be meant.
fn offer_near(view: &View, query: &ImpactQuery, missing: &EntityRef) -> Offers {
    let near = view.nearest(missing.kind(), missing.namespace(), missing.name(), MOST_GUESSES);
    let instead = query.without_root(missing);
    let links: Vec<EntityLink> = near.iter().map(EntityLink::to_doc).collect();
    let hint = if links.is_empty() { "" } else { "; perhaps you mean" };
    offer(&instead, format!("“{missing}” is not in the catalog{hint}"), links)
}

/// The address of a question with several entities more.
fn with_all(query: &ImpactQuery, links: &[(EntityLink, String)]) -> Option<String> {
    let all = links.iter().fold(query.clone(), |query, (link, _)| query.with_root(&link.entity_ref));
    (links.len() > 1).then(|| all.href())
}

fn states(query: &ImpactQuery) -> Vec<Choice> {
    let choice = |state: insights::State| Choice {
        value: state.word().to_owned(),
        label: state.word().to_owned(),
        is_chosen: state == query.state,
    };
    insights::State::ALL.map(choice).into()
}

fn depths(query: &ImpactQuery) -> Vec<Choice> {
    let choice = |depth: Option<u32>| Choice {
        value: depth.map_or_else(String::new, |depth| depth.to_string()),
        label: depth.map_or_else(|| "as far as it goes".to_owned(), |depth| counted(depth as usize, "step", "steps")),
        is_chosen: depth == query.depth,
    };
    let mut depths: Vec<Option<u32>> = vec![None, Some(1), Some(2), Some(3), Some(5), Some(10)];
    if !depths.contains(&query.depth) {
        depths.push(query.depth);
    }
    depths.into_iter().map(choice).collect()
}
