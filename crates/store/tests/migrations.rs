//! Databases of older versions, with rows in them, open and work.

use model::{EntityRef, Timestamp};
use sqlx::{Connection, PgConnection, SqliteConnection};
use store::Store;

const VERSION_TABLE: &str = "CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY)";
const ROWS: &str = "
    INSERT INTO schema_version (version) VALUES (1);
    UPDATE counter SET value = 7 WHERE name = 'newest_id';
    INSERT INTO stored_key (purpose, id, pem, created_at, expires_at) VALUES ('guest-token', 'a', 'x', 1, 2)";

#[tokio::test]
async fn a_sqlite_database_of_version_1_is_brought_up_to_date() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/catalog.db", dir.path().display());
    let mut connection = SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
    for text in [VERSION_TABLE, include_str!("../migrations/sqlite/0001_catalog.sql"), ROWS] {
        sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    check(&url).await;
}

#[tokio::test]
async fn a_postgres_database_of_version_1_is_brought_up_to_date() {
    let Some(url) = testkit::postgres() else { return };
    let mut connection = PgConnection::connect(&url).await.unwrap();
    for text in [VERSION_TABLE, include_str!("../migrations/postgres/0001_catalog.sql"), ROWS] {
        sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    check(&url).await;
}

async fn check(url: &str) {
    let beside = Store::open_beside(url).await.err().unwrap().to_string();
    assert!(beside.contains("schema version 1, but version "), "{beside}");
    let store = Store::open(url).await.unwrap();
    assert_eq!(store.list_keys("guest-token").await.unwrap().len(), 1, "what was there stays");
    let shop = EntityRef::new("component", "default", "shop");
    store.set_star("user:default/jane", &shop, true, Timestamp(1)).await.unwrap();
    assert_eq!(store.list_stars("user:default/jane", Timestamp(2)).await.unwrap().len(), 1);
    assert_eq!(store.newest_problem_counts().await.unwrap(), None);
    assert_eq!(store.list_events(&store::EventFilter::default(), 1).await.unwrap(), []);
    assert_eq!(store.list_webhooks().await.unwrap(), []);
    assert!(store.hold_lease("sweep", "a", std::time::Duration::from_secs(60)).await.unwrap());
}
