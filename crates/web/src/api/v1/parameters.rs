//! Query strings of our own API: every parameter is known or refused, and every refusal says what to write instead.

use std::time::Duration;

use index::Filter;
use model::Timestamp;
use url::form_urlencoded;

use crate::{Problem, api::backstage::catalog::filter_param, past, problem};

/// A parsed query string.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Parses a raw query string.
    ///
    /// # Errors
    /// 400 for a parameter that is not in `known`.
    pub(super) fn parse(raw: Option<&str>, known: &[&str]) -> Result<Self, Problem> {
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).into_owned().filter(is_of_handler).collect();
        match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) if known.is_empty() => {
                Err(problem::input(format!("There is no parameter `{name}` here: this endpoint takes none")))
            }
            Some((name, _)) => {
                Err(problem::input(format!("There is no parameter `{name}` here; known are: {}", known.join(", "))))
            }
            None => Ok(Self(pairs)),
        }
    }

    /// Returns the values of a parameter, in order.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns the value of a parameter; blank is as if it were not there.
    ///
    /// # Errors
    /// 400 when it is there twice.
    pub(super) fn one(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(problem::input(format!("`{name}` may be given only once"))),
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
        }
    }

    /// Returns the parts of all values of a parameter, split at commas.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        self.all(name).flat_map(|value| value.split(',')).map(str::trim).filter(|part| !part.is_empty()).collect()
    }

    /// Returns a whole number within a range, or its default.
    ///
    /// # Errors
    /// 400 for anything else.
    pub(super) fn number(
        &self,
        name: &str,
        default: u64,
        range: std::ops::RangeInclusive<u64>,
    ) -> Result<u64, Problem> {
        let Some(text) = self.one(name)? else { return Ok(default) };
        text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
            problem::input(format!(
                "`{name}` must be a whole number from {} to {}, not `{text}`",
                range.start(),
                range.end()
            ))
        })
    }

    /// Returns one of a few words.
    ///
    /// # Errors
    /// 400 for another word.
    pub(super) fn word(&self, name: &str, words: &[&str]) -> Result<Option<&str>, Problem> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        if words.contains(&text) {
            return Ok(Some(text));
        }
        Err(problem::input(format!("`{name}` must be one of {}, not `{text}`", words.join(", "))))
    }

    /// Returns a duration such as `30s`, `500ms` or `1m`, but not more than `longest`.
    ///
    /// # Errors
    /// 400 for anything else.
    pub(super) fn duration(&self, name: &str, longest: Duration) -> Result<Option<Duration>, Problem> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: Option<u64> = number.parse().ok();
        let duration = match (number, unit) {
            (Some(n), "" | "s") => Some(Duration::from_secs(n)),
            (Some(n), "ms") => Some(Duration::from_millis(n)),
            (Some(n), "m") => Some(Duration::from_secs(n.saturating_mul(60))),
            _ => None,
        };
        match duration {
            Some(duration) => Ok(Some(duration.min(longest))),
            None => Err(problem::input(format!("`{name}` must be a duration such as 30s, 500ms or 1m, not `{text}`"))),
        }
    }

    /// Returns the filter: the same grammar as Backstage's `filter`.
    ///
    /// # Errors
    /// 400 for a statement without a key.
    pub(super) fn filter(&self) -> Result<Filter, Problem> {
        filter_param::parse_texts(self.all("filter"))
    }
}

/// Every read takes `at`; the guard has dealt with it.
fn is_of_handler((name, _): &(String, String)) -> bool {
    name != past::AT
}

/// Writes a moment as RFC 3339 in UTC.
pub(super) fn rfc3339(moment: Timestamp) -> String {
    past::rfc3339(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_unknown_parameters_and_names_the_known_ones() {
        let error = Parameters::parse(Some("limits=1"), &["limit", "cursor"]).err().unwrap();
        assert_eq!(error.error.message, "There is no parameter `limits` here; known are: limit, cursor");
    }

    #[test]
    fn reads_durations_and_caps_them() {
        let read =
            |raw: &str| Parameters::parse(Some(raw), &["wait"]).unwrap().duration("wait", Duration::from_secs(30));
        assert_eq!(read("wait=1500ms").unwrap(), Some(Duration::from_millis(1500)));
        assert_eq!(read("wait=2m").unwrap(), Some(Duration::from_secs(30)));
        assert_eq!(read("").unwrap(), None);
        assert!(read("wait=soon").is_err());
        assert!(read("wait=99999999999999999999s").is_err());
    }

    #[test]
    fn writes_moments_in_utc() {
        assert_eq!(rfc3339(Timestamp(1_795_463_535_120)), "2026-11-23T19:52:15.12Z");
    }
}
