//! A battery of questions, put to the index and to the naive reference.

use std::collections::BTreeMap;

use model::Diagnostic;

use crate::{Direction, FacetValue, Filter, Order, Page, PageQuery, Start, TopValues, View, Visibility};

use super::naive::{Naive, NaiveDoc};

const KEYS: [&str; 22] = [
    "kind",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.etag",
    "metadata.tags",
    "metadata.tags.java",
    "Metadata.Tags.K.x",
    "metadata.tags.true",
    "metadata.annotations.a.b/c",
    "spec.type",
    "spec.list",
    "spec.list.java",
    "spec.list.k",
    "spec.list.a.b",
    "spec.a",
    "spec.a.b",
    "spec.k.",
    "spec.relations",
    "relations.ownedBy",
    "relations.dependencyof",
    "status.items.level",
];

const VALUES: [&str; 12] =
    ["", "java", "JAVA", "true", "k.x", "Ärmel", "component", "a", "group:default/a", "a\"b\\", "null", "1"];

fn filters() -> Vec<Filter> {
    let mut filters = vec![Filter::All, Filter::Never, Filter::And(vec![]), Filter::Or(vec![])];
    for key in KEYS {
        let key = key.to_owned();
        filters.push(Filter::Exists(key.clone()));
        filters.push(Filter::Not(Box::new(Filter::Equals(key.clone(), "java".into()))));
        filters.push(Filter::In(key.clone(), vec!["java".into(), "A".into(), "zebra".into(), "none".into()]));
        for value in VALUES {
            filters.push(Filter::Equals(key.clone(), value.into()));
        }
        for prefix in ["", "j", "TR", "är", "z"] {
            filters.push(Filter::Prefix(key.clone(), prefix.into()));
        }
        for term in ["av", "%", "_", "a%a", "\\%", "ä", "pay\\", ""] {
            filters.push(Filter::Like(term.into(), vec![key.clone(), "metadata.name".into()]));
        }
    }
    for key in ["k".repeat(176), "k".repeat(179)] {
        filters.push(Filter::Exists(format!("metadata.annotations.{key}")));
    }
    filters.push(Filter::Exists(format!("metadata.tags.{}", "l".repeat(200))));
    let refs = ["component:default/a", "group:default/a", "component:default/a", "none:default/x"];
    filters.push(Filter::Refs(refs.map(str::to_owned).to_vec()));
    let component = Filter::Equals("kind".into(), "component".into());
    let tagged = Filter::Exists("metadata.tags".into());
    filters.push(Filter::And(vec![component.clone(), tagged.clone()]));
    filters.push(Filter::Or(vec![component.clone(), Filter::Not(Box::new(tagged.clone()))]));
    filters.push(Filter::And(vec![Filter::Not(Box::new(component)), tagged, Filter::Exists("spec.list".into())]));
    filters
}

fn orders() -> Vec<Order> {
    let mut orders = vec![Order::Uid, Order::EntityRef, Order::Fields(vec![])];
    for key in ["metadata.name", "metadata.tags", "metadata.tags.java", "spec.list", "spec.type", "nothing", "spec.a.b"]
    {
        for direction in [Direction::Ascending, Direction::Descending] {
            orders.push(Order::Field(key.into(), direction));
            orders.push(Order::Fields(vec![(key.into(), direction), ("kind".into(), Direction::Descending)]));
            orders.push(Order::Fields(vec![
                ("metadata.namespace".into(), direction),
                ("spec.list".into(), Direction::Ascending),
                (key.into(), direction),
            ]));
        }
    }
    orders
}

/// Puts all questions.
pub(super) fn check_answers(view: &View, naive: &Naive) {
    check_documents(view, naive);
    let all = filters();
    for filter in &all {
        let want: Vec<_> = naive.matching(filter).into_iter().map(|doc| doc.uid).collect();
        assert_eq!(view.count(filter), want.len() as u64, "{filter:?}");
        let page = view.page(&question(filter, Order::Uid, Start::Offset(0), None));
        assert_eq!(page.rows.iter().map(|row| row.doc.uid()).collect::<Vec<_>>(), want, "{filter:?}");
        for doc in &naive.docs {
            let found = view.find_by_uid(doc.uid).unwrap();
            assert_eq!(view.matches(&found, filter), doc.matches(filter), "{filter:?} on {}", doc.entity_ref);
        }
    }
    let some: Vec<&Filter> = all.iter().step_by(61).collect();
    let keys: Vec<String> = KEYS.map(str::to_owned).to_vec();
    for filter in &some {
        for (key, values) in keys.iter().zip(view.facets(&keys, filter)) {
            assert_eq!(values, naive.facet(key, filter), "{key} over {filter:?}");
            for most in [usize::MAX, 2] {
                assert_top(&view.top_values(key, filter, most), &values, most);
            }
        }
    }
    for order in orders() {
        for filter in &some {
            check_pages(view, naive, filter, &order);
        }
    }
    check_visibility(view, naive, &some);
}

fn question(filter: &Filter, order: Order, start: Start, limit: Option<usize>) -> PageQuery {
    PageQuery { filter: filter.clone(), order, start, limit, count: true }
}

fn check_documents(view: &View, naive: &Naive) {
    for doc in &naive.docs {
        let found = view.find(&doc.entity_ref).unwrap_or_else(|| panic!("{} is there", doc.entity_ref));
        assert_eq!(found.uid(), doc.uid);
        assert_eq!((found.parents(), found.line()), (doc.parents.clone(), doc.line));
        assert_eq!(found.json().as_ref(), found.as_json().as_bytes());
        assert_eq!(found.json_len(), found.as_json().len());
        let mut json: serde_json::Value = serde_json::from_slice(&found.json()).unwrap();
        let etag = json["metadata"]["etag"].as_str().unwrap();
        if doc.json["metadata"]["etag"].is_null() {
            assert!(etag.len() == 40 && etag.bytes().all(|b| b.is_ascii_hexdigit()), "{etag}");
            json["metadata"].as_object_mut().unwrap().remove("etag");
        }
        assert_eq!(json, doc.json);
        check_links(view, doc);
    }
    let mut warned: Vec<(&str, &[Diagnostic])> = naive.docs.iter().map(|d| (&*d.entity_ref, &*d.warnings)).collect();
    warned.retain(|(_, warnings)| !warnings.is_empty());
    warned.sort_by_key(|(entity_ref, _)| *entity_ref);
    let found = view.with_warnings();
    assert_eq!(found.len(), warned.len());
    for (doc, (entity_ref, warnings)) in found.iter().zip(warned) {
        assert_eq!((doc.entity_ref(), doc.warnings().as_slice()), (entity_ref, warnings));
    }
    assert!(view.find("component:default/none").is_none());
    assert_eq!(dangling_of(view), naive_dangling(naive));
}

/// The relations by number are those that are served.
fn check_links(view: &View, doc: &NaiveDoc) {
    let id = view.find_id(&doc.entity_ref).unwrap();
    assert_eq!((view.ref_of(id), view.doc(id).uid()), (&*doc.entity_ref, doc.uid));
    assert_eq!(view.find_number(view.number_of(id)), Some(id));
    let served = doc.json["relations"].as_array().unwrap();
    let links = view.links_of(id);
    assert_eq!(links.len(), served.len());
    for (link, relation) in links.iter().zip(served) {
        let kind = &view.link_kinds()[link.kind as usize];
        assert_eq!(*kind.relation, *relation["type"].as_str().unwrap());
        let target = relation["targetRef"].as_str().unwrap();
        assert_eq!(target.split_once(':').unwrap().0, &*kind.to_kind);
        let other = view.find_number(link.entity);
        assert_eq!(other, view.find_id(target));
        assert!(other.is_none_or(|other| view.ref_of(other) == target));
    }
}

fn dangling_of(view: &View) -> Vec<String> {
    view.dangling().iter().map(|(from, kind, to)| format!("{from} {kind} {to}")).collect()
}

fn naive_dangling(naive: &Naive) -> Vec<String> {
    let exists = |target: &str| naive.docs.iter().any(|doc| doc.entity_ref == target);
    let mut docs: Vec<&NaiveDoc> = naive.docs.iter().collect();
    docs.sort_by_key(|doc| &doc.entity_ref);
    let mut found = Vec::new();
    for doc in docs {
        for relation in doc.json["relations"].as_array().unwrap() {
            let target = relation["targetRef"].as_str().unwrap();
            if !exists(target) {
                found.push(format!("{} {} {target}", doc.entity_ref, relation["type"].as_str().unwrap()));
            }
        }
    }
    found
}

fn check_pages(view: &View, naive: &Naive, filter: &Filter, order: &Order) {
    let mut starts: Vec<Start> = [0, 1, 3, 1000].map(Start::Offset).to_vec();
    if !matches!(order, Order::Fields(_)) {
        let everything = naive.page(&question(&Filter::All, order.clone(), Start::Offset(0), None));
        let step = everything.rows.len() / 5 + 1;
        for (uid, value) in everything.rows.iter().step_by(step) {
            starts.push(Start::After { value: value.clone(), uid: *uid });
            starts.push(Start::Before { value: value.clone(), uid: *uid });
        }
        // A position whose entity is gone.
        let value = (*order != Order::Uid).then(|| "k".to_owned());
        starts.push(Start::After { value: value.clone(), uid: model::Uid(1 << 127) });
        starts.push(Start::Before { value, uid: model::Uid(1 << 127) });
    }
    for start in starts {
        for limit in [Some(0), Some(1), Some(3), None] {
            let query = question(filter, order.clone(), start.clone(), limit);
            check_page(&view.page(&query), naive, &query);
        }
    }
}

fn check_page(page: &Page, naive: &Naive, query: &PageQuery) {
    let want = naive.page(query);
    let rows: Vec<_> = page.rows.iter().map(|row| (row.doc.uid(), row.value.clone())).collect();
    assert_eq!(rows, want.rows, "{query:?}");
    assert_eq!(page.total, Some(want.total), "{query:?}");
    // Behind the last row of an empty page nothing is well defined but what lies in the direction of travel.
    if !rows.is_empty() {
        assert_eq!((page.more, page.earlier), (want.more, want.earlier), "{query:?}");
    }
}

fn check_visibility(view: &View, naive: &Naive, filters: &[&Filter]) {
    let snapshot = view.snapshot();
    let nothing = snapshot.view(Visibility::Nothing);
    for visible in filters {
        let cut = snapshot.view(Visibility::Where((*visible).clone()));
        for doc in &naive.docs {
            assert_eq!(cut.find(&doc.entity_ref).is_some(), doc.matches(visible));
            assert!(nothing.find_by_uid(doc.uid).is_none());
        }
        for filter in filters {
            let both = Filter::And(vec![(*visible).clone(), (*filter).clone()]);
            assert_eq!(cut.count(filter), naive.matching(&both).len() as u64);
            assert_eq!(cut.facets(&["kind".into()], filter)[0], naive.facet("kind", &both));
            assert_eq!(nothing.count(filter), 0);
        }
    }
}

/// Holds the most frequent values against all of them.
fn assert_top(top: &TopValues, all: &[FacetValue], most: usize) {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for value in all.iter().filter(|value| !value.value.is_empty()) {
        *counts.entry(value.value.to_lowercase()).or_default() += value.count;
    }
    assert_eq!(top.distinct, counts.len());
    for value in &top.values {
        assert_eq!(counts.get(&value.value.to_lowercase()), Some(&value.count), "{}", value.value);
    }
    let mut expected: Vec<u64> = counts.into_values().collect();
    expected.sort_unstable_by_key(|count| std::cmp::Reverse(*count));
    expected.truncate(most);
    assert_eq!(top.values.iter().map(|value| value.count).collect::<Vec<_>>(), expected);
}
