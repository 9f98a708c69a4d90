//! "Did you mean ...?"

/// The candidate that `word` is most likely a misspelling of, if it is close to any. Letter case does not count.
pub(crate) fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let allowed = match lower.chars().count() {
        0..=3 => 0,
        4..=5 => 1,
        _ => 2,
    };
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_near_misses_and_nothing_else() {
        let known = ["lifecycle", "owner", "type", "system", "dependsOn"];
        assert_eq!(closest("lifecyle", known), Some("lifecycle"));
        assert_eq!(closest("onwer", known), Some("owner"));
        assert_eq!(closest("dependson", known), Some("dependsOn"));
        assert_eq!(closest("tpye", known), Some("type"));
        assert_eq!(closest("tier", known), None);
        assert_eq!(closest("systems", known), Some("system"));
        assert_eq!(closest("owner", known), None);
    }
}
