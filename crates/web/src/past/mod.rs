//! Looking at the past: `at=` on any page and on any read of our own API.
//!
//! The guard finds the moment and puts it into the request; the extractors give its catalog instead of the newest one; the
//! answer's links keep it. So no handler knows of time.

mod asked;
mod edges;
mod keep;

use std::sync::Arc;

use auth::{PastMoment, Then};
use index::{Snapshot, problems::Board};
use model::{Seq, Timestamp};
use url::form_urlencoded;

pub(crate) use self::{
    asked::{Given, parse, parse_time, rfc3339},
    edges::{Edge, find_edges, no_such_moment},
    keep::{keep_in_address, keep_in_page},
};

/// The parameter.
pub(crate) const AT: &str = "at";

/// The moment that a request is about; in its extensions when it is not now.
#[derive(Clone)]
pub(crate) struct Looking(Arc<Inner>);

struct Inner {
    then: Then,
    /// How the moment is written in addresses: as a number when it was asked for by number, else as a time.
    text: String,
    scene: Scene,
}

/// What is to be seen at a moment.
pub(crate) enum Scene {
    /// The catalog as it was.
    Past(Arc<PastMoment>),
    /// The newest catalog, as nothing has changed since.
    Unchanged(Arc<Snapshot>),
    /// The newest catalog, as what is asked for is not about the catalog and has no past.
    Now(Arc<Snapshot>),
}

impl Looking {
    pub(crate) fn new(then: Then, text: String, scene: Scene) -> Self {
        Self(Arc::new(Inner { then, text, scene }))
    }

    /// The number of the moment.
    pub(crate) fn seq(&self) -> Seq {
        self.0.then.seq
    }

    /// Its time.
    pub(crate) fn at(&self) -> Timestamp {
        self.0.then.at
    }

    /// How it is written in addresses.
    pub(crate) fn text(&self) -> &str {
        &self.0.text
    }

    /// The catalog that is shown.
    pub(crate) fn snapshot(&self) -> &Arc<Snapshot> {
        match &self.0.scene {
            Scene::Past(moment) => &moment.snapshot,
            Scene::Unchanged(snapshot) | Scene::Now(snapshot) => snapshot,
        }
    }

    /// What was wrong with it; `None` when that is what is wrong with it now.
    pub(crate) fn board(&self) -> Option<&Arc<Board>> {
        match &self.0.scene {
            Scene::Past(moment) => Some(&moment.board),
            Scene::Unchanged(_) | Scene::Now(_) => None,
        }
    }

    /// Whether nothing has changed since.
    pub(crate) fn is_unchanged(&self) -> bool {
        matches!(self.0.scene, Scene::Unchanged(_))
    }

    /// Whether what is asked for is not about the catalog.
    pub(crate) fn is_of_now(&self) -> bool {
        matches!(self.0.scene, Scene::Now(_))
    }

    /// The moments before and after it.
    pub(crate) fn neighbours(&self) -> [Option<Seq>; 2] {
        [self.0.then.earlier, self.0.then.later].map(|change| change.map(|change| change.seq))
    }

    /// Beyond what a gate tells nothing; `None` where it tells of now.
    pub(crate) fn horizon(&self) -> Option<auth::Horizon> {
        (!self.is_of_now()).then(|| auth::Horizon { seq: self.seq(), at: self.at() })
    }
}

/// Returns the value of `at` in a query.
pub(crate) fn at_of(query: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, value)| name == AT && !value.trim().is_empty()).map(|(_, value)| value.into_owned())
}

/// Returns a path with its query without `at`.
pub(crate) fn address_without_at(address: &str) -> String {
    let Some((path, query)) = address.split_once('?') else { return address.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|pair| *pair != AT && !pair.starts_with("at=")).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// What tells of the server, or of the person in front of it, and not of the catalog.
const OF_NOW: &[&str] = &[
    "/api/v1/call-sheets",
    "/api/v1/loops",
    "/api/v1/openapi.json",
    "/api/v1/status",
    "/api/v1/truth-rate",
    "/api/v1/webhooks",
    "/call-sheets",
    "/catalog-import",
    "/keyboard",
    "/locations",
    "/operations",
    "/settings",
    "/webhooks",
];

/// Whether a path leads to something that has no past.
pub(crate) fn is_of_now(path: &str) -> bool {
    OF_NOW.iter().any(|known| path.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_parameter_and_takes_it_out() {
        assert_eq!(at_of("a=1&at=12&b=2").as_deref(), Some("12"));
        assert_eq!(at_of("at=&cat=1"), None);
        assert_eq!(at_of("at=2026-11-26T02%3A14").as_deref(), Some("2026-11-26T02:14"));
        assert_eq!(address_without_at("/x?a=1&at=12&b[]=2"), "/x?a=1&b[]=2");
        assert_eq!(address_without_at("/x?at=12"), "/x");
        assert_eq!(address_without_at("/x?cat=12"), "/x?cat=12");
    }

    #[test]
    fn what_is_about_the_server_has_no_past() {
        assert!(is_of_now("/locations/0123") && is_of_now("/operations"));
        assert!(!is_of_now("/catalog") && !is_of_now("/operations-of-another-sort"));
    }
}
