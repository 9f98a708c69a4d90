//! `schema/*.sql` show the schema that all migrations together make, for readers. Run with `CALLBOARD_UPDATE_SCHEMA=1`
//! to write them anew after a migration.

use std::path::Path;

use sqlx::{Connection, PgConnection, SqliteConnection};
use store::Store;

#[tokio::test]
async fn schema_of_sqlite_is_up_to_date() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/catalog.db", dir.path().display());
    Store::open(&url).await.unwrap().close().await;
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let text = "
        SELECT sql
        FROM sqlite_schema
        WHERE sql IS NOT NULL
        ORDER BY tbl_name, type DESC, name";
    let statements: Vec<String> = sqlx::query_scalar(text).fetch_all(&mut connection).await.unwrap();
    compare("sqlite.sql", &statements);
}

#[tokio::test]
async fn schema_of_postgres_is_up_to_date() {
    let Some(url) = testkit::postgres() else { return };
    Store::open(&url).await.unwrap().close().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let text = "
        SELECT FORMAT(E'CREATE TABLE %s (\\n%s\\n)', t.table_name, (
            SELECT STRING_AGG(line, E',\\n' ORDER BY part, place)
            FROM (
                SELECT 1 AS part, c.ordinal_position::INT AS place,
                    FORMAT('    %s %s%s', c.column_name, UPPER(c.data_type), CASE c.is_nullable WHEN 'NO' THEN ' NOT NULL' END) AS line
                FROM information_schema.columns c
                WHERE c.table_name = t.table_name AND c.table_schema = t.table_schema
                UNION ALL
                SELECT 2, ROW_NUMBER() OVER (ORDER BY k.conname)::INT,
                    FORMAT('    CONSTRAINT %s %s', k.conname, pg_get_constraintdef(k.oid))
                FROM pg_constraint k
                WHERE k.conrelid = t.table_name::REGCLASS
                  AND k.contype IN ('p', 'u', 'f', 'c')
            ) AS lines))
        FROM information_schema.tables t
        WHERE t.table_schema = CURRENT_SCHEMA()
        ORDER BY t.table_name";
    let mut statements: Vec<String> = sqlx::query_scalar(text).fetch_all(&mut connection).await.unwrap();
    let text = "
        SELECT i.indexdef
        FROM pg_indexes i
        WHERE i.schemaname = CURRENT_SCHEMA()
          AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conname = i.indexname)
        ORDER BY i.indexname";
    statements.extend(sqlx::query_scalar::<_, String>(text).fetch_all(&mut connection).await.unwrap());
    compare("postgres.sql", &statements);
}

fn compare(name: &str, statements: &[String]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
    let head =
        "-- The schema that all migrations together make. Written by the test `schema`; reasons are in migrations/.\n";
    let text: String = statements.iter().map(|statement| format!("\n{statement};\n")).collect();
    let text = format!("{head}{text}");
    if std::env::var_os("CALLBOARD_UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, text, "run this test with CALLBOARD_UPDATE_SCHEMA=1 and look at what changed");
}
