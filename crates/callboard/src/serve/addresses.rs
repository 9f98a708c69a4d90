//! Where the server listens, who may come in there, and where it keeps its data.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow, bail};
use tokio::net::TcpListener;
use url::Url;

use crate::config::{Config, DatabaseConfig, PgConfig, PgTls};

/// The SQLite database in the data folder.
const DATABASE_FILE: &str = "callboard.db";

/// Takes the address of the command line or of the configuration.
///
/// # Errors
/// When it cannot be understood, or somebody else listens there.
pub async fn bind(config: &Config, listen: Option<&str>) -> anyhow::Result<TcpListener> {
    let wanted = match listen {
        Some(text) => complete(text),
        None => {
            let host = config.listen.host.clone().unwrap_or_else(|| Ipv4Addr::LOCALHOST.to_string());
            if host.contains(':') && !host.starts_with('[') {
                format!("[{host}]:{}", config.listen.port)
            } else {
                format!("{host}:{}", config.listen.port)
            }
        }
    };
    TcpListener::bind(&wanted).await.map_err(|error| refused_address(&wanted, &error))
}

fn refused_address(wanted: &str, error: &std::io::Error) -> anyhow::Error {
    use std::io::ErrorKind;
    let way_on = match error.kind() {
        ErrorKind::AddrInUse => {
            "another program listens there; stop it, or name another port with --listen, such as `--listen :7008`"
        }
        ErrorKind::InvalidInput => "write `--listen HOST:PORT`, such as `--listen 127.0.0.1:7007`",
        ErrorKind::PermissionDenied => "ports below 1024 need a privilege; name another with --listen, such as `:7007`",
        _ => "name an address of this machine with --listen HOST:PORT",
    };
    anyhow!("cannot listen at {wanted} ({error}); {way_on}")
}

/// Reads `PORT`, `:PORT` and `HOST:PORT`. Without a host it is the loopback address.
fn complete(text: &str) -> String {
    match text.strip_prefix(':').unwrap_or(text).parse::<u16>() {
        Ok(port) => format!("{}:{port}", Ipv4Addr::LOCALHOST),
        Err(_) => text.to_owned(),
    }
}

/// Tells whether requests without credentials may do everything.
pub fn open_to_guests(config: &Config, address: SocketAddr, open_to_network: bool) -> bool {
    is_loopback(address.ip()) || open_to_network || config.access.default_policy_disabled
}

/// Tells whether the server is open for no other reason than that it listens at a loopback address. Then it is open to this
/// machine, and not to whoever gets a browser or a proxy on this machine to ask for them.
pub fn is_open_by_address_only(config: &Config, address: SocketAddr, open_to_network: bool) -> bool {
    is_loopback(address.ip()) && !open_to_network && !config.access.default_policy_disabled
}

/// Refuses to open to a network unless somebody has thought about who may come in.
///
/// # Errors
/// When the address is not a loopback address, no tokens are configured and `--open-to-network` is not given.
pub fn check_openness(config: &Config, address: SocketAddr, open_to_network: bool) -> anyhow::Result<()> {
    let has_tokens = !config.access.static_tokens.is_empty() || !config.access.legacy_keys.is_empty();
    if is_loopback(address.ip()) || has_tokens || open_to_network {
        return Ok(());
    }
    bail!(
        "{address} can be reached from other machines, and nothing says who may come in.\n\
         Configure tokens in `backend.auth.externalAccess`, or listen at a loopback address (--listen 127.0.0.1:7007),\n\
         or give --open-to-network if everybody who can reach the address may read and change everything."
    )
}

fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// Makes the data folder.
///
/// # Errors
/// When it cannot be made.
pub fn data_folder(config: &Config, data: Option<&Path>) -> anyhow::Result<PathBuf> {
    let folder = named_data_folder(config, data)?;
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("the data folder {} cannot be made; name another with --data", folder.display()))?;
    Ok(folder)
}

/// The data folder of a server that has run already; nothing is made.
///
/// # Errors
/// When the database should be in it and is not.
pub fn data_folder_in_use(config: &Config, data: Option<&Path>) -> anyhow::Result<PathBuf> {
    let folder = named_data_folder(config, data)?;
    let database = folder.join(DATABASE_FILE);
    if matches!(config.database, DatabaseConfig::Default) && !database.is_file() {
        bail!("there is no database {}; name the server's data folder with --data", database.display());
    }
    Ok(folder)
}

fn named_data_folder(config: &Config, data: Option<&Path>) -> anyhow::Result<PathBuf> {
    let folder =
        data.map(Path::to_path_buf).or_else(|| config.data.clone()).unwrap_or_else(|| PathBuf::from("callboard-data"));
    std::path::absolute(&folder).with_context(|| format!("{} has no absolute path", folder.display()))
}

/// Writes the address of the database as the store wants it.
///
/// # Errors
/// When the parts do not make an address.
pub fn database_url(config: &Config, database: Option<&str>, data: &Path) -> anyhow::Result<String> {
    if let Some(url) = database {
        return Ok(url.to_owned());
    }
    Ok(match &config.database {
        DatabaseConfig::Default => sqlite_url(&data.join(DATABASE_FILE)),
        DatabaseConfig::Sqlite(path) => sqlite_url(path),
        DatabaseConfig::Memory => "sqlite::memory:".to_owned(),
        DatabaseConfig::Postgres(parts) => postgres_url(parts, data, "backend.database.connection")?,
    })
}

/// Writes the address of the standby as the store wants it.
///
/// # Errors
/// When the parts do not make an address.
pub fn standby_url(config: &Config, data: &Path) -> anyhow::Result<Option<String>> {
    config.standby.as_ref().map(|parts| postgres_url(parts, data, "callboard.standby")).transpose()
}

fn sqlite_url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

/// Writes an address of PostgreSQL that the configuration gives at `key`.
fn postgres_url(config: &PgConfig, data: &Path, key: &str) -> anyhow::Result<String> {
    let (host, port, user, password, database, tls) = match config {
        PgConfig::Url(url) => return Ok(url.reveal().to_owned()),
        PgConfig::Parts { host, port, user, password, database, tls } => (host, port, user, password, database, tls),
    };
    let mut url = Url::parse("postgres://localhost").context("a fixed address")?;
    let socket = host.starts_with('/');
    let refused = |what: &str| anyhow::anyhow!("`{key}.{what}` does not fit into a database address");
    if !socket {
        url.set_host(Some(host)).map_err(|_| refused("host"))?;
    }
    url.set_port(Some(*port)).map_err(|()| refused("port"))?;
    if let Some(user) = user {
        url.set_username(user).map_err(|()| refused("user"))?;
    }
    if let Some(password) = password {
        url.set_password(Some(password.reveal())).map_err(|()| refused("password"))?;
    }
    url.set_path(&format!("/{database}"));
    let mut query = url.query_pairs_mut();
    if socket {
        query.append_pair("host", host);
    }
    match tls {
        PgTls::Prefer => query.append_pair("sslmode", "prefer"),
        PgTls::Unchecked => query.append_pair("sslmode", "require"),
        PgTls::Checked(None) => query.append_pair("sslmode", "verify-full"),
        PgTls::Checked(Some(authority)) => {
            let path = data.join(if key.starts_with("callboard") { "standby-ca.pem" } else { "postgres-ca.pem" });
            std::fs::write(&path, authority.reveal())
                .with_context(|| format!("{} cannot be written", path.display()))?;
            query.append_pair("sslmode", "verify-full").append_pair("sslrootcert", &path.display().to_string())
        }
    };
    drop(query);
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_listens_on_loopback() {
        assert_eq!(complete("7007"), "127.0.0.1:7007");
        assert_eq!(complete(":7007"), "127.0.0.1:7007");
        assert_eq!(complete("0.0.0.0:80"), "0.0.0.0:80");
    }

    fn defaults() -> Config {
        let folder = tempfile::tempdir().expect("a folder");
        let request = crate::config::Request {
            files: Vec::new(),
            folder: folder.path().to_owned(),
            environment: std::collections::BTreeMap::new(),
        };
        crate::config::load(&request).expect("the defaults").config
    }

    #[test]
    fn looking_for_a_data_folder_does_not_make_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = folder.path().join("data");
        let error = data_folder_in_use(&defaults(), Some(&missing)).expect_err("nothing is there").to_string();
        assert!(error.contains("--data") && error.contains("callboard.db"), "{error}");
        assert!(!missing.exists());
    }

    #[tokio::test]
    async fn an_address_that_cannot_be_had_says_why_and_what_to_write() {
        let config = defaults();
        let taken = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = taken.local_addr().expect("an address").to_string();
        let said = async |text: &str| bind(&config, Some(text)).await.expect_err("it cannot be had").to_string();
        assert!(said(&address).await.contains("another program listens there"));
        assert!(said("nonsense").await.contains("write `--listen HOST:PORT`"));
        assert!(said("127.0.0.1:99999").await.contains("write `--listen HOST:PORT`"));
    }

    #[test]
    fn mapped_loopback_addresses_are_loopback() {
        assert!(is_loopback("::ffff:127.0.0.1".parse().expect("an address")));
        assert!(!is_loopback("::".parse().expect("an address")));
    }

    #[test]
    fn passwords_and_sockets_survive_in_database_addresses() {
        let parts = PgConfig::Parts {
            host: "/run/postgresql".to_owned(),
            port: 5433,
            user: Some("call board".to_owned()),
            password: Some(source::Secret::new("p@ss/word")),
            database: "catalog".to_owned(),
            tls: PgTls::Prefer,
        };
        let url = postgres_url(&parts, Path::new("/tmp"), "backend.database.connection").expect("an address");
        assert_eq!(
            url,
            "postgres://call%20board:p%40ss%2Fword@localhost:5433/catalog?host=%2Frun%2Fpostgresql&sslmode=prefer"
        );
    }
}
