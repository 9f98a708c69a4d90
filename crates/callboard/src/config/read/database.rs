//! `backend.database`

use std::path::Path;

use source::Secret;

use crate::config::{DatabaseConfig, PgConfig, PgTls, Request, section::Section};

/// The file name when only a folder is given.
const FILE_NAME: &str = "callboard.sqlite";

pub fn read(section: &Section<'_>, request: &Request) -> DatabaseConfig {
    #[derive(Clone, Copy)]
    enum Client {
        Sqlite,
        Postgres,
    }
    if !section.is_set() {
        return DatabaseConfig::Default;
    }
    let client = section.at("client");
    if !client.is_set() {
        client.required();
    }
    let words = [
        ("better-sqlite3", Client::Sqlite),
        ("sqlite3", Client::Sqlite),
        ("sqlite", Client::Sqlite),
        ("pg", Client::Postgres),
        ("postgres", Client::Postgres),
    ];
    let connection = section.at("connection");
    match client.word(&words) {
        None => DatabaseConfig::Default,
        Some(Client::Sqlite) => sqlite(&connection, request),
        Some(Client::Postgres) => DatabaseConfig::Postgres(postgres(&connection)),
    }
}

/// Reads `callboard.standby`.
pub fn read_standby(section: &Section<'_>) -> Option<PgConfig> {
    section.is_set().then(|| postgres(section))
}

fn sqlite(connection: &Section<'_>, request: &Request) -> DatabaseConfig {
    let absolute = |path: &str| super::resolve(request, connection, path);
    let (file, folder) = match connection.is_map() {
        true => (connection.at("filename").text(), connection.at("directory").text()),
        false => (connection.text(), None),
    };
    match (file.as_deref(), folder) {
        (Some(":memory:"), _) => DatabaseConfig::Memory,
        (Some(file), Some(folder)) => DatabaseConfig::Sqlite(absolute(&folder).join(file)),
        (Some(file), None) => DatabaseConfig::Sqlite(absolute(file)),
        (None, Some(folder)) => DatabaseConfig::Sqlite(absolute(&folder).join(Path::new(FILE_NAME))),
        (None, None) => DatabaseConfig::Default,
    }
}

fn postgres(connection: &Section<'_>) -> PgConfig {
    if !connection.is_map() {
        return PgConfig::Url(Secret::new(connection.required().unwrap_or_default()));
    }
    let text = connection.at("connectionString");
    if text.is_set() {
        return PgConfig::Url(Secret::new(text.required().unwrap_or_default()));
    }
    PgConfig::Parts {
        host: connection.at("host").text().unwrap_or_else(|| "localhost".to_owned()),
        port: connection.at("port").integer(1..=65_535).unwrap_or(5432) as u16,
        user: connection.at("user").text(),
        password: connection.at("password").text().map(Secret::new),
        database: connection.at("database").text().unwrap_or_else(|| "callboard".to_owned()),
        tls: tls(&connection.at("ssl")),
    }
}

fn tls(section: &Section<'_>) -> PgTls {
    if !section.is_map() {
        return match section.flag() {
            Some(true) => PgTls::Checked(None),
            _ => PgTls::Prefer,
        };
    }
    let authority = section.at("ca").text().map(Secret::new);
    match section.at("rejectUnauthorized").flag() {
        Some(false) => PgTls::Unchecked,
        _ => PgTls::Checked(authority),
    }
}
