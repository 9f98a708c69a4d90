//! The quality of a dependency: how strongly an entity depends on another one, as its descriptor says in
//! `spec.dependencies`. Backstage does not know the field and leaves it alone.

use std::fmt;

use serde_json::Value;

use crate::{EntityRef, RefDefaults};

/// The field of `spec` that holds qualities.
pub const QUALITY_FIELD: &str = "dependencies";
/// What an item of the field may hold.
pub const QUALITY_KEYS: [&str; 5] = ["ref", "strength", "delay", "redundantWith", "note"];

/// What becomes of an entity when what it depends on fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// It fails in the same way.
    #[default]
    Hard,
    /// It goes on with less.
    Soft,
}

impl Strength {
    /// All of them, by the words of descriptors.
    pub const WORDS: [&str; 2] = ["hard", "soft"];

    /// Parses the word of a descriptor.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "hard" => Some(Self::Hard),
            "soft" => Some(Self::Soft),
            _ => None,
        }
    }

    /// Returns the word of descriptors.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
        }
    }
}

/// How long it takes until a failure is felt, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Delay(pub u64);

/// Units of a delay after `P` and after `T`, largest first, in seconds. Months and years have no fixed length.
const DATE_UNITS: [(char, u64); 2] = [('W', 604_800), ('D', 86_400)];
const TIME_UNITS: [(char, u64); 3] = [('H', 3_600), ('M', 60), ('S', 1)];

impl Delay {
    /// Parses an ISO 8601 duration of weeks, days, hours, minutes and seconds in whole numbers: `PT6H`, `P1DT30M`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('P')?;
        let (date, time) = match text.split_once('T') {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None if text.is_empty() => return None,
            None => (text, ""),
        };
        sum(date, &DATE_UNITS)?.checked_add(sum(time, &TIME_UNITS)?).map(Self)
    }

    /// Adds another delay to it; delays that no calendar holds stay at the largest one.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Whether the failure is felt at once.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Says it in words: `6 h`, `1 d 30 min`; at most the two largest units.
    #[must_use]
    pub fn words(self) -> String {
        let mut left = self.0;
        let mut parts = Vec::new();
        for (unit, seconds) in [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)] {
            if left >= seconds {
                parts.push(format!("{} {unit}", left / seconds));
                left %= seconds;
            }
        }
        parts.truncate(2);
        if parts.is_empty() { "at once".to_owned() } else { parts.join(" ") }
    }
}

/// Adds up numbers with units that must come in this order.
fn sum(text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut rest = text;
    let mut total = 0u64;
    for (unit, seconds) in units {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 || !rest[digits..].starts_with(*unit) {
            continue;
        }
        total = total.checked_add(rest[..digits].parse::<u64>().ok()?.checked_mul(*seconds)?)?;
        rest = &rest[digits + 1..];
    }
    rest.is_empty().then_some(total)
}

impl fmt::Display for Delay {
    /// Writes ISO 8601.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("PT0S");
        }
        let mut left = self.0;
        f.write_str("P")?;
        if left >= 86_400 {
            write!(f, "{}D", left / 86_400)?;
            left %= 86_400;
        }
        if left > 0 {
            f.write_str("T")?;
        }
        for (unit, seconds) in TIME_UNITS {
            if left >= seconds {
                write!(f, "{}{unit}", left / seconds)?;
                left %= seconds;
            }
        }
        Ok(())
    }
}

/// One item of `spec.dependencies`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quality {
    /// What is depended on.
    pub other: EntityRef,
    /// How strongly.
    pub strength: Strength,
    /// When a failure is felt.
    pub delay: Delay,
    /// What can stand in for it.
    pub redundant_with: Vec<EntityRef>,
    /// What the author wrote about it.
    pub note: Option<String>,
}

impl Quality {
    /// Whether it says nothing but what holds for every dependency.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.strength == Strength::Hard && self.delay.is_none() && self.redundant_with.is_empty() && self.note.is_none()
    }

    /// Reads `spec.dependencies` of an entity in a namespace. What cannot be read counts as not written: `ingest` has
    /// warned about it.
    #[must_use]
    pub fn read_all(dependencies: &Value, namespace: &str) -> Vec<Self> {
        let items = dependencies.as_array().map_or(&[][..], Vec::as_slice);
        let mut found: Vec<Self> = Vec::new();
        for quality in items.iter().filter_map(|item| Self::read(item, namespace)) {
            // The first one counts.
            if found.iter().all(|known| known.other != quality.other) {
                found.push(quality);
            }
        }
        found
    }

    fn read(item: &Value, namespace: &str) -> Option<Self> {
        let text = |key: &str| item.get(key).and_then(Value::as_str);
        let parse = |text: &str| EntityRef::parse_with(text, RefDefaults { kind: None, namespace }).ok();
        let redundant = item.get("redundantWith").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        Some(Self {
            other: parse(text("ref")?)?,
            strength: text("strength").and_then(Strength::parse).unwrap_or_default(),
            delay: text("delay").and_then(Delay::parse).unwrap_or_default(),
            redundant_with: redundant.iter().filter_map(Value::as_str).filter_map(parse).collect(),
            note: text("note").map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned),
        })
    }
}

/// Joins what can stand in for each other into groups: being redundant holds in both directions and goes on from one to the
/// next. Gives for each of `members` the number of its group, the position of the first member of it. Only members count:
/// what an entity does not depend on holds nothing up.
#[must_use]
pub fn redundancy_groups(members: &[EntityRef], qualities: &[Quality]) -> Vec<usize> {
    let mut group: Vec<usize> = (0..members.len()).collect();
    let place = |wanted: &EntityRef| members.iter().position(|member| member == wanted);
    for quality in qualities {
        let Some(one) = place(&quality.other) else { continue };
        for other in quality.redundant_with.iter().filter_map(place) {
            let (low, high) = (group[one].min(group[other]), group[one].max(group[other]));
            group.iter_mut().filter(|number| **number == high).for_each(|number| *number = low);
        }
    }
    group
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn r(name: &str) -> EntityRef {
        EntityRef::new("resource", "default", name)
    }

    #[test]
    fn delays_are_iso_8601_without_months() {
        let seconds = |text| Delay::parse(text).map(|delay| delay.0);
        assert_eq!(seconds("PT6H"), Some(21_600));
        assert_eq!(seconds("P1DT30M5S"), Some(88_205));
        assert_eq!(seconds("P2W"), Some(1_209_600));
        assert_eq!(seconds("PT0S"), Some(0));
        for wrong in ["", "P", "PT", "6h", "P1M", "P1Y", "PT1.5H", "PT1M1H", "P1DT", "PT99999999999999999999H", "-PT1H"]
        {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
        for text in ["PT6H", "P1DT30M5S", "PT0S", "P14D"] {
            assert_eq!(Delay::parse(text).unwrap().to_string(), text);
        }
        let words = |seconds| Delay(seconds).words();
        assert_eq!([words(0), words(21_600), words(88_205)], ["at once", "6 h", "1 d 30 min"]);
    }

    #[test]
    fn qualities_are_read_with_the_namespace_of_the_entity_and_the_first_one_counts() {
        let field = json!([
            {"ref": "resource:db", "strength": "soft", "delay": "PT1H", "redundantWith": ["resource:other/db"], "note": " n "},
            {"ref": "resource:db", "strength": "hard"},
            {"ref": "db"},
            {"strength": "soft"},
            "resource:x",
            {"ref": "resource:default/q", "strength": "loose", "delay": "soon"},
        ]);
        let read = Quality::read_all(&field, "shop");
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].other.as_str(), "resource:shop/db");
        assert_eq!((read[0].strength, read[0].delay), (Strength::Soft, Delay(3600)));
        assert_eq!(read[0].redundant_with[0].as_str(), "resource:other/db");
        assert_eq!(read[0].note.as_deref(), Some("n"));
        assert!(read[1].is_plain(), "what cannot be read counts as not written");
        assert_eq!(Quality::read_all(&json!({"ref": "x"}), "shop"), []);
    }

    #[test]
    fn redundancy_holds_in_both_directions_and_goes_on() {
        let quality = |name: &str, with: &[&str]| Quality {
            other: r(name),
            strength: Strength::Hard,
            delay: Delay(0),
            redundant_with: with.iter().map(|name| r(name)).collect(),
            note: None,
        };
        let members = ["a", "b", "c", "d"].map(r);
        let qualities = [quality("b", &["a"]), quality("c", &["b", "elsewhere"]), quality("elsewhere", &["d"])];
        assert_eq!(redundancy_groups(&members, &qualities), [0, 0, 0, 3]);
        assert_eq!(redundancy_groups(&members, &[]), [0, 1, 2, 3]);
    }
}
