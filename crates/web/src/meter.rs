//! How much one sender may send: a bucket for each, which fills up with time.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How many a sender may send at once after a pause.
const BURST: f64 = 2_000.0;
/// How many more each second.
const PER_SECOND: f64 = 50.0;
/// How many senders are remembered.
const MOST_SENDERS: usize = 1_000;

/// The buckets of all senders.
#[derive(Default)]
pub(crate) struct Meter(Mutex<HashMap<String, Bucket>>);

struct Bucket {
    left: f64,
    since: Instant,
}

impl Meter {
    /// Takes `count` out of a sender's bucket, or says how long it must wait.
    pub(crate) fn take(&self, sender: &str, count: usize, now: Instant) -> Result<(), Duration> {
        let count = u32::try_from(count).map_or(f64::MAX, f64::from);
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_SENDERS && !buckets.contains_key(sender) {
            // Whoever has waited long enough is as if never seen.
            buckets.retain(|_, bucket| bucket.filled(now) < BURST);
        }
        let bucket = buckets.entry(sender.to_owned()).or_insert(Bucket { left: BURST, since: now });
        bucket.left = bucket.filled(now);
        bucket.since = now;
        if bucket.left >= count {
            bucket.left -= count;
            return Ok(());
        }
        Err(Duration::from_secs_f64(((count - bucket.left) / PER_SECOND).min(3_600.0)))
    }
}

impl Bucket {
    fn filled(&self, now: Instant) -> f64 {
        (self.left + now.saturating_duration_since(self.since).as_secs_f64() * PER_SECOND).min(BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_that_sends_too_much_must_wait_and_others_need_not() {
        let (meter, start) = (Meter::default(), Instant::now());
        assert!(meter.take("a", 2_000, start).is_ok());
        assert_eq!(meter.take("a", 100, start), Err(Duration::from_secs(2)));
        assert!(meter.take("b", 1, start).is_ok());
        assert!(meter.take("a", 100, start + Duration::from_secs(2)).is_ok());
        assert!(meter.take("a", 1, start + Duration::from_secs(2)).is_err());
    }
}
