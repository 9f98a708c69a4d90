//! `/entity-facets`: how many entities have which value, by GET with filters or by POST with a predicate.

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use index::{FacetValue, Filter};

use super::{
    body::JsonBody,
    filter_param, predicate,
    query_string::{Known, Parameters, Shape},
    rows::push_text,
};
use crate::{
    App, Problem, View,
    answer::{self, Validator},
    problem,
};

const KNOWN: Known = &[("facet", Shape::Texts), ("filter", Shape::Texts)];

/// Counts by GET.
pub(super) async fn entity_facets(
    State(app): State<App>,
    view: View,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(uri.query(), KNOWN)?;
    if !parameters.has("facet") {
        return Err(problem::must_have_property("request/query", "facet"));
    }
    let names: Vec<&str> = parameters.all("facet").filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Err(problem::no_facets());
    }
    let filter = filter_param::parse(&parameters)?;
    let validator = Validator::new(&app, &view, &uri);
    if let Some(unchanged) = validator.unchanged(&headers) {
        return Ok(unchanged);
    }
    Ok(validator.answer(&headers, count(&view, &names, &filter)))
}

/// Counts by POST.
pub(super) async fn entity_facets_by_predicate(
    view: View,
    uri: Uri,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    Parameters::parse(uri.query(), &[])?;
    body.require(&["facets"])?;
    let names: Vec<&str> =
        body.texts("facets")?.unwrap_or_default().into_iter().filter(|name| !name.is_empty()).collect();
    let query = body.object("query")?;
    if names.is_empty() {
        return Err(problem::no_facets());
    }
    let filter = query.map_or(Ok(Filter::All), |query| predicate::parse(&query.members))?;
    Ok(answer::json_bytes(count(&view, &names, &filter)))
}

fn count(view: &View, asked: &[&str], filter: &Filter) -> Vec<u8> {
    let mut names: Vec<&str> = Vec::with_capacity(asked.len());
    for name in asked {
        if !names.contains(name) {
            names.push(name);
        }
    }
    let keys: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    render(&names, &view.facets(&keys, filter))
}

/// Writes the answer; each facet is spelled as it was asked for.
fn render(names: &[&str], facets: &[Vec<FacetValue>]) -> Vec<u8> {
    let mut out = b"{\"facets\":{".to_vec();
    for (i, (name, values)) in names.iter().zip(facets).enumerate() {
        if i > 0 {
            out.push(b',');
        }
        push_text(&mut out, name);
        out.extend_from_slice(b":[");
        for (i, value) in values.iter().enumerate() {
            out.extend_from_slice(if i > 0 { b",{\"value\":" } else { b"{\"value\":" });
            push_text(&mut out, &value.value);
            out.extend_from_slice(format!(",\"count\":{}}}", value.count).as_bytes());
        }
        out.push(b']');
    }
    out.extend_from_slice(b"}}");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_values_and_counts() {
        let value = |value: &str, count| FacetValue { value: value.to_owned(), count };
        let got = render(&["Kind", "a\"b"], &[vec![value("API", 2), value("x\"y", 1)], vec![]]);
        assert_eq!(
            String::from_utf8(got).unwrap(),
            r#"{"facets":{"Kind":[{"value":"API","count":2},{"value":"x\"y","count":1}],"a\"b":[]}}"#
        );
    }
}
