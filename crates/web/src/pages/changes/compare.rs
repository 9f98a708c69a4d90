//! `/changes/compare`: two moments compared: what came, went, changed hands, was rewired or changed otherwise.

use askama::Template;
use auth::{CompareQuery, Difference, Differences};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use model::{DifferenceKind, EntityRef, Timestamp};
use url::form_urlencoded;

use super::{kinds, query::pager};
use crate::{
    App, Gate, Problem, View,
    pages::{
        Frame,
        frame::Section,
        happenings::causes,
        icon::Icon,
        link::EntityLink,
        moment::Moment,
        parts::{Empty, Pager, Tab, Tabs},
        render, urls,
    },
    past::{self, Edge},
    problem, telling,
};

/// How many differences a page shows.
const PAGE: usize = 100;
/// How many lines are told of one entity.
const MOST_LINES: usize = 20;
/// Where the list is.
const PATH: &str = "/changes/compare";

/// The choices, as they are written in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Choices {
    from: String,
    to: String,
    kind: String,
    owner: String,
    system: String,
    what: String,
    offset: usize,
}

#[derive(Template)]
#[template(path = "changes/compare.html")]
struct ComparePage {
    frame: Frame,
    choices: Choices,
    kinds: Vec<(String, String)>,
    from: Moment,
    to: Moment,
    sorts: Tabs,
    rows: Vec<Row>,
    pager: Option<Pager>,
    empty: Option<Empty>,
}

/// An entity that differs.
struct Row {
    icon: Icon,
    /// The word for its class.
    sort: &'static str,
    label: &'static str,
    link: EntityLink,
    /// How it was and is, where it was or is there.
    before: Option<String>,
    after: Option<String>,
    lines: Vec<String>,
    cause: Vec<String>,
    at: Moment,
    changes: u64,
}

impl Choices {
    fn parse(raw: Option<&str>) -> Result<Self, Problem> {
        let mut choices = Self::default();
        for (name, value) in form_urlencoded::parse(raw.unwrap_or_default().as_bytes()) {
            let value = value.trim().to_owned();
            match name.as_ref() {
                "from" => choices.from = value,
                "to" => choices.to = value,
                "kind" => choices.kind = value.to_lowercase(),
                "owner" => choices.owner = value,
                "system" => choices.system = value,
                "what" => choices.what = value,
                "offset" => {
                    choices.offset = value.parse().map_err(|_| problem::input("`offset` must be a whole number"))?;
                }
                _ => {}
            }
        }
        Ok(choices)
    }

    fn href(&self) -> String {
        let offset = if self.offset == 0 { String::new() } else { self.offset.to_string() };
        let all = [
            ("from", &self.from),
            ("to", &self.to),
            ("kind", &self.kind),
            ("owner", &self.owner),
            ("system", &self.system),
            ("what", &self.what),
            ("offset", &offset),
        ];
        let made = all.into_iter().filter(|(_, value)| !value.is_empty());
        urls::with_query(PATH, made.map(|(name, value)| (name, value.as_str())))
    }

    fn is_narrowed(&self) -> bool {
        [&self.kind, &self.owner, &self.system, &self.what].iter().any(|value| !value.is_empty())
    }

    fn to_gate(&self, from: &Edge, to: &Edge) -> Result<CompareQuery, Problem> {
        Ok(CompareQuery {
            from: from.seq,
            to: to.seq,
            kind: Some(self.kind.clone()).filter(|kind| !kind.is_empty()),
            owner: telling::parse_ref("owner", Some(&self.owner), "group")?,
            system: telling::parse_ref("system", Some(&self.system), "system")?,
            what: parse_difference(Some(&self.what))?,
            offset: self.offset,
            limit: PAGE,
        })
    }
}

/// Reads the word for a sort of difference.
///
/// # Errors
/// 400 for another word.
pub(crate) fn parse_difference(word: Option<&str>) -> Result<Option<DifferenceKind>, Problem> {
    let Some(word) = word.filter(|word| !word.is_empty()) else { return Ok(None) };
    let found = DifferenceKind::ALL.into_iter().find(|kind| kind.word() == word);
    found.map(Some).ok_or_else(|| {
        let words = DifferenceKind::ALL.map(DifferenceKind::word).join(", ");
        problem::input(format!("`what` must be one of {words}, not `{word}`"))
    })
}

/// Compares two moments.
pub(in crate::pages) async fn compare_moments(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let choices = Choices::parse(raw.as_deref())?;
    let (from, to) = past::find_edges(&app, &view, &choices.from, &choices.to).await?;
    let found = gate.compare(&choices.to_gate(&from, &to)?).await?;
    let now = frame.now;
    let href = |offset: usize| Choices { offset, ..choices.clone() }.href();
    let page = ComparePage {
        kinds: kinds(&app),
        from: Moment { at: from.at, now },
        to: Moment { at: to.at, now },
        sorts: sorts(&choices, &found),
        rows: found.rows.iter().map(|difference| row(&view, difference, &from, &to, now)).collect(),
        pager: (!found.rows.is_empty())
            .then(|| pager("differences", choices.offset, found.rows.len(), found.total, href, PAGE)),
        empty: found.rows.is_empty().then(|| empty(&choices)),
        choices,
        frame: frame.titled("Two moments compared", Section::Changes),
    };
    render(&page)
}

fn label_of(kind: DifferenceKind) -> &'static str {
    match kind {
        DifferenceKind::Added => "Added",
        DifferenceKind::Removed => "Removed",
        DifferenceKind::Reowned => "Other owner",
        DifferenceKind::Rewired => "Other relations",
        DifferenceKind::Changed => "Changed otherwise",
    }
}

fn sorts(choices: &Choices, found: &Differences) -> Tabs {
    let tab = |label: &str, what: &str, count: usize| Tab {
        label: label.to_owned(),
        href: Choices { what: what.to_owned(), offset: 0, ..choices.clone() }.href(),
        count: Some(count as u64),
        is_current: choices.what == what,
    };
    let all = found.counts.iter().map(|(_, count)| count).sum();
    let sorts = found.counts.iter().map(|(kind, count)| tab(label_of(*kind), kind.word(), *count));
    Tabs { label: "Sorts of difference".to_owned(), tabs: std::iter::once(tab("All", "", all)).chain(sorts).collect() }
}

fn row(view: &View, difference: &Difference, from: &Edge, to: &Edge, now: Timestamp) -> Row {
    let kind = difference.kind;
    let page = urls::entity(&difference.entity_ref);
    let at = |edge: &Edge| past::keep_in_address(&page, &edge.text);
    Row {
        icon: Icon(match kind {
            DifferenceKind::Added => "plus",
            DifferenceKind::Removed => "minus",
            DifferenceKind::Reowned => "users",
            DifferenceKind::Rewired => "route",
            DifferenceKind::Changed => "pencil",
        }),
        sort: kind.word(),
        label: label_of(kind),
        link: EntityLink::to(view, &difference.entity_ref),
        before: (kind != DifferenceKind::Added).then(|| at(from)),
        after: (kind != DifferenceKind::Removed).then(|| at(to)),
        lines: lines(difference),
        cause: causes(&difference.cause),
        at: Moment { at: difference.at, now },
        changes: difference.changes,
    }
}

/// The differences in words: relations first, then facts that do not say the same.
fn lines(difference: &Difference) -> Vec<String> {
    let comparison = &difference.comparison;
    let relation = |sign: &str, (kind, other): &(std::sync::Arc<str>, EntityRef)| format!("{sign} {kind} {other}");
    let mut lines: Vec<String> = match difference.kind {
        // What comes or goes comes or goes with all of its relations.
        DifferenceKind::Added | DifferenceKind::Removed => Vec::new(),
        _ => {
            let removed = comparison.relations_removed.iter().map(|end| relation("−", end));
            let added = comparison.relations_added.iter().map(|end| relation("+", end));
            removed.chain(added).collect()
        }
    };
    lines.extend(comparison.facts.iter().map(ToString::to_string));
    let more = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    if more > 0 {
        lines.push(format!("{more} more"));
    }
    lines
}

fn empty(choices: &Choices) -> Empty {
    let everything = Choices { from: choices.from.clone(), to: choices.to.clone(), ..Choices::default() };
    Empty {
        icon: Icon("circle-check"),
        title: "No difference".to_owned(),
        text: if choices.is_narrowed() {
            "Between these two moments nothing differs in what is asked for.".to_owned()
        } else {
            "Between these two moments the catalog is the same.".to_owned()
        },
        action: choices.is_narrowed().then(|| ("Compare everything".to_owned(), everything.href())),
    }
}
