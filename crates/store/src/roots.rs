//! Roots: registering, changing, removing, listing.

use model::{Cause, EntityRef, LocationRef, Timestamp, Uid};
use sha1::{Digest, Sha1};

use crate::{
    Applied, Root, RootOrigin, Store, StoreError,
    db::{Tx, on, tried},
    encode::Decoder,
    listen::REFRESH,
    plan::{Map, Set},
    writing::{Plan, Writing, parse_uid, to_location, to_ref, uid_bytes},
};

/// Backstage's name of the Location entity that stands for a root: `location:default/generated-<sha1 of "type:target">`.
#[must_use]
pub fn generated_ref(location: &LocationRef) -> EntityRef {
    let digest = Sha1::digest(location.as_str());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    EntityRef::new("location", "default", &format!("generated-{hex}"))
}

/// The number of an origin in the database; never given another meaning.
fn origin_number(origin: RootOrigin) -> i16 {
    match origin {
        RootOrigin::Config => 1,
        RootOrigin::Registered => 2,
    }
}

type RootTuple = (Vec<u8>, i16, String, String, i64, Option<i64>, Option<i64>, Option<String>, i64);

impl Store {
    /// Makes the configured roots the given ones: adds new ones, due at once, and removes others of origin `Config` with all
    /// entities that no other root holds. `now` dates the changes.
    ///
    /// # Errors
    /// On database failure.
    pub async fn set_config_roots(
        &self,
        roots: &[LocationRef],
        cause: &Cause,
        now: Timestamp,
    ) -> Result<Applied, StoreError> {
        let mut writing = Writing::begin(self).await?;
        let stored = list_roots(&mut writing.tx).await?;
        let configured: Vec<&Root> = stored.iter().filter(|root| root.origin == RootOrigin::Config).collect();
        let known: Set<&LocationRef> = configured.iter().map(|root| &root.location).collect();
        let wanted: Set<&LocationRef> = roots.iter().collect();
        for location in wanted.iter().filter(|location| !known.contains(*location)) {
            writing.insert_root(&new_root(location, RootOrigin::Config, now)).await?;
        }
        let gone: Vec<Uid> =
            configured.iter().filter(|root| !wanted.contains(&root.location)).map(|root| root.id).collect();
        writing.remove_roots(&gone, cause, now).await
    }

    /// Registers a location, due at once. Writes nothing but the root: its Location entity comes with the first harvest.
    ///
    /// # Errors
    /// `LocationExists`.
    pub async fn register_root(&self, location: &LocationRef, now: Timestamp) -> Result<Root, StoreError> {
        let mut writing = Writing::begin(self).await?;
        writing.require_unregistered(location).await?;
        let root = new_root(location, RootOrigin::Registered, now);
        writing.insert_root(&root).await?;
        writing.tx.notify(REFRESH).await?;
        writing.commit(Plan::default(), &Cause::default(), now).await?;
        Ok(root)
    }

    /// Changes the target of a registered location; its entities go at once, id and entity ref stay, and it is due at once.
    /// With the target that it has already, it is only made due.
    ///
    /// # Errors
    /// `LocationMissing`, also for a configured location; `LocationExists`.
    pub async fn retarget_root(
        &self,
        id: Uid,
        location: &LocationRef,
        cause: &Cause,
        now: Timestamp,
    ) -> Result<(Root, Applied), StoreError> {
        let mut writing = Writing::begin(self).await?;
        let root = writing.load_registered(id).await?;
        let plan = if root.location == *location {
            Plan::default()
        } else {
            writing.require_unregistered(location).await?;
            let files = writing.list_file_ids(&[id]).await?;
            writing.plan_removal(files).await?
        };
        let text = "
            UPDATE root
            SET location = $1, due_at = $2, last_ok_at = NULL, last_error = NULL
            WHERE id = $3";
        on!(&mut writing.tx, c => {
            sqlx::query(text).bind(location.as_str()).bind(now.0).bind(uid_bytes(id)).execute(c).await.map(drop)
        })
        .map_err(tried("change a location"))?;
        writing.tx.notify(REFRESH).await?;
        let applied = writing.commit(plan, cause, now).await?;
        let root = self.find_root(id).await?.ok_or_else(|| StoreError::LocationMissing(id.to_string()))?;
        Ok((root, applied))
    }

    /// Removes a registered location with all entities that no other root holds.
    ///
    /// # Errors
    /// `LocationMissing`, also for a configured location.
    pub async fn remove_root(&self, id: Uid, cause: &Cause, now: Timestamp) -> Result<Applied, StoreError> {
        let mut writing = Writing::begin(self).await?;
        writing.load_registered(id).await?;
        writing.remove_roots(&[id], cause, now).await
    }

    /// Lists all roots, by id.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_roots(&self) -> Result<Vec<Root>, StoreError> {
        list_roots(&mut self.inner.db.begin_read().await?).await
    }

    /// Finds a root of any origin.
    ///
    /// # Errors
    /// On database failure.
    pub async fn find_root(&self, id: Uid) -> Result<Option<Root>, StoreError> {
        Ok(self.list_roots().await?.into_iter().find(|root| root.id == id))
    }

    /// Finds the root of an origin that reads a location.
    ///
    /// # Errors
    /// On database failure.
    pub async fn find_root_by_location(
        &self,
        location: &LocationRef,
        origin: RootOrigin,
    ) -> Result<Option<Root>, StoreError> {
        Ok(self.list_roots().await?.into_iter().find(|root| root.location == *location && root.origin == origin))
    }

    /// Returns the roots that hold an entity, nearest first: the one that is served, then waiting ones by age.
    ///
    /// # Errors
    /// On database failure.
    pub async fn find_roots_of(&self, entity_ref: &EntityRef) -> Result<Vec<Root>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT f.root_id, 0 AS id
            FROM entity e
            JOIN file f ON f.id = e.file_id
            WHERE e.entity_ref = $1
            UNION ALL
            SELECT f.root_id, s.id
            FROM shadow s
            JOIN file f ON f.id = s.file_id
            WHERE s.entity_ref = $1
            ORDER BY 2";
        let holders: Vec<(Vec<u8>, i64)> =
            on!(&mut tx, c => sqlx::query_as(text).bind(entity_ref.as_str()).fetch_all(c).await)
                .map_err(tried("find who holds an entity"))?;
        let mut roots: Map<Uid, Root> = list_roots(&mut tx).await?.into_iter().map(|root| (root.id, root)).collect();
        let mut found = Vec::new();
        for (root, _) in holders {
            found.extend(roots.remove(&parse_uid(&root)?));
        }
        Ok(found)
    }

    /// Makes a root due now.
    ///
    /// # Errors
    /// On database failure.
    pub async fn mark_due(&self, root: Uid, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        let text = "UPDATE root SET due_at = $1 WHERE id = $2";
        on!(&mut tx, c => sqlx::query(text).bind(now.0).bind(uid_bytes(root)).execute(c).await.map(drop))
            .map_err(tried("make a location due"))?;
        tx.notify(REFRESH).await?;
        tx.commit().await
    }
}

impl Writing {
    async fn insert_root(&mut self, root: &Root) -> Result<(), StoreError> {
        let text = "
            INSERT INTO root (id, origin, location, entity_ref, due_at, entities)
            VALUES ($1, $2, $3, $4, $5, 0)";
        on!(&mut self.tx, c => {
            sqlx::query(text)
                .bind(uid_bytes(root.id))
                .bind(origin_number(root.origin))
                .bind(root.location.as_str())
                .bind(root.entity_ref.as_str())
                .bind(root.due_at.0)
                .execute(c)
                .await
                .map(drop)
        })
        .map_err(tried("add a location"))
    }

    async fn require_unregistered(&mut self, location: &LocationRef) -> Result<(), StoreError> {
        let text = "SELECT COUNT(*) FROM root WHERE location = $1 AND origin = $2";
        let origin = origin_number(RootOrigin::Registered);
        let found: i64 = on!(&mut self.tx, c => {
            sqlx::query_scalar(text).bind(location.as_str()).bind(origin).fetch_one(c).await
        })
        .map_err(tried("find a location"))?;
        if found == 0 { Ok(()) } else { Err(StoreError::LocationExists(location.to_string())) }
    }

    async fn load_registered(&mut self, id: Uid) -> Result<Root, StoreError> {
        let roots = list_roots(&mut self.tx).await?;
        let registered = roots.into_iter().find(|root| root.id == id && root.origin == RootOrigin::Registered);
        registered.ok_or_else(|| StoreError::LocationMissing(id.to_string()))
    }

    async fn list_file_ids(&mut self, roots: &[Uid]) -> Result<Vec<i64>, StoreError> {
        let mut ids = Vec::new();
        for root in roots {
            let text = "SELECT id FROM file WHERE root_id = $1 ORDER BY id";
            let found: Vec<i64> =
                on!(&mut self.tx, c => sqlx::query_scalar(text).bind(uid_bytes(*root)).fetch_all(c).await)
                    .map_err(tried("list files"))?;
            ids.extend(found);
        }
        Ok(ids)
    }

    async fn remove_roots(mut self, roots: &[Uid], cause: &Cause, now: Timestamp) -> Result<Applied, StoreError> {
        let files = self.list_file_ids(roots).await?;
        let mut plan = self.plan_removal(files).await?;
        plan.root_deletes = roots.to_vec();
        self.commit(plan, cause, now).await
    }
}

fn new_root(location: &LocationRef, origin: RootOrigin, now: Timestamp) -> Root {
    Root {
        id: Uid(uuid::Uuid::new_v4().as_u128()),
        location: location.clone(),
        entity_ref: generated_ref(location),
        origin,
        due_at: now,
        last_ok_at: None,
        last_tried_at: None,
        last_error: None,
        entities: 0,
    }
}

async fn list_roots(tx: &mut Tx) -> Result<Vec<Root>, StoreError> {
    let text = "
        SELECT id, origin, location, entity_ref, due_at, last_ok_at, last_tried_at, last_error, entities
        FROM root
        ORDER BY id";
    let rows: Vec<RootTuple> =
        on!(tx, c => sqlx::query_as(text).fetch_all(c).await).map_err(tried("list locations"))?;
    let mut decoder = Decoder::default();
    rows.into_iter().map(|row| to_root(row, &mut decoder)).collect()
}

fn to_root(row: RootTuple, decoder: &mut Decoder) -> Result<Root, StoreError> {
    let (id, origin, location, entity_ref, due_at, last_ok_at, last_tried_at, last_error, entities) = row;
    let origin = match origin {
        1 => RootOrigin::Config,
        2 => RootOrigin::Registered,
        _ => return Err(StoreError::Garbled { what: format!("a location of origin {origin}") }),
    };
    Ok(Root {
        id: parse_uid(&id)?,
        location: to_location(location)?,
        entity_ref: to_ref(&entity_ref, decoder)?,
        origin,
        due_at: Timestamp(due_at),
        last_ok_at: last_ok_at.map(Timestamp),
        last_tried_at: last_tried_at.map(Timestamp),
        last_error,
        entities: u64::try_from(entities).unwrap_or_default(),
    })
}
