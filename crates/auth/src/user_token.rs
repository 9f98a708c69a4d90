//! User tokens: JWS ES256 with `typ: vnd.backstage.user`, issued to guests and read from requests.

use std::time::Duration;

use jsonwebtoken::{Algorithm, Header, Validation, decode, encode};
use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::keys::LoadedKey;

/// `typ` of a user token.
pub(crate) const USER_TYPE: &str = "vnd.backstage.user";
const LIMITED_TYPE: &str = "vnd.backstage.limited-user";
const AUDIENCE: &str = "backstage";

/// Claims of a user token, in Backstage's order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UserClaims {
    iss: String,
    /// The user's entity reference.
    pub(crate) sub: String,
    aud: String,
    iat: i64,
    /// When it ends, in seconds since 1970.
    pub(crate) exp: i64,
    /// The signature of the limited token that Backstage makes of this one: `{sub, iat, exp}` with another `typ`.
    uip: String,
}

#[derive(Serialize)]
struct LimitedClaims<'a> {
    sub: &'a str,
    iat: i64,
    exp: i64,
}

/// Signs a token for a user.
pub(crate) fn issue(
    key: &LoadedKey,
    issuer: &str,
    subject: &str,
    now: Timestamp,
    lifetime: Duration,
) -> Result<String, jsonwebtoken::errors::Error> {
    let iat = now.0 / 1000;
    let exp = iat + i64::try_from(lifetime.as_secs()).unwrap_or(i64::from(u32::MAX));
    let limited = encode(&header(LIMITED_TYPE, key), &LimitedClaims { sub: subject, iat, exp }, &key.encoding)?;
    let uip = limited.rsplit('.').next().unwrap_or_default().to_owned();
    let claims =
        UserClaims { iss: issuer.to_owned(), sub: subject.to_owned(), aud: AUDIENCE.to_owned(), iat, exp, uip };
    encode(&header(USER_TYPE, key), &claims, &key.encoding)
}

/// Checks signature, audience, issuer and end of a token. `None` when any is wrong.
pub(crate) fn verify(key: &LoadedKey, token: &str, issuer: &str, now: Timestamp) -> Option<UserClaims> {
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_audience(&[AUDIENCE]);
    rules.set_issuer(&[issuer]);
    rules.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    // Our own clock decides below; the library only knows that of the machine.
    rules.validate_exp = false;
    let claims = decode::<UserClaims>(token, &key.decoding, &rules).ok()?.claims;
    (now.0 / 1000 < claims.exp).then_some(claims)
}

fn header(token_type: &str, key: &LoadedKey) -> Header {
    let mut header = Header::new(Algorithm::ES256);
    header.typ = Some(token_type.to_owned());
    header.kid = Some(key.jwk.kid.clone());
    header
}
