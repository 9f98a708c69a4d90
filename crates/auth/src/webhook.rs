//! How senders of webhooks prove that they know a secret. Comparisons take the same time wherever two texts differ.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Tells whether `signature`, `sha256=` and hexadecimal digits, is the HMAC-SHA256 of a body, as GitHub makes it.
#[must_use]
pub fn is_signed(secret: &str, body: &[u8], signature: &str) -> bool {
    let Some(signature) = signature.trim().strip_prefix("sha256=").and_then(from_hex) else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

/// Tells whether two secrets are the same.
#[must_use]
pub fn is_same_secret(secret: &str, given: &str) -> bool {
    // Hashed, so that not even the length shows.
    Sha256::digest(secret.as_bytes()).ct_eq(&Sha256::digest(given.as_bytes())).into()
}

/// Takes the password out of `Basic <base64 of user:password>`.
#[must_use]
pub fn basic_password(authorization: &str) -> Option<String> {
    let (scheme, value) = authorization.trim().split_once(' ')?;
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(value.trim()).ok()).flatten()?;
    let text = String::from_utf8(decoded).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of GitHub's documentation.
    #[test]
    fn a_signature_is_of_the_body_and_the_secret() {
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(is_signed("It's a Secret to Everybody", b"Hello, World!", signature));
        assert!(!is_signed("It's a Secret to Everybody", b"Hello, World?", signature));
        assert!(!is_signed("another", b"Hello, World!", signature));
        for malformed in ["", "sha256=", "sha256=7", "sha256=zz", "sha1=757107ea"] {
            assert!(!is_signed("It's a Secret to Everybody", b"Hello, World!", malformed), "{malformed}");
        }
    }

    #[test]
    fn secrets_and_passwords_are_read() {
        assert!(is_same_secret("a", "a") && !is_same_secret("a", "ab") && !is_same_secret("a", ""));
        assert_eq!(basic_password("Basic YWxhZGRpbjpvcGVuOnNlc2FtZQ==").as_deref(), Some("open:sesame"));
        assert_eq!(basic_password("Bearer YWxhZGRpbjpvcGVu"), None);
        assert_eq!(basic_password("Basic %"), None);
    }
}
