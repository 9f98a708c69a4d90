//! How people and programs write a moment.

use auth::Asked;
use jiff::{SpanRelativeTo, civil, tz::TimeZone};
use model::{Seq, Timestamp};

use crate::{Problem, problem};

/// A moment as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    /// What is meant.
    pub(crate) asked: Asked,
    /// Whether it is counted from now, so that it means another moment later.
    pub(crate) is_relative: bool,
}

impl Given {
    /// The form that means the same moment for ever.
    pub(crate) fn text(self) -> String {
        match self.asked {
            Asked::Seq(seq) => seq.0.to_string(),
            Asked::Time(time) => rfc3339(time),
        }
    }
}

/// Reads a moment: a number of a change; a time with its offset (RFC 3339); a time or a day without one, which is in UTC; or how
/// long ago it was (`-1h`, `-1h30m`, `PT1H`, `P1D`).
///
/// # Errors
/// 400 for anything else.
pub(crate) fn parse(name: &str, text: &str, now: Timestamp) -> Result<Given, Problem> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seq = text.parse().map_err(|_| malformed(name, text))?;
        return Ok(Given { asked: Asked::Seq(Seq(seq)), is_relative: false });
    }
    if let Some(ago) = parse_span(text) {
        let time = Timestamp(now.0.saturating_sub(ago));
        return Ok(Given { asked: Asked::Time(time), is_relative: true });
    }
    let time = read_time(text).ok_or_else(|| malformed(name, text))?;
    Ok(Given { asked: Asked::Time(time), is_relative: false })
}

/// Reads a time, but no number of a change.
///
/// # Errors
/// 400 for anything else.
pub(crate) fn parse_time(name: &str, text: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    match parse(name, text, now)?.asked {
        Asked::Time(time) => Ok(time),
        Asked::Seq(_) => Err(problem::input(format!(
            "`{name}` must be a time such as 2026-11-26T02:14:00Z, or how long ago such as -1h, not `{text}`"
        ))),
    }
}

/// Writes a time as RFC 3339 in UTC.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(time.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

fn malformed(name: &str, text: &str) -> Problem {
    problem::input(format!(
        "`{name}` must be a time such as 2026-11-26T02:14:00Z, how long ago such as -1h, or the number of a change, not `{text}`"
    ))
}

/// Milliseconds of a span; its sign says nothing, as what is asked about is always in the past.
fn parse_span(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if !unsigned.starts_with(|c: char| c == 'P' || c == 'p' || c.is_ascii_digit()) {
        return None;
    }
    let span: jiff::Span = unsigned.parse().ok()?;
    // Months and years have no fixed length, and are refused.
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    i64::try_from(duration.as_millis()).ok()?.checked_abs()
}

fn read_time(text: &str) -> Option<Timestamp> {
    let whole = |time: jiff::Timestamp| Timestamp(time.as_millisecond());
    // A plus sign that nobody escaped arrives as a blank.
    let with_plus = text.rsplit_once(' ').filter(|(_, offset)| offset.len() == 5 && offset.contains(':'));
    let mended = with_plus.filter(|(time, _)| time.contains(':')).map(|(time, offset)| format!("{time}+{offset}"));
    if let Ok(time) = mended.as_deref().unwrap_or(text).parse::<jiff::Timestamp>() {
        return Some(whole(time));
    }
    let in_utc = |time: civil::DateTime| Some(whole(time.to_zoned(TimeZone::UTC).ok()?.timestamp()));
    if let Ok(date) = text.parse::<civil::Date>()
        && !text.contains(':')
    {
        return in_utc(date.to_datetime(civil::Time::midnight()));
    }
    in_utc(text.parse::<civil::DateTime>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23T19:52:15Z
    const NOW: Timestamp = Timestamp(1_795_463_535_000);

    fn read(text: &str) -> Option<String> {
        parse("at", text, NOW).ok().map(Given::text)
    }

    #[test]
    fn reads_what_people_and_programs_write() {
        for (text, want) in [
            ("120", "120"),
            ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"),
            ("2026-11-23T10:00:00+02:00", "2026-11-23T08:00:00Z"),
            ("2026-11-23T10:00:00 02:00", "2026-11-23T08:00:00Z"),
            ("2026-11-23T10:00:00.120Z", "2026-11-23T10:00:00.12Z"),
            ("2026-11-23T10:00", "2026-11-23T10:00:00Z"),
            ("2026-11-23 10:00", "2026-11-23T10:00:00Z"),
            ("2026-11-23", "2026-11-23T00:00:00Z"),
            ("-1h", "2026-11-23T18:52:15Z"),
            ("1h", "2026-11-23T18:52:15Z"),
            ("-1h30m", "2026-11-23T18:22:15Z"),
            ("-2d", "2026-11-21T19:52:15Z"),
            ("PT15M", "2026-11-23T19:37:15Z"),
            ("-P1W", "2026-11-16T19:52:15Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(want), "{text}");
        }
        assert!(parse("at", "-1h", NOW).is_ok_and(|given| given.is_relative));
    }

    #[test]
    fn refuses_what_means_no_moment() {
        for text in ["", "soon", "P1M", "-1y", "99999999999999999999999", "2026-13-01", "--1h", "12a", "-"] {
            assert_eq!(read(text), None, "{text}");
        }
        let message = parse("at", "soon", NOW).err().map(|problem| problem.error.message).unwrap_or_default();
        assert!(message.ends_with("not `soon`"), "{message}");
    }
}
