//! Names of entities in the text of an alert, in its labels, or in whatever else somebody has at hand when something breaks.

use std::collections::BTreeSet;

use index::{Filter, Order, PageQuery, QuickQuery, Start};
use model::EntityRef;

use crate::{View, pages::link::EntityLink};

/// How many words are looked up, and how many entities are offered.
const MOST_WORDS: usize = 400;
const MOST_OFFERS: usize = 12;
/// How many words that no entity is called exactly are looked up by likeness.
const MOST_GUESSES: usize = 4;
/// The worth of a quick find whose name starts with what was asked.
const GOOD_GUESS: u32 = 600;
/// Kinds that can fail.
const KINDS: [&str; 5] = ["component", "api", "resource", "system", "domain"];

/// What a text names.
pub(crate) struct Named {
    /// Entities that are called exactly as the text says, the most telling first.
    pub(crate) exact: Vec<EntityLink>,
    /// Entities that may be meant, when none is called exactly so.
    pub(crate) perhaps: Vec<EntityLink>,
    /// Whether more may be named: the text has more words than are looked up, or names more entities than are offered.
    pub(crate) is_cut: bool,
}

impl Named {
    /// Says what was not looked at, if so.
    pub(crate) fn note(&self) -> Option<String> {
        self.is_cut.then(|| {
            format!("The first {MOST_WORDS} words are looked at and {MOST_OFFERS} entities offered; there may be more.")
        })
    }
}

/// Looks for names.
pub(crate) fn names_in(view: &View, text: &str) -> Named {
    let words = words(text);
    let lists = ["metadata.name", "metadata.annotations.backstage.io/kubernetes-id", "metadata.title"];
    let texts: Vec<String> = words.iter().cloned().chain(phrases(text)).collect();
    let any = lists.map(|key| Filter::In(key.to_owned(), texts.clone()));
    let mut exact = references(view, text);
    for found in list(view, Filter::And(vec![Filter::Or(any.into()), can_fail()])) {
        if exact.iter().all(|known| known.entity_ref != found.entity_ref) {
            exact.push(found);
        }
    }
    let place = |link: &EntityLink| words.iter().position(|word| word == link.entity_ref.name()).unwrap_or(usize::MAX);
    // References stay in front; of names, compound ones say most, then those that stand first.
    exact.sort_by_key(|link| {
        let is_written_out = text.to_lowercase().contains(link.entity_ref.as_str());
        (!is_written_out, !link.entity_ref.name().contains(['-', '_', '.']), place(link))
    });
    let is_cut = words.len() == MOST_WORDS || exact.len() > MOST_OFFERS;
    exact.truncate(MOST_OFFERS);
    let perhaps = if exact.is_empty() { guesses(view, &words) } else { Vec::new() };
    Named { exact, perhaps, is_cut }
}

fn can_fail() -> Filter {
    Filter::In("kind".to_owned(), KINDS.map(str::to_owned).into())
}

fn list(view: &View, filter: Filter) -> Vec<EntityLink> {
    let page = view.page(&PageQuery {
        filter,
        order: Order::EntityRef,
        start: Start::Offset(0),
        limit: Some(MOST_OFFERS * 3),
        count: false,
    });
    page.rows.iter().map(|row| EntityLink::to_doc(&row.doc)).collect()
}

fn is_separator(c: char) -> bool {
    !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/'))
}

/// Entities by complete references.
fn references(view: &View, text: &str) -> Vec<EntityLink> {
    let mut found: Vec<EntityLink> = Vec::new();
    for part in text.split(is_separator).filter(|part| part.contains(':')).take(MOST_WORDS) {
        let part = part.trim_matches(|c: char| !c.is_alphanumeric());
        let Ok(entity_ref) = EntityRef::parse(part) else { continue };
        if let Some(doc) = view.find(entity_ref.as_str())
            && found.iter().all(|known| known.entity_ref != entity_ref)
        {
            found.push(EntityLink::to_doc(&doc));
        }
    }
    found
}

/// What could be a name, in lower case and order of appearance: words, the hosts of addresses, and the names of deployments in
/// the names of their pods.
fn words(text: &str) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut words = Vec::new();
    let mut add = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let is_name = word.chars().count() > 2 && word.chars().any(char::is_alphabetic);
        if is_name && words.len() < MOST_WORDS && known.insert(word.clone()) {
            words.push(word);
        }
    };
    for part in text.split(|c: char| is_separator(c) || matches!(c, ':' | '/')) {
        add(part);
        let host = part.split('.').next().unwrap_or_default();
        add(host);
        let mut pod = host;
        while let Some((front, last)) = pod.rsplit_once('-').filter(|(_, last)| is_generated(last)) {
            debug_assert!(last.len() < pod.len());
            add(front);
            pod = front;
        }
    }
    words
}

/// Whether a part of a name was made by a machine: `7d9f8b6c5`, `x2x9z`, `0`.
fn is_generated(part: &str) -> bool {
    part.len() <= 10
        && part.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
        && (part.bytes().any(|b| b.is_ascii_digit()) || part.len() == 5)
}

/// Two and three words that follow each other: titles.
fn phrases(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().take(MOST_WORDS).collect();
    let clean = |words: &[&str]| words.join(" ").trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    words.windows(2).map(clean).chain(words.windows(3).map(clean)).collect()
}

/// Entities whose names are like the compound words of a text.
fn guesses(view: &View, words: &[String]) -> Vec<EntityLink> {
    let compound = words.iter().filter(|word| word.contains(['-', '_'])).take(MOST_GUESSES);
    let mut found: Vec<EntityLink> = Vec::new();
    for word in compound {
        let hits = view.quick(&QuickQuery { text: word, filter: can_fail(), limit: 2, near: &[] });
        for hit in hits.iter().filter(|hit| hit.score >= GOOD_GUESS) {
            let link = EntityLink::to_doc(&hit.doc);
            if found.iter().all(|known| known.entity_ref != link.entity_ref) {
                found.push(link);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_an_alert_are_what_could_be_names() {
        let found =
            words("[FIRING:1] HighErrorRate (service=\"orders-api\", pod=orders-db-0) https://grafana.local/d/x");
        for name in ["orders-api", "orders-db-0", "orders-db", "grafana", "grafana.local", "higherrorrate", "firing"] {
            assert!(found.iter().any(|word| word == name), "{name} in {found:?}");
        }
        assert!(!found.iter().any(|word| word == "x" || word == "1"), "{found:?}");
    }

    #[test]
    fn a_pod_tells_its_deployment() {
        let found = words("checkout-web-7d9f8b6c5-x2x9z is crash looping");
        assert!(found.contains(&"checkout-web".to_owned()), "{found:?}");
        assert!(!found.contains(&"checkout".to_owned()), "a real part of the name stays: {found:?}");
    }

    #[test]
    fn titles_are_two_or_three_words() {
        let found = phrases("The Order Service, is down");
        assert!(found.contains(&"order service".to_owned()));
    }
}
