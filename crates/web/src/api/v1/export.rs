//! `GET /export`: the whole catalog or a part of it, as a stream of lines, a table or descriptors.

use std::convert::Infallible;

use axum::{
    body::Body,
    extract::RawQuery,
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use index::{Doc, Filter, Order, PageQuery, Start};
use model::Uid;
use serde_json::Value;

use super::{csv::Columns, parameters::Parameters, yaml};
use crate::{Problem, View};

pub(super) const PARAMETERS: &[&str] = &["format", "filter", "columns"];

/// How many entities are written at once. A client that reads slowly holds no more than this.
const BATCH: usize = 500;

/// The number of the moment that was exported; changes go on from there.
const SEQ: HeaderName = HeaderName::from_static("x-callboard-seq");

enum Format {
    Lines,
    Table(Columns),
    Descriptors,
}

struct Export {
    view: View,
    format: Format,
    filter: Filter,
    next: Option<Start>,
    head: Option<String>,
}

/// Streams entities of one moment, in the order of their uids.
pub(super) async fn export(view: View, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), PARAMETERS)?;
    let (format, media_type) = match parameters.word("format", &["ndjson", "csv", "yaml"])? {
        Some("csv") => (Format::Table(Columns::parse(&parameters.list("columns"))), "text/csv; charset=utf-8"),
        Some("yaml") => (Format::Descriptors, "application/yaml; charset=utf-8"),
        _ => (Format::Lines, "application/x-ndjson; charset=utf-8"),
    };
    let head = match &format {
        Format::Table(columns) => Some(columns.head()),
        Format::Lines | Format::Descriptors => None,
    };
    let seq = view.seq().0;
    let export = Export { filter: parameters.filter()?, view, format, next: Some(Start::Offset(0)), head };
    let pieces = stream::unfold(export, |mut export| async move {
        let piece = next_piece(&mut export)?;
        Some((Ok::<_, Infallible>(piece), export))
    });
    // The compression asks once more after the end when it has seen little, which an unfold does not bear.
    let pieces = pieces.fuse();
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(SEQ, HeaderValue::from(seq));
    Ok(response)
}

/// The next piece, `None` at the end.
fn next_piece(export: &mut Export) -> Option<Bytes> {
    if let Some(head) = export.head.take() {
        return Some(head.into());
    }
    let page = export.view.page(&PageQuery {
        filter: export.filter.clone(),
        order: Order::Uid,
        start: export.next.take()?,
        limit: Some(BATCH),
        count: false,
    });
    let last: Uid = page.rows.last()?.doc.uid();
    export.next = page.more.then_some(Start::After { value: None, uid: last });
    let mut out = Vec::new();
    for row in &page.rows {
        write_entity(&export.format, &row.doc, &mut out);
    }
    Some(out.into())
}

fn write_entity(format: &Format, doc: &Doc, out: &mut Vec<u8>) {
    let json = doc.json();
    let parse = || serde_json::from_slice::<Value>(&json).expect("the index serialises JSON");
    match format {
        Format::Lines => {
            out.extend_from_slice(&json);
            out.push(b'\n');
        }
        Format::Table(columns) => columns.write_row(doc.entity_ref(), &parse(), out),
        Format::Descriptors => yaml::write_descriptor(parse(), out),
    }
}
