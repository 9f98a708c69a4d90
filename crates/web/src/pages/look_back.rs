//! `/look-back`: leads to a page as it was at a moment that somebody has chosen. And the band on pages of the past.

use axum::{
    extract::{Query, State},
    response::Redirect,
};
use serde::Deserialize;

use super::{moment::Moment, urls};
use crate::{
    App, Problem,
    past::{self, Looking},
    problem,
};

/// The form: where to go, and which moment to show there.
#[derive(Deserialize)]
pub(super) struct Wanted {
    back: Option<String>,
    when: Option<String>,
}

/// Goes to the page at the moment; without a moment to the page as it is now.
pub(super) async fn look_back(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Redirect, Problem> {
    let back = wanted.back.as_deref().unwrap_or("/");
    if !urls::is_local(back) {
        return Err(problem::input("`back` must be a path of this server"));
    }
    let page = past::address_without_at(back);
    let Some(when) = wanted.when.filter(|when| !when.trim().is_empty()) else { return Ok(Redirect::to(&page)) };
    let given = past::parse("when", &when, app.now())?;
    Ok(Redirect::to(&past::keep_in_address(&page, &given.text())))
}

/// What a page of the past says above all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Band {
    pub(crate) at: Moment,
    pub(crate) seq: u64,
    /// How the moment is written in addresses.
    pub(crate) text: String,
    /// Whether the page is not about the catalog, and shows what is now.
    pub(crate) is_of_now: bool,
    /// Whether nothing has changed since.
    pub(crate) is_unchanged: bool,
    /// The page before the newest change of the moment, and after the next one.
    pub(crate) earlier: Option<String>,
    pub(crate) later: Option<String>,
    /// What has changed since.
    pub(crate) compare: String,
}

impl Band {
    /// `here` is the address of the page without the moment.
    pub(super) fn new(looking: &Looking, here: &str, now: model::Timestamp) -> Self {
        let [earlier, later] =
            looking.neighbours().map(|seq| seq.map(|seq| past::keep_in_address(here, &seq.0.to_string())));
        Self {
            at: Moment { at: looking.at(), now },
            seq: looking.seq().0,
            text: looking.text().to_owned(),
            is_of_now: looking.is_of_now(),
            is_unchanged: looking.is_unchanged(),
            earlier,
            later,
            compare: urls::with_query("/changes/compare", [("from", looking.text())]),
        }
    }

    /// The moment for a field that takes a date and a time.
    pub(crate) fn field(&self) -> String {
        let time = jiff::Timestamp::from_millisecond(self.at.at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        time.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%dT%H:%M").to_string()
    }
}
