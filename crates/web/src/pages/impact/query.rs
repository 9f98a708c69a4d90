//! What the address of an impact page says.

use insights::{Question, Root, State};
use model::EntityRef;

use crate::pages::urls;

/// How much of a pasted alert is looked at.
pub(super) const LONGEST_ALERT: usize = 8_000;

/// What the page shows of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shows {
    #[default]
    Severity,
    Journey,
    Team,
    Causes,
    Text,
}

impl Shows {
    pub(super) const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Severity, "", "By severity"),
        (Self::Journey, "journey", "By journey"),
        (Self::Team, "team", "By team"),
        (Self::Causes, "causes", "Possible causes"),
        (Self::Text, "text", "As text"),
    ];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(shows, ..)| *shows == self).map_or("", |(_, word, _)| word)
    }
}

/// The question that an address asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ImpactQuery {
    pub(super) roots: Vec<EntityRef>,
    /// Names that are no references: what somebody typed.
    pub(super) typed: Vec<String>,
    pub(super) state: State,
    /// `None` for as far as it goes.
    pub(super) depth: Option<u32>,
    /// Whether it is about a planned change and not a failure.
    pub(super) is_change: bool,
    pub(super) shows: Shows,
    /// Only what this owner has.
    pub(super) team: Option<String>,
    /// Only what is inside of this container.
    pub(super) within: Option<String>,
    pub(super) offset: usize,
    /// An alert or its labels, to look for names in.
    pub(super) alert: String,
    /// Whether it is longer than what is looked at.
    pub(super) is_alert_cut: bool,
}

impl Default for ImpactQuery {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            typed: Vec::new(),
            state: State::Down,
            depth: None,
            is_change: false,
            shows: Shows::Severity,
            team: None,
            within: None,
            offset: 0,
            alert: String::new(),
            is_alert_cut: false,
        }
    }
}

impl ImpactQuery {
    /// The impact of one entity.
    pub(super) fn of(entity_ref: &EntityRef) -> Self {
        Self { roots: vec![entity_ref.clone()], ..Self::default() }
    }

    /// Reads a query string. What cannot be read is taken for what is usual, as a bookmark must open something.
    pub(super) fn parse(raw: Option<&str>) -> Self {
        let mut query = Self::default();
        for (name, value) in url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes()) {
            query.take(&name, value.trim());
        }
        query
    }

    fn take(&mut self, name: &str, value: &str) {
        let some = || (!value.is_empty()).then(|| value.to_lowercase());
        match name {
            "ref" if !value.is_empty() => match EntityRef::parse(value) {
                Ok(root) => urls::take_value(&mut self.roots, root),
                Err(_) => urls::take_value(&mut self.typed, value.to_owned()),
            },
            "state" => self.state = State::parse(value).unwrap_or(State::Down),
            "depth" => self.depth = value.parse().ok().filter(|depth| *depth > 0),
            "for" => self.is_change = value == "change",
            "show" => {
                let known = Shows::ALL.iter().find(|(_, word, _)| *word == value);
                self.shows = known.map_or(Shows::Severity, |(shows, ..)| *shows);
            }
            "team" => self.team = some(),
            "within" => self.within = some(),
            "offset" => self.offset = value.parse().unwrap_or(0),
            "alert" => {
                self.alert = value.chars().take(LONGEST_ALERT).collect();
                self.is_alert_cut = self.alert.len() < value.len();
            }
            _ => {}
        }
    }

    /// What the address says beyond what is usual, in a fixed order. The alert is left out: once names are chosen, it has
    /// done its work.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs: Vec<(&'static str, String)> = self.roots.iter().map(|root| ("ref", root.to_string())).collect();
        let mut say = |name: &'static str, value: Option<String>| pairs.extend(value.map(|value| (name, value)));
        say("state", (self.state != State::Down).then(|| self.state.word().to_owned()));
        say("depth", self.depth.map(|depth| depth.to_string()));
        say("for", self.is_change.then(|| "change".to_owned()));
        say("show", (self.shows != Shows::Severity).then(|| self.shows.word().to_owned()));
        say("team", self.team.clone());
        say("within", self.within.clone());
        say("offset", (self.offset > 0).then(|| self.offset.to_string()));
        pairs
    }

    /// Its address.
    pub(super) fn href(&self) -> String {
        self.href_at("/impact", &[])
    }

    /// Where a call sheet for it is opened.
    pub(super) fn call_sheet_href(&self) -> String {
        let roots: Vec<String> = self.roots.iter().map(ToString::to_string).collect();
        let roots = roots.iter().map(|root| ("root", root.as_str()));
        urls::with_query("/call-sheets", roots.chain([("state", self.state.word())]))
    }

    /// The address of the same question at the API.
    pub(super) fn api_href(&self, format: &str) -> String {
        let plain =
            Self { shows: Shows::Severity, team: None, within: None, offset: 0, is_change: false, ..self.clone() };
        let more = [("format", format)];
        plain.href_at("/api/v1/impact", if format.is_empty() { &[] } else { &more })
    }

    fn href_at(&self, path: &str, more: &[(&str, &str)]) -> String {
        let pairs = self.pairs();
        let own = pairs.iter().map(|(name, value)| (*name, value.as_str()));
        urls::with_query(path, own.chain(more.iter().copied()))
    }

    /// The same with one more entity.
    pub(super) fn with_root(&self, entity_ref: &EntityRef) -> Self {
        let mut query = Self { typed: Vec::new(), offset: 0, ..self.clone() };
        urls::take_value(&mut query.roots, entity_ref.clone());
        query
    }

    /// The same without an entity.
    pub(super) fn without_root(&self, entity_ref: &EntityRef) -> Self {
        let mut query = Self { offset: 0, ..self.clone() };
        query.roots.retain(|root| root != entity_ref);
        query
    }

    /// The same, showing something else of the answer.
    pub(super) fn showing(&self, shows: Shows) -> Self {
        Self { shows, offset: 0, ..self.clone() }
    }

    /// The question that it asks.
    pub(super) fn question(&self) -> Question {
        let root = |entity_ref: &EntityRef| Root { entity_ref: entity_ref.clone(), state: self.state };
        Question { roots: self.roots.iter().map(root).collect(), depth: self.depth }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_being_read_and_written() {
        let address = "/impact?ref=resource:default/db&ref=api:shop/orders&state=slow&depth=3&for=change&show=team\
                       &team=group:default/a&within=system:default/s&offset=100";
        let query = ImpactQuery::parse(address.split_once('?').map(|(_, raw)| raw));
        assert_eq!(query.href(), address);
        assert_eq!(
            query.api_href("csv"),
            "/api/v1/impact?ref=resource:default/db&ref=api:shop/orders&state=slow&depth=3&format=csv"
        );
        assert_eq!(query.without_root(&query.roots[0]).with_root(&query.roots[0]).roots.len(), 2);
    }

    #[test]
    fn nonsense_is_taken_for_what_is_usual_and_names_are_kept() {
        let query = ImpactQuery::parse(Some("ref=orders&state=sad&depth=-1&show=x&offset=y&zzz=1"));
        assert_eq!(query, ImpactQuery { typed: vec!["orders".to_owned()], ..ImpactQuery::default() });
    }
}
