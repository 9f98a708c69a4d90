//! The only room that knows HTTP serving: routes, wire shapes, limits and headers.
//!
//! A handler extracts, asks a [`View`] or tells a [`Gate`], and answers. `web` has no edge to `store`: nothing can be
//! written past the gate. What it needs from rooms it must not know (`source`, `ingest`) comes through [`Workshop`].

mod answer;
mod api;
mod assets;
mod extract;
mod finding;
mod guard;
mod meter;
mod packs;
mod pages;
mod past;
mod problem;
mod state;
mod telling;
mod workshop;

pub use extract::{Caller, Gate, View};
pub use guard::{MetricKind, MetricSpec, ServeSettings, metric_table, serve};
pub use packs::prepare_pack;
pub use problem::Problem;
pub use state::{
    App, CallSheetSettings, ConflictStrategy, CorsSettings, KindColumn, KindInfo, Limits, LinkTemplate, ReceiverSecret,
    ReceiverSettings, SenderInfo, ToolSpec, WebSettings,
};
pub use workshop::{
    FirstReading, HostStatus, InspectedEntity, InspectedFile, InspectedProblem, Inspection, LocationStatus, LoopStatus,
    Operations, Preview, ReplicaStatus, SourceLine, Status, StoreFacts, Workshop,
};

/// The routes of all pages, with parameters in braces; for those who must ask for each of them.
#[must_use]
pub fn page_paths() -> Vec<&'static str> {
    pages::paths()
}

/// Builds the whole tree of routes over one application state.
pub fn router(app: App) -> axum::Router {
    let routes = axum::Router::new()
        .merge(api::routes())
        .merge(pages::routes())
        .fallback(pages::no_such_page)
        .method_not_allowed_fallback(problem::no_such_route);
    guard::wrap(routes, &app).with_state(app)
}
