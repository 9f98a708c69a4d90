//! Answers: JSON bodies put together by copying, and the ETags that spare the work.

use std::{
    collections::VecDeque,
    convert::Infallible,
    fmt::Write,
    hash::Hasher,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use index::Visibility;
use serde::Serialize;
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

use crate::{App, View};

/// Everything that an answer to a GET depends on, known before it is worked out: the moment of the catalog, the program,
/// what the caller may see, and the address.
///
/// The ETag has two parts, `W/"<moment>-<body>"`. When the first agrees, nothing needs to be worked out; when only the second
/// does, the answer is the same as before although the catalog has moved on. Long answers have no second part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validator {
    moment: u64,
}

impl Validator {
    /// Takes the moment of a request.
    pub(crate) fn new(app: &App, view: &View, uri: &Uri) -> Self {
        let settings = app.settings();
        let mut hash = Xxh3Default::new();
        hash.write_u64(settings.etag_salt);
        hash.write(settings.version.as_bytes());
        hash.write_u64(view.seq().0);
        match view.visibility() {
            Visibility::Everything => hash.write_u8(0),
            Visibility::Nothing => hash.write_u8(1),
            Visibility::Where(filter) => hash.write(format!("{filter:?}").as_bytes()),
        }
        hash.write(uri.path().as_bytes());
        hash.write_u8(b'?');
        hash.write(uri.query().unwrap_or_default().as_bytes());
        Self { moment: hash.finish() }
    }

    /// Answers 304 when the client has seen this very moment.
    pub(crate) fn unchanged(self, headers: &HeaderMap) -> Option<Response> {
        let known = known_tags(headers).find(|(moment, _)| *moment == self.moment)?;
        Some(not_modified(&self.tag(known.1)))
    }

    /// Answers with a JSON body, or 304 when the client has the same one.
    pub(crate) fn answer(self, headers: &HeaderMap, body: impl Into<Bytes>) -> Response {
        let body = body.into();
        let tag = self.tag(Some(xxh3_64(&body)));
        let same = Some(xxh3_64(&body));
        if known_tags(headers).any(|(_, known)| known == same) {
            return not_modified(&tag);
        }
        with_tag(json_bytes(body), &tag)
    }

    /// Adds the ETag to an answer that is too long to be hashed.
    pub(crate) fn stamp(self, response: Response) -> Response {
        with_tag(response, &self.tag(None))
    }

    fn tag(self, body: Option<u64>) -> String {
        let mut tag = String::with_capacity(40);
        let written = match body {
            Some(body) => write!(tag, "W/\"{:016x}-{body:016x}\"", self.moment),
            None => write!(tag, "W/\"{:016x}\"", self.moment),
        };
        written.expect("a string takes everything");
        tag
    }
}

/// The tags of `If-None-Match` that can be ours.
fn known_tags(headers: &HeaderMap) -> impl Iterator<Item = (u64, Option<u64>)> + '_ {
    let lists = headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).filter_map(|tag| {
        let tag = tag.trim();
        let tag = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
        let (moment, body) = tag.split_once('-').map_or((tag, None), |(moment, body)| (moment, Some(body)));
        let body = body.map(|body| u64::from_str_radix(body, 16)).transpose().ok()?;
        Some((u64::from_str_radix(moment, 16).ok()?, body))
    })
}

fn not_modified(tag: &str) -> Response {
    with_tag(StatusCode::NOT_MODIFIED.into_response(), tag)
}

fn with_tag(mut response: Response, tag: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_str(tag).expect("hexadecimal digits are visible ASCII"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.append(header::VARY, HeaderValue::from_static("authorization"));
    response
}

/// Answers 200 with JSON text.
pub(crate) fn json_bytes(body: impl Into<Bytes>) -> Response {
    json_body(Body::from(body.into()))
}

/// Answers 200 with JSON text that may come in pieces.
pub(crate) fn json_body(body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// Answers with a value as JSON.
pub(crate) fn json_value(status: StatusCode, value: &impl Serialize) -> Response {
    let text = serde_json::to_vec(value).expect("wire values have text keys only");
    let mut response = json_bytes(text);
    *response.status_mut() = status;
    response
}

/// A JSON object that is written member by member. Lists may come as texts, which are sent as they are, without being copied
/// into one with the rest.
#[derive(Default)]
pub(crate) struct ObjectWriter {
    pieces: VecDeque<Bytes>,
    last: Vec<u8>,
    has_members: bool,
}

impl ObjectWriter {
    /// Writes a member.
    pub(crate) fn member(&mut self, name: &str, value: &impl Serialize) {
        self.name(name);
        serde_json::to_writer(&mut self.last, value).expect("wire values have text keys only");
    }

    /// Writes a list of which the items are JSON texts already, some in each part, with commas between them.
    pub(crate) fn list(&mut self, name: &str, parts: Vec<Vec<u8>>) {
        self.name(name);
        self.last.push(b'[');
        for (index, part) in parts.into_iter().filter(|part| !part.is_empty()).enumerate() {
            if index > 0 {
                self.last.push(b',');
            }
            self.pieces.push_back(std::mem::take(&mut self.last).into());
            self.pieces.push_back(part.into());
        }
        self.last.push(b']');
    }

    /// Ends the object.
    pub(crate) fn finish(mut self) -> Pieces {
        self.last.extend_from_slice(if self.has_members { b"}" } else { b"{}" });
        self.pieces.push_back(self.last.into());
        Pieces(self.pieces)
    }

    fn name(&mut self, name: &str) {
        self.last.push(if self.has_members { b',' } else { b'{' });
        self.has_members = true;
        serde_json::to_writer(&mut self.last, name).expect("a text is always JSON");
        self.last.push(b':');
    }
}

/// A body in pieces, of known length.
pub(crate) struct Pieces(VecDeque<Bytes>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().map(|piece| piece.len() as u64).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_written_member_by_member() {
        let mut object = ObjectWriter::default();
        object.member("a\"b", &[1, 2]);
        object.list("list", vec![b"1,2".to_vec(), Vec::new(), b"3".to_vec()]);
        object.list("none", Vec::new());
        object.member("last", &None::<u8>);
        let pieces = object.finish();
        let whole = br#"{"a\"b":[1,2],"list":[1,2,3],"none":[],"last":null}"#;
        assert_eq!(pieces.size_hint().exact(), Some(whole.len() as u64));
        assert_eq!(pieces.0.iter().flatten().copied().collect::<Vec<u8>>(), whole);
        assert_eq!(ObjectWriter::default().finish().0, [Bytes::from("{}")]);
    }

    fn headers(tag: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_str(tag).unwrap())])
    }

    #[test]
    fn a_known_moment_needs_no_work() {
        let now = Validator { moment: 7 };
        assert_eq!(now.unchanged(&headers(&now.tag(None))).unwrap().status(), 304);
        let both = now.tag(Some(9));
        let answer = now.unchanged(&headers(&format!("\"zzz\", {both}"))).unwrap();
        assert_eq!(answer.headers()[header::ETAG], both.as_str());
        assert!(now.unchanged(&headers("W/\"0000000000000008-0000000000000009\"")).is_none());
    }

    #[test]
    fn an_equal_body_at_another_moment_is_not_sent_again() {
        let first = Validator { moment: 1 }.answer(&HeaderMap::new(), b"[]".to_vec());
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        assert_eq!(first.status(), 200);
        assert_eq!(Validator { moment: 2 }.answer(&headers(&tag), b"[]".to_vec()).status(), 304);
        assert_eq!(Validator { moment: 2 }.answer(&headers(&tag), b"[1]".to_vec()).status(), 200);
    }
}
