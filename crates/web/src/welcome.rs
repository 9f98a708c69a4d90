//! What the bare address answers while there are no pages: where to go.

/// Answers `GET /` with the addresses that somebody who has just started a server needs.
pub(crate) async fn show_welcome() -> &'static str {
    "Callboard is running. It has no web pages yet; ask it over HTTP:\n\
     \n\
     /api/catalog/entities           the catalog, as Backstage's API gives it\n\
     /api/catalog/openapi.json       every question that API answers\n\
     /api/v1/problems                what is wrong in the catalog, with place and cure\n\
     /api/v1/openapi.json            every question Callboard's own API answers\n\
     /.backstage/health/v1/readiness whether the catalog is loaded\n\
     /metrics                        figures for Prometheus\n"
}
