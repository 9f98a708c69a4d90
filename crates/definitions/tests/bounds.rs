//! Nothing panics, and nothing grows without end, whatever a definition says.

use definitions::{Outline, highlight, outline};
use proptest::prelude::*;

const FIXTURES: [(&str, &str); 6] = [
    ("openapi", include_str!("fixtures/orders.openapi.yaml")),
    ("openapi", include_str!("fixtures/pets.swagger.json")),
    ("asyncapi", include_str!("fixtures/lights.asyncapi2.yaml")),
    ("asyncapi", include_str!("fixtures/orders.asyncapi3.yaml")),
    ("graphql", include_str!("fixtures/shop.graphql")),
    ("grpc", include_str!("fixtures/orders.proto")),
];

/// Cuts, doubles and replaces pieces of a text, at characters.
fn mutate(text: &str, steps: &[(usize, usize, u8, String)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (at, length, what, insert) in steps {
        let at = at % (chars.len() + 1);
        let end = (at + length).min(chars.len());
        match what % 3 {
            0 => drop(chars.drain(at..end)),
            1 => {
                let piece = chars[at..end].to_vec();
                chars.splice(at..at, piece);
            }
            _ => drop(chars.splice(at..end.min(at + 3), insert.chars())),
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_mangled_definition_still_has_an_outline(
        which in 0_usize..6,
        steps in prop::collection::vec((0_usize..4000, 0_usize..200, any::<u8>(), "[\\PC\\n\"'{}\\[\\]@:#/*&<]{0,6}"), 1..8),
    ) {
        let (api_type, text) = FIXTURES[which];
        let text = mutate(text, &steps);
        let got = outline(api_type, &text);
        prop_assert!(got.entries().iter().all(|entry| !entry.anchor.contains([' ', '"', '/'])));
    }

    #[test]
    fn highlighted_pieces_are_the_text(language in "yaml|json|graphql|protobuf|xml|markdown|nothing", text in "[\\PC\\n\\t]{0,300}") {
        let lines: Vec<String> =
            highlight(&language, &text).iter().map(|line| line.iter().map(|(_, piece)| *piece).collect()).collect();
        let want: Vec<String> = text.lines().map(str::to_owned).collect();
        prop_assert_eq!(lines, want);
    }
}

#[test]
fn references_that_multiply_are_cut_and_the_outline_says_so() {
    // Each schema puts the one before together twelve times.
    let mut text = "openapi: 3.0.0\ncomponents:\n  schemas:\n    S0: {properties: {a: {type: string}}}\n".to_owned();
    for n in 1..400 {
        let parts = vec![format!("{{$ref: '#/components/schemas/S{}'}}", n - 1); 12].join(", ");
        text.push_str(&format!("    S{n}: {{allOf: [{parts}]}}\n"));
    }
    let got = outline("openapi", &text);
    assert!(matches!(&got, Outline::OpenApi(api) if !api.schemas.is_empty()));
    assert!(got.left_out().unwrap().contains("not all of it"));
}

#[test]
fn unions_that_multiply_are_cut() {
    let mut text = "openapi: 3.0.0\nx0: {type: string}\n".to_owned();
    for n in 1..30 {
        let parts = vec![format!("{{$ref: '#/x{}'}}", n - 1); 12].join(", ");
        text.push_str(&format!("x{n}: {{oneOf: [{parts}]}}\n"));
    }
    text.push_str("components:\n  schemas:\n    A: {$ref: '#/x29'}\n");
    let Outline::OpenApi(api) = outline("openapi", &text) else { panic!() };
    assert!(api.schemas[0].of.0.len() < 1000);
}

#[test]
fn depth_is_refused_in_every_language() {
    let deep = [
        ("openapi", "{\"a\":".repeat(100_000)),
        ("openapi", format!("openapi: 3.0.0\na: {}", "[".repeat(100_000))),
        ("graphql", format!("type A {{ a: {}A }}", "[".repeat(100_000))),
        ("grpc", "message A {".repeat(100_000)),
        ("grpc", format!("message A {{ {}", "oneof a {".repeat(100_000))),
    ];
    for (api_type, text) in deep {
        let Outline::Source(source) = outline(api_type, &text) else { panic!("{api_type}") };
        assert!(source.reason.is_some());
    }
}

#[test]
fn very_large_texts_stay_plain() {
    let text = "a: 1\n".repeat(200_000);
    assert!(highlight("yaml", &text).iter().all(|line| line.len() == 1));
    let line = format!("a: {}\nb: 1\n", "x".repeat(100_000));
    let lines = highlight("yaml", &line);
    assert_eq!(lines[0].len(), 1);
    assert!(lines[1].len() > 1);
}
