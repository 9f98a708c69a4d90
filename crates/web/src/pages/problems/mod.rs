//! `/problems`: everything that is wrong with the catalog, each with its place and the way to mend it. The address holds who
//! and what it is about, so that a team can be sent its own list.

mod export;
mod groups;
mod narrow;
mod query;

use askama::Template;
use auth::ProblemMoment;
use axum::{
    extract::{RawQuery, State},
    response::{Redirect, Response},
};
use index::problems::{Problem as Wrong, ProblemCounts};
use model::{EntityRef, Severity, Timestamp};

pub(super) use self::export::export_problems;
use self::query::{Grouping, PAGE, ProblemsQuery};
use super::{
    Frame,
    chart::Chart,
    frame::Section,
    icon::Icon,
    link::EntityLink,
    moment::Moment,
    parts::{Empty, Facet, Pager, ProblemBox, Tab, Table, Tabs, short_file},
    render,
};
use crate::{App, Gate, Problem, View};

/// How far the line of counts reaches back, in milliseconds.
const CHART_SPAN_MS: i64 = 90 * 24 * 3_600_000;

#[derive(Template)]
#[template(path = "problems.html")]
struct ProblemsPage {
    frame: Frame,
    total: usize,
    facets: Vec<Facet>,
    /// What narrows the list, each with the address of the list without it.
    chosen: Vec<(String, String)>,
    groupings: Tabs,
    /// The groups; `None` when the problems are shown one by one.
    groups: Option<Table>,
    problems: Vec<ProblemBox>,
    pager: Option<Pager>,
    empty: Option<Empty>,
    chart: Option<Chart>,
    exports: Vec<(&'static str, String)>,
    /// The whole address, to be sent round.
    link: String,
}

/// The address at which Backstage lists what it could not process.
pub(super) async fn redirect_unprocessed() -> Redirect {
    Redirect::permanent("/problems?severity=error")
}

/// Lists problems.
pub(super) async fn list_problems(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = ProblemsQuery::parse(raw.as_deref())?;
    let board = view.board(&app).await?;
    let found = board.select(&view, &query.to_board());
    let from = Timestamp(frame.now.0.saturating_sub(CHART_SPAN_MS));
    let moments = if query.is_narrowed() { Vec::new() } else { gate.list_problem_counts(from, frame.now).await? };
    let is_listed = query.grouping == Grouping::None;
    let shown: &[&Wrong] = if is_listed { page_of(&found, query.offset) } else { &[] };
    let page = ProblemsPage {
        total: found.len(),
        facets: narrow::facets(&board, &view, &query),
        chosen: narrow::chosen(&view, &query),
        groupings: groupings(&query),
        groups: (!is_listed && !found.is_empty()).then(|| groups::table(&view, &query, &found)),
        problems: shown.iter().map(|problem| to_box(&view, problem, frame.now)).collect(),
        pager: (is_listed && !found.is_empty()).then(|| pager(&query, found.len(), shown.len())),
        empty: found.is_empty().then(|| empty(&query)),
        chart: chart(moments, frame.now),
        exports: ["csv", "ndjson"].map(|format| (label_of(format), export_href(&query, format))).to_vec(),
        link: format!("{}{}", app.settings().base_url, ProblemsQuery { offset: 0, ..query.clone() }.href()),
        frame: frame.titled("Problems", Section::Problems),
    };
    render(&page)
}

fn page_of<'a, 'b>(found: &'a [&'b Wrong], offset: usize) -> &'a [&'b Wrong] {
    let start = offset.min(found.len());
    &found[start..(start + PAGE).min(found.len())]
}

/// Shows a problem of the board.
pub(super) fn to_box(view: &View, problem: &Wrong, now: Timestamp) -> ProblemBox {
    let link = |owner: &std::sync::Arc<str>| EntityLink::to_text(view, owner);
    ProblemBox {
        file: problem.location.as_deref().map(file_link),
        entity: problem.entity_ref.as_ref().map(|entity_ref| EntityLink::to(view, entity_ref)),
        owners: problem.owners.iter().filter_map(link).collect(),
        since: problem.since.map(|at| Moment { at, now }),
        ..ProblemBox::of(&problem.diagnostic)
    }
}

/// A file as people know it, and where to see it.
pub(super) fn file_link(location: &str) -> (String, Option<String>) {
    let target = location.split_once(':').map_or(location, |(_, target)| target);
    (short_file(target).to_owned(), target.starts_with("http").then(|| target.to_owned()))
}

fn groupings(query: &ProblemsQuery) -> Tabs {
    let tab = |grouping: Grouping| Tab {
        label: grouping.label().to_owned(),
        href: ProblemsQuery { grouping, offset: 0, ..query.clone() }.href(),
        count: None,
        is_current: grouping == query.grouping,
    };
    Tabs { label: "How problems are put together".to_owned(), tabs: Grouping::ALL.map(tab).to_vec() }
}

fn pager(query: &ProblemsQuery, total: usize, shown: usize) -> Pager {
    let at = |offset: usize| ProblemsQuery { offset, ..query.clone() }.href();
    let last = query.offset + shown;
    Pager {
        first: (query.offset + 1).min(total) as u64,
        last: last as u64,
        total: total as u64,
        things: if total == 1 { "problem" } else { "problems" }.to_owned(),
        previous: (query.offset > 0).then(|| at(query.offset.saturating_sub(PAGE))),
        next: (last < total && shown > 0).then(|| at(last)),
    }
}

fn empty(query: &ProblemsQuery) -> Empty {
    if query.is_narrowed() {
        return Empty {
            icon: Icon("circle-check"),
            title: "No such problem".to_owned(),
            text: "Nothing that is wrong in the catalog has all that is chosen here.".to_owned(),
            action: Some(("Show all problems".to_owned(), "/problems".to_owned())),
        };
    }
    Empty {
        icon: Icon("circle-check"),
        title: "Nothing is wrong".to_owned(),
        text: "Every file could be read, every descriptor is valid, and every reference leads somewhere.".to_owned(),
        action: None,
    }
}

fn chart(moments: Vec<ProblemMoment>, now: Timestamp) -> Option<Chart> {
    let count = |moment: &ProblemMoment, severity: Severity| {
        moment.counts.iter().filter(|count| count.severity == severity).map(|count| count.count).sum()
    };
    let all = [Severity::Error, Severity::Warning, Severity::Info];
    let points = moments.iter().map(|moment| (moment.at, all.map(|severity| count(moment, severity)).to_vec()));
    let points: Vec<_> = points.collect();
    (!points.is_empty()).then(|| Chart {
        id: "over-time".to_owned(),
        title: "Over time".to_owned(),
        lines: vec![("errors", "error"), ("warnings", "warning"), ("infos", "info")],
        points,
        now,
    })
}

fn label_of(format: &str) -> &'static str {
    if format == "csv" { "CSV" } else { "NDJSON" }
}

fn export_href(query: &ProblemsQuery, format: &str) -> String {
    let query = ProblemsQuery { offset: 0, grouping: Grouping::None, ..query.clone() };
    let href = query.href_at("/problems/export");
    let separator = if href.contains('?') { '&' } else { '?' };
    format!("{href}{separator}format={format}")
}

/// What the counts of a group say.
fn counts_of(problems: &[&Wrong]) -> ProblemCounts {
    ProblemCounts::of(problems.iter().copied())
}

/// A link to an owner, or the word for nobody.
fn owner_label(view: &View, owner: &str) -> String {
    match EntityRef::parse(owner) {
        Ok(entity_ref) => EntityLink::to(view, &entity_ref).title,
        Err(_) => "No owner known".to_owned(),
    }
}
