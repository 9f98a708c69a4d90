//! `/settings`: whose board this is, and how it looks.

use askama::Template;
use axum::{extract::RawQuery, response::Response};
use index::{Filter, Order, PageQuery, Start};

use super::{Frame, frame::Section, link::EntityLink, render};
use crate::{Problem, View};

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    person: Option<EntityLink>,
    /// What was looked for among the users.
    text: String,
    found: Vec<EntityLink>,
    users: u64,
}

/// How many users are offered.
const MOST_OFFERED: usize = 12;

/// Shows the settings of this browser.
pub(super) async fn show_settings(view: View, frame: Frame, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    let pairs = url::form_urlencoded::parse(raw.as_deref().unwrap_or_default().as_bytes());
    let text =
        pairs.into_iter().find(|(name, _)| name == "name").map(|(_, value)| value.into_owned()).unwrap_or_default();
    let users = Filter::Equals("kind".to_owned(), "user".to_owned());
    let found = if text.trim().is_empty() { Vec::new() } else { find_users(&view, &users, text.trim()) };
    let page = SettingsPage {
        person: frame.person.as_ref().map(|person| EntityLink::to(&view, person)),
        frame: frame.titled("Settings", Section::Elsewhere),
        found,
        users: view.count(&users),
        text,
    };
    render(&page)
}

fn find_users(view: &View, users: &Filter, text: &str) -> Vec<EntityLink> {
    let keys = ["metadata.name", "metadata.title", "spec.profile.displayName", "spec.profile.email"];
    let like = Filter::Like(text.to_owned(), keys.map(str::to_owned).to_vec());
    let page = view.page(&PageQuery {
        filter: Filter::And(vec![users.clone(), like]),
        order: Order::EntityRef,
        start: Start::Offset(0),
        limit: Some(MOST_OFFERED),
        count: false,
    });
    page.rows.iter().map(|row| EntityLink::to_doc(&row.doc)).collect()
}
