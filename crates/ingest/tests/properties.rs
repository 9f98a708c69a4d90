//! What holds for every input: parsing never panics, and a body holds exactly what the document says.

use ingest::{
    Attachments, Context, Document, Kinds, Limits, Rules, parse, parse_with_limits, process, validate_entity,
};
use model::{LocationRef, ScmUrls};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn run(text: &[u8]) -> ingest::Processed {
    let location = LocationRef::new("url", "https://git.example.org/catalog-info.yaml");
    let (kinds, rules, urls) = (Kinds::builtin(), Rules::allow_all(), ScmUrls::default());
    let context = Context { location: &location, origin: &location, urls: &urls, kinds: &kinds, rules: &rules };
    let parsed = parse(text, &location);
    process(&parsed, &context, &Attachments::new())
}

fn arb_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[ -~\\n\\t\"\\\\é]{0,12}".prop_map(Value::from),
        prop_oneof![
            Just("017"),
            Just("yes"),
            Just("~"),
            Just("1e3"),
            Just("0x1f"),
            Just("- a"),
            Just("a: b"),
            Just("#")
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,8}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Numbers are compared as JavaScript sees them: `1.0` and `1` are the same.
fn normal(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), normal(value))).collect(),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn parsing_never_panics_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        run(&bytes);
    }

    #[test]
    fn parsing_never_panics_on_text_that_looks_like_yaml(
        parts in prop::collection::vec(
            prop_oneof![
                Just("a: "), Just("\n"), Just("  "), Just("- "), Just("["), Just("]"), Just("{"), Just("}"), Just("&x "),
                Just("*x"), Just("!!int "), Just("!t "), Just("\""), Just("'"), Just("|\n"), Just(">-\n"), Just("---\n"),
                Just("...\n"), Just("? "), Just(": "), Just(", "), Just("#c\n"), Just("<<: "), Just("kind: Component\n"),
                Just("metadata:\n  name: x\n"), Just("\t"), Just("$text: x"), Just("é"), Just("\u{feff}"), Just("%YAML 1.2\n"),
            ],
            0..40,
        )
    ) {
        let location = LocationRef::new("file", "/x");
        let limits = Limits { file_bytes: 10_000, depth: 6, nodes: 60, text_bytes: 500 };
        let text = parts.concat();
        let parsed = parse_with_limits(text.as_bytes(), &location, &limits);
        prop_assert!(parsed.attachments().len() <= parts.len());
        run(text.as_bytes());
    }

    #[test]
    fn a_body_holds_what_the_document_says(extra in arb_json(), custom in arb_json()) {
        // JSON is YAML, so one text serves both sides.
        let spec = json!({"type": "service", "lifecycle": "production", "owner": "platform", "extra": extra});
        let source = json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": "Component",
            "metadata": {"name": "shop", "custom": custom}, "spec": spec,
        });
        let processed = run(source.to_string().as_bytes());
        let [Document::Entity(entity)] = processed.documents.as_slice() else {
            panic!("not accepted: {processed:?}\n{source}");
        };
        let body: Value = serde_json::from_str(entity.body.as_str()).expect("a body is valid JSON");
        prop_assert_eq!(normal(&body["spec"]), normal(&source["spec"]));
        prop_assert_eq!(normal(&body["metadata"]["custom"]), normal(&source["metadata"]["custom"]));
        prop_assert_eq!(&body["metadata"]["namespace"], "default");
    }

    #[test]
    fn checking_json_and_checking_yaml_agree(metadata in arb_json(), spec in arb_json()) {
        let entity = json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": metadata, "spec": spec});
        let location = LocationRef::new("url", "https://git.example.org/catalog-info.yaml");
        let (kinds, rules, urls) = (Kinds::builtin(), Rules::allow_all(), ScmUrls::default());
        let context = Context { location: &location, origin: &location, urls: &urls, kinds: &kinds, rules: &rules };
        let as_json = validate_entity(&entity, &context);
        let processed = run(entity.to_string().as_bytes());
        match processed.documents.as_slice() {
            [Document::Rejected(rejected)] => prop_assert_eq!(as_json, rejected.diagnostics[0].error.clone()),
            [Document::Entity(_)] => prop_assert_eq!(as_json, None),
            _ => panic!("one document gives one outcome"),
        }
    }
}
