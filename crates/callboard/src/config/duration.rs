//! Durations as Backstage writes them: `{minutes: 5}`, `PT5M`, `5m`, `2 days`.

use std::time::Duration;

use super::tree::{Node, Value};

const UNITS: [(&str, &[&str], f64); 8] = [
    ("years", &["y", "yr", "yrs", "year", "years"], 31_557_600.0),
    ("months", &["mo", "month", "months"], 2_629_800.0),
    ("weeks", &["w", "week", "weeks"], 604_800.0),
    ("days", &["d", "day", "days"], 86_400.0),
    ("hours", &["h", "hr", "hrs", "hour", "hours"], 3600.0),
    ("minutes", &["m", "min", "mins", "minute", "minutes"], 60.0),
    ("seconds", &["s", "sec", "secs", "second", "seconds"], 1.0),
    ("milliseconds", &["ms", "msec", "msecs", "millisecond", "milliseconds"], 0.001),
];

/// What to write, for error texts.
pub const EXPECTED: &str = "write `5m`, `PT5M` or `{ minutes: 5 }`";

/// Reads a duration; `None` when the value is none.
pub fn read(node: &Node) -> Option<Duration> {
    match &node.value {
        Value::Map(entries) => {
            let mut seconds = 0.0;
            for (key, value) in entries {
                let (_, _, factor) = UNITS.iter().find(|(name, ..)| name == key)?;
                let amount = match &value.value {
                    Value::Number(n) => *n,
                    Value::Text(text) => text.parse().ok()?,
                    _ => return None,
                };
                seconds += amount * factor;
            }
            if entries.is_empty() { None } else { Duration::try_from_secs_f64(seconds).ok() }
        }
        Value::Text(text) => parse(text.trim()),
        _ => None,
    }
}

fn parse(text: &str) -> Option<Duration> {
    match text.strip_prefix('P') {
        Some(iso) => parse_iso(iso),
        None => parse_short(text),
    }
}

/// `1.5h`, `2 days`: one amount and one unit, as npm `ms` reads them.
fn parse_short(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let amount: f64 = text[..split].parse().ok()?;
    let unit = text[split..].trim().to_ascii_lowercase();
    let (_, _, factor) = UNITS.iter().find(|(_, names, _)| names.contains(&unit.as_str()))?;
    Duration::try_from_secs_f64(amount * factor).ok()
}

/// `1DT2H30M`, without the leading `P`.
fn parse_iso(text: &str) -> Option<Duration> {
    let (mut seconds, mut in_time, mut number, mut parts) = (0.0, false, String::new(), 0);
    for c in text.chars() {
        let factor = match (c, in_time) {
            ('0'..='9' | '.', _) => {
                number.push(c);
                continue;
            }
            ('T', false) if number.is_empty() => {
                in_time = true;
                continue;
            }
            ('Y', false) => 31_557_600.0,
            ('M', false) => 2_629_800.0,
            ('W', false) => 604_800.0,
            ('D', false) => 86_400.0,
            ('H', true) => 3600.0,
            ('M', true) => 60.0,
            ('S', true) => 1.0,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * factor;
        number.clear();
        parts += 1;
    }
    (parts > 0 && number.is_empty()).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::yaml;

    fn seconds(text: &str) -> Option<f64> {
        let node = yaml::read(&format!("d: {text}"), &"f".into()).unwrap().unwrap();
        read(node.get("d").unwrap()).map(|d| d.as_secs_f64())
    }

    #[test]
    fn reads_the_three_spellings() {
        assert_eq!(seconds("{ hours: 24, minutes: 1 }"), Some(86_460.0));
        assert_eq!(seconds("PT5M"), Some(300.0));
        assert_eq!(seconds("P1DT1.5S"), Some(86_401.5));
        assert_eq!(seconds("5m"), Some(300.0));
        assert_eq!(seconds("2 days"), Some(172_800.0));
        assert_eq!(seconds("250ms"), Some(0.25));
    }

    #[test]
    fn refuses_what_is_no_duration() {
        for text in ["soon", "5", "{ fortnights: 1 }", "{}", "P", "PT", "P5", "m", "-5m", "[1]"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
