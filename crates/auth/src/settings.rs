//! The settings of access, as plain values. `callboard` fills them from the configuration.

use std::{fmt, sync::Arc, time::Duration};

use model::Timestamp;

use crate::AccessRestriction;

/// Where the time comes from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The clock of the machine. A clock before 1970 reads as 1970.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    })
}

/// The shortest token of `backend.auth.externalAccess`, in characters. Source: Backstage's static handler.
pub(crate) const SHORTEST_TOKEN: usize = 8;

/// How access is decided.
#[derive(Clone, Debug)]
pub struct AccessSettings {
    /// Requests without credentials are `Actor::Anyone` and may do everything: on a loopback address, with
    /// `--open-to-network`, and with `backend.auth.dangerouslyDisableDefaultAuthPolicy`. Bad tokens are refused all the same.
    pub open_to_guests: bool,
    /// Backstage's `permission.enabled`. Decisions are the same either way, because its policies are TypeScript: users and
    /// guests may do everything, tokens what their restrictions leave. Shown in the status only.
    pub permissions_enabled: bool,
    /// `backend.auth.externalAccess[]` of type `static`.
    pub static_tokens: Vec<StaticToken>,
    /// `backend.auth.externalAccess[]` of type `legacy`, and the older `backend.auth.keys[]`.
    pub legacy_keys: Vec<LegacyKey>,
    /// Guest sign-in; `None` when there is none.
    pub guest: Option<GuestSettings>,
    /// `auth.backstageTokenExpiration`; kept between 10 minutes and 24 hours.
    pub token_lifetime: Duration,
    /// `iss` of user tokens: `<backend.baseUrl>/api/auth`.
    pub issuer: String,
}

/// A token that is written in the configuration.
#[derive(Clone)]
pub struct StaticToken {
    /// The secret text, at least 8 characters.
    pub token: String,
    /// Who it speaks for; `external:` is put before it.
    pub subject: String,
    /// Where it is good; empty for everywhere.
    pub restrictions: Vec<AccessRestriction>,
}

/// A shared secret for HS256 tokens of older Backstage backends.
#[derive(Clone)]
pub struct LegacyKey {
    /// The secret in base64.
    pub secret: String,
    /// Who its tokens speak for; `external:` is put before it.
    pub subject: String,
    /// Where they are good; empty for everywhere.
    pub restrictions: Vec<AccessRestriction>,
}

/// `auth.providers.guest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestSettings {
    /// Who guests are.
    pub user_entity_ref: String,
    /// What guests own things as, when the catalog does not know the user; `None` for the user alone.
    pub ownership_entity_refs: Option<Vec<String>>,
    /// `dangerouslyAllowOutsideDevelopment`: guests may sign in although the server is not open to them.
    pub allow_outside_development: bool,
}

impl Default for GuestSettings {
    fn default() -> Self {
        Self {
            user_entity_ref: "user:development/guest".to_owned(),
            ownership_entity_refs: None,
            allow_outside_development: false,
        }
    }
}

impl AccessSettings {
    /// The settings of a server that is open to guests, as on a loopback address without configuration.
    #[must_use]
    pub fn open(base_url: &str) -> Self {
        Self { open_to_guests: true, ..Self::closed(base_url) }
    }

    /// The settings of a server that wants a token for everything, and knows none yet.
    #[must_use]
    pub fn closed(base_url: &str) -> Self {
        Self {
            open_to_guests: false,
            permissions_enabled: false,
            static_tokens: Vec::new(),
            legacy_keys: Vec::new(),
            guest: Some(GuestSettings::default()),
            token_lifetime: Duration::from_secs(3600),
            issuer: format!("{}/api/auth", base_url.trim_end_matches('/')),
        }
    }
}

/// A secret that cannot be used. Never holds the secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A static token is shorter than 8 characters or holds blanks.
    #[error("the token of `{0}` in backend.auth.externalAccess must have at least 8 characters and no blanks")]
    Token(String),
    /// A legacy secret is not base64, or empty.
    #[error("the secret of `{0}` in backend.auth.externalAccess is empty or not base64")]
    Secret(String),
    /// A subject is empty or holds blanks.
    #[error("the subject `{0}` in backend.auth.externalAccess must not be empty or hold blanks")]
    Subject(String),
}

impl fmt::Debug for StaticToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticToken")
            .field("subject", &self.subject)
            .field("restrictions", &self.restrictions)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LegacyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LegacyKey")
            .field("subject", &self.subject)
            .field("restrictions", &self.restrictions)
            .finish_non_exhaustive()
    }
}
