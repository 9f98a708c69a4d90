//! What relations are called in pictures, and which two are one seen from both ends.

use std::collections::BTreeSet;

/// A relation from its first end, from its second end, and the words on its line from the first to the second.
struct Pair {
    first: &'static str,
    second: &'static str,
    words: &'static str,
}

const fn pair(first: &'static str, second: &'static str, words: &'static str) -> Pair {
    Pair { first, second, words }
}

/// Backstage's pairs in Backstage's direction, so that pictures run the same way there and here.
static PAIRS: &[Pair] = &[
    pair("ownerOf", "ownedBy", "owns"),
    pair("consumesApi", "apiConsumedBy", "consumes"),
    pair("apiProvidedBy", "providesApi", "provided by"),
    pair("hasPart", "partOf", "has part"),
    pair("parentOf", "childOf", "has below it"),
    pair("hasMember", "memberOf", "has member"),
    pair("dependsOn", "dependencyOf", "depends on"),
];

/// All relations of the model.
pub(super) fn known_relations() -> impl Iterator<Item = &'static str> {
    PAIRS.iter().flat_map(|pair| [pair.first, pair.second])
}

/// How a relation is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drawn {
    /// The type under which it is drawn.
    pub(super) class: String,
    /// Whether the line starts at the other end.
    pub(super) is_turned: bool,
}

/// Tells how a relation is drawn when both of its directions are one line. `back` lists what leads from the other end to this
/// one: relations of own kinds are known in pairs only by that.
pub(super) fn merged(relation: &str, back: &BTreeSet<&str>) -> Drawn {
    if let Some(pair) = PAIRS.iter().find(|pair| pair.first == relation || pair.second == relation) {
        return Drawn { class: pair.first.to_owned(), is_turned: pair.second == relation };
    }
    let is_known = |name: &str| known_relations().any(|known| known == name);
    let mut unknown = back.iter().filter(|other| !is_known(other));
    match (unknown.next(), unknown.next()) {
        (Some(other), None) if rank(other) < rank(relation) => Drawn { class: (*other).to_owned(), is_turned: true },
        _ => Drawn { class: relation.to_owned(), is_turned: false },
    }
}

/// Names that tell what is done to something come second.
fn rank(relation: &str) -> (bool, &str) {
    (relation.ends_with("By") || relation.ends_with("Of"), relation)
}

/// The other direction of a relation of the model.
pub(super) fn reverse(relation: &str) -> Option<&'static str> {
    PAIRS.iter().find_map(|pair| match relation {
        name if name == pair.first => Some(pair.second),
        name if name == pair.second => Some(pair.first),
        _ => None,
    })
}

/// The words on a line: "depends on", or the name of a relation of an own kind as words.
pub(super) fn words(relation: &str) -> String {
    if let Some(pair) = PAIRS.iter().find(|pair| pair.first == relation) {
        return pair.words.to_owned();
    }
    let mut words = String::new();
    for c in relation.chars() {
        if c.is_uppercase() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_of_a_relation_are_one_line() {
        let back = BTreeSet::new();
        assert_eq!(merged("ownedBy", &back), Drawn { class: "ownerOf".into(), is_turned: true });
        assert_eq!(merged("ownerOf", &back), Drawn { class: "ownerOf".into(), is_turned: false });
    }

    #[test]
    fn relations_of_own_kinds_find_their_other_direction() {
        let (to, back) = (BTreeSet::from(["touches"]), BTreeSet::from(["touchedBy", "ownedBy"]));
        assert_eq!(merged("touches", &back), Drawn { class: "touches".into(), is_turned: false });
        assert_eq!(merged("touchedBy", &to), Drawn { class: "touches".into(), is_turned: true });
        assert_eq!(merged("touchedBy", &BTreeSet::new()), Drawn { class: "touchedBy".into(), is_turned: false });
    }

    #[test]
    fn lines_read_as_words() {
        assert_eq!(words("dependsOn"), "depends on");
        assert_eq!(words("isMonitoredBy"), "is monitored by");
    }
}
