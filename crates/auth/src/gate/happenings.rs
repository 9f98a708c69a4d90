//! What happened: changes of the catalog and events from outside in one order, newest first, page by page.

use std::collections::HashMap;

use model::{ChangeKind, EntityRef, Event, EventKind, Seq, Timestamp};
use store::{ChangeFilter, EventFilter, EventPlace};

use super::{Gate, GateError, ToldChange};

/// How much of what happened nearby is looked through.
const MOST_NEAR: u32 = 1_000;

/// What sort of happening is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhatHappened {
    /// All of it.
    #[default]
    Anything,
    /// Changes of the catalog.
    Changes(Option<ChangeKind>),
    /// Events from outside.
    Events(Option<EventKind>),
}

/// Which happenings are asked for; what is not said lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Only those of these entities.
    pub refs: Option<Vec<EntityRef>>,
    /// Only those of entities of this kind, in lower case. Events are of the entities that they concern.
    pub kind: Option<String>,
    /// Which sort.
    pub what: WhatHappened,
    /// Only those that this person or program has caused.
    pub actor: Option<String>,
    /// Only those that happened then or later.
    pub from: Option<Timestamp>,
    /// Only those that happened then or before.
    pub to: Option<Timestamp>,
    /// Only those that come after this place.
    pub before: Option<HistoryPlace>,
}

/// A place in what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPlace {
    /// Changes before this one come next.
    pub seq: Seq,
    /// Events after this place come next.
    pub event: EventPlace,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The catalog changed.
    Change(ToldChange),
    /// Somebody reported something.
    Event(Event),
}

impl Happening {
    /// When it happened.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Change(change) => change.at,
            Self::Event(event) => event.event.at,
        }
    }

    /// The entities that it concerns.
    #[must_use]
    pub fn refs(&self) -> &[EntityRef] {
        match self {
            Self::Change(change) => std::slice::from_ref(&change.entity_ref),
            Self::Event(event) => &event.event.refs,
        }
    }
}

/// A page of what happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryPage {
    /// Newest first.
    pub items: Vec<Happening>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<HistoryPlace>,
}

/// Something that happened near an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// How many steps away.
    pub distance: u32,
    /// What happened.
    pub happening: Happening,
}

impl Gate {
    /// Tells what happened, at most `limit` things; nothing that the actor may not see.
    ///
    /// # Errors
    /// `Store`.
    pub async fn history(&self, query: &HistoryQuery, limit: u32) -> Result<HistoryPage, GateError> {
        if self.require("catalog.entity.read").is_err() {
            return Ok(HistoryPage::default());
        }
        let changes = self.changes_for(query, limit).await?;
        let events = self.events_for(query, limit).await?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = changes.len() == most || events.len() == most || changes.len() + events.len() > most;
        let start = query.before.unwrap_or(HistoryPlace {
            seq: Seq(u64::MAX),
            event: EventPlace { at: Timestamp(i64::MAX), number: u64::MAX },
        });
        let (items, end) = merge(changes, events, most, start);
        Ok(HistoryPage { next: (more && !items.is_empty()).then_some(end), items })
    }

    async fn changes_for(&self, query: &HistoryQuery, limit: u32) -> Result<Vec<ToldChange>, GateError> {
        let what = match query.what {
            WhatHappened::Events(_) => return Ok(Vec::new()),
            WhatHappened::Changes(what) => what,
            WhatHappened::Anything => None,
        };
        let store = &self.door.store;
        let mut before = self.published_before(query.before.map(|place| place.seq));
        if let Some(to) = query.to {
            before = before.min(Seq(store.seq_at(to).await?.0.saturating_add(1)));
        }
        let after = match query.from {
            Some(from) => Some(store.seq_at(Timestamp(from.0.saturating_sub(1))).await?),
            None => None,
        };
        let filter = ChangeFilter {
            before: Some(before),
            after,
            kind: query.kind.clone(),
            what,
            actor: query.actor.clone(),
            refs: query.refs.clone(),
        };
        self.tell(store.list_changes(&filter, limit).await?).await
    }

    async fn events_for(&self, query: &HistoryQuery, limit: u32) -> Result<Vec<Event>, GateError> {
        let kind = match query.what {
            WhatHappened::Changes(_) => return Ok(Vec::new()),
            WhatHappened::Events(kind) => kind,
            WhatHappened::Anything => None,
        };
        let end = query.to.map(|to| EventPlace { at: Timestamp(to.0.saturating_add(1)), number: 0 });
        let before = query.before.map(|place| place.event).into_iter().chain(end).min();
        let filter = EventFilter {
            before,
            from: query.from,
            kind,
            actor: query.actor.clone(),
            refs: query.refs.clone(),
            ..EventFilter::default()
        };
        let mut events = self.list_events(&filter, limit).await?;
        if let Some(kind) = &query.kind {
            events.retain(|event| event.event.refs.iter().any(|known| known.kind() == kind));
        }
        Ok(events)
    }

    /// Tells what happened since a moment to some entities, each given with its distance: the nearest first, and of those the
    /// newest. At most `limit` things.
    ///
    /// # Errors
    /// `Store`.
    pub async fn near(
        &self,
        places: &[(EntityRef, u32)],
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Near>, GateError> {
        let query = HistoryQuery {
            refs: Some(places.iter().map(|(entity_ref, _)| entity_ref.clone()).collect()),
            from: Some(since),
            ..HistoryQuery::default()
        };
        let found = self.history(&query, MOST_NEAR).await?;
        let distances: HashMap<&str, u32> =
            places.iter().map(|(entity_ref, distance)| (entity_ref.as_str(), *distance)).collect();
        let place = |happening: Happening| {
            let known = happening.refs().iter().filter_map(|known| distances.get(known.as_str()));
            Some(Near { distance: *known.min()?, happening })
        };
        let mut near: Vec<Near> = found.items.into_iter().filter_map(place).collect();
        // Stable: what is equally far stays in order of time.
        near.sort_by_key(|near| near.distance);
        near.truncate(limit);
        Ok(near)
    }
}

/// Joins both in order of time, and says where the next page begins.
fn merge(
    changes: Vec<ToldChange>,
    events: Vec<Event>,
    most: usize,
    start: HistoryPlace,
) -> (Vec<Happening>, HistoryPlace) {
    let (mut changes, mut events) = (changes.into_iter().peekable(), events.into_iter().peekable());
    let (mut items, mut end) = (Vec::new(), start);
    while items.len() < most {
        let takes_event = match (changes.peek(), events.peek()) {
            (None, None) => break,
            (Some(change), Some(event)) => event.event.at > change.at,
            (None, Some(_)) => true,
            (Some(_), None) => false,
        };
        if takes_event {
            let Some(event) = events.next() else { break };
            end.event = EventPlace { at: event.event.at, number: event.number };
            items.push(Happening::Event(event));
        } else {
            let Some(change) = changes.next() else { break };
            end.seq = change.seq;
            items.push(Happening::Change(change));
        }
    }
    (items, end)
}

#[cfg(test)]
mod tests {
    use model::{Cause, NewEvent};

    use super::*;

    fn change(seq: u64, at: i64) -> ToldChange {
        ToldChange {
            seq: Seq(seq),
            at: Timestamp(at),
            entity_ref: EntityRef::new("component", "default", "x"),
            kind: ChangeKind::Changed,
            cause: Cause::default(),
            facts: Vec::new(),
        }
    }

    fn event(number: u64, at: i64) -> Event {
        let event = NewEvent {
            source: "s".to_owned(),
            id: number.to_string(),
            kind: EventKind::Deployment,
            event_type: "t".to_owned(),
            at: Timestamp(at),
            subject: None,
            title: "t".to_owned(),
            link: None,
            actor: None,
            outcome: None,
            refs: Vec::new(),
        };
        Event { number, received_at: Timestamp(at), reporter: "guest".to_owned(), event }
    }

    #[test]
    fn both_sorts_are_told_in_order_of_time_and_the_place_is_after_the_last() {
        let start = HistoryPlace { seq: Seq(9), event: EventPlace { at: Timestamp(99), number: 99 } };
        let (items, end) = merge(vec![change(3, 30), change(2, 10)], vec![event(7, 20), event(6, 5)], 3, start);
        assert_eq!(items.iter().map(|item| item.at().0).collect::<Vec<_>>(), [30, 20, 10]);
        assert_eq!(end, HistoryPlace { seq: Seq(2), event: EventPlace { at: Timestamp(20), number: 7 } });
        let (items, end) = merge(Vec::new(), Vec::new(), 3, start);
        assert!(items.is_empty());
        assert_eq!(end, start);
    }
}
