//! Events from outside: who may report them, which entities they concern, and reading them.

use index::{Filter, Order, PageQuery, Start, View};
use model::{EntityRef, Event, EventKind, NewEvent, RefDefaults, Timestamp};
use store::{EventFilter, EventPlace, RecordedEvents};

use crate::past::on_cpu;

use super::{
    Gate, GateError,
    happenings::{MOST_ROUNDS, Read, last_of_full},
};

/// How many entities one event concerns at most; more means that what it names is not meant.
const MOST_MATCHES: usize = 50;
/// The kinds among which a bare name is looked for, those that are deployed first.
const NAMED_KINDS: [&str; 5] = ["component", "api", "resource", "system", "domain"];

/// An event as its sender describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedEvent {
    /// Who says so.
    pub source: String,
    /// The sender's name of the event.
    pub id: String,
    /// What sort of thing has happened.
    pub kind: EventKind,
    /// The type as the sender calls it.
    pub event_type: String,
    /// When it happened; `None` for now.
    pub at: Option<Timestamp>,
    /// What it happened to: an entity reference, a name, or anything.
    pub subject: Option<String>,
    /// Entity references.
    pub refs: Vec<String>,
    /// Annotations of the entities that it concerns, such as `github.com/project-slug`: each with its value.
    pub annotations: Vec<(String, String)>,
    /// One line.
    pub title: String,
    /// Where to see more.
    pub link: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
}

/// What became of reported events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventReceipt {
    /// How many were new.
    pub new: u64,
    /// How many were on record already.
    pub known: u64,
    /// How many concern no entity of the catalog.
    pub unmatched: u64,
}

impl Gate {
    /// Records events. Those that are on record already stay as they are.
    ///
    /// # Errors
    /// `NotAllowed` without `catalog.event.create`; `Store`.
    pub async fn record_events(&self, reported: Vec<ReportedEvent>) -> Result<EventReceipt, GateError> {
        self.require("catalog.event.create")?;
        let now = self.now();
        // What an event concerns does not depend on what its sender may see.
        let view = self.door.live.snapshot().view(index::Visibility::Everything);
        // Names are looked for in the whole catalog, and a batch may have many.
        let matching = move || reported.into_iter().map(|event| matched(&view, event, now)).collect();
        let events: Vec<NewEvent> = on_cpu(matching).await;
        let unmatched = events.iter().filter(|event| event.refs.is_empty()).count() as u64;
        let RecordedEvents { new, known } = self.door.store.record_events(&events, self.actor.name(), now).await?;
        Ok(EventReceipt { new, known, unmatched })
    }

    /// Lists events, newest first, at most `limit`; of those that concern entities only what the actor may see, and none
    /// without `catalog.entity.read`. Beside them the place after which more may follow; that there are none before it means
    /// that all of a long stretch is hidden.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list_events(
        &self,
        filter: &EventFilter,
        limit: u32,
    ) -> Result<(Vec<Event>, Option<EventPlace>), GateError> {
        let mut filter = filter.clone();
        for _ in 0..MOST_ROUNDS {
            let read = self.read_events(&filter, limit).await?;
            if !read.items.is_empty() || read.end.is_none() {
                return Ok((read.items, read.end));
            }
            filter.before = read.end;
        }
        Ok((Vec::new(), filter.before))
    }

    pub(super) async fn read_events(
        &self,
        filter: &EventFilter,
        limit: u32,
    ) -> Result<Read<Event, EventPlace>, GateError> {
        if self.require("catalog.entity.read").is_err() {
            return Ok(Read::default());
        }
        let mut filter = filter.clone();
        if let Some(horizon) = self.horizon {
            let end = EventPlace { at: Timestamp(horizon.at.0.saturating_add(1)), number: 0 };
            filter.before = Some(filter.before.map_or(end, |before| before.min(end)));
        }
        let mut items = self.door.store.list_events(&filter, limit).await?;
        let end = last_of_full(&items, limit).map(|event| EventPlace { at: event.event.at, number: event.number });
        if self.visibility() != index::Visibility::Everything {
            let view = self.view();
            for event in &mut items {
                event.event.refs.retain(|known| view.find(known.as_str()).is_some());
            }
            items.retain(|event| !event.event.refs.is_empty());
        }
        Ok(Read { items, end })
    }
}

fn matched(view: &View, event: ReportedEvent, now: Timestamp) -> NewEvent {
    let refs = find_entities(view, &event);
    let ReportedEvent { source, id, kind, event_type, at, subject, title, link, actor, outcome, .. } = event;
    // A clock that is ahead would put the event before everything else for ever.
    let at = at.map_or(now, |at| at.min(now));
    NewEvent { source, id, kind, event_type, at, subject, title, link, actor, outcome, refs }
}

/// Finds what an event concerns: what it names by reference; else its subject, as a reference or as a name; else the entities
/// with one of its annotations.
fn find_entities(view: &View, event: &ReportedEvent) -> Vec<EntityRef> {
    let mut found: Vec<EntityRef> = event.refs.iter().filter_map(|text| find_ref(view, text)).collect();
    if found.is_empty()
        && let Some(subject) = &event.subject
    {
        found.extend(find_ref(view, subject));
        if found.is_empty() {
            found = find_named(view, subject);
        }
    }
    for (name, value) in &event.annotations {
        if !found.is_empty() {
            break;
        }
        found = find_annotated(view, name, value);
    }
    found.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    found.dedup();
    found.truncate(MOST_MATCHES);
    found
}

/// A reference with its kind, or one without it that is meant for a component.
fn find_ref(view: &View, text: &str) -> Option<EntityRef> {
    let parsed = if text.contains(':') {
        EntityRef::parse(text)
    } else if text.contains('/') {
        EntityRef::parse_with(text, RefDefaults { kind: Some("component"), namespace: model::DEFAULT_NAMESPACE })
    } else {
        return None;
    };
    parsed.ok().filter(|parsed| view.find(parsed.as_str()).is_some())
}

/// The entities of a name, of the first kind that has one.
fn find_named(view: &View, name: &str) -> Vec<EntityRef> {
    let named = Filter::Equals("metadata.name".to_owned(), name.to_lowercase());
    let found = refs_where(view, named);
    let of = |kind: &str| found.iter().filter(|known| known.kind() == kind).cloned().collect::<Vec<_>>();
    NAMED_KINDS.iter().map(|kind| of(kind)).find(|of_kind| !of_kind.is_empty()).unwrap_or_default()
}

fn find_annotated(view: &View, name: &str, value: &str) -> Vec<EntityRef> {
    if value.is_empty() {
        return Vec::new();
    }
    let key = format!("metadata.annotations.{}", name.to_lowercase());
    refs_where(view, Filter::Equals(key, value.to_lowercase()))
}

fn refs_where(view: &View, filter: Filter) -> Vec<EntityRef> {
    let page = view.page(&PageQuery {
        filter,
        order: Order::EntityRef,
        start: Start::Offset(0),
        limit: Some(MOST_MATCHES),
        count: false,
    });
    page.rows.iter().filter_map(|row| EntityRef::parse(row.doc.entity_ref()).ok()).collect()
}
