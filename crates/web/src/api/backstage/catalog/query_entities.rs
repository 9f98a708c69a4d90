//! `/entities/by-query`: pages with cursors, by GET with filters or by POST with a predicate.

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use index::{Direction, Filter, Order, Page, PageQuery, Row, Start};
use model::Uid;

use super::{
    body::{JsonBody, Object},
    cursor::{Cursor, Position, TextSearch},
    fields::{self, Fields},
    filter_param, predicate,
    query_string::{Known, Parameters, Shape},
    rows::RowWriter,
};
use crate::{
    App, Problem, View,
    answer::{self, Validator},
    problem,
};

/// How many rows a page has when nothing else is asked.
const DEFAULT_LIMIT: u64 = 200;

/// A page of at most so many rows is answered where it is asked; a larger one beside the workers that answer everybody else.
const SHORT: usize = 1_000;

const TOTALS: &[&str] = &["include", "exclude"];

const KNOWN: Known = &[
    ("fields", Shape::Texts),
    ("limit", Shape::Count),
    ("offset", Shape::Count),
    ("orderField", Shape::Texts),
    ("cursor", Shape::Text),
    ("filter", Shape::Texts),
    ("fullTextFilterTerm", Shape::Text),
    ("fullTextFilterFields", Shape::Texts),
    ("totalItems", Shape::OneOf(TOTALS)),
];

/// Answers a page by GET.
pub(super) async fn query_entities(
    State(app): State<App>,
    view: View,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let question = Question::from_parameters(&Parameters::parse(uri.query(), KNOWN)?)?;
    let validator = Validator::new(&app, &view, &uri);
    if let Some(unchanged) = validator.unchanged(&headers) {
        return Ok(unchanged);
    }
    Ok(validator.answer(&headers, find(view, question).await?))
}

/// Answers a page by POST.
pub(super) async fn query_entities_by_predicate(
    view: View,
    uri: Uri,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    Parameters::parse(uri.query(), &[])?;
    let question = Question::from_body(&body)?;
    Ok(answer::json_bytes(find(view, question).await?))
}

async fn find(view: View, question: Question) -> Result<Vec<u8>, Problem> {
    let query = question.plan()?;
    if query.limit.is_some_and(|limit| limit <= SHORT) {
        return Ok(question.answer(&view.page(&query)));
    }
    let ask = move || question.answer(&view.page(&query));
    Ok(tokio::task::spawn_blocking(ask).await.expect("a query never panics"))
}

/// A question for a page.
struct Question {
    /// What a cursor holds: the question and the position. On the first page the position and `first` are empty.
    cursor: Cursor,
    /// Whether this is the first page.
    initial: bool,
    /// Whether the count is not wanted.
    skip_total: bool,
    limit: u64,
    offset: u64,
    fields: Option<Fields>,
}

impl Question {
    fn from_parameters(parameters: &Parameters<'_>) -> Result<Self, Problem> {
        let limit = parameters.count("limit").unwrap_or(DEFAULT_LIMIT);
        let fields = fields::from_parameters(parameters)?;
        if let Some(cursor) = parameters.one("cursor") {
            return Ok(Self::go_on(Cursor::decode(cursor)?, limit, fields));
        }
        let order = parameters.all("orderField").map(parse_order).collect::<Result<Vec<_>, _>>()?;
        let text = parameters.one("fullTextFilterTerm").map(|term| TextSearch {
            term: term.to_owned(),
            fields: parameters.has("fullTextFilterFields").then(|| {
                let names = parameters.all("fullTextFilterFields").flat_map(|text| text.split(','));
                names.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
            }),
        });
        let filter = filter_param::parse(parameters)?;
        Ok(Self {
            skip_total: parameters.one("totalItems") == Some("exclude"),
            offset: parameters.count("offset").unwrap_or_default(),
            ..Self::begin(filter, order, text, limit, fields)
        })
    }

    fn from_body(body: &Object) -> Result<Self, Problem> {
        let cursor = body.text("cursor")?;
        let limit = body.count("limit")?.unwrap_or(DEFAULT_LIMIT);
        let offset = body.count("offset")?.unwrap_or_default();
        let order = body.objects("orderBy")?.iter().map(parse_order_object).collect::<Result<Vec<_>, _>>()?;
        let text = body.object("fullTextFilter")?.map(|text| parse_text_object(&text)).transpose()?.flatten();
        let fields = body.texts("fields")?.map(|names| fields::from_names(names.into_iter())).transpose()?.flatten();
        let skip_total = body.one_of("totalItems", TOTALS)? == Some("exclude");
        let query = body.object("query")?;
        match cursor {
            Some("") => return Err(problem::input("Cursor cannot be empty")),
            Some(cursor) => return Ok(Self::go_on(Cursor::decode(cursor)?, limit, fields)),
            None => {}
        }
        let filter = query.map_or(Ok(Filter::All), |query| predicate::parse(&query.members))?;
        Ok(Self { skip_total, offset, ..Self::begin(filter, order, text, limit, fields) })
    }

    fn begin(
        filter: Filter,
        order: Vec<(String, Direction)>,
        text: Option<TextSearch>,
        limit: u64,
        fields: Option<Fields>,
    ) -> Self {
        let cursor =
            Cursor { order, backwards: false, filter, text, position: Position::default(), first: None, total: None };
        Self { cursor, initial: true, skip_total: false, limit, offset: 0, fields }
    }

    fn go_on(cursor: Cursor, limit: u64, fields: Option<Fields>) -> Self {
        Self { cursor, initial: false, skip_total: false, limit, offset: 0, fields }
    }

    /// The question for the index.
    fn plan(&self) -> Result<PageQuery, Problem> {
        let key = self.cursor.order.first().map(|(key, direction)| (key.to_lowercase(), *direction));
        let mut filter = self.cursor.filter.clone();
        if let Some(like) = self.cursor.text.as_ref().and_then(|text| like(text, key.as_ref())) {
            filter = Filter::And(vec![filter, like]);
        }
        Ok(PageQuery {
            filter,
            order: key.map_or(Order::Uid, |(key, direction)| Order::Field(key, direction)),
            start: self.start()?,
            limit: Some(usize::try_from(self.limit).unwrap_or(usize::MAX)),
            count: self.cursor.total.is_none() && !self.skip_total,
        })
    }

    fn start(&self) -> Result<Start, Problem> {
        if self.initial {
            return Ok(Start::Offset(self.offset));
        }
        let Position { value, uid } = &self.cursor.position;
        let uid = uid.as_deref().and_then(Uid::parse).ok_or_else(|| problem::malformed_cursor("no uid in it"))?;
        let value = value.clone();
        Ok(if self.cursor.backwards { Start::Before { value, uid } } else { Start::After { value, uid } })
    }

    /// The body of the answer.
    fn answer(&self, page: &Page) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + page.rows.len() * 2048);
        out.extend_from_slice(b"{\"items\":[");
        RowWriter::new(self.fields.as_ref()).write_all(page.rows.iter().map(|row| &row.doc), &mut out);
        let total = self.cursor.total.or(page.total).unwrap_or_default();
        out.extend_from_slice(format!("],\"totalItems\":{total},\"pageInfo\":{{").as_bytes());
        let next = self.next(page, total).map(|cursor| format!("\"nextCursor\":\"{}\"", cursor.encode()));
        let previous = self.previous(page, total).map(|cursor| format!("\"prevCursor\":\"{}\"", cursor.encode()));
        out.extend_from_slice([next, previous].into_iter().flatten().collect::<Vec<_>>().join(",").as_bytes());
        out.extend_from_slice(b"}}");
        out
    }

    /// The cursor of the next page: there is one when rows follow, and always after going backwards.
    fn next(&self, page: &Page, total: u64) -> Option<Cursor> {
        let last = page.rows.last()?;
        if self.limit == 0 || !(self.cursor.backwards || page.more) {
            return None;
        }
        let first = self.cursor.first.clone().or_else(|| page.rows.first().map(|row| self.position(row)));
        Some(Cursor {
            backwards: false,
            position: self.position(last),
            first,
            total: Some(total),
            ..self.cursor.clone()
        })
    }

    /// The cursor of the page before: there is one unless this is the first page, by whichever way it was reached.
    fn previous(&self, page: &Page, total: u64) -> Option<Cursor> {
        let position = self.position(page.rows.first()?);
        if self.initial || self.cursor.first.as_ref() == Some(&position) {
            return None;
        }
        Some(Cursor { backwards: true, position, total: Some(total), ..self.cursor.clone() })
    }

    fn position(&self, row: &Row) -> Position {
        let value = if self.cursor.order.is_empty() { None } else { row.value.clone() };
        Position { value, uid: Some(row.doc.uid().to_string()) }
    }
}

/// Substring search as a condition; without fields the order key is looked at, or else the uid. A blank term finds everything.
fn like(text: &TextSearch, key: Option<&(String, Direction)>) -> Option<Filter> {
    let term = text.term.trim().to_lowercase();
    if term.is_empty() {
        return None;
    }
    let keys: Vec<String> = match &text.fields {
        Some(fields) if !fields.is_empty() => fields.iter().map(|field| field.to_lowercase()).collect(),
        _ => vec![key.map_or_else(|| "metadata.uid".to_owned(), |(key, _)| key.clone())],
    };
    Some(Filter::Like(term, keys))
}

/// Reads `field` or `field,asc` or `field,desc`.
fn parse_order(text: &str) -> Result<(String, Direction), Problem> {
    let mut parts = text.split(',');
    let field = parts.next().unwrap_or_default().to_owned();
    match parts.next() {
        None | Some("asc") => Ok((field, Direction::Ascending)),
        Some("desc") => Ok((field, Direction::Descending)),
        Some(_) => Err(problem::input("Invalid order field order, must be asc or desc")),
    }
}

fn parse_order_object(object: &Object) -> Result<(String, Direction), Problem> {
    object.require(&["field"])?;
    let field = object.required_text("field")?.to_owned();
    let direction = match object.one_of("order", &["asc", "desc"])? {
        Some("desc") => Direction::Descending,
        _ => Direction::Ascending,
    };
    Ok((field, direction))
}

fn parse_text_object(object: &Object) -> Result<Option<TextSearch>, Problem> {
    let term = object.text("term")?.map(str::to_owned);
    let fields = object.texts("fields")?.map(|fields| fields.into_iter().map(str::to_owned).collect());
    Ok(term.map(|term| TextSearch { term, fields }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::body::object_of, *};

    fn from_query(raw: &str) -> Result<PageQuery, String> {
        let parameters = Parameters::parse(Some(raw), KNOWN).map_err(|problem| problem.error.message)?;
        let question = Question::from_parameters(&parameters).map_err(|problem| problem.error.message)?;
        question.plan().map_err(|problem| problem.error.message)
    }

    fn from_json(body: serde_json::Value) -> Result<PageQuery, String> {
        let question = Question::from_body(&object_of(body)).map_err(|problem| problem.error.message)?;
        question.plan().map_err(|problem| problem.error.message)
    }

    #[test]
    fn get_and_post_ask_the_same() {
        let by_get = from_query("filter=kind=component&orderField=metadata.Name,desc&fullTextFilterTerm=%20TILL%20&fullTextFilterFields=metadata.name,metadata.title&limit=5&offset=2&totalItems=exclude").unwrap();
        let by_post = from_json(json!({
            "query": {"kind": "Component"}, "orderBy": [{"field": "metadata.Name", "order": "desc"}],
            "fullTextFilter": {"term": " TILL ", "fields": ["metadata.name", "metadata.title"]},
            "limit": 5, "offset": 2, "totalItems": "exclude",
        }))
        .unwrap();
        for query in [by_get, by_post] {
            assert_eq!(query.order, Order::Field("metadata.name".into(), Direction::Descending));
            assert_eq!(query.start, Start::Offset(2));
            assert_eq!((query.limit, query.count), (Some(5), false));
            let like = Filter::Like("till".into(), vec!["metadata.name".into(), "metadata.title".into()]);
            assert_eq!(query.filter, Filter::And(vec![Filter::Equals("kind".into(), "component".into()), like]));
        }
    }

    #[test]
    fn text_search_without_fields_looks_at_the_order_key_or_the_uid() {
        let like = |raw: &str| match from_query(raw).unwrap().filter {
            Filter::And(mut both) => both.pop(),
            _ => None,
        };
        let want = |key: &str| Some(Filter::Like("x".into(), vec![key.into()]));
        assert_eq!(like("fullTextFilterTerm=x"), want("metadata.uid"));
        assert_eq!(like("fullTextFilterTerm=x&orderField=metadata.title"), want("metadata.title"));
        assert_eq!(like("fullTextFilterTerm=%20"), None);
    }

    #[test]
    fn refuses_what_backstage_refuses() {
        for (got, want) in [
            (from_query("orderField=a,up"), "Invalid order field order, must be asc or desc"),
            (
                from_query("totalItems=maybe"),
                "request/query/totalItems must be equal to one of the allowed values: include, exclude",
            ),
            (from_json(json!({"cursor": ""})), "Cursor cannot be empty"),
            (from_json(json!({"query": "component"})), "request/body/query must be object"),
            (
                from_json(json!({"orderBy": [{"field": "x", "order": "up"}]})),
                "request/body/orderBy/0/order must be equal to one of the allowed values: asc, desc",
            ),
        ] {
            assert_eq!(got.err().as_deref(), Some(want));
        }
    }

    #[test]
    fn what_stands_beside_a_cursor_is_ignored() {
        let cursor = Cursor {
            order: vec![("metadata.name".into(), Direction::Ascending)],
            backwards: true,
            filter: Filter::Exists("a".into()),
            text: None,
            position: Position { value: Some("v".into()), uid: Some("00000000-0000-0000-0000-000000000001".into()) },
            first: None,
            total: Some(3),
        };
        let query = from_query(&format!("cursor={}&filter=kind=api&limit=2", cursor.encode())).unwrap();
        assert_eq!(query.filter, Filter::Exists("a".into()));
        assert_eq!(query.start, Start::Before { value: Some("v".into()), uid: Uid(1) });
        assert_eq!((query.limit, query.count), (Some(2), false));
    }
}
