//! The keys that sign user tokens: made here, kept in the store so that all replicas share them, rotated while they are used.
//!
//! A key signs for one token lifetime and verifies for three, so that each token can be verified until it ends.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey};
use model::Timestamp;
use p256::{
    SecretKey,
    elliptic_curve::{rand_core::OsRng, sec1::ToEncodedPoint},
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding},
};
use serde::Serialize;
use store::{Store, StoreError, StoredKey};
use tokio::sync::Mutex;

/// What the keys are kept for in the store.
const PURPOSE: &str = "user-token";

/// How often an unknown key id may make us look into the store, in milliseconds: forged tokens must not keep it busy.
const RELOAD_PAUSE_MS: i64 = 1000;

/// A public key as `/.well-known/jwks.json` shows it. Field order is Backstage's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// `EC`.
    pub kty: String,
    /// The point's first coordinate, base64url.
    pub x: String,
    /// The point's second coordinate, base64url.
    pub y: String,
    /// `P-256`.
    pub crv: String,
    /// The key's id.
    pub kid: String,
    /// `ES256`.
    pub alg: String,
}

/// A key that is ready for use.
pub(crate) struct LoadedKey {
    pub(crate) jwk: Jwk,
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
    created_at: Timestamp,
    expires_at: Timestamp,
}

/// What went wrong with the keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// The store could not be asked.
    #[error("failed to reach the signing keys")]
    Store(#[from] StoreError),
    /// A key could not be made or written as text.
    #[error("failed to make a signing key")]
    Make,
}

/// The keys of this installation, as far as this process has seen them.
pub(crate) struct KeyRing {
    store: Store,
    lifetime: Duration,
    known: ArcSwap<Vec<Arc<LoadedKey>>>,
    /// When the store was last asked; also keeps two requests from making a key at once.
    reload: Mutex<Option<Timestamp>>,
}

impl KeyRing {
    pub(crate) fn new(store: Store, lifetime: Duration) -> Self {
        Self { store, lifetime, known: ArcSwap::default(), reload: Mutex::new(None) }
    }

    /// Returns the key to sign with, making and keeping a new one when the newest is older than a token's lifetime.
    pub(crate) async fn signing_key(&self, now: Timestamp) -> Result<Arc<LoadedKey>, KeyError> {
        if let Some(key) = self.fresh(now) {
            return Ok(key);
        }
        let mut reloaded_at = self.reload.lock().await;
        // Another request or another replica may have made one meanwhile.
        self.load(now).await?;
        *reloaded_at = Some(now);
        if let Some(key) = self.fresh(now) {
            return Ok(key);
        }
        let row = self.make(now)?;
        self.store.add_key(&row).await?;
        for old in self.store.list_keys(PURPOSE).await?.iter().filter(|old| old.expires_at <= now) {
            self.store.remove_key(PURPOSE, &old.id).await?;
        }
        self.load(now).await?;
        self.fresh(now).ok_or(KeyError::Make)
    }

    /// Finds the key that signed a token; looks into the store when it is not known here, as another replica may have made it.
    pub(crate) async fn find(&self, kid: &str, now: Timestamp) -> Result<Option<Arc<LoadedKey>>, KeyError> {
        if let Some(key) = self.valid(kid, now) {
            return Ok(Some(key));
        }
        let mut reloaded_at = self.reload.lock().await;
        if reloaded_at.is_none_or(|at| now.0 - at.0 >= RELOAD_PAUSE_MS || now < at) {
            self.load(now).await?;
            *reloaded_at = Some(now);
        }
        Ok(self.valid(kid, now))
    }

    /// Lists the public keys, oldest first; makes the first key when there is none.
    pub(crate) async fn public(&self, now: Timestamp) -> Result<Vec<Jwk>, KeyError> {
        self.signing_key(now).await?;
        // Replicas make keys too, and a verifier wants to see all of them.
        self.load(now).await?;
        Ok(self.known.load().iter().map(|key| key.jwk.clone()).collect())
    }

    fn valid(&self, kid: &str, now: Timestamp) -> Option<Arc<LoadedKey>> {
        self.known.load().iter().find(|key| key.jwk.kid == kid && now < key.expires_at).cloned()
    }

    /// The newest key that may still sign. A key from the future (a clock that was set back) may too.
    fn fresh(&self, now: Timestamp) -> Option<Arc<LoadedKey>> {
        let lifetime = millis(self.lifetime);
        let known = self.known.load();
        let newest = known.iter().max_by_key(|key| key.created_at)?;
        (now.0 < newest.created_at.0.saturating_add(lifetime) && now < newest.expires_at).then(|| Arc::clone(newest))
    }

    async fn load(&self, now: Timestamp) -> Result<(), KeyError> {
        let mut keys: Vec<_> = self
            .store
            .list_keys(PURPOSE)
            .await?
            .into_iter()
            .filter(|row| now < row.expires_at)
            .filter_map(|row| {
                let key = load_key(&row);
                if key.is_none() {
                    tracing::warn!(kid = row.id, "a signing key in the database cannot be read and is left out");
                }
                key
            })
            .map(Arc::new)
            .collect();
        keys.sort_by(|a, b| (a.created_at, &a.jwk.kid).cmp(&(b.created_at, &b.jwk.kid)));
        self.known.store(Arc::new(keys));
        Ok(())
    }

    fn make(&self, now: Timestamp) -> Result<StoredKey, KeyError> {
        let pem = SecretKey::random(&mut OsRng).to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::Make)?;
        Ok(StoredKey {
            purpose: PURPOSE.to_owned(),
            id: uuid::Uuid::new_v4().to_string(),
            pem: pem.to_string(),
            created_at: now,
            expires_at: Timestamp(now.0.saturating_add(3 * millis(self.lifetime))),
        })
    }
}

fn load_key(row: &StoredKey) -> Option<LoadedKey> {
    let secret = SecretKey::from_pkcs8_pem(&row.pem).ok()?;
    let point = secret.public_key().to_encoded_point(false);
    let (x, y) = (URL_SAFE_NO_PAD.encode(point.x()?), URL_SAFE_NO_PAD.encode(point.y()?));
    Some(LoadedKey {
        encoding: EncodingKey::from_ec_pem(row.pem.as_bytes()).ok()?,
        decoding: DecodingKey::from_ec_components(&x, &y).ok()?,
        jwk: Jwk { kty: "EC".to_owned(), x, y, crv: "P-256".to_owned(), kid: row.id.clone(), alg: "ES256".to_owned() },
        created_at: row.created_at,
        expires_at: row.expires_at,
    })
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
