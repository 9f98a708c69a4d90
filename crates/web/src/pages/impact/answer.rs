//! What the page says: put together from the answer, its evidence and the teams.

use insights::{Impact, State, impact};

use super::{
    causes::{CausesShown, find_causes},
    evidence::{Reason, find_evidence},
    off_threads,
    plan::{Planned, plan, reasons_of},
    query::{ImpactQuery, Shows},
    rows::{self, Carried, Group, SparedLine, StateMark},
    teams::{CalledTeam, called_teams},
    text,
};
use crate::{
    App, Gate, Problem, View,
    pages::{
        graph::GraphQuery,
        link::EntityLink,
        moment::Moment,
        parts::{Pager, Tab, Tabs},
        words::counted,
    },
};

/// How many containers the head of the page names.
const MOST_CARRIED: usize = 12;
/// How many teams stand beside the answer; all of them are by team and in the text.
const MOST_TEAMS: usize = 12;

/// What the page says.
pub(super) struct Answer {
    pub(super) headline: String,
    pub(super) counts: Vec<(StateMark, usize)>,
    pub(super) notes: Vec<String>,
    pub(super) journeys: Vec<Carried>,
    pub(super) containers: Vec<Carried>,
    pub(super) more_containers: usize,
    pub(super) spared: Vec<SparedLine>,
    pub(super) teams: Vec<CalledTeam>,
    /// The groups above the teams beside the answer, one for each of them.
    above: Vec<Option<EntityLink>>,
    pub(super) tabs: Tabs,
    /// What narrows the list, each with the address without it.
    pub(super) chosen: Vec<(String, String)>,
    pub(super) groups: Vec<Group>,
    pub(super) pager: Option<Pager>,
    pub(super) causes: Option<CausesShown>,
    pub(super) text: Option<String>,
    pub(super) by_team: String,
    pub(super) csv: String,
    pub(super) json: String,
    pub(super) graph: String,
}

impl Answer {
    /// The teams beside the answer, each with the group above it.
    pub(super) fn first_teams(&self) -> impl Iterator<Item = (&CalledTeam, &Option<EntityLink>)> {
        self.teams.iter().zip(&self.above)
    }

    /// How many teams there are besides.
    pub(super) fn more_teams(&self) -> usize {
        self.teams.len().saturating_sub(MOST_TEAMS)
    }

    /// The team that a group is of.
    pub(super) fn team_of(&self, group: &Group) -> Option<&CalledTeam> {
        self.teams.get(group.team?)
    }
}

/// Answers a question.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn answer(
    app: &App,
    view: &View,
    gate: &Gate,
    query: &ImpactQuery,
    link: &str,
) -> Result<Answer, Problem> {
    let (asked, wanted, tools) = (view.clone(), query.clone(), app.settings().tools.clone());
    let (found, teams, planned) = off_threads(move || {
        let found = impact(&asked, &wanted.question());
        let teams = called_teams(&found, &tools);
        let planned = plan(&asked, &found, &wanted, &teams);
        (found, teams, planned)
    })
    .await?;
    let edges = reasons_of(&found, &planned.plans).iter().map(Reason::edge).collect();
    let evidence = find_evidence(gate, view, edges).await?;
    let moment = gate.moment_of(view).await?;
    let now = app.now();
    let causes = match query.shows {
        Shows::Causes => Some(find_causes(view, gate, query, now).await?),
        _ => None,
    };
    let text = (query.shows == Shows::Text)
        .then(|| text::call_list(view, &found, query, &teams, (Moment { at: moment, now }, link)));
    let others = found.carriers.iter().filter(|carrier| !carrier.is_journey).count();
    Ok(Answer {
        headline: headline(&found, query),
        counts: counts(&found),
        notes: notes(&found),
        journeys: rows::carried_list(&found, query, true, usize::MAX),
        containers: rows::carried_list(&found, query, false, MOST_CARRIED),
        more_containers: others.saturating_sub(MOST_CARRIED),
        spared: rows::spared_lines(view, &found),
        tabs: tabs(query),
        chosen: chosen(view, query),
        pager: (planned.total > planned.page).then(|| pager(query, &planned)),
        groups: rows::groups(view, &found, planned.plans, &evidence, now),
        above: teams.iter().take(MOST_TEAMS).map(|team| above(view, team)).collect(),
        teams,
        causes,
        text,
        by_team: query.showing(Shows::Team).href(),
        csv: query.api_href("csv"),
        json: query.api_href(""),
        graph: GraphQuery::around(&query.roots).href(),
    })
}

fn above(view: &View, team: &CalledTeam) -> Option<EntityLink> {
    team.above().map(|above| EntityLink::to(view, above))
}

fn headline(found: &Impact, query: &ImpactQuery) -> String {
    let roots = match found.roots.as_slice() {
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
    let count = |state: State| (StateMark(state), found.hits.iter().filter(|hit| hit.severity == state).count());
    State::ALL.map(count).into_iter().filter(|(_, count)| *count > 0).collect()
}

/// What the answer does not hold.
fn notes(found: &Impact) -> Vec<String> {
    let mut notes = Vec::new();
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

fn pager(query: &ImpactQuery, planned: &Planned) -> Pager {
    let at = |offset: usize| ImpactQuery { offset, ..query.clone() }.href();
    let (total, first) = (planned.total, query.offset.min(planned.total));
    let last = first + planned.shown;
    Pager {
        first: (first + 1).min(total) as u64,
        last: last as u64,
        total: total as u64,
        things: planned.things.to_owned(),
        previous: (query.offset > 0).then(|| at(query.offset.saturating_sub(planned.page))),
        next: (last < total && planned.shown > 0).then(|| at(last)),
    }
}
