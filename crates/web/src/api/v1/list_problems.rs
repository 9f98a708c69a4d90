//! `GET /problems`: everything that is wrong with the catalog, for the people who can mend it.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use index::{Filter, Visibility};
use model::Severity;
use serde::Serialize;

use super::{
    parameters::Parameters,
    problem_wire::{self, ProblemWire},
};
use crate::{App, Gate, Problem, View, answer};

pub(super) const PARAMETERS: &[&str] = &["owner", "code", "severity", "location", "entity", "limit", "offset"];

#[derive(Serialize)]
struct ProblemsAnswer {
    items: Vec<ProblemWire>,
    total: usize,
    counts: Counts,
    next: Option<usize>,
}

#[derive(Default, Serialize)]
struct Counts {
    error: usize,
    warning: usize,
    info: usize,
}

/// Lists problems, errors first: `{items, total, counts, next}`. `next` is the offset of the next page.
pub(super) async fn list_problems(
    State(app): State<App>,
    view: View,
    gate: Gate,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), PARAMETERS)?;
    let limit = usize::try_from(parameters.number("limit", 100, 1..=1000)?).unwrap_or(1000);
    let offset = usize::try_from(parameters.number("offset", 0, 0..=u64::from(u32::MAX))?).unwrap_or(usize::MAX);
    let wanted = Wanted::parse(&parameters)?;
    let records = gate.list_problems().await?;
    let everything = app.live().snapshot().view(Visibility::Everything);
    let mut problems = problem_wire::of_catalog(&view, &everything, records);
    problems.retain(|problem| wanted.admits(&view, problem));
    // Stable, so that the newest stay first among equals.
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
    let total = problems.len();
    let counts = count(&problems);
    let items: Vec<_> = problems.into_iter().skip(offset).take(limit).collect();
    let end = offset.saturating_add(items.len());
    let answer = ProblemsAnswer { next: (end < total && !items.is_empty()).then_some(end), items, total, counts };
    Ok(answer::json_value(StatusCode::OK, &answer))
}

fn count(problems: &[ProblemWire]) -> Counts {
    let mut counts = Counts::default();
    for problem in problems {
        match problem.severity {
            Severity::Error => counts.error += 1,
            Severity::Warning => counts.warning += 1,
            Severity::Info => counts.info += 1,
        }
    }
    counts
}

/// What was asked for. Values of one parameter are alternatives; parameters must all hold.
struct Wanted<'a> {
    owners: Vec<Filter>,
    codes: Vec<&'a str>,
    severity: Option<&'a str>,
    locations: Vec<&'a str>,
    entities: Vec<String>,
}

impl<'a> Wanted<'a> {
    fn parse(parameters: &'a Parameters) -> Result<Self, Problem> {
        Ok(Self {
            owners: parameters.list("owner").into_iter().map(owner_filter).collect(),
            codes: parameters.list("code"),
            severity: parameters.word("severity", &["error", "warning", "info"])?,
            locations: parameters.all("location").filter(|text| !text.is_empty()).collect(),
            entities: parameters.list("entity").into_iter().map(str::to_lowercase).collect(),
        })
    }

    fn admits(&self, view: &View, problem: &ProblemWire) -> bool {
        let entity = problem.entity_ref.as_deref();
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        // The file of a problem without one is that of its entity, which is not worth looking up unless asked for.
        let at = problem.location.as_deref().or(problem.root.as_deref());
        (self.codes.is_empty() || self.codes.iter().any(|code| code.eq_ignore_ascii_case(&problem.code)))
            && self.severity.is_none_or(|wanted| wanted == severity)
            && (self.locations.is_empty() || at.is_some_and(|at| self.locations.iter().any(|l| at.contains(l))))
            && (self.entities.is_empty() || entity.is_some_and(|e| self.entities.iter().any(|wanted| wanted == e)))
            && (self.owners.is_empty()
                || entity
                    .and_then(|entity| view.find(entity))
                    .is_some_and(|doc| self.owners.iter().any(|owner| view.matches(&doc, owner))))
    }
}

/// `team-a` is short for `group:default/team-a`.
fn owner_filter(text: &str) -> Filter {
    let defaults = model::RefDefaults { kind: Some("group"), namespace: model::DEFAULT_NAMESPACE };
    let owner = model::EntityRef::parse_with(text, defaults).map_or(text.to_lowercase(), |r| r.to_string());
    Filter::Equals("relations.ownedby".to_owned(), owner)
}
