//! `/call-sheets`: the sheets, a form to open one, and how often events showed the catalog to be right.

use askama::Template;
use auth::TruthDay;
use axum::{
    Form,
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use insights::State as Failing;
use model::{EntityRef, Timestamp};
use url::form_urlencoded;

use super::{doing, fields::Fields, newest_rate};
use crate::{
    App, Gate, Problem, View,
    pages::{
        Frame,
        chart::Chart,
        frame::Section,
        icon::Icon,
        link::EntityLink,
        moment::Moment,
        parts::{Empty, Pager},
        render, urls,
    },
    problem,
};

/// How many sheets a page lists.
const PAGE: u32 = 50;
/// How much of what the address says is taken into the form.
const LONGEST_PREFILL: usize = 4_000;

#[derive(Template)]
#[template(path = "call_sheets/list.html")]
struct ListPage {
    frame: Frame,
    sheets: Vec<SheetRow>,
    pager: Option<Pager>,
    empty: Option<Empty>,
    /// What the form is filled in with.
    roots: Vec<EntityLink>,
    title: String,
    text: String,
    /// Whether it is down, degraded, slow.
    states: [(&'static str, &'static str, bool); 3],
    may_open: bool,
    /// Right answers in a hundred, and how many answers there are.
    truth: Option<(u64, usize)>,
    chart: Option<Chart>,
}

/// A sheet in the list.
struct SheetRow {
    title: String,
    href: String,
    is_open: bool,
    opened: Moment,
    opened_by: String,
    changed: Moment,
}

/// What the address says.
#[derive(Default)]
struct Asked {
    offset: u32,
    roots: Vec<EntityRef>,
    state: Option<Failing>,
    title: String,
    text: String,
}

impl Asked {
    fn parse(raw: Option<&str>) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(raw.unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "offset" => asked.offset = value.parse().unwrap_or_default(),
                "root" => {
                    if let Ok(root) = EntityRef::parse(&value) {
                        urls::take_value(&mut asked.roots, root);
                    }
                }
                "state" => asked.state = Failing::parse(&value),
                "title" => asked.title = value.chars().take(200).collect(),
                "text" => asked.text = value.chars().take(LONGEST_PREFILL).collect(),
                _ => {}
            }
        }
        asked
    }
}

/// Lists sheets.
pub(in crate::pages) async fn list_sheets(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let asked = Asked::parse(raw.as_deref());
    let heads = gate.list_call_sheets(None, PAGE + 1, asked.offset).await?;
    let has_more = heads.len() > PAGE as usize;
    let now = frame.now;
    let row = |head: auth::SheetHead| SheetRow {
        href: format!("/call-sheets/{}", head.id),
        title: head.title,
        is_open: head.is_open,
        opened: Moment { at: head.opened_at, now },
        opened_by: head.opened_by,
        changed: Moment { at: head.changed_at, now },
    };
    let sheets: Vec<SheetRow> = heads.into_iter().take(PAGE as usize).map(row).collect();
    let days = gate.truth_history().await?;
    let rate = newest_rate(&days);
    let page = ListPage {
        empty: sheets.is_empty().then(empty),
        pager: (has_more || asked.offset > 0).then(|| pager(asked.offset, sheets.len(), has_more)),
        sheets,
        roots: asked.roots.iter().map(|root| EntityLink::to(&view, root)).collect(),
        title: asked.title,
        text: asked.text,
        states: states(asked.state.unwrap_or(Failing::Down)),
        may_open: gate.require("callsheet.open").is_ok(),
        truth: rate.percent().map(|percent| (percent, usize::try_from(rate.all).unwrap_or(usize::MAX))),
        chart: truth_chart(&days, now),
        frame: frame.titled("Call sheets", Section::CallSheets),
    };
    let _settings = app.settings();
    render(&page)
}

/// Opens a sheet for what a form names: references, and names in a text.
pub(in crate::pages) async fn open_sheet(
    State(app): State<App>,
    view: View,
    gate: Gate,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let fields = Fields(fields);
    let state = match fields.one("state") {
        Some(word) => Failing::parse(word).ok_or_else(|| problem::input("`state` must be down, degraded or slow"))?,
        None => Failing::Down,
    };
    let text = fields.text("text");
    let mut roots: Vec<EntityRef> = fields.all("root").filter_map(|root| EntityRef::parse(root).ok()).collect();
    for named in doing::find_named(&view, text.as_deref().unwrap_or_default()) {
        if !roots.contains(&named) {
            roots.push(named);
        }
    }
    if roots.is_empty() {
        return Err(problem::input(
            "nothing in it is the name of something in the catalog; name what fails, such as `resource:default/kafka` or its name alone",
        ));
    }
    let opening = doing::Opening {
        title: fields.text("title").unwrap_or_default(),
        roots: roots.into_iter().map(|root| (root, state)).collect(),
        text,
        source: None,
        link: None,
        alert_key: None,
    };
    let (id, _) = doing::open(&app, &view, &gate, opening).await?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, format!("/call-sheets/{id}"))]).into_response())
}

/// The choices of the form.
fn states(chosen: Failing) -> [(&'static str, &'static str, bool); 3] {
    let all = [(Failing::Down, "It is down"), (Failing::Degraded, "It is degraded"), (Failing::Slow, "It is slow")];
    all.map(|(state, label)| (state.word(), label, state == chosen))
}

/// The truth rate over time; `None` while nobody has answered.
pub(crate) fn truth_chart(days: &[TruthDay], now: Timestamp) -> Option<Chart> {
    let points = days.iter().filter_map(|day| Some((day.day, vec![day.rate.percent()?])));
    let points: Vec<_> = points.collect();
    (!points.is_empty()).then(|| Chart {
        id: "truth-over-time".to_owned(),
        title: "Truth rate".to_owned(),
        lines: vec![("right answers in a hundred", "info")],
        points,
        now,
    })
}

fn pager(offset: u32, shown: usize, has_more: bool) -> Pager {
    let at = |offset: u32| urls::with_query("/call-sheets", [("offset", offset.to_string().as_str())]);
    let last = u64::from(offset) + shown as u64;
    Pager {
        first: u64::from(offset) + 1,
        last,
        total: last + u64::from(has_more),
        things: "call sheets".to_owned(),
        previous: (offset > 0).then(|| at(offset.saturating_sub(PAGE))),
        next: has_more.then(|| at(offset + PAGE)),
    }
}

fn empty() -> Empty {
    Empty {
        icon: Icon("phone"),
        title: "No call sheet yet".to_owned(),
        text: "When something fails, a call sheet gathers everybody who has to know, and remembers who does."
            .to_owned(),
        action: None,
    }
}
