//! Lists of entities as JSON text: copied, or cut to some fields, in one piece or in several.

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use index::Doc;

use super::fields::{Fields, Projector};

/// Lists with more rows than this are sent in pieces, so that nobody holds tens of megabytes at once.
const ROWS_IN_ONE_PIECE: usize = 1_000;

/// About how large a piece is, in bytes.
const PIECE: usize = 1 << 20;

/// Writes entities, whole or cut to some fields.
pub(super) struct RowWriter<'f> {
    projector: Option<Projector<'f>>,
}

impl<'f> RowWriter<'f> {
    /// Prepares for `fields`; `None` writes whole entities.
    pub(super) fn new(fields: Option<&'f Fields>) -> Self {
        Self { projector: fields.map(Projector::new) }
    }

    /// Appends one entity.
    pub(super) fn write(&mut self, doc: &Doc, out: &mut Vec<u8>) {
        let json = doc.json();
        match &mut self.projector {
            None => out.extend_from_slice(&json),
            Some(projector) => {
                projector.project(std::str::from_utf8(&json).expect("entities are stored as text"), out);
            }
        }
    }

    /// Appends a list of entities with commas between them.
    pub(super) fn write_all<'d>(&mut self, docs: impl Iterator<Item = &'d Doc>, out: &mut Vec<u8>) {
        for (i, doc) in docs.enumerate() {
            if i > 0 {
                out.push(b',');
            }
            self.write(doc, out);
        }
    }
}

/// A list of entities as a JSON array.
pub(super) enum RowsBody {
    /// Short enough for one piece.
    Whole(Vec<u8>),
    /// To be sent in pieces that are made when the client is ready for them.
    Pieces(Body),
}

/// Writes a JSON array of entities.
pub(super) fn array(docs: Vec<Doc>, fields: Option<Fields>) -> RowsBody {
    if docs.len() > ROWS_IN_ONE_PIECE {
        return RowsBody::Pieces(pieces(docs, fields));
    }
    let mut out = vec![b'['];
    RowWriter::new(fields.as_ref()).write_all(docs.iter(), &mut out);
    out.push(b']');
    RowsBody::Whole(out)
}

/// Appends a JSON string.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("a text always serialises");
}

fn pieces(docs: Vec<Doc>, fields: Option<Fields>) -> Body {
    let mut docs = docs.into_iter();
    let mut next = Some(b'[');
    Body::from_stream(stream::iter(std::iter::from_fn(move || {
        let mut opening = Some(next.take()?);
        let mut piece = Vec::with_capacity(PIECE + PIECE / 4);
        let mut writer = RowWriter::new(fields.as_ref());
        while piece.len() < PIECE {
            let Some(doc) = docs.next() else {
                piece.push(b']');
                return Some(Ok::<_, std::convert::Infallible>(Bytes::from(piece)));
            };
            piece.push(opening.take().unwrap_or(b','));
            writer.write(&doc, &mut piece);
        }
        next = Some(b',');
        Some(Ok(Bytes::from(piece)))
    })))
}
