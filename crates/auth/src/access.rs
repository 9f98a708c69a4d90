//! The rules: who a credential belongs to, and what that actor may do.

use std::time::Duration;

use jsonwebtoken::decode_header;
use store::Store;

use crate::{
    AccessRestriction, AccessSettings, Actor, AuthError, Clock, Decision, GateError, Jwk, Permission, SettingsError,
    external::ExternalAccess, find_permission, keys::KeyRing, system_clock, user_token, verified::Verified,
};

/// Tokens longer than this are refused unread. Source: Backstage's limit.
const LONGEST_TOKEN: usize = 32_768;
const SHORTEST_LIFETIME: Duration = Duration::from_secs(10 * 60);
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Knows credentials and decides.
pub struct Access {
    settings: AccessSettings,
    external: ExternalAccess,
    keys: KeyRing,
    verified: Verified,
    clock: Clock,
}

/// A guest who has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// The token to send with each request.
    pub token: String,
    /// Who the guest is.
    pub user_entity_ref: String,
    /// What the guest owns things as.
    pub ownership_entity_refs: Vec<String>,
    /// For how long the token is good.
    pub expires_in: Duration,
}

impl Access {
    /// Takes the settings over.
    ///
    /// # Errors
    /// When a token, a secret or a subject of the settings cannot be used.
    pub fn new(settings: AccessSettings, store: Store) -> Result<Self, SettingsError> {
        Self::with_clock(settings, store, system_clock())
    }

    /// Takes the settings over, with another clock.
    ///
    /// # Errors
    /// See [`Access::new`].
    pub fn with_clock(mut settings: AccessSettings, store: Store, clock: Clock) -> Result<Self, SettingsError> {
        settings.token_lifetime = settings.token_lifetime.clamp(SHORTEST_LIFETIME, LONGEST_LIFETIME);
        let external = ExternalAccess::new(&settings)?;
        let keys = KeyRing::new(store, settings.token_lifetime);
        Ok(Self { settings, external, keys, verified: Verified::default(), clock })
    }

    /// Returns the settings.
    #[must_use]
    pub fn settings(&self) -> &AccessSettings {
        &self.settings
    }

    /// Finds out who sends a request, from its `Authorization` header.
    ///
    /// # Errors
    /// When there is no bearer token on a server that is not open to guests, or a bad one on any server.
    pub async fn identify(&self, authorization: Option<&str>) -> Result<Actor, AuthError> {
        let Some(token) = authorization.and_then(bearer_token) else {
            return if self.settings.open_to_guests { Ok(Actor::Anyone) } else { Err(AuthError::MissingCredentials) };
        };
        if token.len() > LONGEST_TOKEN {
            return Err(self.illegal());
        }
        if let Some(actor) = self.external.find(token, (self.clock)()) {
            return Ok(actor);
        }
        self.identify_user(token).await
    }

    async fn identify_user(&self, token: &str) -> Result<Actor, AuthError> {
        let now = (self.clock)();
        if let Some(user) = self.verified.find(token, now) {
            return Ok(self.user(user));
        }
        let header = decode_header(token).map_err(|_| self.illegal())?;
        if header.typ.as_deref() != Some(user_token::USER_TYPE) {
            return Err(self.illegal());
        }
        let kid = header.kid.ok_or_else(|| self.illegal())?;
        let key = match self.keys.find(&kid, now).await {
            Ok(key) => key.ok_or_else(|| self.illegal())?,
            Err(error) => return Err(keys_unavailable(&error)),
        };
        let claims = user_token::verify(&key, token, &self.settings.issuer, now).ok_or_else(|| self.illegal())?;
        self.verified.remember(token, &claims.sub, claims.exp);
        Ok(self.user(claims.sub))
    }

    fn user(&self, entity_ref: String) -> Actor {
        Actor::User { ownership: self.ownership_without_catalog(&entity_ref), entity_ref }
    }

    /// Backstage words it differently while the default policy is off.
    fn illegal(&self) -> AuthError {
        if self.settings.open_to_guests { AuthError::Unresolved } else { AuthError::IllegalToken }
    }

    /// Checks that a token is good in a plugin at all.
    ///
    /// # Errors
    /// `NotAllowed`, in Backstage's words, when the token is restricted to other plugins.
    pub fn check_plugin(&self, actor: &Actor, plugin: &str) -> Result<(), GateError> {
        match actor {
            Actor::Service { restrictions, .. }
                if !restrictions.is_empty() && !restrictions.iter().any(|r| r.plugin == plugin) =>
            {
                let mut plugins: Vec<_> = restrictions.iter().map(|r| format!("'{}'", r.plugin)).collect();
                plugins.dedup();
                Err(GateError::NotAllowed(format!(
                    "This token's access is restricted to plugin(s) {}",
                    plugins.join(", ")
                )))
            }
            _ => Ok(()),
        }
    }

    /// Decides whether an actor may do something.
    ///
    /// Users and guests may do everything; a token of the configuration may do what its restrictions leave, whether or not
    /// `permission.enabled` is set: whoever writes a restriction wants it.
    #[must_use]
    pub fn decide(&self, actor: &Actor, permission: &Permission) -> Decision {
        match actor {
            Actor::User { .. } | Actor::Anyone => Decision::Allow,
            Actor::Service { restrictions, .. } if restrictions.is_empty() => Decision::Allow,
            Actor::Service { restrictions, .. } => {
                if restrictions.iter().any(|restriction| allows(restriction, permission)) {
                    Decision::Allow
                } else {
                    Decision::Deny
                }
            }
        }
    }

    /// Decides about a permission of the table by its name.
    ///
    /// # Errors
    /// `NotAllowed`, naming the permission.
    pub fn require(&self, actor: &Actor, name: &str) -> Result<(), GateError> {
        match self.decide(actor, &Permission::named(name, None)) {
            Decision::Allow | Decision::Conditional(_) => Ok(()),
            Decision::Deny => Err(GateError::NotAllowed(format!("{} may not use the permission {name}", actor.name()))),
        }
    }

    /// Returns what an actor may see of the catalog.
    #[must_use]
    pub fn visibility(&self, actor: &Actor) -> index::Visibility {
        let read = find_permission("catalog.entity.read").expect("the permission is in the table");
        match self.decide(actor, &read.into()) {
            Decision::Allow => index::Visibility::Everything,
            Decision::Deny => index::Visibility::Nothing,
            Decision::Conditional(filter) => index::Visibility::Where(filter),
        }
    }

    /// Signs a guest in. `member_of` gives the groups of a user that the catalog knows, `None` for an unknown user.
    ///
    /// # Errors
    /// `NotFound` when there is no guest provider, `NotAllowed` when it may not be used here, [`AuthError`] when the keys
    /// cannot be reached.
    pub async fn sign_in_guest(
        &self,
        member_of: impl FnOnce(&str) -> Option<Vec<String>>,
    ) -> Result<Result<Guest, GateError>, AuthError> {
        let Some(guest) = &self.settings.guest else {
            return Ok(Err(GateError::NotFound("Unknown auth provider 'guest'".to_owned())));
        };
        if !self.settings.open_to_guests && !guest.allow_outside_development {
            return Ok(Err(GateError::NotAllowed(
                "Guests may not sign in: this server is not open to guests, and \
                 auth.providers.guest.dangerouslyAllowOutsideDevelopment is not set"
                    .to_owned(),
            )));
        }
        let user_entity_ref = guest.user_entity_ref.to_lowercase();
        let now = (self.clock)();
        let key = self.keys.signing_key(now).await.map_err(|error| keys_unavailable(&error))?;
        let lifetime = self.settings.token_lifetime;
        let token = user_token::issue(&key, &self.settings.issuer, &user_entity_ref, now, lifetime)
            .map_err(|error| keys_unavailable(&error))?;
        let ownership_entity_refs = self.ownership(&user_entity_ref, member_of);
        Ok(Ok(Guest { token, user_entity_ref, ownership_entity_refs, expires_in: lifetime }))
    }

    /// Returns what a user owns things as: the user and the groups that it is directly a member of.
    pub fn ownership(&self, user: &str, member_of: impl FnOnce(&str) -> Option<Vec<String>>) -> Vec<String> {
        match member_of(user) {
            Some(groups) => std::iter::once(user.to_owned()).chain(groups).collect(),
            None => self.ownership_without_catalog(user),
        }
    }

    fn ownership_without_catalog(&self, user: &str) -> Vec<String> {
        self.settings
            .guest
            .as_ref()
            .filter(|guest| guest.user_entity_ref.eq_ignore_ascii_case(user))
            .and_then(|guest| guest.ownership_entity_refs.clone())
            .unwrap_or_else(|| vec![user.to_owned()])
    }

    /// Lists the public keys that user tokens are verified with.
    ///
    /// # Errors
    /// `KeysUnavailable` when the store cannot be asked.
    pub async fn public_keys(&self) -> Result<Vec<Jwk>, AuthError> {
        self.keys.public((self.clock)()).await.map_err(|error| keys_unavailable(&error))
    }
}

/// One line of the restrictions covers a permission. As in Backstage, a permission without an action is not covered by a
/// line that names actions.
fn allows(restriction: &AccessRestriction, permission: &Permission) -> bool {
    restriction.plugin == permission.plugin
        && (restriction.permissions.is_empty() || restriction.permissions.contains(&permission.name))
        && (restriction.actions.is_empty()
            || permission.action.as_ref().is_some_and(|action| restriction.actions.contains(action)))
}

/// Cuts the token out of `Bearer <token>`; the scheme in any letter case.
fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim_start();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(char::is_whitespace))
        .then_some(token)
}

fn keys_unavailable(error: &dyn std::error::Error) -> AuthError {
    let cause = error.source().map(ToString::to_string);
    tracing::error!(error = error.to_string(), cause, "the signing keys cannot be used");
    AuthError::KeysUnavailable
}
