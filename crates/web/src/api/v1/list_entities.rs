//! `GET /entities`: pages of entities.

use axum::{extract::RawQuery, response::Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use index::{Direction, Order, Page, PageQuery, Start};
use model::Uid;
use serde::{Deserialize, Serialize};

use super::parameters::Parameters;
use crate::{
    Problem, View, answer,
    api::backstage::catalog::fields::{self, Projector},
    problem,
};

pub(super) const PARAMETERS: &[&str] = &["filter", "fields", "order", "limit", "cursor"];

/// Where the next page starts. The order travels along, as a position means nothing in another one.
#[derive(Serialize, Deserialize)]
struct Cursor {
    order: String,
    value: Option<String>,
    uid: String,
}

/// Lists entities: `{items, total, next}`.
pub(super) async fn list_entities(view: View, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), PARAMETERS)?;
    let order = parameters.one("order")?.unwrap_or("metadata.name");
    let limit = parameters.number("limit", 50, 1..=1000)?;
    let fields = fields::from_names(parameters.list("fields").into_iter())?;
    let query = PageQuery {
        filter: parameters.filter()?,
        order: parse_order(order),
        start: parse_start(parameters.one("cursor")?, order)?,
        limit: usize::try_from(limit).ok(),
        count: true,
    };
    let page = view.page(&query);
    let mut projector = fields.as_ref().map(Projector::new);
    let mut body = b"{\"items\":[".to_vec();
    for (i, row) in page.rows.iter().enumerate() {
        if i > 0 {
            body.push(b',');
        }
        let json = row.doc.json();
        match &mut projector {
            None => body.extend_from_slice(&json),
            Some(projector) => {
                let text = std::str::from_utf8(&json).expect("the index serialises text");
                projector.project(text, &mut body);
            }
        }
    }
    let next = next_cursor(&page, order).map_or("null".to_owned(), |cursor| format!("\"{cursor}\""));
    body.extend_from_slice(format!("],\"total\":{},\"next\":{next}}}", page.total.unwrap_or_default()).as_bytes());
    Ok(answer::json_bytes(body))
}

/// `-metadata.name` is descending.
fn parse_order(text: &str) -> Order {
    match text.strip_prefix('-') {
        Some(key) => Order::Field(key.to_lowercase(), Direction::Descending),
        None => Order::Field(text.to_lowercase(), Direction::Ascending),
    }
}

fn parse_start(cursor: Option<&str>, order: &str) -> Result<Start, Problem> {
    let Some(text) = cursor else { return Ok(Start::Offset(0)) };
    let parsed: Option<Cursor> =
        URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    match parsed.and_then(|cursor| Some((Uid::parse(&cursor.uid)?, cursor))) {
        None => Err(problem::input("`cursor` is none that this server gave; ask without it for the first page")),
        Some((_, cursor)) if cursor.order != order => Err(problem::input(format!(
            "`cursor` belongs to a list in another order, `{}`; ask without it for the first page",
            cursor.order
        ))),
        Some((uid, cursor)) => Ok(Start::After { value: cursor.value, uid }),
    }
}

fn next_cursor(page: &Page, order: &str) -> Option<String> {
    let last = page.rows.last().filter(|_| page.more)?;
    let cursor = Cursor { order: order.to_owned(), value: last.value.clone(), uid: last.doc.uid().to_string() };
    Some(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).expect("a cursor always serialises")))
}
