//! What a pack holds, and that nothing in a catalog makes it hold anything else.

use std::{io::Read as _, sync::Arc};

use base64::Engine as _;
use index::{Filter, Fold, View, Visibility};
use model::{DeclaredRelation, EntityBody, EntityRef, Seq, StoredEntity, Timestamp, Uid};
use pack::{About, Link};
use serde_json::{Value, json};
use sha2::Digest as _;

/// An entity with what it declares.
fn entity(number: u128, json: Value, relations: &[(&str, &str, &str)]) -> Arc<StoredEntity> {
    let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str).unwrap_or("default").to_owned();
    let entity_ref = EntityRef::new(&text("/kind"), &text("/metadata/namespace"), &text("/metadata/name"));
    let declared = relations.iter().map(|(forward, reverse, target)| DeclaredRelation {
        forward: (*forward).into(),
        reverse: (*reverse).into(),
        other: EntityRef::parse(target).unwrap(),
        line: 0,
    });
    Arc::new(StoredEntity {
        relations: declared.collect(),
        entity_ref,
        uid: Uid(number),
        body: EntityBody::from_json(json.to_string()),
        errors: Vec::new(),
        parents: Vec::new(),
        line: 1,
        warnings: Vec::new(),
    })
}

const HOSTILE: &str = "</script><script>alert(1)</script><!-- \u{2028}'\"&";

fn estate() -> Vec<Arc<StoredEntity>> {
    vec![
        entity(
            1,
            json!({"metadata": {"name": "shop", "title": HOSTILE, "description": "x".repeat(900), "tags": ["java"],
                "annotations": {"backstage.io/view-url": "javascript:alert(1)"}},
                "apiVersion": "a/v1", "kind": "Component",
                "spec": {"type": "service", "dependencies": [
                    {"ref": "resource:queue", "strength": "soft", "delay": "PT6H", "redundantWith": ["resource:other"]}, 7]}}),
            &[
                ("ownedBy", "ownerOf", "group:default/pay"),
                ("dependsOn", "dependencyOf", "resource:default/queue"),
                ("dependsOn", "dependencyOf", "resource:default/gone"),
                ("runsOn", "hosts", "resource:default/queue"),
            ],
        ),
        entity(
            2,
            json!({"metadata": {"name": "pay"}, "apiVersion": "a/v1", "kind": "Group",
                "spec": {"profile": {"displayName": "<b>Pay</b>", "email": "pay@x.example"}}}),
            &[],
        ),
        entity(3, json!({"metadata": {"name": "queue"}, "apiVersion": "a/v1", "kind": "Resource", "spec": 5}), &[]),
        entity(
            4,
            json!({"metadata": {"name": "ann"}, "apiVersion": "a/v1", "kind": "User",
                "spec": {"profile": {"email": "x\" onclick=\"alert(1)@x"}}}),
            &[("memberOf", "hasMember", "group:default/pay")],
        ),
    ]
}

fn view(visibility: Visibility) -> View {
    Fold::build(Seq(4711), estate()).snapshot().view(visibility)
}

/// Every entity has a good link and one that must never be one.
fn links(_: &EntityRef, _: &Value) -> Vec<Link> {
    let link = |purpose: &str, label: &str, href: Option<&str>| Link {
        purpose: purpose.to_owned(),
        label: label.to_owned(),
        href: href.map(str::to_owned),
        value: None,
    };
    vec![
        link("Chat", HOSTILE, Some("https://chat.example/\"><script>alert(1)</script>")),
        link("On call", "Bad", Some("javascript:alert(1)")),
        link("On call", "Worse", Some(" JavaScript:alert(1)")),
    ]
}

fn made(visibility: Visibility) -> String {
    let about = About {
        portal: "Callboard".to_owned(),
        organization: Some(HOSTILE.to_owned()),
        base_url: "https://portal.example".to_owned(),
        version: "1".to_owned(),
        kinds: vec![("Component".to_owned(), "Components".to_owned())],
    };
    pack::prepare(&view(visibility), &about, &links).unwrap().write(Timestamp(1_767_225_600_000))
}

/// What the page unpacks.
fn contents(html: &str) -> Value {
    let start = html.find("id=\"contents\">").unwrap() + "id=\"contents\">".len();
    let letters = &html[start..start + html[start..].find('<').unwrap()];
    let bytes = base64::engine::general_purpose::STANDARD.decode(letters).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The numbers of a relation's ends, by the names of the entities.
fn edges(contents: &Value, relation: &str) -> Vec<(String, String)> {
    let name = |number: u64| {
        let names = contents["name"].as_array().unwrap();
        let number = usize::try_from(number).unwrap();
        names.get(number).unwrap_or_else(|| &contents["missing"][number - names.len()]).as_str().unwrap().to_owned()
    };
    let edges = contents["edges"].as_array().unwrap();
    let Some(found) = edges.iter().find(|edges| edges[0] == relation) else { return Vec::new() };
    let mut from = 0;
    let pairs = found[1].as_array().unwrap().iter().zip(found[2].as_array().unwrap());
    pairs
        .map(|(step, to)| {
            from += step.as_u64().unwrap();
            (name(from), name(to.as_u64().unwrap()))
        })
        .collect()
}

#[test]
fn every_entity_and_every_edge_is_in_it_once() {
    let contents = contents(&made(Visibility::Everything));
    assert_eq!(contents["seq"], 4711);
    assert_eq!(contents["name"], json!(["shop", "pay", "queue", "ann"]));
    assert_eq!(contents["missing"], json!(["resource:default/gone", "resource:default/other"]));
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(edges(&contents, "ownedBy"), [pair("shop", "pay")]);
    let mut needed = edges(&contents, "dependsOn");
    needed.sort();
    assert_eq!(needed, [pair("shop", "queue"), pair("shop", "resource:default/gone")]);
    assert_eq!(edges(&contents, "memberOf"), [pair("ann", "pay")]);
    assert_eq!(edges(&contents, "runsOn"), [pair("shop", "queue")]);
    assert!(edges(&contents, "ownerOf").is_empty() && edges(&contents, "dependencyOf").is_empty());
    assert_eq!(contents["qualities"][0][2], 1);
    assert_eq!(contents["qualities"][0][3], "PT6H");
    assert_eq!(contents["qualities"].as_array().unwrap().len(), 1, "what is no dependency is left out");
}

#[test]
fn long_descriptions_are_cut_and_the_descriptor_is_only_linked_on_the_web() {
    let contents = contents(&made(Visibility::Everything));
    assert_eq!(contents["description"][0].as_str().unwrap().chars().count(), 401);
    assert_eq!(contents["declared"], json!([]));
}

#[test]
fn what_may_not_be_seen_is_not_in_it() {
    let owner = Filter::Equals("kind".to_owned(), "component".to_owned());
    let html = made(Visibility::Where(owner));
    let contents = contents(&html);
    assert_eq!(contents["name"], json!(["shop"]));
    assert!(!html.contains("pay@x.example"));
    assert!(!contents.to_string().contains("pay@x.example"));
}

#[test]
fn nothing_in_a_catalog_becomes_markup() {
    let html = made(Visibility::Everything);
    let count = |text: &str| html.matches(text).count();
    assert_eq!(count("<script"), 3, "the first script, the contents, the script");
    assert_eq!(count("</script"), 3);
    assert_eq!((count("<!--"), count("<b>"), count("onclick=\"alert")), (0, 0, 0));
    let hrefs: Vec<&str> = html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let is_good = |href: &&str| ["https://", "mailto:", "data:,", "#/"].iter().any(|start| href.starts_with(start));
    assert!(hrefs.iter().all(is_good), "{hrefs:?}");
    assert!(hrefs.contains(&"mailto:pay@x.example"), "{hrefs:?}");
}

#[test]
fn without_scripts_it_says_what_it_is_and_who_can_be_reached() {
    let html = made(Visibility::Everything);
    assert!(html.contains("<noscript><p>This file holds a whole software catalog"));
    assert!(html.contains("Made 1 Jan 2026 00:00 UTC, as of change 4711."));
    assert!(html.contains("<th scope=\"row\">&lt;b&gt;Pay&lt;/b&gt;</th>"), "{html}");
}

#[test]
fn its_policy_lets_its_own_scripts_run_and_nothing_else() {
    let html = made(Visibility::Everything);
    let policy = html.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    let hash = |text: &str| {
        let digest = sha2::Sha256::digest(text.as_bytes());
        format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(digest))
    };
    let scripts: Vec<&str> =
        html.split("<script>").skip(1).map(|rest| rest.split("</script>").next().unwrap()).collect();
    assert_eq!(scripts.len(), 2);
    let style = html.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    assert!(scripts.iter().chain([&style]).all(|text| policy.contains(&hash(text))), "{policy}");
    assert!(policy.contains("default-src 'none'") && policy.contains("connect-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
}

#[test]
fn the_script_never_makes_markup_of_text() {
    let html = made(Visibility::Everything);
    let script = html.rsplit("<script>").next().unwrap();
    let forbidden =
        regex::Regex::new(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(|import").unwrap();
    assert_eq!(forbidden.find(script).map(|found| found.as_str()), None);
}

#[test]
fn an_empty_catalog_has_a_pack_too() {
    let view = Fold::build(Seq(0), Vec::new()).snapshot().view(Visibility::Everything);
    let about = About {
        portal: "P".to_owned(),
        organization: None,
        base_url: String::new(),
        version: "1".to_owned(),
        kinds: Vec::new(),
    };
    let html = pack::prepare(&view, &about, &links).unwrap().write(Timestamp(0));
    assert_eq!(contents(&html)["name"], json!([]));
    assert!(html.contains("<title>P pack</title>"));
}
