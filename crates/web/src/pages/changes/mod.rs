//! `/changes`: what happened in the whole estate. And two moments compared.

mod compare;
mod query;

use askama::Template;
use axum::{extract::RawQuery, extract::State, response::Response};

pub(crate) use self::compare::parse_difference;
pub(super) use self::{
    compare::compare_moments,
    query::{ChangesQuery, Older, PAGE},
};
use super::{Frame, frame::Section, happenings::Happenings, icon::Icon, parts::Empty, render};
use crate::{App, Gate, Problem, View, telling};

#[derive(Template)]
#[template(path = "changes/changes.html")]
struct ChangesPage {
    frame: Frame,
    query: ChangesQuery,
    /// Kinds that can be chosen, in lower case, each with its name.
    kinds: Vec<(String, String)>,
    what: &'static [(&'static str, &'static str)],
    happenings: Happenings,
    older: Option<Older>,
    empty: Option<Empty>,
    /// What the list leaves out.
    note: Option<String>,
}

/// Lists what happened.
pub(super) async fn list_changes(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = ChangesQuery::parse(raw.as_deref());
    let (question, note) = query.to_gate(&view, None, frame.now)?;
    let found = gate.history(&question, PAGE).await?;
    let page = ChangesPage {
        kinds: kinds(&app),
        what: &telling::WHAT,
        happenings: Happenings::of(&view, &found.items, frame.now),
        older: query.pager("/changes", found.items.len(), found.next),
        empty: found.items.is_empty().then(|| empty(&query, "/changes")),
        note,
        query,
        frame: frame.titled("Changes", Section::Changes),
    };
    render(&page)
}

/// The kinds that can be chosen.
pub(super) fn kinds(app: &App) -> Vec<(String, String)> {
    app.settings().kinds.iter().map(|kind| (kind.name.to_lowercase(), kind.name.clone())).collect()
}

/// What is shown where nothing happened.
pub(super) fn empty(query: &ChangesQuery, page: &str) -> Empty {
    let (title, text) = if query.is_narrowed() {
        ("Nothing of that sort happened", "Nothing on record fits all that is asked for.")
    } else {
        ("Nothing is on record", "Changes of the catalog and events from outside will be listed here.")
    };
    Empty {
        icon: Icon("history"),
        title: title.to_owned(),
        text: text.to_owned(),
        action: query.is_narrowed().then(|| ("Show everything".to_owned(), page.to_owned())),
    }
}
