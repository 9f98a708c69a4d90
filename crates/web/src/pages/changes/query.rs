//! What the address says about which happenings are shown.

use auth::{HistoryPlace, HistoryQuery};
use index::View;
use model::{EntityRef, Timestamp};
use url::form_urlencoded;

use crate::{
    Problem,
    pages::{parts::Pager, urls},
    past,
    telling::{self, Meant, Scope},
};

/// How many happenings a page shows.
pub(in crate::pages) const PAGE: u32 = 60;

/// The choices of a list of happenings, as they are written in its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pages) struct ChangesQuery {
    pub(in crate::pages) kind: String,
    pub(in crate::pages) owner: String,
    pub(in crate::pages) what: String,
    pub(in crate::pages) actor: String,
    pub(in crate::pages) from: String,
    pub(in crate::pages) to: String,
    /// On the page of an entity: itself, what it owns, its parts, or what is nearby.
    pub(in crate::pages) of: String,
    /// How many hours what happened nearby reaches back.
    pub(in crate::pages) hours: String,
    /// Where the page begins.
    pub(in crate::pages) before: String,
}

impl ChangesQuery {
    pub(in crate::pages) fn parse(raw: Option<&str>) -> Self {
        let mut query = Self::default();
        for (name, value) in form_urlencoded::parse(raw.unwrap_or_default().as_bytes()) {
            let value = value.trim().to_owned();
            match name.as_ref() {
                "kind" => query.kind = value.to_lowercase(),
                "owner" => query.owner = value,
                "what" => query.what = value,
                "actor" => query.actor = value,
                "from" => query.from = value,
                "to" => query.to = value,
                "of" => query.of = value,
                "hours" => query.hours = value,
                "before" => query.before = value,
                _ => {}
            }
        }
        query
    }

    /// The choices that are made, as they stand in the address.
    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("of", &self.of),
            ("hours", &self.hours),
            ("kind", &self.kind),
            ("owner", &self.owner),
            ("what", &self.what),
            ("actor", &self.actor),
            ("from", &self.from),
            ("to", &self.to),
            ("before", &self.before),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.as_str())).collect()
    }

    /// Whether the list is narrowed beyond where it stands.
    pub(in crate::pages) fn is_narrowed(&self) -> bool {
        [&self.kind, &self.owner, &self.what, &self.actor, &self.from, &self.to].iter().any(|value| !value.is_empty())
    }

    /// The question to the gate, and what is to be said about it; `named` is what the page is about, when that is not the
    /// whole estate.
    ///
    /// # Errors
    /// 400 for choices that cannot be understood.
    pub(in crate::pages) fn to_gate(
        &self,
        view: &View,
        named: Option<(Scope, &EntityRef)>,
        now: Timestamp,
    ) -> Result<(HistoryQuery, Option<String>), Problem> {
        let owner = telling::parse_ref("owner", Some(&self.owner), "group")?;
        let meant = Meant::of(view, named, owner.as_ref());
        let note = meant.note();
        let time = |name: &str, text: &str| match text {
            "" => Ok(None),
            text => past::parse_time(name, text, now).map(Some),
        };
        let query = HistoryQuery {
            refs: meant.refs,
            kind: Some(self.kind.clone()).filter(|kind| !kind.is_empty()),
            what: telling::parse_what(Some(&self.what))?,
            actor: Some(self.actor.clone()).filter(|actor| !actor.is_empty()),
            from: time("from", &self.from)?,
            to: time("to", &self.to)?,
            before: telling::parse_place("before", Some(&self.before))?,
        };
        Ok((query, note))
    }

    /// The address of the list below `page`.
    pub(in crate::pages) fn href(&self, page: &str) -> String {
        urls::with_query(page, self.pairs())
    }

    /// The way on to older happenings.
    pub(in crate::pages) fn pager(&self, page: &str, shown: usize, next: Option<HistoryPlace>) -> Option<Older> {
        let older = next.map(|place| Self { before: telling::place_text(place), ..self.clone() }.href(page));
        let newest = (!self.before.is_empty()).then(|| Self { before: String::new(), ..self.clone() }.href(page));
        (older.is_some() || newest.is_some()).then_some(Older { shown, older, newest })
    }
}

/// Where to go on in a list of happenings, of which nobody knows the length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pages) struct Older {
    pub(in crate::pages) shown: usize,
    pub(in crate::pages) older: Option<String>,
    pub(in crate::pages) newest: Option<String>,
}

/// The pager of a list whose length is known.
pub(in crate::pages) fn pager(
    things: &str,
    offset: usize,
    shown: usize,
    total: usize,
    href: impl Fn(usize) -> String,
    size: usize,
) -> Pager {
    Pager {
        first: (offset + 1) as u64,
        last: (offset + shown) as u64,
        total: total as u64,
        things: things.to_owned(),
        previous: (offset > 0).then(|| href(offset.saturating_sub(size))),
        next: (offset + shown < total && shown > 0).then(|| href(offset + shown)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_as_it_is_written() {
        let address = "/changes?kind=api&owner=group:default/a&what=removed&from=-1d&before=5.6.7";
        let query = ChangesQuery::parse(address.split_once('?').map(|(_, query)| query));
        assert_eq!(query.href("/changes"), address);
        assert_eq!(ChangesQuery::parse(Some("at=3&x=y")).href("/changes"), "/changes");
    }
}
