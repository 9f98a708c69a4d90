//! What people do on a sheet: forms that lead back to it.

use axum::{
    Form,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use insights::State as Failing;
use model::EntityRef;
use sheets::{Question, Standing, What};

use super::{doing, fields::Fields};
use crate::{App, Gate, Problem, View, pages::urls, problem};

/// Does what the field `do` says.
pub(in crate::pages) async fn act_on_sheet(
    State(app): State<App>,
    view: View,
    gate: Gate,
    Path(id): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let fields = Fields(fields);
    match fields.one("do").unwrap_or_default() {
        "refresh" => {
            doing::look_again(&app, &view, &gate, &id).await?;
        }
        "failing" => {
            let text = fields.one("text").ok_or_else(|| problem::input("`text` is missing: what else fails?"))?;
            let state = fields.one("state").unwrap_or("down");
            let state =
                Failing::parse(state).ok_or_else(|| problem::input("`state` must be down, degraded or slow"))?;
            let named = doing::find_named(&view, text);
            if named.is_empty() {
                return Err(problem::input(format!("nothing in the catalog is called `{text}`")));
            }
            let more = named.into_iter().map(|entity_ref| (entity_ref, state)).collect();
            doing::add_failing(&app, &view, &gate, &id, more).await?;
        }
        "send" => {
            let sender = fields.one("sender").ok_or_else(|| problem::input("`sender` is missing"))?;
            let teams: Vec<EntityRef> = fields.all("team").map(parse_ref).collect::<Result<_, _>>()?;
            doing::send(&app, &gate, &id, sender, &teams).await?;
        }
        word => {
            let what = plan(word, &fields)?;
            doing::append(&app, &gate, &id, &[what]).await?;
        }
    }
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, format!("/call-sheets/{id}"))]).into_response())
}

/// Reads the entry that a form wants.
fn plan(word: &str, fields: &Fields) -> Result<What, Problem> {
    let required = |name: &str| fields.text(name).ok_or_else(|| problem::input(format!("`{name}` is missing")));
    Ok(match word {
        "team" => What::Team {
            team: parse_ref(&required("team")?)?,
            standing: Standing::parse(&required("standing")?)
                .ok_or_else(|| problem::input("`standing` must be waiting, told, seen or answered"))?,
            note: fields.text("note"),
        },
        "note" => What::Note { text: required("text")? },
        "link" => link(fields.text("title"), required("url")?)?,
        "title" => What::Titled { title: required("title")? },
        "reopen" => What::Reopened,
        "settle" => What::Settled {
            question: Question::parse(&required("question")?)
                .ok_or_else(|| problem::input("`question` must be owner, dependency or missing"))?,
            entity: parse_ref(&required("entity")?)?,
            other: fields.one("other").map(parse_ref).transpose()?,
        },
        other => return Err(problem::input(format!("nothing is called `{other}` here"))),
    })
}

/// A link, when it leads to the web.
pub(crate) fn link(title: Option<String>, url: String) -> Result<What, Problem> {
    if urls::is_local(&url) || !urls::is_web_link(&url) {
        return Err(problem::input(format!("`{url}` is no web address; write it with its scheme, `https://...`")));
    }
    Ok(What::Link { title: title.unwrap_or_else(|| url.clone()), url })
}

pub(super) fn parse_ref(text: &str) -> Result<EntityRef, Problem> {
    EntityRef::parse(text).map_err(|error| problem::input(error.to_string()))
}
