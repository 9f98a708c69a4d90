//! The controls of the graph: what can be chosen, and what is.

use std::collections::BTreeSet;

use super::{
    query::{FoldBy, GraphQuery},
    words::known_relations,
};
use crate::{KindInfo, pages::entity::relation_title};

/// A value of a control.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) is_chosen: bool,
}

/// All controls of the form.
pub(super) struct Controls {
    pub(super) depths: Vec<Choice>,
    pub(super) directions: Vec<Choice>,
    pub(super) curves: Vec<Choice>,
    pub(super) folds: Vec<Choice>,
    pub(super) kinds: Vec<Choice>,
    pub(super) relations: Vec<Choice>,
}

const DEPTHS: [(&str, &str); 7] = [
    ("1", "1 step"),
    ("2", "2 steps"),
    ("3", "3 steps"),
    ("4", "4 steps"),
    ("5", "5 steps"),
    ("10", "10 steps"),
    ("infinite", "As far as it goes"),
];

const DIRECTIONS: [(&str, &str); 4] =
    [("LR", "Left to right"), ("RL", "Right to left"), ("TB", "Top to bottom"), ("BT", "Bottom to top")];

const CURVES: [(&str, &str); 2] = [("curveMonotoneX", "Soft"), ("curveStepBefore", "At right angles")];

/// Makes the controls. `relations` are the types that occur in what is shown.
pub(super) fn controls(query: &GraphQuery, kinds: &[KindInfo], relations: &BTreeSet<String>) -> Controls {
    let depth = query.depth.map_or_else(|| "infinite".to_owned(), |depth| depth.to_string());
    let mut depths = choices(&DEPTHS, &depth);
    if !depths.iter().any(|choice| choice.is_chosen) {
        depths.push(Choice { label: format!("{depth} steps"), value: depth, is_chosen: true });
    }
    let curve = if query.curve == diagram::Curve::Step { CURVES[1].0 } else { CURVES[0].0 };
    Controls {
        depths,
        directions: choices(&DIRECTIONS, query.direction.name()),
        curves: choices(&CURVES, curve),
        folds: FoldBy::ALL
            .map(|(fold, word, label)| Choice {
                value: word.to_owned(),
                label: label.to_owned(),
                is_chosen: fold == query.fold,
            })
            .into(),
        kinds: kind_choices(query, kinds),
        relations: relation_choices(query, relations),
    }
}

fn choices(all: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    let choice = |(value, label): &(&str, &str)| Choice {
        value: (*value).to_owned(),
        label: (*label).to_owned(),
        is_chosen: *value == chosen,
    };
    all.iter().map(choice).collect()
}

fn kind_choices(query: &GraphQuery, kinds: &[KindInfo]) -> Vec<Choice> {
    let known = kinds.iter().filter(|kind| !kind.name.eq_ignore_ascii_case("location"));
    let mut choices: Vec<Choice> = known
        .map(|kind| {
            let value = kind.name.to_lowercase();
            Choice { label: kind.plural.clone(), is_chosen: query.kinds.contains(&value), value }
        })
        .collect();
    for value in &query.kinds {
        if !choices.iter().any(|choice| choice.value == *value) {
            choices.push(Choice { value: value.clone(), label: value.clone(), is_chosen: true });
        }
    }
    choices
}

fn relation_choices(query: &GraphQuery, relations: &BTreeSet<String>) -> Vec<Choice> {
    let known: Vec<&str> = known_relations().collect();
    let others = relations.iter().chain(&query.relations).map(String::as_str).filter(|name| !known.contains(name));
    let others: BTreeSet<&str> = others.collect();
    let choice = |name: &str| Choice {
        value: name.to_owned(),
        label: relation_title(name),
        is_chosen: query.relations.contains(name),
    };
    known.iter().copied().chain(others).map(choice).collect()
}
