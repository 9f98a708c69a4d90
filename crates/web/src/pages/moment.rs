//! Moments as people say them: "3 minutes ago", with the exact one at hand.

use std::fmt;

use askama::filters::HtmlSafe;
use model::Timestamp;

/// A moment, seen from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// What is shown.
    pub(crate) at: Timestamp,
    /// From when it is looked at.
    pub(crate) now: Timestamp,
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Moment {
    /// Says how long ago it was, or in how long it will be.
    pub(crate) fn words(self) -> String {
        let distance = self.now.0.saturating_sub(self.at.0);
        let span = match distance.saturating_abs() {
            ..10_000 => return "just now".to_owned(),
            d if d < 2 * MINUTE => count(d / SECOND, "second"),
            d if d < 2 * HOUR => count(d / MINUTE, "minute"),
            d if d < 2 * DAY => count(d / HOUR, "hour"),
            d if d < 60 * DAY => count(d / DAY, "day"),
            d if d < 730 * DAY => count(d / (30 * DAY), "month"),
            d => count(d / (365 * DAY), "year"),
        };
        if distance < 0 { format!("in {span}") } else { format!("{span} ago") }
    }

    /// The exact moment in UTC, to the second, for people.
    pub(crate) fn exact(self) -> String {
        let zoned = timestamp(self.at).to_zoned(jiff::tz::TimeZone::UTC);
        zoned.strftime("%-d %b %Y %H:%M:%S UTC").to_string()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let machine = timestamp(self.at);
        write!(f, "<time datetime=\"{machine}\" title=\"{}\">{}</time>", self.exact(), self.words())
    }
}

impl HtmlSafe for Moment {}

fn timestamp(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

fn count(n: i64, unit: &str) -> String {
    if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(distance: i64) -> String {
        let now = Timestamp(1_795_463_535_000);
        Moment { at: Timestamp(now.0 - distance), now }.words()
    }

    #[test]
    fn says_how_long_ago_in_one_unit() {
        assert_eq!(words(3 * SECOND), "just now");
        assert_eq!(words(90 * SECOND), "90 seconds ago");
        assert_eq!(words(5 * MINUTE), "5 minutes ago");
        assert_eq!(words(47 * HOUR), "47 hours ago");
        assert_eq!(words(3 * DAY), "3 days ago");
        assert_eq!(words(90 * DAY), "3 months ago");
        assert_eq!(words(-30 * MINUTE), "in 30 minutes");
    }

    #[test]
    fn carries_the_exact_moment() {
        let moment = Moment { at: Timestamp(1_795_463_535_000), now: Timestamp(1_795_463_535_000) };
        let html = moment.to_string();
        assert!(html.contains("datetime=\"2026-11-23T19:52:15Z\""), "{html}");
        assert!(html.contains("title=\"23 Nov 2026 19:52:15 UTC\""), "{html}");
    }
}
