//! `GET /problems`: everything that is wrong with the catalog, for the people who can mend it.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use index::problems::{ProblemCounts, ProblemQuery};
use model::Severity;
use serde::Serialize;

use super::{parameters::Parameters, problem_wire::ProblemWire};
use crate::{App, Problem, View, answer};

pub(super) const PARAMETERS: &[&str] = &["owner", "code", "severity", "location", "entity", "limit", "offset"];

#[derive(Serialize)]
struct ProblemsAnswer {
    items: Vec<ProblemWire>,
    total: usize,
    counts: Counts,
    next: Option<usize>,
}

#[derive(Serialize)]
struct Counts {
    error: usize,
    warning: usize,
    info: usize,
}

/// Lists problems, errors first: `{items, total, counts, next}`. `next` is the offset of the next page.
pub(super) async fn list_problems(
    State(app): State<App>,
    view: View,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), PARAMETERS)?;
    let limit = usize::try_from(parameters.number("limit", 100, 1..=1000)?).unwrap_or(1000);
    let offset = usize::try_from(parameters.number("offset", 0, 0..=u64::from(u32::MAX))?).unwrap_or(usize::MAX);
    let query = parse_query(&parameters)?;
    let board = view.board(&app).await?;
    let problems = board.select(&view, &query);
    let total = problems.len();
    let counts = ProblemCounts::of(problems.iter().copied());
    let items: Vec<_> = problems.into_iter().skip(offset).take(limit).map(ProblemWire::from).collect();
    let end = offset.saturating_add(items.len());
    let answer = ProblemsAnswer {
        next: (end < total && !items.is_empty()).then_some(end),
        items,
        total,
        counts: Counts { error: counts.errors, warning: counts.warnings, info: counts.infos },
    };
    Ok(answer::json_value(StatusCode::OK, &answer))
}

/// Reads what is asked for. Values of one parameter are alternatives; parameters must all hold.
fn parse_query(parameters: &Parameters) -> Result<ProblemQuery, Problem> {
    let severity = parameters.word("severity", &["error", "warning", "info"])?.map(|word| match word {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        _ => Severity::Info,
    });
    Ok(ProblemQuery {
        owners: parameters.list("owner").into_iter().map(owner_ref).collect(),
        codes: parameters.list("code").into_iter().map(str::to_owned).collect(),
        severities: severity.into_iter().collect(),
        locations: parameters.all("location").filter(|text| !text.is_empty()).map(str::to_owned).collect(),
        entities: parameters.list("entity").into_iter().map(str::to_lowercase).collect(),
        roots: Vec::new(),
    })
}

/// `team-a` is short for `group:default/team-a`.
fn owner_ref(text: &str) -> String {
    let defaults = model::RefDefaults { kind: Some("group"), namespace: model::DEFAULT_NAMESPACE };
    model::EntityRef::parse_with(text, defaults).map_or(text.to_lowercase(), |r| r.to_string())
}
