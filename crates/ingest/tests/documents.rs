//! What becomes of whole documents: YAML's meaning, the layout of bodies, rules, own kinds, and Backstage's recorded answers.

use std::path::Path;

use ingest::{
    Attachments, Context, Document, Kinds, Processed, ProcessedEntity, Rules, parse, process, validate_entity,
};
use model::{LocationRef, Presence, ScmUrls};
use serde_json::{Value, json};

const ADDRESS: &str = "https://git.example.org/shop/catalog-info.yaml";

fn run_with(text: &str, kinds: &Kinds, rules: &Rules, urls: &ScmUrls) -> Processed {
    let location = LocationRef::new("url", ADDRESS);
    let origin = LocationRef::new("url", "https://git.example.org/all.yaml");
    let context = Context { location: &location, origin: &origin, urls, kinds, rules };
    process(&parse(text.as_bytes(), &location), &context, &Attachments::new())
}

fn run(text: &str) -> Processed {
    run_with(text, &Kinds::builtin(), &Rules::allow_all(), &ScmUrls::default())
}

#[track_caller]
fn entity(processed: &Processed, at: usize) -> &ProcessedEntity {
    match &processed.documents[at] {
        Document::Entity(entity) => entity,
        Document::Rejected(rejected) => panic!("rejected: {:?}", rejected.diagnostics),
    }
}

fn component(metadata: &str, spec: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: shop{metadata}}}\n\
         spec:\n  type: service\n  lifecycle: production\n  owner: platform\n{spec}"
    )
}

#[track_caller]
fn check_spec(yaml: &str, want: &str) {
    let processed = run(&component("", &format!("  it: {yaml}\n")));
    let body = entity(&processed, 0).body.as_str();
    let (_, it) = body.split_once("\"it\":").expect("the field is there");
    assert_eq!(it, format!("{want}}}}}"), "{yaml}");
}

#[test]
fn yaml_means_what_it_means_in_the_npm_package() {
    check_spec("yes", "\"yes\"");
    check_spec("on", "\"on\"");
    check_spec("017", "17");
    check_spec("0o17", "15");
    check_spec("0xFF", "255");
    check_spec("1.0", "1");
    check_spec("2.50", "2.5");
    check_spec("1e3", "1000");
    check_spec("12345678901234567890", "12345678901234567000");
    check_spec("2024-02-03", "\"2024-02-03\"");
    check_spec("~", "null");
    check_spec("", "null");
    check_spec("!!str 5", "\"5\"");
    check_spec("!!int \"5\"", "5");
    check_spec("!!str", "\"\"");
    check_spec("! 5", "\"5\"");
    check_spec(".nan", "null");
    check_spec("{<<: {a: 1}, b: 2}", "{\"<<\":{\"a\":1},\"b\":2}");
    check_spec("[&a {x: 1}, *a, *a]", "[{\"x\":1},{\"x\":1},{\"x\":1}]");
    check_spec("{&k key: 1, other: *k}", "{\"key\":1,\"other\":\"key\"}");
    check_spec("{1: a, 1.50: b, true: c, ~: d}", "{\"1\":\"a\",\"1.5\":\"b\",\"true\":\"c\",\"\":\"d\"}");
    check_spec("{{ name }}", "{\"{ name }\":null}");
    check_spec("|\n    first\n\n    second\n", "\"first\\n\\nsecond\\n\"");
    check_spec(">-\n    one\n    two\n", "\"one two\"");
    check_spec("\"a\\tb\\u00e9\"", "\"a\\tbé\"");
}

#[test]
fn refuses_what_the_npm_package_refuses() {
    for text in [
        "a: [1,\n2]\n",
        "a: \"x\ny\"\n",
        "a: {b: c,\nd: e}\n",
        "\ta: b\n",
        "a: 1\na : 2\n",
        "a: {a: 1, a: 2}\n",
        "a: `x`\n",
    ] {
        assert_eq!(run(text).diagnostics.len(), 1, "{text:?}");
    }
    for text in
        ["a: [\n]\n", "a: [1,\n 2]\n", "a: \"x\n\n y\"\n", "{\n\"a\": \"b\",\n\"c\": [\n1\n]\n}\n", "a:\n- [b,\n  c]\n"]
    {
        assert_eq!(run(text).diagnostics.len(), 0, "{text:?}");
    }
}

#[test]
fn line_ends_and_marks_of_other_systems_are_read() {
    let text = component("", "  text: |\n    a\n    b\n").replace('\n', "\r\n");
    let with_bom = format!("\u{feff}{text}");
    assert!(entity(&run(&with_bom), 0).body.as_str().contains("\"text\":\"a\\nb\\n\""));
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let location = LocationRef::new("url", ADDRESS);
    let (kinds, rules, urls) = (Kinds::builtin(), Rules::allow_all(), ScmUrls::default());
    let context = Context { location: &location, origin: &location, urls: &urls, kinds: &kinds, rules: &rules };
    let processed = process(&parse(&utf16, &location), &context, &Attachments::new());
    assert_eq!(entity(&processed, 0).entity_ref.as_str(), "component:default/shop");
    assert_eq!(run(&component("", "  nul: a\0b\n")).diagnostics.len(), 1);
}

#[test]
fn a_sick_document_does_not_harm_its_neighbours() {
    let good = component("", "");
    let processed = run(&format!("{good}---\nbroken: [1\n---\n---\n- list\n---\n{good}"));
    assert_eq!(processed.diagnostics.len(), 1);
    assert_eq!(processed.documents.len(), 3);
    assert_eq!((entity(&processed, 0).line, entity(&processed, 2).line), (1, 14));
    let error = processed.location_error.expect("the location fails in Backstage");
    assert!(error.message.starts_with(&format!("YAML error at url:{ADDRESS}, YAMLParseError: ")), "{}", error.message);
}

#[test]
fn a_body_has_the_order_of_keys_that_backstage_gives() {
    let urls = ScmUrls {
        view: Some("https://git.example.org/view".to_owned()),
        edit: Some("https://git.example.org/edit".to_owned()),
        source_location: Some("url:https://git.example.org/shop/".to_owned()),
    };
    let text = component(
        ", uid: mine, etag: kept, annotations: {z/a: '1', backstage.io/edit-url: 'javascript:x', \
         backstage.io/managed-by-location: 'url:lie', backstage.io/source-location: 'url:own'}, title: T",
        "  dependsOn: ['component:b', 'api:default/x', 'component:a', 'component:a']\n",
    );
    let processed = run_with(&text, &Kinds::builtin(), &Rules::allow_all(), &urls);
    let shop = entity(&processed, 0);
    assert_eq!(
        shop.body.as_str(),
        "{\"metadata\":{\"namespace\":\"default\",\"annotations\":{\
         \"backstage.io/managed-by-location\":\"url:https://git.example.org/shop/catalog-info.yaml\",\
         \"backstage.io/managed-by-origin-location\":\"url:https://git.example.org/all.yaml\",\
         \"backstage.io/view-url\":\"https://git.example.org/view\",\
         \"backstage.io/edit-url\":\"https://backstage.io/annotation-rejected-for-security-reasons\",\
         \"backstage.io/source-location\":\"url:own\",\"z/a\":\"1\"},\
         \"name\":\"shop\",\"etag\":\"kept\",\"title\":\"T\"},\
         \"apiVersion\":\"backstage.io/v1alpha1\",\"kind\":\"Component\",\
         \"spec\":{\"type\":\"service\",\"lifecycle\":\"production\",\"owner\":\"platform\",\
         \"dependsOn\":[\"api:default/x\",\"component:a\",\"component:a\",\"component:b\"]}}"
    );
    let relations: Vec<_> = shop.relations.iter().map(|r| format!("{} {} {}", r.forward, r.reverse, r.other)).collect();
    assert_eq!(relations.len(), 4, "{relations:?}");
    assert_eq!(relations[0], "ownedBy ownerOf group:default/platform");
    assert!(relations.contains(&"dependsOn dependencyOf component:default/a".to_owned()));
}

#[test]
fn empty_annotations_are_as_good_as_none() {
    let processed = run(&component(", annotations: ", ""));
    assert!(entity(&processed, 0).body.as_str().contains("managed-by-location"));
}

#[test]
fn references_take_the_namespace_of_the_entity() {
    let text = component(", namespace: sales", "  system: Checkout\n  providesApis: [a, 'Other/B', 'group:x/y']\n");
    let processed = run(&text);
    let others: Vec<_> = entity(&processed, 0).relations.iter().map(|r| r.other.as_str()).collect();
    assert_eq!(others, ["group:sales/platform", "api:sales/a", "api:other/b", "group:x/y", "system:sales/checkout"]);
}

#[test]
fn a_location_tells_what_it_wants_read() {
    let text = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\n\
                spec: {target: ./a.yaml, targets: [./b.yaml], presence: optional}\n";
    let processed = run(text);
    let nested = entity(&processed, 0).nested.as_ref().expect("a Location has targets");
    assert_eq!((nested.location_type.as_deref(), nested.presence), (None, Presence::Optional));
    assert_eq!(nested.targets, ["./a.yaml", "./b.yaml"]);
}

fn is_allowed(rules: &Value, origin_rules: Option<&Value>, kind: &str) -> bool {
    let origin = LocationRef::new("url", "https://git.example.org/all.yaml");
    let (rules, problems) = Rules::from_config(Some(rules), &[(origin, origin_rules)]);
    assert!(problems.is_empty(), "{problems:?}");
    let text = format!(
        "apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata: {{name: x}}\nspec: {{type: team, children: [], owner: o}}\n"
    );
    run_with(&text, &Kinds::builtin(), &rules, &ScmUrls::default()).location_error.is_none()
}

#[test]
fn rules_decide_by_kind_type_and_origin() {
    assert!(is_allowed(&json!([{"allow": ["group"]}]), None, "Group"));
    assert!(!is_allowed(&json!([{"allow": ["Component"]}]), None, "Group"));
    assert!(is_allowed(&json!([]), Some(&json!([{"allow": ["Group"]}])), "Group"));
    assert!(is_allowed(&json!([{"allow": [{"kind": "Group", "spec.type": "TEAM"}]}]), None, "Group"));
    assert!(!is_allowed(&json!([{"allow": [{"kind": "Group", "spec.type": "guild"}]}]), None, "Group"));
    let at = |location: Value| json!([{"allow": ["Group"], "locations": [location]}]);
    assert!(is_allowed(&at(json!({"type": "url", "pattern": "https://GIT.example.org/*.yaml"})), None, "Group"));
    assert!(!is_allowed(&at(json!({"type": "url", "pattern": "https://*.yaml"})), None, "Group"));
    assert!(is_allowed(&at(json!({"type": "url", "pattern": "https://**"})), None, "Group"));
    assert!(is_allowed(&at(json!({"type": "url", "exact": "https://git.example.org/all.yaml"})), None, "Group"));
    assert!(!is_allowed(&at(json!({"type": "file"})), None, "Group"));
}

#[test]
fn rules_have_defaults_and_tell_their_faults() {
    let group =
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: x}\nspec: {type: team, children: []}\n";
    let processed = run_with(group, &Kinds::builtin(), &Rules::default(), &ScmUrls::default());
    let error = processed.location_error.expect("a Group is not allowed by default");
    assert_eq!(error.name, "NotAllowedError");
    assert_eq!(
        error.message,
        format!(
            "Entity group:default/x at url:{ADDRESS}, originated at url:https://git.example.org/all.yaml, \
             is not of an allowed kind for that location"
        )
    );
    let faulty =
        json!([{"allow": "Group"}, {"allow": [], "locations": [{"type": "url", "exact": "a", "pattern": "b"}]}]);
    assert_eq!(Rules::from_config(Some(&faulty), &[]).1.len(), 2);
    let other = Rules::from_config(Some(&json!([{"allow": ["Group"]}])), &[]).0;
    assert_ne!(other.fingerprint(), Rules::default().fingerprint());
}

const DEFINITIONS: &str = "\
apiVersion: callboard.dev/v1
kind: KindDefinition
metadata: {name: environments}
spec:
  kind: Environment
  plural: Environments
  apiVersions: [example.org/v1]
  schema: {type: object, required: [region]}
  references:
    - {field: owner, defaultKind: Group, forward: ownedBy, reverse: ownerOf}
    - {field: hosts.service, defaultKind: Component, defaultNamespace: default, forward: hosts, reverse: hostedIn}
  columns: [{path: spec.region}]
";

#[test]
fn own_kinds_have_schemas_relations_and_a_place_in_the_table() {
    let (kinds, diagnostics) = Kinds::load(&[("kinds.yaml".to_owned(), DEFINITIONS.into())]);
    assert_eq!(diagnostics, []);
    assert_ne!(kinds.fingerprint(), Kinds::builtin().fingerprint());
    let info = kinds.table().iter().find(|kind| kind.name == "Environment").expect("it is in the table");
    assert_eq!((info.plural.as_str(), info.columns[0].title.as_str(), info.builtin), ("Environments", "Region", false));
    let text = "apiVersion: example.org/v1\nkind: Environment\nmetadata: {name: live, namespace: ops}\n\
                spec: {region: eu, owner: sre, hosts: [{service: shop}, {service: till}]}\n";
    let processed = run_with(text, &kinds, &Rules::allow_all(), &ScmUrls::default());
    let others: Vec<_> = entity(&processed, 0).relations.iter().map(|r| format!("{} {}", r.forward, r.other)).collect();
    assert_eq!(others, ["ownedBy group:ops/sre", "hosts component:default/shop", "hosts component:default/till"]);
}

#[test]
fn answers_validation_as_a_real_backstage_did() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !shared.exists() {
        println!("skipped: there is no ../shared beside the workspace");
        return;
    }
    let cases = std::fs::read_to_string(shared.join("conformance/cases.jsonl")).expect("there are recorded cases");
    let location = LocationRef::new("url", ADDRESS);
    let (kinds, rules, urls) = (Kinds::builtin(), Rules::allow_all(), ScmUrls::default());
    let context = Context { location: &location, origin: &location, urls: &urls, kinds: &kinds, rules: &rules };
    let mut checked = 0;
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).expect("a case is JSON");
        let (request, answer) = (&case["request"]["body"], &case["response"]["body"]);
        let well_formed =
            request["entity"].is_object() && request["location"].as_str().is_some_and(|l| l.starts_with("url:"));
        // What a Location names is read by another room.
        if case["group"] != "validate" || !well_formed || request["entity"]["kind"] == "Location" {
            continue;
        }
        let found = validate_entity(&request["entity"], &context).map_or(json!(""), |error| json!({"errors": [error]}));
        assert_eq!(&found, answer, "{}", case["name"]);
        checked += 1;
    }
    assert!(checked > 20, "only {checked} cases were found");
}

#[test]
fn relations_know_their_line_in_the_document_wherever_it_stands() {
    let text = component("", "  dependsOn:\n    - resource:db\n    - component:x\n");
    let lines = |text: &str, number: usize| -> Vec<(String, u32)> {
        let processed = run(text);
        entity(&processed, number).relations.iter().map(|r| (r.other.name().to_owned(), r.line)).collect()
    };
    let first = lines(&text, 0);
    let line_of = |part: &str| text.lines().position(|line| line.contains(part)).unwrap() as u32 + 1;
    let named = |name: &str| first.iter().find(|(other, _)| other == name).unwrap().1;
    assert_eq!(named("db"), line_of("resource:db"));
    assert_eq!(named("x"), line_of("component:x"));
    let behind = format!("# a comment\n\n{}---\n{}", text.replace("name: ", "name: other-"), text);
    assert_eq!(lines(&behind, 1), first);
}

#[test]
fn what_is_no_yaml_is_told_with_what_to_do() {
    let told = |text: &str| -> Vec<String> {
        let processed = run(text);
        let rejected = processed.documents.iter().filter_map(|document| match document {
            Document::Rejected(rejected) => Some(&rejected.diagnostics),
            Document::Entity(_) => None,
        });
        let all = rejected.flatten().chain(&processed.diagnostics);
        all.map(|problem| format!("{}: {}", problem.message, problem.help.as_deref().unwrap_or("-"))).collect()
    };
    for (text, part) in [
        ("metadata:\n  name: shop\n title: Shop\n", "below the other keys"),
        ("metadata: {name: shop\nspec: {}\n", "brace"),
        ("tags: [a, b\nspec: {}\n", "bracket"),
        ("title: Shop: web\n", "quotes round a text that has `: `"),
        ("title: @shop\n", "special character"),
        ("title: \"C:\\shop\"\n", "backslash"),
        ("title: \"shop\" web\n", "round the whole value"),
        ("metadata:\n\tname: shop\n", "spaces"),
        ("items:\n- a\n b: c\n", "indented too far"),
        ("title: 'shop\n---\nkind: Component\n", "quote"),
    ] {
        let told = told(text);
        assert!(told.iter().any(|line| line.contains(part)), "{text}: {told:#?}");
    }
}
