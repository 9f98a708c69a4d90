//! The settings that Callboard works with, as plain values.

use std::{path::PathBuf, time::Duration};

use source::Secret;

/// Everything that the configuration says.
#[derive(Clone, Debug)]
pub struct Config {
    /// `app.title`
    pub title: String,
    /// `app.baseUrl`, without a slash at the end.
    pub app_base_url: Option<String>,
    /// `organization.name`
    pub organization: Option<String>,
    /// `backend.baseUrl`, without a slash at the end; absent: made from the address listened at.
    pub base_url: Option<String>,
    /// `backend.listen`
    pub listen: Listen,
    /// `backend.database`
    pub database: DatabaseConfig,
    /// `callboard.standby`
    pub standby: Option<PgConfig>,
    /// `callboard.data`, absolute.
    pub data: Option<PathBuf>,
    /// `backend.cors`
    pub cors: Option<web::CorsSettings>,
    /// `callboard.limits`, the part of requests.
    pub limits: web::Limits,
    /// `integrations`, `backend.reading` and the part of `callboard.limits` that is about reading.
    pub reader: source::ReaderSettings,
    /// `backend.auth`, `auth` and `permission`.
    pub access: AccessConfig,
    /// `catalog`
    pub catalog: CatalogConfig,
    /// `callboard.model`, absolute: files and folders that declare own kinds.
    pub model: Vec<PathBuf>,
    /// `callboard.tools`, and what Backstage's own keys say about where tools are.
    pub tools: Vec<web::ToolSpec>,
    /// `callboard.callSheets`
    pub call_sheets: CallSheetsConfig,
    /// `callboard.pack`; `None` writes none.
    pub pack: Option<PackConfig>,
    /// `callboard.webhooks`
    pub webhooks: WebhooksConfig,
    /// `callboard.history.retention`; `None` keeps everything.
    pub history_retention: Option<Duration>,
    /// `callboard.events.retention`; `None` keeps everything.
    pub events_retention: Option<Duration>,
    /// `callboard.receivers`
    pub receivers: web::ReceiverSettings,
}

/// Call sheets.
#[derive(Clone, Debug, Default)]
pub struct CallSheetsConfig {
    /// `callboard.callSheets.senders`
    pub senders: Vec<SenderConfig>,
    /// `callboard.callSheets.links`
    pub links: Vec<web::LinkTemplate>,
}

/// A way to send messages.
#[derive(Clone, Debug)]
pub struct SenderConfig {
    /// What people call it.
    pub name: String,
    /// Where its messages are posted to.
    pub url: Secret,
    /// The form of its messages.
    pub template: sheets::messages::Template,
    /// Value of the `Authorization` header.
    pub authorization: Option<Secret>,
}

/// Packs on a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackConfig {
    /// `callboard.pack.directory`, absolute.
    pub directory: PathBuf,
    /// `callboard.pack.every`
    pub every: Duration,
    /// `callboard.pack.keep`
    pub keep: usize,
}

/// How webhooks are delivered.
#[derive(Clone, Debug)]
pub struct WebhooksConfig {
    /// Where messages may go, and how long that may take.
    pub sender: source::SenderSettings,
    /// When they are tried again.
    pub schedule: crate::deliver::Schedule,
}

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Host name or address; absent: loopback.
    pub host: Option<String>,
    /// Port; 0 takes a free one.
    pub port: u16,
}

/// Which database to use.
#[derive(Clone, Debug)]
pub enum DatabaseConfig {
    /// Nothing is said: SQLite in the data folder.
    Default,
    /// `:memory:`: SQLite that is gone when the program ends.
    Memory,
    /// SQLite in this file.
    Sqlite(PathBuf),
    /// PostgreSQL.
    Postgres(PgConfig),
}

/// How to reach PostgreSQL.
#[derive(Clone, Debug)]
pub enum PgConfig {
    /// `postgres://...`
    Url(Secret),
    /// Part by part.
    Parts {
        /// Host name, address, or folder of the socket.
        host: String,
        /// Port.
        port: u16,
        /// User; absent: the user of the operating system.
        user: Option<String>,
        /// Password.
        password: Option<Secret>,
        /// Name of the database.
        database: String,
        /// Encryption.
        tls: PgTls,
    },
}

/// Encryption of the connection to PostgreSQL.
#[derive(Clone, Debug)]
pub enum PgTls {
    /// Not encrypted unless the server insists.
    Prefer,
    /// Encrypted, and whoever answers is believed.
    Unchecked,
    /// Encrypted, and the certificate is checked, against this authority if one is given in PEM form.
    Checked(Option<Secret>),
}

/// Who may do what.
#[derive(Clone, Debug)]
pub struct AccessConfig {
    /// `backend.auth.externalAccess[]` of type `static`.
    pub static_tokens: Vec<auth::StaticToken>,
    /// `backend.auth.externalAccess[]` of type `legacy`, and `backend.auth.keys[]`.
    pub legacy_keys: Vec<auth::LegacyKey>,
    /// `auth.providers.guest`, when it is written.
    pub guest: Option<auth::GuestSettings>,
    /// `auth.backstageTokenExpiration`
    pub token_lifetime: Duration,
    /// `backend.auth.dangerouslyDisableDefaultAuthPolicy`
    pub default_policy_disabled: bool,
    /// `permission.enabled`
    pub permissions_enabled: bool,
}

/// What is harvested.
#[derive(Clone, Debug)]
pub struct CatalogConfig {
    /// `catalog.locations`
    pub locations: Vec<StaticLocation>,
    /// `catalog.rules`; `None` when the key is absent (Backstage's default list then).
    pub rules: Option<Vec<CatalogRule>>,
    /// `catalog.readonly`
    pub readonly: bool,
    /// `catalog.processingInterval`
    pub interval: ProcessingInterval,
    /// `catalog.orphanStrategy`
    pub orphans: OrphanStrategy,
    /// `catalog.defaultLocationConflictStrategy`
    pub conflict: web::ConflictStrategy,
}

/// One of `catalog.locations`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticLocation {
    /// `file`, `url` ...
    pub location_type: String,
    /// Web address, or absolute path.
    pub target: String,
    /// What it may hold beside the general rules.
    pub allow: Vec<AllowedKind>,
}

/// One of `catalog.rules`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogRule {
    /// What is allowed.
    pub allow: Vec<AllowedKind>,
    /// From where; empty: from everywhere.
    pub locations: Vec<LocationMatch>,
}

/// A kind that a rule allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedKind {
    /// Compared without case.
    pub kind: String,
    /// Only with this `spec.type`, compared without case.
    pub spec_type: Option<String>,
}

/// A condition on the origin of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocationMatch {
    /// Type of the location.
    pub location_type: String,
    /// The whole target.
    pub exact: Option<String>,
    /// A glob of the target.
    pub pattern: Option<String>,
}

/// How often a location is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessingInterval {
    /// Between this and one and a half times as long.
    Every(Duration),
    /// Only when asked.
    Never,
}

/// What becomes of entities that nothing refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrphanStrategy {
    /// They are removed.
    Delete,
    /// They stay, marked.
    Keep,
}
