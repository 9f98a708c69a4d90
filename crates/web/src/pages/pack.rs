//! `/pack`: the catalog as one file to take along.

use axum::{
    Extension,
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::{App, Problem, View, past::Looking, problem};

/// The number of the moment that the pack shows.
const SEQ: HeaderName = HeaderName::from_static("x-callboard-seq");
/// The file is kept and opened from disk; whoever shows it in place gets nothing that runs.
const CONTENT_POLICY: &str = "default-src 'none';style-src 'unsafe-inline';sandbox";

/// Answers with the pack of what the caller may see. That of a past moment is as old as the moment.
pub(super) async fn download_pack(
    State(app): State<App>,
    view: View,
    looking: Option<Extension<Looking>>,
) -> Result<Response, Problem> {
    let pack = app.packs().take(&app, &view).await?;
    let past = looking.filter(|Extension(looking)| !looking.is_unchanged());
    let (seq, made_at) = (pack.seq(), past.map_or_else(|| app.now(), |Extension(looking)| looking.at()));
    let html =
        tokio::task::spawn_blocking(move || pack.write(made_at)).await.map_err(|error| problem::internal(&error))?;
    let disposition = format!("attachment; filename=\"{}\"", pack::file_name(seq));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).expect("digits and ours are visible ASCII")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (SEQ, HeaderValue::from(seq.0)),
    ];
    Ok((headers, html).into_response())
}
