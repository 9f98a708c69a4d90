//! Searches answer as a reference does that looks at every entity, over random histories of small catalogs.

use std::collections::BTreeMap;

use model::{DeclaredRelation, EntityBody, EntityRef, StoredEntity};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use super::{
    build, fold_history,
    world::{Entities, Event, Step, uid_of},
};
use crate::{
    Filter, SearchFacet, SearchField, SearchHit, SearchPage, SearchQuery, View, Visibility,
    search::{
        matching::{EXACT_REFERENCE, Fit, Needle, Roles, Term, Worth, parse_terms, popularity},
        scoring::MISTYPED_BELOW,
        words::{MAX_TOKEN, words_of},
    },
};

const NAMES: [&str; 10] = [
    "checkout",
    "checkout-api",
    "CheckoutApi",
    "payment_gateway",
    "stock",
    "stack",
    "co-pilot",
    "order.service",
    "a",
    "x9-stockroom",
];
const TEXTS: [&str; 10] = [
    "Checkout API",
    "The stock of all shops",
    "pays orders",
    "Ärmel \"quoted\" İx",
    "chekout",
    "HTTPGateway v2",
    "",
    "stock",
    "Payment-Gateway: pays",
    "serves the checkout",
];
const QUERIES: [&str; 35] = [
    "",
    " ",
    "-",
    "checkout",
    "CHECKOUT api",
    "checkout-api",
    "checkoutapi",
    "checkouta",
    "out-a",
    "ca",
    "stock",
    "stokc",
    "chekuot",
    "payemnt gatway",
    "api",
    "pa",
    "component",
    "component:default/stock",
    "group:x/checkout-api",
    "team-a",
    "example",
    "/orders/{id}",
    "getorder",
    "ärm",
    "armel",
    "x",
    "stock stock",
    "nothing at all",
    "gateway v2",
    "rvice",
    "java",
    "checkout chekuot",
    "order.service team",
    "httpgateway",
    "place ord",
];
const DEFINITIONS: [&str; 4] = [
    "paths:\n  /orders/{id}:\n    get:\n      operationId: getOrder\n",
    "{\"paths\":{\"/stock\":{\"get\":{\"summary\":\"Lists stock\"}}}}",
    "type Query {\n  checkout(id: ID): Checkout\n}\n",
    "service Orders {\n  rpc PlaceOrder (A) returns (B);\n}\n",
];

fn history() -> impl Strategy<Value = Vec<Event>> {
    let step = prop_oneof![
        5 => entity().prop_map(|entity| Step::Put(Box::new(entity))),
        1 => reference().prop_map(Step::Remove),
    ];
    let event = prop_oneof![
        6 => prop::collection::vec(step, 1..9).prop_map(Event::Batch),
        1 => Just(Event::StartMerge),
        1 => Just(Event::FinishMerge),
    ];
    prop::collection::vec(event, 0..8)
}

fn reference() -> impl Strategy<Value = EntityRef> {
    (select(vec!["component", "api", "group"]), select(vec!["default", "x"]), select(NAMES.to_vec()))
        .prop_map(|(kind, namespace, name)| EntityRef::new(kind, namespace, name))
}

fn relation() -> impl Strategy<Value = DeclaredRelation> {
    let team = select(vec!["team-a", "checkout"])
        .prop_map(|name| (("ownedBy", "ownerOf"), EntityRef::new("group", "x", name)));
    let pairs = select(vec![("dependsOn", "dependencyOf"), ("consumesApi", "apiConsumedBy")]);
    prop_oneof![team, (pairs, reference())].prop_map(|((forward, reverse), other)| DeclaredRelation {
        forward: forward.into(),
        reverse: reverse.into(),
        other,
        line: 0,
    })
}

prop_compose! {
    fn entity()(
        entity_ref in reference(),
        name in select(NAMES.to_vec()),
        title in prop::option::of(select(TEXTS.to_vec())),
        description in prop::option::of(select(TEXTS.to_vec())),
        repeat in select(vec![1usize, 1, 1, 30]),
        tags in prop::collection::vec(select(vec!["java", "stock", "check-out"]), 0..3),
        kind_of in select(vec!["service", "stock", "openapi"]),
        link in prop::option::of(select(vec!["https://grafana.example.org/d/stock", "mailto:x@y", "https://me@checkout.net:80"])),
        definition in prop::option::of(select(DEFINITIONS.to_vec())),
        relations in prop::collection::vec(relation(), 0..4),
    ) -> StoredEntity {
        let mut metadata = json!({ "name": if entity_ref.name() == name.to_lowercase() { name } else { entity_ref.name() }, "tags": tags });
        if entity_ref.namespace() != "default" {
            metadata["namespace"] = entity_ref.namespace().into();
        }
        if let Some(title) = title {
            metadata["title"] = title.into();
        }
        if let Some(description) = description {
            metadata["description"] = vec![description; repeat].join(" ").into();
        }
        if let Some(url) = link {
            metadata["links"] = json!([{ "url": url, "title": "Stock of checkout" }, { "url": url }]);
        }
        let mut spec = json!({ "type": kind_of });
        if let Some(definition) = definition {
            spec["definition"] = definition.repeat(repeat).into();
        }
        if entity_ref.kind() == "group" {
            spec["profile"] = json!({ "displayName": "The Checkout Team" });
        }
        let body = json!({ "metadata": metadata, "kind": entity_ref.kind(), "spec": spec });
        StoredEntity {
            uid: uid_of(&entity_ref, 0),
            body: EntityBody::from_json(body.to_string()),
            entity_ref,
            relations,
            errors: vec![],
            parents: vec![],
            line: 0,
            warnings: vec![],
        }
    }
}

/// A catalog in which every entity is a list of tokens with their roles.
struct Reference {
    docs: Vec<ReferenceDoc>,
}

struct ReferenceDoc {
    entity_ref: String,
    kind: String,
    tags: Vec<String>,
    name_length: usize,
    dependents: u32,
    tokens: BTreeMap<String, u32>,
}

impl Reference {
    fn new(entities: &Entities) -> Self {
        let docs = entities.values().map(|entity| ReferenceDoc::new(entity, entities)).collect();
        Self { docs }
    }

    /// References and scores of what matches, best first, and whether errors were forgiven.
    fn search(&self, text: &str, matches: impl Fn(&ReferenceDoc) -> bool) -> (Vec<(&ReferenceDoc, u32)>, bool) {
        let terms = parse_terms(text);
        if terms.is_empty() && !text.trim().is_empty() {
            return (vec![], false);
        }
        let is_mistyped = |term: &Term| {
            term.needles().any(|needle| needle.typed.is_some())
                && self.docs.iter().filter(|doc| doc.score(term, false) > 0).count() < MISTYPED_BELOW
        };
        let asked: Vec<(&Term, bool)> = terms.iter().map(|term| (term, is_mistyped(term))).collect();
        let mut found = Vec::new();
        for doc in self.docs.iter().filter(|doc| matches(doc)) {
            let scores: Vec<u32> = asked.iter().map(|(term, mistyped)| doc.score(term, *mistyped)).collect();
            if scores.contains(&0) {
                continue;
            }
            let mut score = scores.iter().sum::<u32>() + u32::from(popularity(doc.dependents));
            score += if scores.is_empty() { 1 } else { 0 };
            score += if doc.entity_ref == text.trim().to_lowercase() { EXACT_REFERENCE } else { 0 };
            found.push((doc, score));
        }
        found.sort_by(|(a, x), (b, y)| {
            y.cmp(x).then(a.name_length.cmp(&b.name_length)).then_with(|| a.entity_ref.cmp(&b.entity_ref))
        });
        (found, asked.iter().any(|(_, mistyped)| *mistyped))
    }
}

impl ReferenceDoc {
    fn new(entity: &StoredEntity, all: &Entities) -> Self {
        let body: Value = serde_json::from_str(entity.body.as_str()).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut doc = Self {
            entity_ref: entity.entity_ref.to_string(),
            kind: text(&body["kind"]),
            tags: body["metadata"]["tags"].as_array().unwrap().iter().map(text).collect(),
            name_length: text(&body["metadata"]["name"]).len(),
            dependents: 0,
            tokens: BTreeMap::new(),
        };
        doc.tags.sort();
        doc.tags.dedup();
        doc.add(SearchField::Name, &text(&body["metadata"]["name"]));
        for title in [&body["metadata"]["title"], &body["spec"]["profile"]["displayName"]] {
            doc.add(SearchField::Title, &text(title));
        }
        doc.add(SearchField::Description, &text(&body["metadata"]["description"]));
        doc.tags.clone().iter().for_each(|tag| doc.add(SearchField::Tags, tag));
        for word in [text(&body["kind"]), entity.entity_ref.namespace().to_owned(), text(&body["spec"]["type"])] {
            doc.add(SearchField::Kind, &word);
        }
        for relation in entity.relations.iter().filter(|relation| &*relation.forward == "ownedBy") {
            doc.add(SearchField::Owner, relation.other.name());
        }
        for link in body["metadata"]["links"].as_array().into_iter().flatten() {
            doc.add(SearchField::Links, &text(&link["title"]));
            let hosts = [("grafana", "grafana.example.org"), ("checkout.net", "checkout.net")];
            let host = hosts.iter().find(|(part, _)| text(&link["url"]).contains(part));
            host.iter().for_each(|(_, host)| doc.add(SearchField::Links, host));
        }
        let operations = [
            (&["/orders/{id}", "getOrder"][..], DEFINITIONS[0]),
            (&["/stock", "Lists stock"], DEFINITIONS[1]),
            (&["Query", "checkout"], DEFINITIONS[2]),
            (&["Orders", "PlaceOrder"], DEFINITIONS[3]),
        ];
        let definition = text(&body["spec"]["definition"]);
        for (operations, _) in operations.iter().filter(|(_, text)| definition.starts_with(text)) {
            operations.iter().for_each(|operation| doc.add(SearchField::Operations, operation));
        }
        let to_us = |kind: &str| {
            let sources = all
                .values()
                .filter(|other| other.relations.iter().any(|r| r.other == entity.entity_ref && &*r.reverse == kind));
            sources.count() as u32
        };
        doc.dependents = to_us("dependencyOf") + to_us("apiConsumedBy");
        doc
    }

    fn add(&mut self, field: SearchField, text: &str) {
        let words = words_of(text);
        let mut put = |token: String, roles: Roles| {
            if !token.is_empty() && token.len() <= MAX_TOKEN {
                *self.tokens.entry(token).or_default() |= roles.0;
            }
        };
        words.iter().for_each(|word| put(word.lower.to_string(), Roles::word(field)));
        let parts: Vec<&str> = words.iter().filter(|word| !word.is_joined).map(|word| &*word.lower).collect();
        if field != SearchField::Description {
            put(text.to_lowercase(), Roles::whole(field));
        }
        if parts.len() > 1 && field == SearchField::Name {
            put(parts.concat(), Roles::SQUEEZED);
        }
        if parts.len() > 1 && matches!(field, SearchField::Name | SearchField::Title) {
            put(parts.iter().map(|part| part.chars().next().unwrap()).collect(), Roles::INITIALS);
        }
    }

    fn score(&self, term: &Term, mistyped: bool) -> u32 {
        let whole = self.score_needle(&term.whole, mistyped);
        let pieces = term.pieces.iter().map(|piece| self.score_needle(piece, mistyped)).min();
        u32::from(whole.max(pieces.unwrap_or(0)))
    }

    fn score_needle(&self, needle: &Needle, mistyped: bool) -> u16 {
        let worth = |(token, roles): (&String, &u32)| {
            let is_word = token.chars().all(char::is_alphanumeric);
            let fits: [Option<Fit>; 2] =
                [needle.fit(token), (mistyped && is_word).then(|| needle.fit_mistyped(token)).flatten()];
            fits.into_iter().flatten().map(|fit| Worth::of(fit).score(Roles(*roles))).max().unwrap_or(0)
        };
        self.tokens.iter().map(worth).max().unwrap_or(0)
    }
}

fn query(text: &str, filter: Filter, offset: usize, limit: usize) -> SearchQuery {
    let facet = |key: &str, filter: &Filter| SearchFacet { key: key.into(), filter: filter.clone() };
    let facets = vec![facet("kind", &Filter::All), facet("metadata.tags", &filter)];
    SearchQuery { text: text.into(), filter, offset, limit, facets }
}

fn check(view: &View, reference: &Reference) {
    let not_group = Filter::Not(Box::new(Filter::Equals("kind".into(), "group".into())));
    for text in QUERIES {
        for (filter, keep) in [(Filter::All, ""), (not_group.clone(), "group"), (Filter::Never, "all")] {
            let keeps = |doc: &ReferenceDoc| keep != "all" && doc.kind != keep;
            let (want, is_corrected) = reference.search(text, keeps);
            let everywhere = reference.search(text, |_| true).0;
            let all = view.search(&query(text, filter.clone(), 0, 1_000));
            assert_eq!(
                rows(&all),
                want.iter().map(|(doc, score)| (&*doc.entity_ref, *score)).collect::<Vec<_>>(),
                "{text}"
            );
            assert_eq!((all.total, all.is_corrected), (want.len() as u64, is_corrected), "{text}");
            assert_eq!(counts(&all, 0), count(everywhere.iter().map(|(doc, _)| &doc.kind)), "{text}");
            assert_eq!(counts(&all, 1), count(want.iter().flat_map(|(doc, _)| &doc.tags)), "{text}");
            for (offset, limit) in [(0, 2), (1, 3), (4, 1), (99, 5), (0, 0)] {
                let page = view.search(&query(text, filter.clone(), offset, limit));
                let rest = rows(&all).into_iter().skip(offset).take(limit).collect::<Vec<_>>();
                assert_eq!((rows(&page), page.total), (rest, all.total), "{text} from {offset}");
            }
            all.hits.iter().for_each(|hit| check_matches(hit, text));
        }
    }
}

fn rows(page: &SearchPage) -> Vec<(&str, u32)> {
    page.hits.iter().map(|hit| (hit.doc.entity_ref(), hit.score)).collect()
}

fn counts(page: &SearchPage, facet: usize) -> BTreeMap<String, u64> {
    page.facets[facet].iter().map(|found| (found.value.clone(), found.count)).collect()
}

fn count<'t>(values: impl Iterator<Item = &'t String>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    values.for_each(|value| *counts.entry(value.clone()).or_default() += 1);
    counts
}

/// Each hit shows why it is one, with marks in places that can be marked.
fn check_matches(hit: &SearchHit, text: &str) {
    assert_eq!(hit.matches.is_empty(), text.trim().is_empty(), "{text} in {hit:?}");
    assert!(hit.matches.is_sorted_by_key(|found| found.field), "{hit:?}");
    for found in &hit.matches {
        assert!(!found.ranges.is_empty() && found.ranges.is_sorted_by(|a, b| a.end < b.start), "{hit:?}");
        for range in &found.ranges {
            assert!(!found.text[range.clone()].is_empty(), "{hit:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn searching_equals_looking_at_every_entity(history in history(), inline_docs in select(vec![0usize, 3, 4096])) {
        let (folded, entities) = fold_history(&history, inline_docs);
        let reference = Reference::new(&entities);
        check(&folded.snapshot().view(Visibility::Everything), &reference);
        check(&build(&entities).snapshot().view(Visibility::Everything), &reference);
        let visible = Visibility::Where(Filter::Not(Box::new(Filter::Equals("kind".into(), "api".into()))));
        let docs = Reference::new(&entities).docs.into_iter().filter(|doc| doc.kind != "api").collect();
        check(&folded.snapshot().view(visible), &Reference { docs });
        check(&folded.snapshot().view(Visibility::Nothing), &Reference { docs: vec![] });
    }
}
