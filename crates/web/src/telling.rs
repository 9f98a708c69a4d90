//! What pages and the API share when they tell what happened: words, places, and which entities are meant.

use std::collections::{HashSet, VecDeque};

use auth::{EventPlace, HistoryPlace, WhatHappened};
use index::{Filter, Order, PageQuery, Start, View};
use model::{ChangeKind, EntityRef, EventKind, Seq, Timestamp};

use crate::{Problem, problem};

/// How many entities one question is about.
const MOST_ENTITIES: usize = 10_000;
/// How deep parts of parts are followed.
const MOST_LEVELS: u32 = 6;

/// Which entities are meant when one is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The entity itself.
    #[default]
    Itself,
    /// What it owns, and itself.
    Owned,
    /// What is part of it, at any depth, and itself.
    Parts,
}

impl Scope {
    /// The words for addresses.
    pub(crate) const WORDS: [&'static str; 3] = ["itself", "owned", "parts"];

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Itself, Self::Owned, Self::Parts].into_iter().find(|scope| scope.word() == word)
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Itself => "itself",
            Self::Owned => "owned",
            Self::Parts => "parts",
        }
    }

    /// The entities, and whether some are left out because they are too many.
    fn refs(self, view: &View, entity_ref: &EntityRef) -> (Vec<EntityRef>, bool) {
        match self {
            Self::Itself => (vec![entity_ref.clone()], false),
            Self::Owned => {
                let (mut owned, is_cut) = owned_by(view, entity_ref);
                owned.push(entity_ref.clone());
                (owned, is_cut)
            }
            Self::Parts => {
                let parts = walk(view, entity_ref, MOST_LEVELS, |_, relation| relation == "hasPart");
                (parts.entities.into_iter().map(|(part, _)| part).collect(), parts.is_cut)
            }
        }
    }
}

/// The entities that a question about the past is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meant {
    /// `None` for all there are.
    pub(crate) refs: Option<Vec<EntityRef>>,
    /// Whether some are left out because they are too many.
    pub(crate) is_cut: bool,
}

impl Meant {
    /// Finds what is meant by an entity and by an owner, both if both are named.
    pub(crate) fn of(view: &View, named: Option<(Scope, &EntityRef)>, owner: Option<&EntityRef>) -> Self {
        let named = named.map(|(scope, entity_ref)| scope.refs(view, entity_ref));
        let owned = owner.map(|owner| owned_by(view, owner));
        let is_cut = [&named, &owned].into_iter().flatten().any(|(_, is_cut)| *is_cut);
        let refs = match (named, owned) {
            (Some((named, _)), Some((owned, _))) => {
                let owned: HashSet<EntityRef> = owned.into_iter().collect();
                Some(named.into_iter().filter(|entity_ref| owned.contains(entity_ref)).collect())
            }
            (named, owned) => named.or(owned).map(|(refs, _)| refs),
        };
        Self { refs, is_cut }
    }

    /// Says that some are left out, if so.
    pub(crate) fn note(&self) -> Option<String> {
        cut_note(self.is_cut)
    }
}

/// Says that only so many entities are looked at, if that is so.
pub(crate) fn cut_note(is_cut: bool) -> Option<String> {
    is_cut.then(|| format!("More entities are meant than are looked at: this tells of {MOST_ENTITIES} of them."))
}

/// What an owner owns, and whether some is left out.
fn owned_by(view: &View, owner: &EntityRef) -> (Vec<EntityRef>, bool) {
    let page = view.page(&PageQuery {
        filter: Filter::Equals("relations.ownedby".to_owned(), owner.to_string()),
        order: Order::EntityRef,
        start: Start::Offset(0),
        limit: Some(MOST_ENTITIES),
        count: false,
    });
    let owned = page.rows.iter().filter_map(|row| EntityRef::parse(row.doc.entity_ref()).ok());
    (owned.collect(), page.more)
}

/// What a walk has found.
pub(crate) struct Walked {
    /// Each with its distance; the nearest first.
    pub(crate) entities: Vec<(EntityRef, u32)>,
    /// Whether some are left out because they are too many.
    pub(crate) is_cut: bool,
}

/// An entity and what it depends on within some steps, each with its distance; the nearest first.
///
/// A step leads to what is depended on, to an API that is consumed and to whoever provides it, and into what is part of an
/// entity; from a team to what it owns.
pub(crate) fn nearby(view: &View, entity_ref: &EntityRef, steps: u32) -> Walked {
    walk(view, entity_ref, steps, |from, relation| match relation {
        "dependsOn" | "consumesApi" | "hasPart" => true,
        "apiProvidedBy" => from.kind() == "api",
        "ownerOf" => matches!(from.kind(), "group" | "user"),
        _ => false,
    })
}

/// Walks breadth first, over the relations that `follows` lets through.
fn walk(view: &View, start: &EntityRef, steps: u32, follows: impl Fn(&EntityRef, &str) -> bool) -> Walked {
    let mut known: HashSet<EntityRef> = HashSet::from([start.clone()]);
    let mut found = vec![(start.clone(), 0)];
    let mut is_cut = false;
    let mut waiting = VecDeque::from([(start.clone(), 0)]);
    while let Some((from, distance)) = waiting.pop_front() {
        if distance == steps {
            continue;
        }
        let Some(doc) = view.find(from.as_str()) else { continue };
        for (relation, other) in &doc.relations() {
            let Some(other) = follows(&from, relation).then(|| EntityRef::parse(other).ok()).flatten() else {
                continue;
            };
            if known.contains(&other) {
                continue;
            }
            is_cut |= found.len() == MOST_ENTITIES;
            if found.len() < MOST_ENTITIES {
                known.insert(other.clone());
                found.push((other.clone(), distance + 1));
                waiting.push_back((other, distance + 1));
            }
        }
    }
    Walked { entities: found, is_cut }
}

/// The words for sorts of happenings, each with what people call it.
pub(crate) const WHAT: [(&str, &str); 10] = [
    ("changes", "Any change of the catalog"),
    ("added", "Added"),
    ("changed", "Changed"),
    ("removed", "Removed"),
    ("events", "Any event from outside"),
    ("deployment", "Deployment"),
    ("flag", "Flag"),
    ("configuration", "Configuration"),
    ("alert", "Alert"),
    ("other", "Other event"),
];

/// Reads a word for a sort of happening.
///
/// # Errors
/// 400 for another word.
pub(crate) fn parse_what(word: Option<&str>) -> Result<WhatHappened, Problem> {
    let Some(word) = word.filter(|word| !word.is_empty()) else { return Ok(WhatHappened::Anything) };
    Ok(match word {
        "changes" => WhatHappened::Changes(None),
        "added" => WhatHappened::Changes(Some(ChangeKind::Added)),
        "changed" => WhatHappened::Changes(Some(ChangeKind::Changed)),
        "removed" => WhatHappened::Changes(Some(ChangeKind::Removed)),
        "events" => WhatHappened::Events(None),
        word => match EventKind::parse(word) {
            Some(kind) => WhatHappened::Events(Some(kind)),
            None => {
                let words = WHAT.map(|(word, _)| word).join(", ");
                return Err(problem::input(format!("`what` must be one of {words}, not `{word}`")));
            }
        },
    })
}

/// Writes where the next page begins.
pub(crate) fn place_text(place: HistoryPlace) -> String {
    format!("{}.{}.{}", place.seq.0, place.event.at.0, place.event.number)
}

/// Reads where a page begins.
///
/// # Errors
/// 400 for what this server did not write.
pub(crate) fn parse_place(name: &str, text: Option<&str>) -> Result<Option<HistoryPlace>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let mut parts = text.split('.');
    let mut read = || {
        let seq = parts.next()?.parse().ok()?;
        let at = parts.next()?.parse().ok()?;
        let number = parts.next()?.parse().ok()?;
        Some(HistoryPlace { seq: Seq(seq), event: EventPlace { at: Timestamp(at), number } })
    };
    let place = read();
    if place.is_none() || parts.next().is_some() {
        let message = format!("`{name}` is none that this server gave; ask without it for the newest");
        return Err(problem::input(message));
    }
    Ok(place)
}

/// Reads an owner: `team-a` is short for `group:default/team-a`.
///
/// # Errors
/// 400 for what is no reference.
pub(crate) fn parse_ref(name: &str, text: Option<&str>, kind: &str) -> Result<Option<EntityRef>, Problem> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let defaults = model::RefDefaults { kind: Some(kind), namespace: model::DEFAULT_NAMESPACE };
    let parsed = EntityRef::parse_with(text.trim(), defaults);
    parsed.map(Some).map_err(|error| problem::input(format!("`{name}`: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_were_written() {
        let place = HistoryPlace { seq: Seq(u64::MAX), event: EventPlace { at: Timestamp(-5), number: 7 } };
        assert_eq!(parse_place("cursor", Some(&place_text(place))).ok(), Some(Some(place)));
        for text in ["1.2", "1.2.3.4", "a.b.c"] {
            assert!(parse_place("cursor", Some(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn every_word_is_known() {
        assert!(WHAT.iter().all(|(word, _)| parse_what(Some(word)).is_ok()));
        assert_eq!(parse_what(Some("")).ok(), Some(WhatHappened::Anything));
        assert!(parse_what(Some("nothing")).is_err());
    }
}
