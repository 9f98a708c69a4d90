//! The facets of the catalog: which values there are, how many entities have each, and where a click leads.

use index::{FacetValue, Filter, TopValues};
use model::EntityRef;

use super::{
    Choice,
    query::{CatalogQuery, DIMENSIONS, Dimension, Personal, Scope},
};
use crate::{
    KindInfo, View,
    pages::{
        icon,
        link::EntityLink,
        parts::{Facet, FacetOption},
    },
};

/// How many values of a facet are listed at most; the text filter finds the others.
const MOST_VALUES: usize = 100;
/// How many are shown before the rest unfolds.
const SHOWN: usize = 8;

/// The kinds to choose from: those that are there, in the order of the table of kinds, then others.
pub(super) fn kinds(view: &View, table: &[KindInfo], query: &CatalogQuery, personal: &Personal) -> Facet {
    let counted = values(view, "kind", &query.filter_without(personal, "kind"));
    let everywhere = values(view, "kind", &Filter::All);
    let place = |name: &str| table.iter().position(|kind| kind.name.eq_ignore_ascii_case(name)).unwrap_or(usize::MAX);
    let mut there: Vec<&FacetValue> = everywhere.iter().collect();
    there.sort_by_key(|value| (place(&value.value), value.value.to_lowercase()));
    let option = |value: &FacetValue| {
        let known = table.iter().find(|kind| kind.name.eq_ignore_ascii_case(&value.value));
        let count = counted.iter().find(|other| other.value.eq_ignore_ascii_case(&value.value)).map_or(0, |c| c.count);
        FacetOption {
            label: known.map_or_else(|| value.value.clone(), |kind| kind.plural.clone()),
            count,
            is_chosen: query.kind.eq_ignore_ascii_case(&value.value),
            href: of_kind(query, &value.value).href(),
            icon: Some(icon::of_kind(known.map_or(value.value.as_str(), |kind| kind.icon.as_str()))),
        }
    };
    let options: Vec<_> = there.into_iter().map(option).collect();
    let shown = options.len();
    Facet { title: "Kind".to_owned(), id: "facet-kind".to_owned(), options, left_out: 0, shown }
}

/// Another kind keeps the text, the scope and the owner, which mean the same there; types and lifecycles do not.
fn of_kind(query: &CatalogQuery, kind: &str) -> CatalogQuery {
    let keep = ["owners", "tags", "namespace"];
    let chosen = query.chosen.iter().filter(|(name, _)| keep.contains(&name.as_str()));
    CatalogQuery {
        chosen: chosen.map(|(name, values)| (name.clone(), values.clone())).collect(),
        text: query.text.clone(),
        scope: query.scope,
        limit: query.limit,
        ..CatalogQuery::of_kind(kind)
    }
}

/// The facets of a kind: those that every kind has, then the fields that an own kind lists as columns.
pub(super) fn facets(view: &View, kind: &KindInfo, query: &CatalogQuery, personal: &Personal) -> Vec<Facet> {
    let usual = DIMENSIONS.iter().filter_map(|dimension| facet(view, dimension, query, personal));
    let known = |path: &str| {
        DIMENSIONS.iter().any(|dimension| dimension.key.eq_ignore_ascii_case(path))
            || path == "spec.owner"
            || path == "spec.system"
    };
    let own = kind.columns.iter().filter(|column| !kind.is_builtin && !known(&column.path));
    let own = own
        .filter_map(|column| facet_of(view, &column.title, &column.path, &column.path.to_lowercase(), query, personal));
    usual.chain(problems(view, query, personal)).chain(own).collect()
}

/// How many of the list have errors and warnings.
fn problems(view: &View, query: &CatalogQuery, personal: &Personal) -> Option<Facet> {
    let option = |word: &str, label: &str| {
        let mut alone = query.clone();
        alone.chosen.insert("problems".to_owned(), vec![word.to_owned()]);
        FacetOption {
            label: label.to_owned(),
            count: view.count(&alone.filter(personal)),
            is_chosen: query.has("problems", word),
            href: query.toggled("problems", word).href(),
            icon: None,
        }
    };
    let options = vec![option("error", "Errors"), option("warning", "Warnings")];
    let worth = options.iter().any(|option| option.count > 0 || option.is_chosen);
    worth.then(|| Facet {
        title: "Problems".to_owned(),
        id: "facet-problems".to_owned(),
        options,
        left_out: 0,
        shown: 2,
    })
}

fn facet(view: &View, dimension: &Dimension, query: &CatalogQuery, personal: &Personal) -> Option<Facet> {
    let facet = facet_of(view, dimension.title, dimension.name, dimension.key, query, personal)?;
    // One namespace for all is nothing to choose from.
    if dimension.name == "namespace" && facet.options.len() < 2 && !facet.options.iter().any(|option| option.is_chosen)
    {
        return None;
    }
    if !dimension.is_reference {
        return Some(facet);
    }
    let mut facet = facet;
    for option in &mut facet.options {
        if let Some(link) = EntityLink::to_text(view, &option.label.to_lowercase()) {
            option.icon = Some(link.icon);
            option.label = link.title;
        }
    }
    Some(facet)
}

fn facet_of(
    view: &View,
    title: &str,
    name: &str,
    key: &str,
    query: &CatalogQuery,
    personal: &Personal,
) -> Option<Facet> {
    let filter = query.filter_without(personal, name);
    let TopValues { mut values, distinct } = view.top_values(key, &filter, MOST_VALUES);
    let left_out = distinct.saturating_sub(MOST_VALUES);
    for chosen in query.chosen.get(name).into_iter().flatten() {
        if !values.iter().any(|value| value.value.eq_ignore_ascii_case(chosen)) {
            let chosen_too = Filter::And(vec![filter.clone(), Filter::Equals(key.to_owned(), chosen.clone())]);
            values.push(FacetValue { value: chosen.clone(), count: view.count(&chosen_too) });
        }
    }
    values.sort_by(|a, b| {
        let chosen = |value: &FacetValue| query.has(name, &value.value);
        chosen(b).cmp(&chosen(a)).then(b.count.cmp(&a.count)).then(a.value.cmp(&b.value))
    });
    let option = |value: FacetValue| FacetOption {
        is_chosen: query.has(name, &value.value),
        href: query.toggled(name, &value.value).href(),
        count: value.count,
        label: value.value,
        icon: None,
    };
    let options: Vec<_> = values.into_iter().map(option).collect();
    let id = format!("facet-{}", name.replace(['.', '/'], "-"));
    (!options.is_empty()).then(|| Facet { title: title.to_owned(), id, options, left_out, shown: SHOWN })
}

fn values(view: &View, key: &str, filter: &Filter) -> Vec<FacetValue> {
    merge_cases(view.facets(&[key.to_owned()], filter).pop().unwrap_or_default())
}

/// Values that differ in letter case only are one value on pages.
pub(in crate::pages) fn merge_cases(counted: Vec<FacetValue>) -> Vec<FacetValue> {
    let mut merged: Vec<FacetValue> = Vec::with_capacity(counted.len());
    let mut places = std::collections::HashMap::with_capacity(counted.len());
    for value in counted.into_iter().filter(|value| !value.value.is_empty()) {
        let place = *places.entry(value.value.to_lowercase()).or_insert(merged.len());
        match merged.get_mut(place) {
            Some(known) => known.count += value.count,
            None => merged.push(value),
        }
    }
    merged
}

/// All, owned, starred.
pub(super) fn scopes(view: &View, query: &CatalogQuery, personal: &Personal) -> Vec<Choice> {
    let choice = |scope: Scope, label: &str| {
        let other = CatalogQuery { scope, offset: 0, ..query.clone() };
        let count = view.count(&other.filter(personal));
        let label =
            if scope == Scope::Owned && !personal.is_known { label.to_owned() } else { format!("{label} {count}") };
        Choice { label, href: other.href(), is_chosen: query.scope == scope }
    };
    vec![choice(Scope::All, "All"), choice(Scope::Owned, "Owned"), choice(Scope::Starred, "Starred")]
}

/// What narrows the list, in words, each with the address of the list without it.
pub(super) fn chosen(view: &View, query: &CatalogQuery) -> Vec<(String, String)> {
    let mut chosen = Vec::new();
    if !query.text.is_empty() {
        chosen.push((format!("“{}”", query.text), query.without_text().href()));
    }
    for (name, values) in &query.chosen {
        let dimension = DIMENSIONS.iter().find(|dimension| dimension.name == name);
        for value in values {
            let is_reference = dimension.is_some_and(|dimension| dimension.is_reference);
            let title = || EntityRef::parse(value).ok().map(|parsed| EntityLink::to(view, &parsed).title);
            let label = is_reference.then(title).flatten().unwrap_or_else(|| value.clone());
            let what = dimension.map_or(name.as_str(), |dimension| dimension.title);
            chosen.push((format!("{what}: {label}"), query.toggled(name, value).href()));
        }
    }
    chosen
}
