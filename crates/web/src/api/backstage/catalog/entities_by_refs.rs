//! `POST /entities/by-refs`: many entities at once, in the order asked, null for what is not there.

use axum::{http::Uri, response::Response};
use index::Filter;

use super::{
    body::{LooseJsonBody, Object},
    fields, filter_param, predicate,
    query_string::{Known, Parameters, Shape},
    rows::RowWriter,
};
use crate::{Problem, View, answer, problem};

const KNOWN: Known = &[("filter", Shape::Texts)];

/// Finds entities by their references. The references are taken as they are: nothing is completed or lower-cased.
pub(super) async fn entities_by_refs(
    view: View,
    uri: Uri,
    LooseJsonBody(body): LooseJsonBody,
) -> Result<Response, Problem> {
    let filter = filter_param::parse(&Parameters::parse(uri.query(), KNOWN)?)?;
    let body = body.ok_or_else(problem::body_without_content_type)?;
    body.require(&["entityRefs"])?;
    let refs = body.texts("entityRefs")?.unwrap_or_default();
    let fields = body.texts("fields")?.map(|names| fields::from_names(names.into_iter())).transpose()?.flatten();
    let filter = join(filter, &body)?;

    let mut writer = RowWriter::new(fields.as_ref());
    let mut out = Vec::with_capacity(16 + refs.len() * 2048);
    out.extend_from_slice(b"{\"items\":[");
    for (i, entity_ref) in refs.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        match view.find(entity_ref).filter(|doc| filter == Filter::All || view.matches(doc, &filter)) {
            Some(doc) => writer.write(&doc, &mut out),
            None => out.extend_from_slice(b"null"),
        }
    }
    out.extend_from_slice(b"]}");
    Ok(answer::json_bytes(out))
}

/// The filters of the query string and the predicate of the body both hold.
fn join(filter: Filter, body: &Object) -> Result<Filter, Problem> {
    let Some(query) = body.object("query")? else { return Ok(filter) };
    let query = predicate::parse(&query.members)?;
    Ok(match (filter, query) {
        (Filter::All, other) | (other, Filter::All) => other,
        (filter, query) => Filter::And(vec![filter, query]),
    })
}
