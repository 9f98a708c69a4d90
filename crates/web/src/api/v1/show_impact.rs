//! `GET /impact`: what else is hit when entities fail, through what, and whom to call.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use insights::{Declaration, Edge, Hit, Question, Root, carriers_of, hits};
use model::EntityRef;

use super::{csv::write_line, impact_wire as wire, parameters::Parameters};
use crate::{
    App, Gate, Problem, View,
    answer::{self, ObjectWriter},
    pages::{
        Purpose,
        impact::{CalledTeam, MOST_GUESSES, Reason, Steps, find_evidence, hit_teams, off_threads},
    },
    problem,
};

pub(super) const PARAMETERS: &[&str] = &["ref", "state", "depth", "filter", "evidence", "limit", "offset", "format"];

/// How many entities may be said to fail at once.
const MOST_ROOTS: usize = 200;
/// About how many bytes a team and a carrier take.
const TEAM_BYTES: usize = 320;
const CARRIER_BYTES: usize = 224;
/// How many of them are written at a time.
const PART: usize = 192;
const STATES: [&str; 3] = ["down", "degraded", "slow"];
const COLUMNS: [&str; 13] = [
    "severity",
    "delay",
    "ref",
    "title",
    "kind",
    "type",
    "owner",
    "email",
    "onCall",
    "hops",
    "path",
    "otherWays",
    "declared",
];

/// Answers as JSON or CSV.
pub(super) async fn show_impact(
    State(app): State<App>,
    view: View,
    gate: Gate,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), PARAMETERS)?;
    let question = parse_question(&parameters)?;
    let filter = parameters.filter()?;
    let format = parameters.word("format", &["json", "csv"])?.unwrap_or("json").to_owned();
    let offset = usize::try_from(parameters.number("offset", 0, 0..=u64::from(u32::MAX))?).unwrap_or(usize::MAX);
    // A file is for those who want all of it.
    let usual = if format == "csv" { 100_000 } else { 100 };
    let limit = usize::try_from(parameters.number("limit", usual, 1..=100_000)?).unwrap_or(usize::MAX);
    let wants_evidence = parameters.word("evidence", &["true", "false"])? != Some("false");
    let depth = question.depth;
    let asked = view.clone();
    let (answer, shown, teams) = off_threads(move || {
        let answer = hits(&asked, &question);
        let shown: Vec<Hit> =
            answer.hits.iter().filter(|hit| asked.matches(answer.doc(hit.node), &filter)).cloned().collect();
        let teams = hit_teams(&answer);
        (Arc::new(answer), shown, teams)
    })
    .await?;
    if answer.roots.is_empty() {
        return Err(nothing_is(&view, &answer.unknown));
    }
    let page = &shown[offset.min(shown.len())..offset.saturating_add(limit).min(shown.len())];
    let carried = async {
        let (found, asked) = (Arc::clone(&answer), view.clone());
        let carriers = off_threads(move || carriers_of(&asked, &found)).await?;
        let found = Arc::clone(&answer);
        in_parts(carriers, CARRIER_BYTES, move |carrier, out| wire::put(&wire::carrier(&found, carrier), out)).await
    };
    let called = {
        let (found, tools) = (Arc::clone(&answer), app.settings().tools.clone());
        in_parts(teams, TEAM_BYTES, move |team: &mut CalledTeam, out| {
            team.find_reach(&found, &tools);
            wire::put(&wire::team(team), out);
        })
    };
    let explained = async {
        let mut steps = Steps::default();
        let items: Vec<wire::HitWire> = page.iter().map(|hit| wire::hit(&answer, hit, &mut steps)).collect();
        let reasons: Vec<Reason> = steps.list.iter().map(|step| Reason::of(&answer, step)).collect();
        let edges = if wants_evidence { reasons.iter().map(Reason::edge).collect() } else { Vec::new() };
        let evidence = find_evidence(&gate, &view, edges).await?;
        Ok::<_, Problem>((items, reasons, evidence))
    };
    // In this order: what takes longest begins first.
    let (carried, called, explained) = tokio::join!(carried, called, explained);
    let ((_, carriers), (teams, called), (items, reasons, evidence)) = (carried?, called?, explained?);
    if format == "csv" {
        let steps: Vec<CsvStep<'_>> = reasons.iter().map(|reason| CsvStep::of(reason, &evidence)).collect();
        return Ok(csv(&items, &steps, &teams));
    }
    let mut body = ObjectWriter::default();
    body.member("seq", &view.seq().0);
    body.member("depth", &depth);
    body.member("roots", &wire::roots(&answer));
    body.member("unknown", &answer.unknown);
    body.member("counts", &wire::counts(&shown));
    body.member("total", &shown.len());
    body.member("items", &items);
    // Where the next page starts.
    body.member("next", &(offset + page.len() < shown.len()).then(|| offset + page.len()));
    body.member("edges", &reasons.iter().map(|reason| wire::edge(reason, &evidence)).collect::<Vec<_>>());
    body.list("carriers", carriers);
    body.member("spared", &answer.spared.iter().map(|spared| wire::spared(&answer, spared)).collect::<Vec<_>>());
    body.list("teams", called);
    body.member("dependentsBeyondDepth", &answer.cut);
    Ok(answer::json_body(Body::new(body.finish())))
}

/// Writes the items of a list in parts, as many beside each other as there is room for: in a large catalog there are thousands.
/// Gives each part back with its text.
async fn in_parts<T: Send + 'static>(
    items: Vec<T>,
    bytes: usize,
    write: impl Fn(&mut T, &mut Vec<u8>) + Send + Sync + 'static,
) -> Result<(Vec<Vec<T>>, Vec<Vec<u8>>), Problem> {
    let write = Arc::new(write);
    let write_part = |mut part: Vec<T>| {
        let write = Arc::clone(&write);
        off_threads(move || {
            let mut out = Vec::with_capacity(part.len() * bytes);
            part.iter_mut().for_each(|item| write(item, &mut out));
            (part, out)
        })
    };
    let mut items = items.into_iter();
    let parts =
        std::iter::from_fn(|| Some(items.by_ref().take(PART).collect()).filter(|part: &Vec<T>| !part.is_empty()));
    futures::future::try_join_all(parts.map(write_part)).await.map(|parts| parts.into_iter().unzip())
}

/// Refuses references of which none is in the catalog, with those that may be meant.
pub(super) fn nothing_is(view: &View, unknown: &[EntityRef]) -> Problem {
    let quoted = |refs: &[String]| refs.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>();
    let named: Vec<String> = unknown.iter().map(ToString::to_string).collect();
    let near = unknown.iter().flat_map(|one| view.nearest(one.kind(), one.namespace(), one.name(), MOST_GUESSES));
    let mut near: Vec<String> = near.map(|doc| doc.entity_ref().to_owned()).collect();
    near.truncate(MOST_GUESSES);
    let hint = match quoted(&near).join(" or ") {
        none if none.is_empty() => String::new(),
        near => format!("; did you mean {near}?"),
    };
    problem::not_found(format!("Nothing in the catalog is {}{hint}", quoted(&named).join(", ")))
}

fn parse_question(parameters: &Parameters) -> Result<Question, Problem> {
    let state = parameters.word("state", &STATES)?.unwrap_or("down");
    let state = insights::State::parse(state).unwrap_or(insights::State::Down);
    let roots = parse_refs(parameters)?.into_iter().map(|entity_ref| Root { entity_ref, state });
    let depth = parameters.one("depth")?.is_some().then(|| parameters.number("depth", 0, 0..=1000)).transpose()?;
    Ok(Question { roots: roots.collect(), depth: depth.and_then(|depth| u32::try_from(depth).ok()) })
}

/// Reads `ref`, which is there at least once.
pub(super) fn parse_refs(parameters: &Parameters) -> Result<Vec<EntityRef>, Problem> {
    let mut refs = Vec::new();
    for text in parameters.list("ref") {
        let parsed = EntityRef::parse(text).map_err(|_| {
            problem::input(format!("`ref` must be a reference such as resource:default/kafka, not `{text}`"))
        })?;
        if !refs.contains(&parsed) {
            refs.push(parsed);
        }
    }
    match refs.len() {
        0 => Err(problem::input("`ref` is missing: name what fails, such as ref=resource:default/kafka")),
        1..=MOST_ROOTS => Ok(refs),
        _ => Err(problem::input(format!("`ref` may name at most {MOST_ROOTS} entities"))),
    }
}

/// A step of paths, as cells have it.
struct CsvStep<'a> {
    from: &'a str,
    /// Where it is declared.
    declared: String,
}

impl<'a> CsvStep<'a> {
    fn of(reason: &'a Reason, evidence: &BTreeMap<Edge, Vec<Declaration>>) -> Self {
        Self { from: reason.from.entity_ref(), declared: wire::declared_in(evidence.get(&reason.edge())) }
    }
}

fn csv(hits: &[wire::HitWire], steps: &[CsvStep<'_>], teams: &[Vec<CalledTeam>]) -> Response {
    let teams: HashMap<Option<&str>, &CalledTeam> =
        teams.iter().flatten().map(|team| (team.owner.as_deref(), team)).collect();
    let mut out = Vec::new();
    write_line(COLUMNS.into_iter().map(Cow::Borrowed), &mut out);
    for hit in hits {
        let team = teams.get(&hit.owner.as_deref());
        let on_call = team.and_then(|team| team.contacts().iter().find(|link| link.purpose == Purpose::OnCall));
        let on_call = on_call.and_then(|link| link.href.as_deref().or(link.value.as_deref()));
        let path = || hit.path.iter().map(|step| &steps[*step]);
        let way: Vec<&str> = path().map(|step| step.from).chain([hit.named.entity_ref.as_str()]).collect();
        let declared: Vec<&str> = path().map(|step| step.declared.as_str()).collect();
        let cells: [Cow<'_, str>; COLUMNS.len()] = [
            hit.severity.into(),
            hit.delay.as_str().into(),
            hit.named.entity_ref.as_str().into(),
            hit.named.title.as_str().into(),
            hit.named.kind.as_str().into(),
            hit.named.r#type.as_deref().unwrap_or_default().into(),
            hit.owner.as_deref().unwrap_or_default().into(),
            team.and_then(|team| team.email()).unwrap_or_default().into(),
            on_call.unwrap_or_default().into(),
            hit.hops.to_string().into(),
            way.join(" > ").into(),
            hit.other_ways.to_string().into(),
            declared.join(" > ").into(),
        ];
        write_line(cells.into_iter(), &mut out);
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"impact.csv\""),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    (headers, out).into_response()
}
