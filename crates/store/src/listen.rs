//! Hearing of what other replicas do, by PostgreSQL's LISTEN and NOTIFY. It only shortens waits: a word that is lost, or that
//! a pooler in between swallows, costs a period.

use model::Seq;
use sqlx::postgres::PgListener;

use crate::{
    Store, StoreError,
    db::{Db, Tx, tried},
    webhooks::DELIVER,
};

/// The channel of all databases; words of other ones wake for nothing.
const CHANNEL: &str = "callboard";

/// What the refresh loop hears when a root is due.
pub(crate) const REFRESH: &str = "refresh";

/// Something that happened in another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Changes up to this one were committed.
    Changes(Seq),
    /// A root may be due.
    Refresh,
    /// There may be something to deliver.
    Deliver,
    /// Words may have been lost: look at everything.
    Anything,
}

/// Listens on a connection of its own.
pub struct Ear(PgListener);

impl Store {
    /// Begins to listen. `None` on SQLite, where there is nobody else.
    ///
    /// # Errors
    /// On database failure.
    pub async fn listen(&self) -> Result<Option<Ear>, StoreError> {
        let Db::Postgres(pool) = &self.inner.db else { return Ok(None) };
        let mut listener = PgListener::connect_with(pool).await.map_err(tried("listen"))?;
        listener.listen(CHANNEL).await.map_err(tried("listen"))?;
        Ok(Some(Ear(listener)))
    }
}

impl Ear {
    /// Waits for the next word.
    ///
    /// # Errors
    /// On database failure; the next call connects anew.
    pub async fn next(&mut self) -> Result<Heard, StoreError> {
        // Nothing instead of a word means that the connection was lost.
        let word = self.0.try_recv().await.map_err(tried("listen"))?;
        Ok(word.map_or(Heard::Anything, |word| parse(word.payload())))
    }
}

impl Tx {
    /// Tells other replicas when the transaction is committed.
    pub(crate) async fn notify(&mut self, word: &str) -> Result<(), StoreError> {
        let Self::Postgres(c) = self else { return Ok(()) };
        sqlx::query("SELECT pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(word)
            .execute(&mut **c)
            .await
            .map(drop)
            .map_err(tried("tell other replicas"))
    }
}

fn parse(word: &str) -> Heard {
    match word {
        REFRESH => Heard::Refresh,
        DELIVER => Heard::Deliver,
        number => number.parse().map_or(Heard::Anything, |number| Heard::Changes(Seq(number))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_words_wake_everybody() {
        assert_eq!(parse("17"), Heard::Changes(Seq(17)));
        assert_eq!((parse("refresh"), parse("deliver")), (Heard::Refresh, Heard::Deliver));
        assert_eq!(parse("of a later version"), Heard::Anything);
    }
}
