//! The web pages. A handler extracts, asks a [`View`](crate::View), and fills the template of its page; the page holds
//! exactly what its template shows. Every page works without scripts: state is in the address, actions are forms.
//!
//! Scripts make it quick: they ask for the same page and swap the part of it that changes. So there is one way to make a
//! page, and none for fragments, except where something is shown on top of any page (hover cards, the palette).
//!
//! What surrounds a page is [`Frame`]; the small parts that pages are made of are in [`parts`]; nobody but [`urls`] writes
//! addresses.

pub(crate) mod call_sheets;
mod catalog;
mod changes;
mod chart;
mod code;
#[cfg(debug_assertions)]
mod components;
mod entity;
mod error_page;
mod facts;
mod frame;
mod graph;
mod happenings;
mod home;
mod icon;
pub(crate) mod impact;
mod keyboard;
pub(crate) mod link;
mod locations;
mod look_back;
mod moment;
mod operations;
mod pack;
mod palette;
mod parts;
mod preferences;
mod problems;
pub(crate) mod reach;
mod register;
mod search;
mod settings_page;
mod teams;
mod timeline;
mod tools;
mod urls;
mod viewer;
mod webhooks;
mod words;

use askama::Template;
use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use tower_http::csrf::CsrfLayer;

use crate::{App, Problem, assets, problem};

use frame::Frame;

pub(crate) use changes::parse_difference;
pub(crate) use error_page::{no_such_page, write_problems};
pub(crate) use facts::Facts;
pub(crate) use tools::{LinkGroup, Purpose, ToolLink, links_of};

/// All pages: path and handler. The access matrix and the crawler of the tests go by this table.
fn table() -> Vec<(&'static str, MethodRouter<App>)> {
    vec![
        ("/", get(home::show_home)),
        ("/home", get(home::redirect_home)),
        ("/catalog", get(catalog::list_catalog)),
        ("/api-docs", get(catalog::list_apis)),
        ("/catalog/export", get(catalog::export_catalog)),
        ("/catalog/{namespace}/{kind}/{name}", get(entity::show_overview)),
        ("/catalog/{namespace}/{kind}/{name}/peek", get(entity::show_peek)),
        ("/catalog/{namespace}/{kind}/{name}/dependencies", get(entity::show_dependencies)),
        ("/catalog/{namespace}/{kind}/{name}/api", get(entity::show_apis)),
        ("/teams", get(teams::show_teams)),
        ("/catalog/{namespace}/{kind}/{name}/definition", get(entity::show_definition)),
        ("/catalog/{namespace}/{kind}/{name}/definition/raw", get(entity::show_raw)),
        ("/viewer/openapi", get(viewer::show_viewer)),
        ("/catalog/{namespace}/{kind}/{name}/problems", get(entity::show_problems)),
        ("/catalog/{namespace}/{kind}/{name}/history", get(entity::show_history)),
        ("/catalog/{namespace}/{kind}/{name}/star", post(entity::set_star)),
        ("/catalog/{namespace}/{kind}/{name}/refresh", post(entity::refresh_entity)),
        ("/catalog/{namespace}/{kind}/{name}/unregister", get(entity::show_unregister).post(entity::unregister_entity)),
        ("/catalog-import", get(register::show_register).post(register::register)),
        ("/locations", get(locations::list_locations)),
        ("/locations/{id}", get(locations::show_location)),
        ("/locations/{id}/refresh", post(locations::refresh_location)),
        ("/locations/{id}/remove", get(locations::confirm_removal).post(locations::remove_location)),
        ("/catalog-unprocessed-entities", get(problems::redirect_unprocessed)),
        ("/problems", get(problems::list_problems)),
        ("/problems/export", get(problems::export_problems)),
        ("/pack", get(pack::download_pack)),
        ("/call-sheets", get(call_sheets::list_sheets).post(call_sheets::open_sheet)),
        ("/call-sheets/{id}", get(call_sheets::show_sheet).post(call_sheets::act_on_sheet)),
        ("/call-sheets/{id}/close", get(call_sheets::show_questions).post(call_sheets::close_sheet)),
        ("/call-sheets/{id}/timeline", get(call_sheets::export_timeline)),
        ("/call-sheets/{id}/events", get(call_sheets::stream_revisions)),
        ("/operations", get(operations::show_operations)),
        ("/webhooks", get(webhooks::list_webhooks)),
        ("/webhooks/new", get(webhooks::show_new_form).post(webhooks::create_webhook)),
        ("/webhooks/{id}", get(webhooks::show_webhook)),
        ("/webhooks/{id}/edit", get(webhooks::show_edit_form).post(webhooks::change_webhook)),
        ("/webhooks/{id}/state", post(webhooks::set_state)),
        ("/webhooks/{id}/test", post(webhooks::send_test)),
        ("/webhooks/{id}/rotate", post(webhooks::rotate_secret)),
        ("/webhooks/{id}/letters", post(webhooks::act_on_letters)),
        ("/webhooks/{id}/remove", get(webhooks::confirm_removal).post(webhooks::remove_webhook)),
        ("/search", get(search::show_search)),
        ("/palette", get(palette::show_palette)),
        ("/catalog/{namespace}/{kind}/{name}/diagram", get(entity::show_diagram)),
        ("/catalog/{namespace}/{kind}/{name}/graph", get(entity::show_neighbourhood)),
        ("/catalog-graph", get(graph::show_graph)),
        ("/catalog-graph.svg", get(graph::download_graph)),
        ("/impact", get(impact::show_impact)),
        ("/settings", get(settings_page::show_settings)),
        ("/keyboard", get(keyboard::show_keyboard)),
        ("/changes", get(changes::list_changes)),
        ("/changes/compare", get(changes::compare_moments)),
        ("/look-back", get(look_back::look_back)),
        ("/preferences", post(preferences::set_preferences)),
    ]
}

/// The routes of all pages.
pub(crate) fn paths() -> Vec<&'static str> {
    table().into_iter().map(|(path, _)| path).collect()
}

/// The routes of all pages and of the static files.
pub(crate) fn routes() -> Router<App> {
    let router = table().into_iter().fold(Router::new(), |router, (path, handler)| router.route(path, handler));
    #[cfg(debug_assertions)]
    let router = router.route("/dev/components", get(components::show_components));
    router
        .layer(CsrfLayer::new().with_rejection_response(error_page::refuse_cross_site))
        .route(&format!("{}{{file}}", assets::PREFIX), get(assets::show_asset))
}

/// Whether an address stays on this server: `//elsewhere` is a path to who serves it, and another server to a browser.
pub(crate) fn is_local(address: &str) -> bool {
    urls::is_local(address)
}

/// Whether a path belongs to the pages: everything but the API, the static files and what operators ask.
pub(crate) fn is_page(path: &str) -> bool {
    !(path.starts_with("/api/")
        || path == "/api"
        || path.starts_with(assets::PREFIX)
        || path.starts_with("/.backstage/")
        || path == "/metrics")
}

/// Answers with a page.
///
/// # Errors
/// 500 when the template fails, which only a failing `Display` could make it do.
fn render(page: &impl Template) -> Result<Response, Problem> {
    let html = page.render().map_err(|error| problem::internal(&error))?;
    let mut response = html.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}
