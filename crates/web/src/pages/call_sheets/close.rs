//! `/call-sheets/:id/close`: the end of a sheet, and the two questions: was the owner right, was the dependency there?

use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use model::EntityRef;
use sheets::{FrozenHit, Question, What};

use super::{act::parse_ref, doing, fields::Fields};
use crate::{
    App, Gate, Problem, View,
    pages::{
        Frame,
        frame::{Crumb, Section},
        link::EntityLink,
        render,
    },
    problem,
};

/// How many dependencies are asked about: whoever closes a sheet is tired.
const MOST_EDGES: usize = 40;

#[derive(Template)]
#[template(path = "call_sheets/close.html")]
struct ClosePage {
    frame: Frame,
    href: String,
    is_open: bool,
    owners: Vec<OwnerQuestion>,
    edges: Vec<EdgeQuestion>,
    /// How many dependencies are not asked about.
    more_edges: usize,
    roots: Vec<(EntityRef, String)>,
}

/// Was the owner right?
struct OwnerQuestion {
    team: EntityLink,
    key: String,
    things: Vec<(EntityRef, String)>,
}

/// Was the dependency there?
struct EdgeQuestion {
    hit: EntityLink,
    through: EntityLink,
    because: String,
    key: String,
}

/// What the name of a field for an edge holds; no reference has a blank in it.
fn edge_key(hit: &FrozenHit) -> String {
    format!("{} {}", hit.entity_ref, hit.through)
}

/// Asks.
pub(in crate::pages) async fn show_questions(
    view: View,
    gate: Gate,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    gate.require("callsheet.write")?;
    let sheet = gate.load_call_sheet(&id).await?;
    let href = format!("/call-sheets/{id}");
    let mut frame = frame.titled("Close", Section::CallSheets);
    frame.crumbs = vec![
        Crumb { label: "Call sheets".to_owned(), href: "/call-sheets".to_owned() },
        Crumb { label: sheet.title.clone(), href: href.clone() },
    ];
    let name = |entity_ref: &EntityRef| (entity_ref.clone(), EntityLink::to(&view, entity_ref).title);
    let owner = |team: &sheets::FrozenTeam| OwnerQuestion {
        team: EntityLink::to(&view, &team.team),
        key: team.team.to_string(),
        things: team.things.iter().map(name).collect(),
    };
    let edge = |hit: &FrozenHit| EdgeQuestion {
        hit: EntityLink::to(&view, &hit.entity_ref),
        through: EntityLink::to(&view, &hit.through),
        because: hit.because.clone(),
        key: edge_key(hit),
    };
    let page = ClosePage {
        href,
        is_open: sheet.is_open(),
        owners: sheet.impact.teams.iter().map(owner).collect(),
        edges: sheet.impact.hits.iter().take(MOST_EDGES).map(edge).collect(),
        more_edges: sheet.impact.hits.len().saturating_sub(MOST_EDGES),
        roots: sheet.impact.roots.iter().map(|root| (root.entity_ref.clone(), root.title.clone())).collect(),
        frame,
    };
    render(&page)
}

/// Takes the answers and closes the sheet; answers alone when it is closed already.
pub(in crate::pages) async fn close_sheet(
    State(app): State<App>,
    view: View,
    gate: Gate,
    Path(id): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let fields = Fields(fields);
    let sheet = gate.load_call_sheet(&id).await?;
    let mut entries = answers(&fields)?;
    entries.extend(missing(&view, &fields)?);
    if sheet.is_open() {
        entries.push(What::Closed { note: fields.text("note") });
    }
    if entries.is_empty() {
        return Err(problem::input("there is no answer in it"));
    }
    doing::append(&app, &gate, &id, &entries).await?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, format!("/call-sheets/{id}"))]).into_response())
}

/// Reads `owner <team>` and `edge <hit> <through>`; fields without an answer say nothing.
fn answers(fields: &Fields) -> Result<Vec<What>, Problem> {
    let mut entries = Vec::new();
    for (name, value) in &fields.0 {
        let right = match value.as_str() {
            "right" => true,
            "wrong" => false,
            _ => continue,
        };
        if let Some(team) = name.strip_prefix("owner ") {
            let entity = fields.one(&format!("thing {team}"));
            let entity = entity.ok_or_else(|| problem::input(format!("`thing {team}` is missing")))?;
            entries.push(What::Verdict {
                question: Question::Owner,
                entity: parse_ref(entity)?,
                other: Some(parse_ref(team)?),
                right,
                note: fields.text(&format!("note {team}")),
            });
        } else if let Some((hit, through)) = name.strip_prefix("edge ").and_then(|rest| rest.split_once(' ')) {
            entries.push(What::Verdict {
                question: Question::Dependency,
                entity: parse_ref(hit)?,
                other: Some(parse_ref(through)?),
                right,
                note: None,
            });
        }
    }
    Ok(entries)
}

/// What was hit and stood nowhere, named by people: each line a name or a reference.
fn missing(view: &View, fields: &Fields) -> Result<Vec<What>, Problem> {
    let (Some(text), Some(root)) = (fields.text("missing"), fields.one("missing-of")) else { return Ok(Vec::new()) };
    let root = parse_ref(root)?;
    let named = super::find_named(view, &text);
    if named.is_empty() {
        return Err(problem::input(format!("`{text}` names nothing that is in the catalog")));
    }
    let entry = |entity: EntityRef| What::Verdict {
        question: Question::Missing,
        entity,
        other: Some(root.clone()),
        right: false,
        note: None,
    };
    Ok(named.into_iter().filter(|entity| *entity != root).map(entry).collect())
}
