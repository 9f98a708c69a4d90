//! The facets of a search: counts over what matches the text.

use index::{FacetValue, SearchFacet};

use super::address::Address;
use crate::{
    View,
    pages::{
        catalog::merge_cases,
        icon,
        link::EntityLink,
        parts::{Facet, FacetOption},
    },
};

/// How many values of a facet are listed at most, and how many before the rest unfolds.
const MOST_VALUES: usize = 100;
const SHOWN: usize = 8;

/// Field in the address, key in the index, and heading.
const FACETS: [(&str, &str, &str); 4] = [
    ("kind", "kind", "Kind"),
    ("type", "spec.type", "Type"),
    ("lifecycle", "spec.lifecycle", "Lifecycle"),
    ("owner", "relations.ownedby", "Owner"),
];

/// What is counted: each facet over the matches without what is chosen in it.
pub(super) fn questions(address: &Address) -> Vec<SearchFacet> {
    let question = |(field, key, _): &(&str, &str, &str)| SearchFacet {
        key: (*key).to_owned(),
        filter: address.parameters.filter_without(field),
    };
    FACETS.iter().map(question).collect()
}

/// The facets with what was counted.
pub(super) fn facets(view: &View, address: &Address, counted: &[Vec<FacetValue>]) -> Vec<Facet> {
    let all = FACETS.iter().zip(counted);
    all.filter_map(|((field, _, title), counted)| facet(view, address, (field, title), counted.clone())).collect()
}

fn facet(view: &View, address: &Address, (field, title): (&str, &str), counted: Vec<FacetValue>) -> Option<Facet> {
    let mut values = merge_cases(counted);
    let chosen = address.parameters.filters.iter().filter(|(known, _)| known == field).flat_map(|(_, values)| values);
    for value in chosen {
        if !values.iter().any(|known| known.value.eq_ignore_ascii_case(value)) {
            values.push(FacetValue { value: value.clone(), count: 0 });
        }
    }
    let is_chosen = |value: &FacetValue| address.has(field, &value.value);
    values.sort_by(|a, b| {
        is_chosen(b).cmp(&is_chosen(a)).then(b.count.cmp(&a.count)).then_with(|| a.value.cmp(&b.value))
    });
    let left_out = values.len().saturating_sub(MOST_VALUES);
    values.truncate(MOST_VALUES);
    let options: Vec<_> = values.iter().map(|value| option(view, address, field, value)).collect();
    (!options.is_empty()).then(|| Facet {
        title: title.to_owned(),
        id: facet_id(field),
        options,
        left_out,
        shown: SHOWN,
    })
}

fn option(view: &View, address: &Address, field: &str, value: &FacetValue) -> FacetOption {
    let owner = (field == "owner").then(|| EntityLink::to_text(view, &value.value.to_lowercase())).flatten();
    FacetOption {
        label: owner.as_ref().map_or_else(|| value.value.clone(), |link| link.title.clone()),
        count: value.count,
        is_chosen: address.has(field, &value.value),
        href: address.toggled(field, &value.value).href(),
        icon: match field {
            "kind" => Some(icon::of_kind(&value.value)),
            _ => owner.map(|link| link.icon),
        },
    }
}

/// What narrows the search, in words, each with the address of the search without it. What is chosen in a facet is called as it
/// is called there.
pub(super) fn chosen(address: &Address, facets: &[Facet]) -> Vec<(String, String)> {
    let mut chosen = Vec::new();
    for (field, values) in &address.parameters.filters {
        match facets.iter().find(|facet| facet.id == facet_id(field)) {
            Some(facet) => {
                let options = facet.options.iter().filter(|option| option.is_chosen);
                chosen
                    .extend(options.map(|option| (format!("{}: {}", facet.title, option.label), option.href.clone())));
            }
            None => {
                let said =
                    values.iter().map(|value| (format!("{field}: {value}"), address.toggled(field, value).href()));
                chosen.extend(said);
            }
        }
    }
    chosen
}

fn facet_id(field: &str) -> String {
    format!("facet-{field}")
}
