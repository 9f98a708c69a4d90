//! What happened: changes of the catalog and events from outside in one order, newest first, page by page.

use std::collections::HashMap;

use model::{ChangeKind, EntityRef, Event, EventKind, Seq, Timestamp};
use store::{ChangeFilter, EventFilter, EventPlace};

use super::{Gate, GateError, ToldChange};

/// How much of what happened nearby is looked through.
const MOST_NEAR: u32 = 1_000;
/// How often more is read for a page of which the actor may see nothing.
pub(super) const MOST_ROUNDS: usize = 20;

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

/// What happened near an entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NearPage {
    /// The nearest first, and of those the newest.
    pub items: Vec<Near>,
    /// Whether something is left out because it is too much.
    pub is_cut: bool,
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
    /// Tells what happened, at most `limit` things; nothing that the actor may not see. A page that is empty and has a next one
    /// says that all of a long stretch is hidden.
    ///
    /// # Errors
    /// `Store`.
    pub async fn history(&self, query: &HistoryQuery, limit: u32) -> Result<HistoryPage, GateError> {
        if self.require("catalog.entity.read").is_err() {
            return Ok(HistoryPage::default());
        }
        let mut query = query.clone();
        for _ in 0..MOST_ROUNDS {
            let page = self.read_history(&query, limit).await?;
            if !page.items.is_empty() || page.next.is_none() {
                return Ok(page);
            }
            // All that was read is hidden from the actor; what follows may not be.
            query.before = page.next;
        }
        Ok(HistoryPage { items: Vec::new(), next: query.before })
    }

    async fn read_history(&self, query: &HistoryQuery, limit: u32) -> Result<HistoryPage, GateError> {
        let changes = self.changes_for(query, limit).await?;
        let events = self.events_for(query, limit).await?;
        let start = query.before.unwrap_or(HistoryPlace {
            seq: Seq(u64::MAX),
            event: EventPlace { at: Timestamp(i64::MAX), number: u64::MAX },
        });
        Ok(merge(changes, events, usize::try_from(limit).unwrap_or(usize::MAX), start))
    }

    async fn changes_for(
        &self,
        query: &HistoryQuery,
        limit: u32,
    ) -> Result<Read<ToldChange, (Timestamp, Seq)>, GateError> {
        let what = match query.what {
            WhatHappened::Events(_) => return Ok(Read::default()),
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
        let heads = store.list_changes(&filter, limit).await?;
        let end = last_of_full(&heads, limit).map(|head| (head.at, head.seq));
        Ok(Read { items: self.tell(heads).await?, end })
    }

    async fn events_for(&self, query: &HistoryQuery, limit: u32) -> Result<Read<Event, EventPlace>, GateError> {
        let kind = match query.what {
            WhatHappened::Changes(_) => return Ok(Read::default()),
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
        let mut events = self.read_events(&filter, limit).await?;
        if let Some(kind) = &query.kind {
            events.items.retain(|event| event.event.refs.iter().any(|known| known.kind() == kind));
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
    ) -> Result<NearPage, GateError> {
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
        let is_cut = found.next.is_some();
        let mut near: Vec<Near> = found.items.into_iter().filter_map(place).collect();
        // Stable: what is equally far stays in order of time.
        near.sort_by_key(|near| near.distance);
        let is_cut = is_cut || near.len() > limit;
        near.truncate(limit);
        Ok(NearPage { items: near, is_cut })
    }
}

/// What was read of one sort, without what the actor may not see.
pub(super) struct Read<T, P> {
    pub(super) items: Vec<T>,
    /// The place of the last that was read, seen or not, where more may follow.
    pub(super) end: Option<P>,
}

impl<T, P> Default for Read<T, P> {
    fn default() -> Self {
        Self { items: Vec::new(), end: None }
    }
}

/// The last of those that were read, if so many were asked for that there may be more.
pub(super) fn last_of_full<T>(read: &[T], limit: u32) -> Option<&T> {
    read.last().filter(|_| read.len() >= usize::try_from(limit).unwrap_or(usize::MAX))
}

/// Joins both in order of time, and says where the next page begins. Of equal times the change comes first.
fn merge(
    changes: Read<ToldChange, (Timestamp, Seq)>,
    events: Read<Event, EventPlace>,
    most: usize,
    start: HistoryPlace,
) -> HistoryPage {
    let (changes_end, events_end) = (changes.end, events.end);
    let (mut changes, mut events) = (changes.items.into_iter().peekable(), events.items.into_iter().peekable());
    let (mut items, mut place) = (Vec::new(), start);
    while items.len() < most {
        // Behind the end of what was read there may be more of a sort: what is older than that waits for the next page.
        let takes_event = match (changes.peek(), events.peek()) {
            (None, None) => break,
            (Some(change), Some(event)) => event.event.at > change.at,
            (None, Some(event)) if changes_end.is_none_or(|(at, _)| event.event.at > at) => true,
            (Some(change), None) if events_end.is_none_or(|end| change.at >= end.at) => false,
            _ => break,
        };
        if takes_event {
            let Some(event) = events.next() else { break };
            place.event = EventPlace { at: event.event.at, number: event.number };
            items.push(Happening::Event(event));
        } else {
            let Some(change) = changes.next() else { break };
            place.seq = change.seq;
            items.push(Happening::Change(change));
        }
    }
    let mut more = changes_end.is_some() || events_end.is_some();
    match (changes.peek(), changes_end) {
        (Some(_), _) => more = true,
        (None, Some((_, seq))) => place.seq = seq,
        (None, None) => {}
    }
    match (events.peek(), events_end) {
        (Some(_), _) => more = true,
        (None, Some(end)) => place.event = end,
        (None, None) => {}
    }
    HistoryPage { items, next: more.then_some(place) }
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
        let read = |items| Read { items, end: None };
        let page = merge(
            Read { items: vec![change(3, 30), change(2, 10)], end: None },
            read(vec![event(7, 20), event(6, 5)]),
            3,
            start,
        );
        assert_eq!(page.items.iter().map(|item| item.at().0).collect::<Vec<_>>(), [30, 20, 10]);
        let place = HistoryPlace { seq: Seq(2), event: EventPlace { at: Timestamp(20), number: 7 } };
        assert_eq!(page.next, Some(place));
        assert_eq!(merge(Read::default(), read(Vec::new()), 3, start), HistoryPage::default());
    }

    #[test]
    fn what_is_hidden_does_not_end_the_list() {
        let start = HistoryPlace { seq: Seq(9), event: EventPlace { at: Timestamp(99), number: 99 } };
        let hidden = Read { items: Vec::new(), end: Some((Timestamp(40), Seq(5))) };
        let end = EventPlace { at: Timestamp(50), number: 8 };
        let page = merge(hidden, Read { items: vec![event(8, 50)], end: Some(end) }, 9, start);
        assert_eq!(page.items.len(), 1);
        assert_eq!(page.next, Some(HistoryPlace { seq: Seq(5), event: end }));
    }

    #[test]
    fn nothing_is_told_ahead_of_what_was_not_read_yet() {
        let start = HistoryPlace { seq: Seq(9), event: EventPlace { at: Timestamp(99), number: 99 } };
        let changes = Read { items: vec![change(5, 40)], end: Some((Timestamp(40), Seq(5))) };
        let page = merge(changes, Read { items: vec![event(8, 50), event(7, 30)], end: None }, 9, start);
        assert_eq!(
            page.items.iter().map(|item| item.at().0).collect::<Vec<_>>(),
            [50, 40],
            "a change at 35 may follow"
        );
        let event = EventPlace { at: Timestamp(50), number: 8 };
        assert_eq!(page.next, Some(HistoryPlace { seq: Seq(5), event }));
    }
}
