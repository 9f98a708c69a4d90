//! What is coloured how, in the languages of API definitions.

use definitions::{highlight, highlight_html, language_name};

/// `class:text` of every piece that is neither plain nor punctuation.
fn pieces(language: &str, text: &str) -> String {
    let lines = highlight(language, text);
    let coloured = lines.iter().flatten().filter_map(|(class, text)| Some((class.css()?, text)));
    let words = coloured.map(|(css, text)| format!("{}:{text}", css.trim_start_matches("hl-")));
    words.filter(|word| !word.starts_with("punctuation:")).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_language_of_definitions_has_colours() {
    for (language, text, want) in [
        (
            "yaml",
            "# note\na: 'x'\nb:\n  - 1\n  - true\n  - word\n",
            "comment:# note key:a string:'x' key:b number:1 number:true string:word",
        ),
        ("json", "{\"a\": [1, true, \"x\"]}", "key:\"a\" number:1 number:true string:\"x\""),
        ("graphql", "# c\ntype Order { id: ID! }", "comment:# c keyword:type type:Order type:id type:ID"),
        ("protobuf", "// c\nmessage A { string id = 1; }", "comment:// c keyword:message type:A type:string number:1"),
        ("xml", "<!-- c --><a b=\"c\">t</a>", "comment:<!-- c --> key:a key:b string:\"c\" key:a"),
        ("markdown", "# Head\n\nText `code`\n", "key:# key:Head string:code"),
        ("typescript", "const a = 'x'; // c", "keyword:const string:'x' comment:// c"),
        ("nothing-like-this", "a: 1", ""),
    ] {
        assert_eq!(pieces(language, text), want, "{language}");
    }
    assert_eq!(language_name("grpc"), "Protocol Buffer");
    assert_eq!(language_name("yaml"), "YAML");
}

#[test]
fn text_is_escaped_in_every_class() {
    let html = highlight_html("json", "{\"<b>\": \"&'\"}").concat();
    assert!(html.contains("<span class=\"hl-key\">&quot;&lt;b&gt;&quot;</span>"), "{html}");
    assert!(html.contains("&amp;&#39;"), "{html}");
    assert_eq!(highlight_html("text", "<script>\n\nb"), ["&lt;script&gt;", "", "b"]);
}
