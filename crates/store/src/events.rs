//! Events from outside: kept beside the history of the catalog, each once.

use std::collections::BTreeMap;

use model::{EntityRef, Event, EventKind, NewEvent, Timestamp};

use crate::{
    Store, StoreError,
    db::{Tx, json_list, list_sql, on, tried},
    encode::Decoder,
    writing::to_ref,
};

/// How many references are asked about.
const MOST_REFS: usize = 5_000;

/// What became of reported events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordedEvents {
    /// How many were new.
    pub new: u64,
    /// How many were on record already, and stay as they are.
    pub known: u64,
}

/// A place in the order of events: newest first, and of those of one moment the one that arrived last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventPlace {
    /// When it happened.
    pub at: Timestamp,
    /// Its number.
    pub number: u64,
}

/// Which events are asked for; what is not said lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only those that come after this place when the newest is first.
    pub before: Option<EventPlace>,
    /// Only those that happened then or later.
    pub from: Option<Timestamp>,
    /// Only this sort.
    pub kind: Option<EventKind>,
    /// Only those of this source.
    pub source: Option<String>,
    /// Only those that this person or program has caused.
    pub actor: Option<String>,
    /// Only those that concern one of these entities.
    pub refs: Option<Vec<EntityRef>>,
    /// Only those that concern no entity.
    pub unmatched: bool,
}

#[derive(sqlx::FromRow)]
struct EventRow {
    id: i64,
    source: String,
    source_id: String,
    kind: i16,
    event_type: String,
    at: i64,
    received_at: i64,
    subject: Option<String>,
    title: String,
    link: Option<String>,
    actor: Option<String>,
    outcome: Option<String>,
    reporter: String,
}

impl Store {
    /// Writes events that are not on record yet.
    ///
    /// # Errors
    /// On database failure; then none is written.
    pub async fn record_events(
        &self,
        events: &[NewEvent],
        reporter: &str,
        now: Timestamp,
    ) -> Result<RecordedEvents, StoreError> {
        let mut tx = self.begin_write().await?;
        let mut newest = newest_event(&mut tx).await?;
        let mut recorded = RecordedEvents::default();
        for event in events {
            if insert_event(&mut tx, newest + 1, event, reporter, now).await? {
                newest += 1;
                recorded.new += 1;
            } else {
                recorded.known += 1;
            }
        }
        tx.commit().await?;
        self.note_seen_event(newest);
        Ok(recorded)
    }

    /// Lists events, newest first, at most `limit`.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_events(&self, filter: &EventFilter, limit: u32) -> Result<Vec<Event>, StoreError> {
        let mut tx = self.begin_events().await?;
        let rows = fetch_events(&mut tx, filter, limit).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let sql = list_sql!("SELECT event_id, entity_ref FROM event_entity WHERE event_id");
        let pairs: Vec<(i64, String)> = tx.fetch_by_ids(sql, &ids).await.map_err(tried("list events"))?;
        drop(tx);
        let mut decoder = Decoder::default();
        let mut refs: BTreeMap<i64, Vec<EntityRef>> = BTreeMap::new();
        for (id, entity_ref) in pairs {
            refs.entry(id).or_default().push(to_ref(&entity_ref, &mut decoder)?);
        }
        rows.into_iter().map(|row| to_event(row, &mut refs)).collect()
    }

    /// Forgets events that happened before a moment. Returns how many went.
    ///
    /// # Errors
    /// On database failure.
    pub async fn sweep_events(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin_write().await?;
        let text = "DELETE FROM event_entity WHERE event_id IN (SELECT id FROM event WHERE at < $1)";
        on!(&mut tx, c => sqlx::query(text).bind(before.0).execute(c).await.map(drop))
            .map_err(tried("forget old events"))?;
        let text = "DELETE FROM event WHERE at < $1";
        let gone =
            on!(&mut tx, c => sqlx::query(text).bind(before.0).execute(c).await.map(|done| done.rows_affected()))
                .map_err(tried("forget old events"))?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// Reads the number of the newest event; 0 when there is none.
pub(crate) async fn newest_event(tx: &mut Tx) -> Result<i64, StoreError> {
    let text = "SELECT COALESCE(MAX(id), 0) FROM event";
    on!(tx, c => sqlx::query_scalar(text).fetch_one(c).await).map_err(tried("number events"))
}

/// Tells whether it was new.
async fn insert_event(
    tx: &mut Tx,
    id: i64,
    event: &NewEvent,
    reporter: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let text = "
        INSERT INTO event (id, source, source_id, kind, event_type, at, received_at, subject, title, link, actor, outcome,
            reporter)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (source, source_id) DO NOTHING";
    let written = on!(&mut *tx, c => {
        sqlx::query(text)
            .bind(id)
            .bind(&event.source)
            .bind(&event.id)
            .bind(kind_number(event.kind))
            .bind(&event.event_type)
            .bind(event.at.0)
            .bind(now.0)
            .bind(event.subject.as_deref())
            .bind(&event.title)
            .bind(event.link.as_deref())
            .bind(event.actor.as_deref())
            .bind(event.outcome.as_deref())
            .bind(reporter)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })
    .map_err(tried("record an event"))?;
    if written == 0 {
        return Ok(false);
    }
    let text = "
        INSERT INTO event_entity (entity_ref, at, event_id)
        VALUES ($1, $2, $3)
        ON CONFLICT (entity_ref, at, event_id) DO NOTHING";
    for entity_ref in &event.refs {
        on!(&mut *tx, c => {
            sqlx::query(text).bind(entity_ref.as_str()).bind(event.at.0).bind(id).execute(c).await.map(drop)
        })
        .map_err(tried("record an event"))?;
    }
    Ok(true)
}

async fn fetch_events(tx: &mut Tx, filter: &EventFilter, limit: u32) -> Result<Vec<EventRow>, StoreError> {
    // Conditions that are not asked for are there with a value that lets everything through, so that there are few texts.
    const CONDITIONS: &str = "
        SELECT id, source, source_id, kind, event_type, at, received_at, subject, title, link, actor, outcome, reporter
        FROM event
        WHERE at <= $1
          AND (at < $1 OR id < $2)
          AND at >= $3
          AND ($4 = 0 OR kind = $4)
          AND ($5 = '' OR source = $5)
          AND ($6 = '' OR actor = $6)
          AND (NOT $7 OR NOT EXISTS (SELECT 1 FROM event_entity e WHERE e.event_id = event.id))";
    const ORDER: &str = "
        ORDER BY at DESC, id DESC
        LIMIT $8";
    let place = filter.before;
    let at = place.map_or(i64::MAX, |place| place.at.0);
    let number = place.map_or(i64::MAX, |place| i64::try_from(place.number).unwrap_or(i64::MAX));
    let from = filter.from.map_or(i64::MIN, |from| from.0);
    let kind = filter.kind.map_or(0, kind_number);
    let source = filter.source.as_deref().unwrap_or_default();
    let actor = filter.actor.as_deref().unwrap_or_default();
    let (unmatched, limit) = (filter.unmatched, i64::from(limit));
    let refs: Option<Vec<&str>> =
        filter.refs.as_ref().map(|refs| refs.iter().take(MOST_REFS).map(EntityRef::as_str).collect());
    let rows = match (tx, &refs) {
        (Tx::Sqlite(c), refs) => {
            let list = "AND id IN (
                SELECT event_id
                FROM event_entity
                WHERE entity_ref IN (SELECT value FROM json_each($9))
                  AND at >= $3)";
            let list = if refs.is_some() { list } else { "" };
            let text = sqlx::AssertSqlSafe(format!("{CONDITIONS} {list} {ORDER}"));
            let query = sqlx::query_as(text).bind(at).bind(number).bind(from).bind(kind).bind(source).bind(actor);
            let query = query.bind(unmatched).bind(limit);
            match refs {
                Some(refs) => query.bind(json_list(refs)).fetch_all(&mut **c).await,
                None => query.fetch_all(&mut **c).await,
            }
        }
        (Tx::Postgres(c), refs) => {
            let list = "AND id IN (
                SELECT event_id
                FROM event_entity
                WHERE entity_ref = ANY($9)
                  AND at >= $3)";
            let list = if refs.is_some() { list } else { "" };
            let text = sqlx::AssertSqlSafe(format!("{CONDITIONS} {list} {ORDER}"));
            let query = sqlx::query_as(text).bind(at).bind(number).bind(from).bind(kind).bind(source).bind(actor);
            let query = query.bind(unmatched).bind(limit);
            match refs {
                Some(refs) => query.bind(refs).fetch_all(&mut **c).await,
                None => query.fetch_all(&mut **c).await,
            }
        }
    };
    rows.map_err(tried("list events"))
}

fn to_event(row: EventRow, refs: &mut BTreeMap<i64, Vec<EntityRef>>) -> Result<Event, StoreError> {
    let mut refs = refs.remove(&row.id).unwrap_or_default();
    refs.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    Ok(Event {
        number: u64::try_from(row.id).unwrap_or_default(),
        received_at: Timestamp(row.received_at),
        reporter: row.reporter,
        event: NewEvent {
            source: row.source,
            id: row.source_id,
            kind: parse_kind(row.kind)?,
            event_type: row.event_type,
            at: Timestamp(row.at),
            subject: row.subject,
            title: row.title,
            link: row.link,
            actor: row.actor,
            outcome: row.outcome,
            refs,
        },
    })
}

/// The number of a sort in the database; never given another meaning.
fn kind_number(kind: EventKind) -> i16 {
    match kind {
        EventKind::Deployment => 1,
        EventKind::Flag => 2,
        EventKind::Configuration => 3,
        EventKind::Alert => 4,
        EventKind::Other => 5,
    }
}

fn parse_kind(number: i16) -> Result<EventKind, StoreError> {
    let found = EventKind::ALL.into_iter().find(|kind| kind_number(*kind) == number);
    found.ok_or_else(|| StoreError::Garbled { what: format!("a sort of event {number}") })
}
