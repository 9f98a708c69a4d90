//! Opening sheets and adding to them.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use insights::State as Failing;
use model::EntityRef;
use serde::Deserialize;
use serde_json::json;
use sheets::{Question, Standing, What};

use super::{Json, wire};
use crate::{App, Gate, Problem, View, answer, pages::call_sheets, problem};

/// What a sheet is opened with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api::v1) struct SheetDraft {
    #[serde(default)]
    title: String,
    #[serde(default)]
    roots: Vec<RootDraft>,
    /// Names and references in it are found.
    text: Option<String>,
}

/// Something that fails.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api::v1) struct RootDraft {
    r#ref: EntityRef,
    state: Option<String>,
}

/// Opens a sheet.
pub(in crate::api::v1) async fn open_sheet(
    State(app): State<App>,
    view: View,
    gate: Gate,
    Json(draft): Json<SheetDraft>,
) -> Result<Response, Problem> {
    let mut roots = parse_roots(draft.roots)?;
    for named in call_sheets::find_named(&view, draft.text.as_deref().unwrap_or_default()) {
        if !roots.iter().any(|(known, _)| *known == named) {
            roots.push((named, Failing::Down));
        }
    }
    let opening =
        call_sheets::Opening { title: draft.title, roots, text: draft.text, source: None, link: None, alert_key: None };
    let (id, _) = call_sheets::open(&app, &view, &gate, opening).await?;
    let url = format!("{}/call-sheets/{id}", app.settings().base_url);
    Ok(answer::json_value(StatusCode::CREATED, &json!({ "id": id, "url": url })))
}

fn parse_roots(drafts: Vec<RootDraft>) -> Result<Vec<(EntityRef, Failing)>, Problem> {
    let parse = |root: RootDraft| {
        let state = match root.state.as_deref() {
            Some(word) => Failing::parse(word)
                .ok_or_else(|| problem::input(format!("`state` must be down, degraded or slow, not `{word}`")))?,
            None => Failing::Down,
        };
        Ok((root.r#ref, state))
    };
    drafts.into_iter().map(parse).collect()
}

/// What is added to a sheet.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api::v1) enum EntryDraft {
    Team {
        team: EntityRef,
        standing: Standing,
        note: Option<String>,
    },
    Note {
        text: String,
    },
    Link {
        title: Option<String>,
        url: String,
    },
    Titled {
        title: String,
    },
    Verdict {
        question: Question,
        entity: EntityRef,
        other: Option<EntityRef>,
        right: bool,
        note: Option<String>,
    },
    Settled {
        question: Question,
        entity: EntityRef,
        other: Option<EntityRef>,
    },
    Refresh,
    Failing {
        roots: Vec<RootDraft>,
    },
    Send {
        sender: String,
        #[serde(default)]
        teams: Vec<EntityRef>,
    },
    Closed {
        note: Option<String>,
    },
    Reopened,
}

/// Adds to a sheet, and answers with it.
pub(in crate::api::v1) async fn append_entry(
    State(app): State<App>,
    view: View,
    gate: Gate,
    Path(id): Path<String>,
    Json(draft): Json<EntryDraft>,
) -> Result<Response, Problem> {
    let what = match draft {
        EntryDraft::Refresh => {
            call_sheets::look_again(&app, &view, &gate, &id).await?;
            None
        }
        EntryDraft::Failing { roots } => {
            call_sheets::add_failing(&app, &view, &gate, &id, parse_roots(roots)?).await?;
            None
        }
        EntryDraft::Send { sender, teams } => {
            call_sheets::send(&app, &gate, &id, &sender, &teams).await?;
            None
        }
        EntryDraft::Link { title, url } => Some(call_sheets::link(title, url)?),
        EntryDraft::Verdict { question: Question::Missing, right: true, .. } => {
            return Err(problem::input("what the catalog did not tell cannot be right"));
        }
        EntryDraft::Team { team, standing, note } => Some(What::Team { team, standing, note }),
        EntryDraft::Note { text } => Some(What::Note { text }),
        EntryDraft::Titled { title } => Some(What::Titled { title }),
        EntryDraft::Verdict { question, entity, other, right, note } => {
            Some(What::Verdict { question, entity, other, right, note })
        }
        EntryDraft::Settled { question, entity, other } => Some(What::Settled { question, entity, other }),
        EntryDraft::Closed { note } => Some(What::Closed { note }),
        EntryDraft::Reopened => Some(What::Reopened),
    };
    if let Some(what) = what {
        call_sheets::append(&app, &gate, &id, &[what]).await?;
    }
    let sheet = gate.load_call_sheet(&id).await?;
    let url = call_sheets::sheet_url(&app, &sheet);
    Ok(answer::json_value(StatusCode::OK, &wire::sheet(&sheet, &url)))
}
