//! Loading the whole catalog, as it is or as it was. Rows are read on one core while others decode.

use std::{collections::VecDeque, sync::Arc};

use futures::TryStreamExt;
use model::{Seq, StoredEntity};
use sqlx::Row;
use tokio::task::JoinHandle;

use crate::{
    Store, StoreError,
    db::{Tx, on, tried},
    encode::Decoder,
    history::require_history,
    writing::{load_counter, parse_uid, to_ref, to_seq},
};

/// How many entities are decoded and handed over at a time: few enough that what is made of them on the same core finds them
/// in its cache, and that their memory is used again for the next.
const BATCH: usize = 1024;
/// How many batches are decoded at the same time; bounds the memory that a load takes beside its result.
const DECODERS: usize = 2;

/// A row before decoding: reference, uid, payload.
type RawRow = (String, Vec<u8>, Vec<u8>);

const CURRENT: &str = "
    SELECT e.entity_ref, e.uid, c.payload
    FROM entity e
    JOIN change c ON c.seq = e.seq
    ORDER BY e.seq";

/// The newest change of each reference up to `$1`, unless it removed the entity.
const AS_OF: &str = "
    SELECT c.entity_ref, c.uid, c.payload
    FROM (
        SELECT MAX(seq) AS seq
        FROM change
        WHERE seq <= $1
        GROUP BY entity_ref
    ) AS newest
    JOIN change c ON c.seq = newest.seq
    WHERE c.payload IS NOT NULL
    ORDER BY c.seq";

impl Store {
    /// Loads all entities as of one moment, with its number, in the order of their newest changes.
    ///
    /// # Errors
    /// On database failure.
    pub async fn load_all(&self) -> Result<(Seq, Vec<Arc<StoredEntity>>), StoreError> {
        let mut all = Vec::new();
        let seq = self.load_each(|batch| batch, |batch| all.extend(batch)).await?;
        Ok((seq, all))
    }

    /// Loads all entities as of one moment like `load_all`, but hands them over in batches as they come, so that they can be
    /// worked on beside the reading: `prepare` runs on the threads that decode, several at a time; `each` receives what it
    /// made, in order. Returns the number of the moment.
    ///
    /// # Errors
    /// On database failure; then some batches may have been handed over.
    pub async fn load_each<T: Send + 'static>(
        &self,
        prepare: fn(Vec<Arc<StoredEntity>>) -> T,
        each: impl FnMut(T),
    ) -> Result<Seq, StoreError> {
        let mut tx = self.begin_load().await?;
        let seq = to_seq(load_counter(&mut tx, "newest_seq").await?);
        stream(&mut tx, CURRENT, None, prepare, each).await?;
        self.note_seen(seq);
        Ok(seq)
    }

    /// Loads all entities as they were after change `seq`, in the order of their changes. A number beyond the newest means now.
    ///
    /// # Errors
    /// `HistoryTooShort` when history does not reach back that far; else on database failure.
    pub async fn load_as_of(&self, seq: Seq) -> Result<Vec<Arc<StoredEntity>>, StoreError> {
        let mut all = Vec::new();
        self.load_each_as_of(seq, |batch| batch, |batch| all.extend(batch)).await?;
        Ok(all)
    }

    /// Loads all entities as they were after change `seq` like `load_as_of`, but hands them over as `load_each` does.
    ///
    /// # Errors
    /// `HistoryTooShort` when history does not reach back that far; else on database failure, and then some batches may have
    /// been handed over.
    pub async fn load_each_as_of<T: Send + 'static>(
        &self,
        seq: Seq,
        prepare: fn(Vec<Arc<StoredEntity>>) -> T,
        each: impl FnMut(T),
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_history(seq).await?;
        let seq = require_history(&mut tx, seq).await?;
        stream(&mut tx, AS_OF, Some(seq), prepare, each).await
    }
}

async fn stream<T: Send + 'static>(
    tx: &mut Tx,
    text: &'static str,
    up_to: Option<i64>,
    prepare: fn(Vec<Arc<StoredEntity>>) -> T,
    each: impl FnMut(T),
) -> Result<(), StoreError> {
    let mut decoding = Decoding { idle: Vec::new(), running: VecDeque::new(), prepare, each };
    on!(tx, c => {
        let query = sqlx::query(text);
        let query = match up_to {
            Some(seq) => query.bind(seq),
            None => query,
        };
        let mut rows = query.fetch(c);
        let mut batch: Vec<RawRow> = Vec::with_capacity(BATCH);
        while let Some(row) = rows.try_next().await.map_err(tried("load entities"))? {
            let get = || Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
            batch.push(get().map_err(tried("load entities"))?);
            if batch.len() == BATCH {
                decoding.push(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).await?;
            }
        }
        decoding.push(batch).await?;
    });
    decoding.finish().await
}

type Decoded<T> = (Decoder, Result<T, StoreError>);

/// Decodes batches beside the reading, and hands them over in order.
struct Decoding<T, F> {
    idle: Vec<Decoder>,
    running: VecDeque<JoinHandle<Decoded<T>>>,
    prepare: fn(Vec<Arc<StoredEntity>>) -> T,
    each: F,
}

impl<T: Send + 'static, F: FnMut(T)> Decoding<T, F> {
    async fn push(&mut self, batch: Vec<RawRow>) -> Result<(), StoreError> {
        if self.running.len() == DECODERS {
            self.take_oldest().await?;
        }
        let mut decoder = self.idle.pop().unwrap_or_default();
        let prepare = self.prepare;
        self.running.push_back(tokio::task::spawn_blocking(move || {
            let decoded: Result<Vec<_>, _> = batch.into_iter().map(|row| decode(row, &mut decoder)).collect();
            (decoder, decoded.map(prepare))
        }));
        Ok(())
    }

    async fn take_oldest(&mut self) -> Result<(), StoreError> {
        let Some(oldest) = self.running.pop_front() else { return Ok(()) };
        let (decoder, decoded) = match oldest.await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        self.idle.push(decoder);
        (self.each)(decoded?);
        Ok(())
    }

    async fn finish(mut self) -> Result<(), StoreError> {
        while !self.running.is_empty() {
            self.take_oldest().await?;
        }
        Ok(())
    }
}

fn decode((entity_ref, uid, payload): RawRow, decoder: &mut Decoder) -> Result<Arc<StoredEntity>, StoreError> {
    let entity_ref = to_ref(&entity_ref, decoder)?;
    Ok(Arc::new(decoder.decode(entity_ref, parse_uid(&uid)?, &payload)?))
}
