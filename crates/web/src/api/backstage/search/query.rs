//! `GET /api/search/query`: what matches a term, best first.

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use index::SearchQuery;
use serde::Serialize;
use serde_json::{Value, json};

use super::document::SearchResult;
use crate::{
    App, Problem, View,
    answer::Validator,
    finding::{CATALOG, SearchParameters, USUAL_LIMIT, read_cursor, write_cursor},
    problem,
};

/// Backstage's defaults of `search.maxTermLength` and `search.maxPageLimit`.
const LONGEST_TERM: usize = 100;
const MOST_RESULTS: usize = 100;

/// The sorts of documents that may be asked for. Of those of the documentation there are none.
const TYPES: [&str; 2] = [CATALOG, "techdocs"];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultSet {
    results: Vec<SearchResult>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_page_cursor: Option<String>,
    number_of_results: u64,
}

/// Searches the entities that the caller may see.
pub(super) async fn query_search(
    State(app): State<App>,
    view: View,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = SearchParameters::parse(uri.query());
    let (page, limit) = check(&parameters)?;
    let validator = Validator::new(&app, &view, &uri);
    if let Some(unchanged) = validator.unchanged(&headers) {
        return Ok(unchanged);
    }
    let set = find(&view, &parameters, page, limit);
    Ok(validator.answer(&headers, serde_json::to_vec(&set).expect("wire values have text keys only")))
}

fn find(view: &View, parameters: &SearchParameters, page: usize, limit: usize) -> ResultSet {
    let query = SearchQuery {
        text: parameters.text.clone(),
        filter: if parameters.wants_entities() { parameters.filter() } else { index::Filter::Never },
        offset: page * limit,
        limit,
        facets: Vec::new(),
    };
    let found = view.search(&query);
    let results: Vec<_> =
        (query.offset + 1..).zip(&found.hits).map(|(rank, hit)| SearchResult::new(hit, rank)).collect();
    let has_more = found.total > (query.offset + results.len()) as u64;
    ResultSet {
        next_page_cursor: (has_more && !results.is_empty()).then(|| write_cursor(page + 1)),
        previous_page_cursor: page.checked_sub(1).map(write_cursor),
        number_of_results: found.total,
        results,
    }
}

/// The page and how long it is.
fn check(parameters: &SearchParameters) -> Result<(usize, usize), Problem> {
    let mut issues = Vec::new();
    let length = parameters.text.encode_utf16().count();
    if length > LONGEST_TERM {
        issues
            .push(custom(format!("The term length \"{length}\" is greater than \"{LONGEST_TERM}\""), json!(["term"])));
    }
    for (place, name) in parameters.types.iter().flatten().enumerate() {
        if !TYPES.contains(&name.as_str()) {
            issues.push(custom("Invalid input".to_owned(), json!(["types", place])));
        }
    }
    let limit = match parameters.limit.as_deref().map(str::parse::<usize>) {
        // No results at all are never what is wanted: 0 means the usual number.
        None | Some(Ok(0)) => USUAL_LIMIT,
        Some(Ok(limit)) => limit,
        Some(Err(_)) => return Err(problem::must_be("request/query/pageLimit", "integer")),
    };
    if limit > MOST_RESULTS {
        issues.push(custom(
            format!("The page limit \"{limit}\" is greater than \"{MOST_RESULTS}\""),
            json!(["pageLimit"]),
        ));
    }
    if !issues.is_empty() {
        let issues = serde_json::to_string_pretty(&issues).expect("JSON is JSON");
        return Err(problem::input(format!("Invalid query string: {issues}")));
    }
    let page = parameters.cursor.as_deref().map_or(Some(0), read_cursor);
    Ok((page.ok_or_else(|| problem::malformed_cursor("not a page number"))?, limit))
}

fn custom(message: String, path: Value) -> Value {
    json!({ "code": "custom", "message": message, "path": path })
}
