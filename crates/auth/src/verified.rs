//! User tokens that were verified lately. Verifying a signature costs more than most answers; a token does not change.

use std::{collections::HashMap, sync::Mutex};

use model::Timestamp;
use sha2::{Digest, Sha256};

/// How many tokens are remembered; then all are forgotten, which costs one verification each.
const MOST: usize = 4096;

/// Verified tokens by their hash, so that the tokens themselves are not kept in memory.
#[derive(Default)]
pub(crate) struct Verified(Mutex<HashMap<[u8; 32], Known>>);

struct Known {
    subject: String,
    ends_at: i64,
}

impl Verified {
    /// Returns the user of a token that was verified before and has not ended.
    pub(crate) fn find(&self, token: &str, now: Timestamp) -> Option<String> {
        let known = self.0.lock().expect("nobody panics while holding it");
        known.get(&hash(token)).filter(|known| now.0 / 1000 < known.ends_at).map(|known| known.subject.clone())
    }

    /// Remembers a verified token until `ends_at`, in seconds since 1970.
    pub(crate) fn remember(&self, token: &str, subject: &str, ends_at: i64) {
        let mut known = self.0.lock().expect("nobody panics while holding it");
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(hash(token), Known { subject: subject.to_owned(), ends_at });
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_ended_tokens_and_never_grows_without_end() {
        let verified = Verified::default();
        verified.remember("a", "user:default/jane", 10);
        assert_eq!(verified.find("a", Timestamp(9_999)).as_deref(), Some("user:default/jane"));
        assert_eq!(verified.find("a", Timestamp(10_000)), None);
        assert_eq!(verified.find("b", Timestamp(0)), None);
        for i in 0..2 * MOST {
            verified.remember(&i.to_string(), "user:default/jane", 10);
        }
        assert!(verified.0.lock().unwrap().len() <= MOST);
    }
}
