//! The two databases and their transactions. Where SQL is the same for both, `on!` runs one text on either.

use sqlx::{
    AssertSqlSafe, FromRow, PgPool, Postgres, Sqlite, SqlitePool, Transaction, postgres::PgRow, sqlite::SqliteRow,
};

use crate::StoreError;

/// A database.
#[derive(Clone)]
pub(crate) enum Db {
    /// One connection writes, others read beside it and never wait for it.
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    /// Writers queue for an advisory lock.
    Postgres(PgPool),
}

/// A transaction on either database.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs `$body` with `$c` bound to the connection of either database.
macro_rules! on {
    ($tx:expr, $c:ident => $body:expr) => {
        match $tx {
            $crate::db::Tx::Sqlite($c) => {
                let $c = &mut **$c;
                $body
            }
            $crate::db::Tx::Postgres($c) => {
                let $c = &mut **$c;
                $body
            }
        }
    };
}
pub(crate) use on;

/// Makes a function that turns a failure of sqlx into ours.
pub(crate) fn tried(what: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |source| StoreError::from_sqlx(what, source)
}

/// The lock that PostgreSQL's writers queue for. Taken before numbers are given, it makes their order the order of commits.
const WRITE_LOCK: i64 = 0x0ca1_1b0a_4d00_0001;

impl Db {
    /// Begins a transaction that no other writer can pass.
    pub(crate) async fn begin_write(&self) -> Result<Tx, StoreError> {
        match self {
            Self::Sqlite { writer, .. } => {
                writer.begin_with("BEGIN IMMEDIATE").await.map(Tx::Sqlite).map_err(tried("begin to write"))
            }
            Self::Postgres(pool) => {
                let mut tx = pool.begin().await.map_err(tried("begin to write"))?;
                sqlx::query("SELECT pg_advisory_xact_lock($1)")
                    .bind(WRITE_LOCK)
                    .execute(&mut *tx)
                    .await
                    .map_err(tried("wait for other writers"))?;
                Ok(Tx::Postgres(tx))
            }
        }
    }

    /// Begins a transaction that sees one moment.
    pub(crate) async fn begin_read(&self) -> Result<Tx, StoreError> {
        match self {
            Self::Sqlite { readers, .. } => readers.begin().await.map(Tx::Sqlite),
            Self::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                pool.begin_with(begin).await.map(Tx::Postgres)
            }
        }
        .map_err(tried("begin to read"))
    }
}

impl Tx {
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
        .map_err(tried("commit"))
    }
}

/// A row that both databases can give.
pub(crate) trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> Row for T {}

/// One question about a list of values, which each dialect takes in its own way.
#[derive(Clone, Copy)]
pub(crate) struct ListSql {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// Writes a question about a list: `list_sql!("SELECT a FROM t WHERE a")`, with more text after if needed.
macro_rules! list_sql {
    ($head:expr $(, $tail:expr)?) => {
        $crate::db::ListSql {
            sqlite: concat!($head, " IN (SELECT value FROM json_each($1))" $(, $tail)?),
            postgres: concat!($head, " = ANY($1)" $(, $tail)?),
        }
    };
}
pub(crate) use list_sql;

impl Tx {
    /// Asks about numbers.
    pub(crate) async fn fetch_by_ids<R: Row>(&mut self, sql: ListSql, ids: &[i64]) -> Result<Vec<R>, sqlx::Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Sqlite(c) => sqlx::query_as(sql.sqlite).bind(json_list(ids)).fetch_all(&mut **c).await,
            Self::Postgres(c) => sqlx::query_as(sql.postgres).bind(ids).fetch_all(&mut **c).await,
        }
    }

    /// Asks about texts.
    pub(crate) async fn fetch_by_texts<R: Row>(&mut self, sql: ListSql, texts: &[&str]) -> Result<Vec<R>, sqlx::Error> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Sqlite(c) => sqlx::query_as(sql.sqlite).bind(json_list(texts)).fetch_all(&mut **c).await,
            Self::Postgres(c) => sqlx::query_as(sql.postgres).bind(texts).fetch_all(&mut **c).await,
        }
    }

    /// Asks about texts with a number, which is the second value of the statement.
    pub(crate) async fn fetch_by_texts_and<R: Row>(
        &mut self,
        sql: ListSql,
        texts: &[&str],
        number: i64,
    ) -> Result<Vec<R>, sqlx::Error> {
        match self {
            Self::Sqlite(c) => sqlx::query_as(sql.sqlite).bind(json_list(texts)).bind(number).fetch_all(&mut **c).await,
            Self::Postgres(c) => sqlx::query_as(sql.postgres).bind(texts).bind(number).fetch_all(&mut **c).await,
        }
    }

    /// Does something to numbered rows.
    pub(crate) async fn execute_by_ids(&mut self, sql: ListSql, ids: &[i64]) -> Result<(), sqlx::Error> {
        if ids.is_empty() {
            return Ok(());
        }
        match self {
            Self::Sqlite(c) => sqlx::query(sql.sqlite).bind(json_list(ids)).execute(&mut **c).await.map(drop),
            Self::Postgres(c) => sqlx::query(sql.postgres).bind(ids).execute(&mut **c).await.map(drop),
        }
    }
}

pub(crate) fn json_list<T: serde::Serialize>(values: &[T]) -> String {
    serde_json::to_string(values).expect("numbers and texts have a JSON form")
}

/// How many rows one SQLite statement takes at most; more bring no more speed.
const ROWS_AT_ONCE: usize = 64;

pub(crate) type SqliteQuery<'q> = sqlx::query::Query<'q, Sqlite, sqlx::sqlite::SqliteArguments>;

/// A SQLite statement that inserts rows: the text before and after `VALUES (..), (..)`.
#[derive(Clone, Copy)]
pub(crate) struct InsertSql {
    pub(crate) head: &'static str,
    pub(crate) tail: &'static str,
    pub(crate) columns: usize,
}

/// Inserts many rows into SQLite; `bind` binds the values of a row in order.
pub(crate) async fn insert_rows<'q, R>(
    tx: &mut Transaction<'static, Sqlite>,
    sql: InsertSql,
    rows: &'q [R],
    bind: impl Fn(SqliteQuery<'q>, &'q R) -> SqliteQuery<'q>,
) -> Result<(), sqlx::Error> {
    let (chunks, rest) = rows.as_chunks::<ROWS_AT_ONCE>();
    let many = sql_for_rows(sql, ROWS_AT_ONCE);
    for chunk in chunks {
        let query = sqlx::query(AssertSqlSafe(many.clone()));
        chunk.iter().fold(query, &bind).execute(&mut **tx).await?;
    }
    // The rest goes one by one: few statement texts are prepared once and kept.
    let single = sql_for_rows(sql, 1);
    for row in rest {
        bind(sqlx::query(AssertSqlSafe(single.clone())), row).execute(&mut **tx).await?;
    }
    Ok(())
}

fn sql_for_rows(sql: InsertSql, rows: usize) -> std::sync::Arc<str> {
    let row = format!("({})", vec!["?"; sql.columns].join(", "));
    format!("{} VALUES {} {}", sql.head, vec![row; rows].join(", "), sql.tail).into()
}
