//! `/impact`: when something breaks or is about to change, what else is hit, through what, and whom to call. The address holds
//! the question, so that it can be sent to the others on the call.

mod alert;
mod causes;
mod evidence;
mod query;
mod rows;
mod teams;
mod text;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use insights::{Causes, Impact, Reach, impact};
use model::EntityRef;

pub(crate) use self::{
    causes::{USUAL_WINDOW, rank_by_changes},
    evidence::{Reason, Steps, find_evidence, web_address},
    teams::{CalledTeam, Contact, called_teams},
};
use self::{
    query::{ImpactQuery, Shows},
    rows::{Carried, Group, Heading, PAGE, SparedLine, StateMark},
};
use super::{
    Frame,
    frame::Section,
    icon::Icon,
    link::EntityLink,
    moment::Moment,
    parts::{Pager, Tab, Tabs},
    render, urls,
    words::counted,
};
use crate::{App, Gate, Problem, View, problem};

/// How many containers the head of the page names, and how many candidates the tab of causes.
const MOST_CARRIED: usize = 12;
const MOST_CAUSES: usize = 50;
/// How many teams stand beside the answer; all of them are by team and in the text.
const MOST_TEAMS: usize = 12;
/// How many names are offered for what somebody typed.
const MOST_OFFERS: usize = 12;
/// How far causes are looked for.
const CAUSE_DEPTH: u32 = 10;

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
}

/// What the page says.
struct Answer {
    headline: String,
    counts: Vec<(StateMark, usize)>,
    notes: Vec<String>,
    journeys: Vec<Carried>,
    containers: Vec<Carried>,
    more_containers: usize,
    spared: Vec<SparedLine>,
    teams: Vec<CalledTeam>,
    tabs: Tabs,
    /// What narrows the list, each with the address without it.
    chosen: Vec<(String, String)>,
    groups: Vec<Group>,
    pager: Option<Pager>,
    causes: Option<CausesShown>,
    text: Option<String>,
    by_team: String,
    csv: String,
    json: String,
    graph: String,
}

impl Answer {
    /// The teams beside the answer.
    fn first_teams(&self) -> &[CalledTeam] {
        &self.teams[..self.teams.len().min(MOST_TEAMS)]
    }

    /// How many teams there are besides.
    fn more_teams(&self) -> usize {
        self.teams.len().saturating_sub(MOST_TEAMS)
    }

    /// The team that a group is of.
    fn team_of(&self, group: &Group) -> Option<&CalledTeam> {
        self.teams.get(group.team?)
    }
}

/// The tab of causes.
struct CausesShown {
    total: usize,
    lines: Vec<CauseLine>,
    is_cut: bool,
}

/// A candidate.
struct CauseLine {
    link: EntityLink,
    owner: Option<EntityLink>,
    explains: String,
    is_firm: bool,
    is_itself: bool,
    changed: Option<Moment>,
    /// The ways to what it explains.
    ways: Vec<String>,
    /// The impact of the candidate.
    href: String,
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
    let answer = match query.roots.is_empty() {
        true => None,
        false => Some(answer(&app, &view, &gate, &query, &link).await?),
    };
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

/// Runs work that may take its time where it holds nobody up.
///
/// # Errors
/// 500 when it panics.
pub(crate) async fn off_threads<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| problem::internal(&error))
}

/// The title and type of an entity.
pub(crate) fn names_of(doc: &index::Doc) -> (String, Option<String>) {
    let link = EntityLink::to_doc(doc);
    (link.title, link.entity_type)
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
    if !query.alert.is_empty() {
        let named = alert::names_in(view, &query.alert);
        let (title, links) = match (named.exact.is_empty(), named.perhaps.is_empty()) {
            (false, _) => ("Named in the text", named.exact),
            (true, false) => ("Perhaps meant by the text", named.perhaps),
            (true, true) => ("The text names nothing that is in the catalog", Vec::new()),
        };
        offers.push(offer(query, title.to_owned(), links));
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
    Offers { title, links: new.map(with).collect() }
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

async fn answer(app: &App, view: &View, gate: &Gate, query: &ImpactQuery, link: &str) -> Result<Answer, Problem> {
    let (asked, wanted, tools) = (view.clone(), query.clone(), app.settings().tools.clone());
    let (found, teams, plans, total) = off_threads(move || {
        let found = impact(&asked, &wanted.question());
        let teams = called_teams(&asked, &found, &tools);
        let (plans, total) = rows::plan(&asked, &found, &wanted, &teams);
        (found, teams, plans, total)
    })
    .await?;
    let edges = rows::reasons_of(&found, &plans).iter().map(Reason::edge).collect();
    let evidence = find_evidence(gate, view, edges).await?;
    let moment = gate.moment_of(view).await?;
    let now = app.now();
    let causes = match query.shows {
        Shows::Causes => Some(find_causes(view, gate, query, now).await?),
        _ => None,
    };
    let text = (query.shows == Shows::Text)
        .then(|| text::call_list(&found, query, &teams, (Moment { at: moment, now }, link)));
    let is_listed = plans.iter().all(|plan| plan.more.is_none()) && causes.is_none() && text.is_none();
    let shown: usize = plans.iter().map(|plan| plan.hits.len()).sum();
    let is_paged = is_listed && total > PAGE;
    let others = found.carriers.iter().filter(|carrier| !carrier.is_journey).count();
    Ok(Answer {
        headline: headline(&found, query),
        counts: counts(&found),
        notes: notes(&found),
        journeys: rows::carried_list(&found, query, true, MOST_CARRIED),
        containers: rows::carried_list(&found, query, false, MOST_CARRIED),
        more_containers: others.saturating_sub(MOST_CARRIED),
        spared: rows::spared_lines(view, &found),
        tabs: tabs(query),
        chosen: chosen(view, query),
        pager: is_paged.then(|| pager(query, total, shown)),
        groups: rows::groups(view, &found, plans, &evidence, now),
        teams,
        causes,
        text,
        by_team: query.showing(Shows::Team).href(),
        csv: query.api_href("csv"),
        json: query.api_href(""),
        graph: super::graph::GraphQuery::around(&query.roots).href(),
    })
}

fn headline(found: &Impact, query: &ImpactQuery) -> String {
    let roots = match found.roots.as_slice() {
        [] => "this".to_owned(),
        [one] => EntityLink::to_doc(found.doc(one.node)).title,
        several => counted(several.len(), "entity", "entities"),
    };
    let verb = if found.roots.len() > 1 { "are" } else { "is" };
    let (hits, journeys) = (found.hits.len(), found.carriers.iter().filter(|carrier| carrier.is_journey).count());
    let touched = match journeys {
        0 => String::new(),
        n => format!(", and {} {} touched", counted(n, "journey", "journeys"), if n == 1 { "is" } else { "are" }),
    };
    let what = counted(hits, "other entity", "other entities");
    match query.is_change {
        true if hits == 0 => format!("A change of {roots} hits nothing else{touched}"),
        true => format!("A change of {roots} that goes wrong can hit {what}{touched}"),
        false if hits == 0 => format!("If {roots} {verb} {}, nothing else is hit{touched}", query.state.word()),
        false => {
            let are = if hits == 1 { "is" } else { "are" };
            format!("If {roots} {verb} {}, {what} {are} hit{touched}", query.state.word())
        }
    }
}

fn counts(found: &Impact) -> Vec<(StateMark, usize)> {
    let count =
        |state: insights::State| (StateMark(state), found.hits.iter().filter(|hit| hit.severity == state).count());
    insights::State::ALL.map(count).into_iter().filter(|(_, count)| *count > 0).collect()
}

/// What the answer does not hold.
fn notes(found: &Impact) -> Vec<String> {
    let mut notes: Vec<String> =
        found.unknown.iter().map(|unknown| format!("{unknown} is not in the catalog and hits nothing here")).collect();
    if found.cut > 0 {
        let beyond = counted(found.cut, "entity at the limit of steps has", "entities at the limit of steps have");
        notes.push(format!("{beyond} more dependents, which are left out"));
    }
    notes
}

fn tabs(query: &ImpactQuery) -> Tabs {
    let tab = |(shows, _, label): (Shows, &str, &str)| Tab {
        label: label.to_owned(),
        href: query.showing(shows).href(),
        count: None,
        is_current: shows == query.shows,
    };
    Tabs { label: "How the answer is shown".to_owned(), tabs: Shows::ALL.map(tab).to_vec() }
}

fn chosen(view: &View, query: &ImpactQuery) -> Vec<(String, String)> {
    let title =
        |text: &str| EntityLink::to_text(view, text).map_or_else(|| "no owner known".to_owned(), |link| link.title);
    let team = query
        .team
        .as_deref()
        .map(|team| (format!("Of {}", title(team)), ImpactQuery { team: None, offset: 0, ..query.clone() }.href()));
    let within = query.within.as_deref().map(|within| {
        (format!("In {}", title(within)), ImpactQuery { within: None, offset: 0, ..query.clone() }.href())
    });
    team.into_iter().chain(within).collect()
}

fn pager(query: &ImpactQuery, total: usize, shown: usize) -> Pager {
    let at = |offset: usize| ImpactQuery { offset, ..query.clone() }.href();
    let last = query.offset.min(total) + shown;
    Pager {
        first: (query.offset + 1).min(total) as u64,
        last: last as u64,
        total: total as u64,
        things: "entities".to_owned(),
        previous: (query.offset > 0).then(|| at(query.offset.saturating_sub(PAGE))),
        next: (last < total && shown > 0).then(|| at(last)),
    }
}

async fn find_causes(
    view: &View,
    gate: &Gate,
    query: &ImpactQuery,
    now: model::Timestamp,
) -> Result<CausesShown, Problem> {
    let (asked, failing) = (view.clone(), query.roots.clone());
    let depth = query.depth.unwrap_or(CAUSE_DEPTH);
    let mut found = off_threads(move || insights::causes(&asked, &failing, Some(depth))).await?;
    rank_by_changes(gate, view, &mut found, USUAL_WINDOW).await?;
    let lines = found.candidates.iter().take(MOST_CAUSES).map(|candidate| cause_line(view, &found, candidate, now));
    Ok(CausesShown { total: found.candidates.len(), lines: lines.collect(), is_cut: found.cut })
}

fn cause_line(view: &View, found: &Causes, candidate: &insights::Candidate, now: model::Timestamp) -> CauseLine {
    let doc = found.doc(candidate.node);
    let link = EntityLink::to_doc(doc);
    let title = |node: u32| EntityLink::to_doc(found.doc(node)).title;
    let way = |reach: &Reach| {
        let steps = reach.path.iter().map(|step| title(step.from));
        let names: Vec<String> = steps.chain([title(found.failing[reach.failing])]).collect();
        names.join(" → ")
    };
    CauseLine {
        owner: super::link::related(view, doc, "ownedBy").into_iter().next(),
        explains: format!("{} of {}", candidate.reaches.len(), found.failing.len()),
        is_firm: candidate.firm() == candidate.reaches.len(),
        is_itself: found.failing.contains(&candidate.node),
        changed: candidate.changed_at.map(|at| Moment { at, now }),
        ways: candidate.reaches.iter().filter(|reach| !reach.path.is_empty()).map(way).collect(),
        href: href_of(&link.entity_ref),
        link,
    }
}
