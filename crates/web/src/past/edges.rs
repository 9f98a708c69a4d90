//! Two moments, between which something is asked.

use auth::{Asked, NoSuchMoment};
use model::{Seq, Timestamp};

use super::{Given, parse, rfc3339};
use crate::{App, Problem, View, problem};

/// How far back is looked where nothing else is said.
const USUAL: &str = "-1d";

/// One of two moments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) seq: Seq,
    pub(crate) at: Timestamp,
    /// How it is written in addresses.
    pub(crate) text: String,
}

/// Finds two moments, the earlier one first. Without `from` it is a day ago, or the beginning of history; without `to` it is the
/// moment that the request is about.
///
/// # Errors
/// 400 for moments that are none, or that cannot be told.
pub(crate) async fn find_edges(app: &App, view: &View, from: &str, to: &str) -> Result<(Edge, Edge), Problem> {
    let now = app.now();
    let to = match to {
        "" | "now" => {
            Edge { seq: view.seq(), at: view.looking().map_or(now, super::Looking::at), text: view.seq().0.to_string() }
        }
        text => find(app, "to", text, now).await??,
    };
    let from = match from {
        "" => match find(app, "from", USUAL, to.at).await? {
            Ok(edge) => edge,
            Err(_) => beginning(app).await?,
        },
        text => find(app, "from", text, now).await??,
    };
    Ok(if from.seq > to.seq { (to, from) } else { (from, to) })
}

async fn find(app: &App, name: &str, text: &str, now: Timestamp) -> Result<Result<Edge, Problem>, Problem> {
    let given = parse(name, text, now)?;
    Ok(match app.past().find(given.asked, now).await? {
        Ok(then) => Ok(Edge { seq: then.seq, at: then.at, text: given.text() }),
        Err(why) => Err(no_such_moment(given, &why)),
    })
}

async fn beginning(app: &App) -> Result<Edge, Problem> {
    let start = app.past().start().await?;
    Ok(Edge { seq: start.seq, at: start.at.unwrap_or_default(), text: start.seq.0.to_string() })
}

/// Says why a moment cannot be shown.
pub(crate) fn no_such_moment(given: Given, why: &NoSuchMoment) -> Problem {
    let text = given.text();
    problem::input(match (why, given.asked) {
        (NoSuchMoment::Future { newest }, Asked::Seq(_)) => {
            format!("change {text} has not happened yet; the newest is {}", newest.0)
        }
        (NoSuchMoment::Future { .. }, Asked::Time(_)) => format!("{text} is in the future"),
        (NoSuchMoment::BeforeHistory(start), _) => match start.at {
            Some(at) => format!(
                "history does not reach back to {text}; it begins with change {} at {}",
                start.seq.0.max(1),
                rfc3339(at)
            ),
            None => format!("history does not reach back to {text}; nothing is on record yet"),
        },
    })
}
