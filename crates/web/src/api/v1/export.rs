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

/// How entities are written.
pub(crate) enum Format {
    /// One JSON text on each line.
    Lines,
    /// Comma-separated values.
    Table(Columns),
    /// YAML that can be registered again.
    Descriptors,
}

impl Format {
    /// Reads `csv`, `ndjson` or `yaml`. `columns` are those of a table.
    pub(crate) fn parse(word: &str, columns: &[&str]) -> Option<Self> {
        match word {
            "csv" => Some(Self::Table(Columns::parse(columns))),
            "yaml" => Some(Self::Descriptors),
            "ndjson" => Some(Self::Lines),
            _ => None,
        }
    }

    fn media_type(&self) -> &'static str {
        match self {
            Self::Lines => "application/x-ndjson; charset=utf-8",
            Self::Table(_) => "text/csv; charset=utf-8",
            Self::Descriptors => "application/yaml; charset=utf-8",
        }
    }
}

struct Export {
    view: View,
    format: Format,
    filter: Filter,
    order: Order,
    next: Option<Start>,
    head: Option<String>,
}

/// Streams entities of one moment, in the order of their uids.
pub(super) async fn export(view: View, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), PARAMETERS)?;
    let word = parameters.word("format", &["ndjson", "csv", "yaml"])?.unwrap_or("ndjson");
    let format = Format::parse(word, &parameters.list("columns")).expect("the word is one of the three");
    Ok(stream_entities(view, format, parameters.filter()?, Order::Uid))
}

/// Streams the entities that match, in an order.
pub(crate) fn stream_entities(view: View, format: Format, filter: Filter, order: Order) -> Response {
    let head = match &format {
        Format::Table(columns) => Some(columns.head()),
        Format::Lines | Format::Descriptors => None,
    };
    let (seq, media_type) = (view.seq().0, format.media_type());
    let export = Export { filter, order, view, format, next: Some(Start::Offset(0)), head };
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
    response
}

/// The next piece, `None` at the end.
fn next_piece(export: &mut Export) -> Option<Bytes> {
    if let Some(head) = export.head.take() {
        return Some(head.into());
    }
    let start = export.next.take()?;
    let page = export.view.page(&PageQuery {
        filter: export.filter.clone(),
        order: export.order.clone(),
        start: start.clone(),
        limit: Some(BATCH),
        count: false,
    });
    let last: Uid = page.rows.last()?.doc.uid();
    export.next = page.more.then_some(match start {
        // The place in other orders than that of uids would need their values; the moment does not change meanwhile.
        Start::Offset(offset) if export.order != Order::Uid => Start::Offset(offset + BATCH as u64),
        _ => Start::After { value: None, uid: last },
    });
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
