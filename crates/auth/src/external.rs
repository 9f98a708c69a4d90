//! Programs with credentials of `backend.auth.externalAccess`: static tokens, and HS256 tokens of a shared secret.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use model::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{AccessRestriction, AccessSettings, Actor, SettingsError, settings::SHORTEST_TOKEN};

/// `sub` of the tokens that older backends make. Source: Backstage's legacy handler.
const LEGACY_SUBJECT: &str = "backstage-server";

/// All configured credentials of programs.
pub(crate) struct ExternalAccess {
    tokens: Vec<HashedToken>,
    secrets: Vec<LegacySecret>,
}

struct HashedToken {
    hash: [u8; 32],
    subject: String,
    restrictions: Vec<AccessRestriction>,
}

struct LegacySecret {
    key: DecodingKey,
    subject: String,
    restrictions: Vec<AccessRestriction>,
}

#[derive(Deserialize)]
struct LegacyClaims {
    sub: String,
    exp: i64,
}

impl ExternalAccess {
    pub(crate) fn new(settings: &AccessSettings) -> Result<Self, SettingsError> {
        let mut tokens = Vec::with_capacity(settings.static_tokens.len());
        for token in &settings.static_tokens {
            check_subject(&token.subject)?;
            if token.token.chars().count() < SHORTEST_TOKEN || token.token.contains(char::is_whitespace) {
                return Err(SettingsError::Token(token.subject.clone()));
            }
            tokens.push(HashedToken {
                hash: Sha256::digest(token.token.as_bytes()).into(),
                subject: format!("external:{}", token.subject),
                restrictions: token.restrictions.clone(),
            });
        }
        let mut secrets = Vec::with_capacity(settings.legacy_keys.len());
        for key in &settings.legacy_keys {
            check_subject(&key.subject)?;
            // With an empty secret, such as a variable of the environment that is not set, anybody could sign.
            let secret = STANDARD.decode(&key.secret).ok().filter(|secret| !secret.is_empty());
            let secret = secret.ok_or_else(|| SettingsError::Secret(key.subject.clone()))?;
            secrets.push(LegacySecret {
                key: DecodingKey::from_secret(&secret),
                subject: format!("external:{}", key.subject),
                restrictions: key.restrictions.clone(),
            });
        }
        Ok(Self { tokens, secrets })
    }

    /// Finds the program of a token.
    pub(crate) fn find(&self, token: &str, now: Timestamp) -> Option<Actor> {
        self.find_static(token).or_else(|| self.find_legacy(token, now))
    }

    /// Compares hashes, and all of them, so that time tells nothing about how much of which token was right.
    fn find_static(&self, token: &str) -> Option<Actor> {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let mut found = None;
        for known in &self.tokens {
            if bool::from(known.hash.ct_eq(&hash)) {
                found = Some(known);
            }
        }
        found.map(|known| service(&known.subject, &known.restrictions))
    }

    fn find_legacy(&self, token: &str, now: Timestamp) -> Option<Actor> {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_required_spec_claims(&["sub", "exp"]);
        rules.validate_exp = false;
        rules.validate_aud = false;
        self.secrets.iter().find_map(|secret| {
            let claims = decode::<LegacyClaims>(token, &secret.key, &rules).ok()?.claims;
            (claims.sub == LEGACY_SUBJECT && now.0 / 1000 < claims.exp)
                .then(|| service(&secret.subject, &secret.restrictions))
        })
    }
}

fn service(subject: &str, restrictions: &[AccessRestriction]) -> Actor {
    Actor::Service { subject: subject.to_owned(), restrictions: restrictions.to_vec() }
}

fn check_subject(subject: &str) -> Result<(), SettingsError> {
    if subject.is_empty() || subject.contains(char::is_whitespace) {
        return Err(SettingsError::Subject(subject.to_owned()));
    }
    Ok(())
}
