//! Signatures as the Standard Webhooks specification has them: HMAC-SHA256 over `id.timestamp.body`, in base64 behind `v1,`.
//! While a secret is being rotated, there are two of them with a space between.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use model::Timestamp;
use sha2::Sha256;
use store::{SigningSecret, Webhook};

/// What every secret begins with.
const PREFIX: &str = "whsec_";

/// The headers of a message.
pub fn headers(webhook: &Webhook, message: &str, body: &str, now: Timestamp) -> Vec<(&'static str, String)> {
    let seconds = now.0.div_euclid(1000);
    let old = webhook.old_secret.as_ref().filter(|(_, until)| *until > now).map(|(secret, _)| secret);
    let secrets = std::iter::once(&webhook.secret).chain(old);
    let signatures: Vec<String> = secrets.filter_map(|secret| sign(secret, message, seconds, body)).collect();
    vec![
        ("webhook-id", message.to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ]
}

/// Signs a message. `None` for a secret that is none.
fn sign(secret: &SigningSecret, message: &str, seconds: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.reveal().strip_prefix(PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{message}.{seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the reference libraries of the specification are tested with.
    #[test]
    fn signs_the_published_example_of_the_specification() {
        let secret = SigningSecret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signature = sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert_eq!(sign(&SigningSecret::new("plain"), "m", 1, ""), None);
    }
}
