//! The one who asks, and why a credential was refused.

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person.
    User {
        /// `user:default/jane`, lower case.
        entity_ref: String,
        /// What the person owns things as.
        ownership: Vec<String>,
    },
    /// A program with a token of the configuration.
    Service {
        /// `external:ci`.
        subject: String,
        /// Where its token is good; empty for everywhere.
        restrictions: Vec<AccessRestriction>,
    },
    /// Nobody in particular, on an open server.
    Anyone,
}

/// One line of `backend.auth.externalAccess[].accessRestrictions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRestriction {
    /// Plugin id, such as `catalog`.
    pub plugin: String,
    /// Permission names; empty for all of the plugin.
    pub permissions: Vec<String>,
    /// `permissionAttribute.action`; empty for all.
    pub actions: Vec<String>,
}

impl Actor {
    /// Returns the name that goes into the change log: the user, the subject of the token, or `guest`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::User { entity_ref, .. } => entity_ref,
            Self::Service { subject, .. } => subject,
            Self::Anyone => "guest",
        }
    }
}

/// Why a request has no actor. The texts are Backstage's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// There is no bearer token, and the server is not open to guests (401).
    #[error("Missing credentials")]
    MissingCredentials,
    /// There is a bearer token, but not a good one (401).
    #[error("Illegal token")]
    IllegalToken,
    /// The same on a server whose default policy is off; there Backstage wraps the text (401).
    #[error("Could not resolve credentials; caused by AuthenticationError: Illegal token")]
    Unresolved,
    /// The signing keys cannot be read now, so that a token can be neither issued nor judged (503).
    #[error("The signing keys cannot be read at the moment")]
    KeysUnavailable,
}
