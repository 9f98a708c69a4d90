//! `GET /entities`: the older list, as a JSON array, whole or in pages of `limit`/`offset`/`after`.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, Uri, header},
    response::Response,
};
use index::{Direction, Doc, Filter, Order, PageQuery, Start};
use url::form_urlencoded;

use super::{
    cursor::AfterCursor,
    fields, filter_param,
    query_string::{Known, Parameters, Shape},
    rows::{self, RowsBody},
};
use crate::{
    App, Problem, View,
    answer::{self, Validator},
    problem,
};

const KNOWN: Known = &[
    ("fields", Shape::Texts),
    ("limit", Shape::Count),
    ("filter", Shape::Texts),
    ("offset", Shape::Count),
    ("after", Shape::Text),
    ("order", Shape::Texts),
];

/// A list of at most so many rows is answered where it is asked.
const SHORT: usize = 1_000;

/// Lists entities.
pub(super) async fn list_entities(
    State(app): State<App>,
    view: View,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = Parameters::parse(uri.query(), KNOWN)?;
    let filter = filter_param::parse(&parameters)?;
    let order = parse_order(&parameters)?;
    let fields = fields::from_parameters(&parameters)?;
    let slice = Slice::parse(&parameters)?;
    let validator = Validator::new(&app, &view, &uri);
    if let Some(unchanged) = validator.unchanged(&headers) {
        return Ok(unchanged);
    }
    let query = plan(filter, order, slice.as_ref());
    let (docs, more) = find(view, query).await;
    let link = slice.filter(|_| more).and_then(|slice| slice.link(&uri));
    let mut response = match rows::array(docs, fields) {
        RowsBody::Whole(bytes) => validator.answer(&headers, bytes),
        RowsBody::Pieces(body) => validator.stamp(answer::json_body(body)),
    };
    if let Some(link) = link {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// Asks the index; a list without a limit may be long and is asked for beside the workers that answer everybody else.
async fn find(view: View, query: PageQuery) -> (Vec<Doc>, bool) {
    let short = query.limit.is_some_and(|limit| limit <= SHORT);
    let ask = move || {
        let page = view.page(&query);
        (page.rows.into_iter().map(|row| row.doc).collect(), page.more)
    };
    if short { ask() } else { tokio::task::spawn_blocking(ask).await.expect("a query never panics") }
}

/// Pages as they were asked for: by reference unless an order is given, and entities without a value come last. Without paging:
/// by uid, only the first order counts, and entities without a value are left out.
fn plan(filter: Filter, mut order: Vec<(String, Direction)>, slice: Option<&Slice>) -> PageQuery {
    let order = match (slice.is_some(), order.is_empty()) {
        (true, true) => Order::EntityRef,
        (true, false) => Order::Fields(order),
        (false, true) => Order::Uid,
        (false, false) => {
            let (key, direction) = order.remove(0);
            Order::Field(key, direction)
        }
    };
    let limit = slice.and_then(|slice| slice.limit).map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let start = Start::Offset(slice.map_or(0, |slice| slice.offset));
    PageQuery { filter, order, start, limit, count: false }
}

fn parse_order(parameters: &Parameters<'_>) -> Result<Vec<(String, Direction)>, Problem> {
    let orders = parameters.all("order").map(|text| match text.split_once(':') {
        Some(("asc", field)) if !field.is_empty() => Ok((field.to_lowercase(), Direction::Ascending)),
        Some(("desc", field)) if !field.is_empty() => Ok((field.to_lowercase(), Direction::Descending)),
        _ => Err(problem::invalid_order(text)),
    });
    orders.collect()
}

/// The part of the list that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slice {
    limit: Option<u64>,
    offset: u64,
}

impl Slice {
    /// Reads `limit`, `offset` and `after`; `None` when there is none of them. What stands in `after` wins.
    fn parse(parameters: &Parameters<'_>) -> Result<Option<Self>, Problem> {
        if !["limit", "offset", "after"].iter().any(|name| parameters.has(name)) {
            return Ok(None);
        }
        let after = parameters.one("after").map(AfterCursor::decode).transpose()?.unwrap_or_default();
        let limit = after.limit.or(parameters.count("limit").map(|limit| limit.try_into().unwrap_or(i64::MAX)));
        let offset = after.offset.or(parameters.count("offset").map(|offset| offset.try_into().unwrap_or(i64::MAX)));
        let limit = match limit {
            Some(limit) if limit <= 0 => return Err(problem::input("Invalid limit, must be greater than zero")),
            limit => limit.map(i64::cast_unsigned),
        };
        let offset = u64::try_from(offset.unwrap_or_default())
            .map_err(|_| problem::input("Invalid offset, must be zero or greater"))?;
        Ok(Some(Self { limit, offset }))
    }

    /// Writes the `Link` header of the next page: the same address with `after` instead of `offset`.
    fn link(self, uri: &Uri) -> Option<HeaderValue> {
        let limit = self.limit?;
        let after = AfterCursor::encode(limit, self.offset + limit);
        let mut query = form_urlencoded::Serializer::new(String::new());
        let mut placed = false;
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "offset" => {}
                "after" if placed => {}
                "after" => {
                    placed = true;
                    query.append_pair("after", &after);
                }
                _ => {
                    query.append_pair(&name, &value);
                }
            }
        }
        if !placed {
            query.append_pair("after", &after);
        }
        HeaderValue::from_str(&format!("<{}?{}>; rel=\"next\"", uri.path(), query.finish())).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(raw: &str) -> Result<Option<Slice>, String> {
        Slice::parse(&Parameters::parse(Some(raw), KNOWN).unwrap()).map_err(|problem| problem.error.message)
    }

    #[test]
    fn reads_the_slice() {
        assert_eq!(slice("fields=kind"), Ok(None));
        assert_eq!(slice("limit=3&offset=4"), Ok(Some(Slice { limit: Some(3), offset: 4 })));
        assert_eq!(
            slice("limit=9&after=eyJsaW1pdCI6Mywib2Zmc2V0IjozfQ=="),
            Ok(Some(Slice { limit: Some(3), offset: 3 }))
        );
        assert_eq!(slice("after=e30="), Ok(Some(Slice { limit: None, offset: 0 })));
        assert_eq!(slice("limit=0"), Err("Invalid limit, must be greater than zero".into()));
    }

    #[test]
    fn links_to_the_next_page() {
        let link = |uri: &str, slice: Slice| slice.link(&uri.parse().unwrap());
        assert_eq!(
            link(
                "/entities?filter=kind=component&order=asc:metadata.name&limit=3&offset=3&fields=a,b",
                Slice { limit: Some(3), offset: 3 }
            )
            .unwrap(),
            "</entities?filter=kind%3Dcomponent&order=asc%3Ametadata.name&limit=3&fields=a%2Cb&after=eyJsaW1pdCI6Mywib2Zmc2V0Ijo2fQ%3D%3D>; rel=\"next\""
        );
        assert_eq!(
            link("/entities?limit=3&after=x&fields=a", Slice { limit: Some(3), offset: 3 }).unwrap(),
            "</entities?limit=3&after=eyJsaW1pdCI6Mywib2Zmc2V0Ijo2fQ%3D%3D&fields=a>; rel=\"next\""
        );
        assert!(link("/entities?offset=3", Slice { limit: None, offset: 3 }).is_none());
    }

    #[test]
    fn paging_changes_the_meaning_of_order() {
        let order = || vec![("a".to_owned(), Direction::Ascending), ("b".to_owned(), Direction::Descending)];
        let paged = Slice { limit: Some(1), offset: 0 };
        assert_eq!(plan(Filter::All, order(), Some(&paged)).order, Order::Fields(order()));
        assert_eq!(plan(Filter::All, order(), None).order, Order::Field("a".into(), Direction::Ascending));
        assert_eq!(plan(Filter::All, vec![], Some(&paged)).order, Order::EntityRef);
        assert_eq!(plan(Filter::All, vec![], None).order, Order::Uid);
    }

    #[test]
    fn refuses_other_orders() {
        for (raw, want) in [("order=metadata.name", "metadata.name"), ("order=up:x", "up:x"), ("order=asc:", "asc:")] {
            let parameters = Parameters::parse(Some(raw), KNOWN).unwrap();
            let message = parse_order(&parameters).unwrap_err().error.message;
            assert_eq!(message, format!("Invalid order parameter \"{want}\", expected \"<asc or desc>:<field name>\""));
        }
    }
}
