//! SVG texts: sound XML, nothing that a strict policy forbids, links where they belong.

use super::*;
use crate::{
    graph::{Cluster, Edge, Graph, Node},
    layout::{Options, layout},
};

fn picture(title: &str) -> Picture {
    let node = |id: &str, title: &str| Node {
        id: id.into(),
        title: title.into(),
        sub: "component".into(),
        class: "component".into(),
        href: Some(format!("/catalog/{id}?a=1&b=2")),
        cluster: Some("c".into()),
        ..Node::default()
    };
    let edge = Edge { from: "a".into(), to: "b".into(), class: "depends On".into(), label: "uses".into(), count: 3 };
    let cluster = Cluster { id: "c".into(), title: title.into(), ..Cluster::default() };
    let graph = Graph { nodes: vec![node("a", title), node("b", "b")], edges: vec![edge], clusters: vec![cluster] };
    layout(&graph, Options::default()).unwrap()
}

const HEADING: Heading<'_> = Heading { id: "p", title: "<Relations>", description: "a & b" };

#[test]
fn texts_cannot_break_out() {
    let svg = write(&picture("</text><script>alert('\u{0}\"&')"), HEADING, Mode::Embedded);
    assert!(!svg.contains("<script") && !svg.contains('\0'), "{svg}");
    assert!(svg.contains("&lt;script&gt;alert(&#39;\u{fffd}&quot;&amp;&#39;)"), "{svg}");
    assert!(svg.contains("<title id=\"p-title\">&lt;Relations&gt;</title><desc id=\"p-desc\">a &amp; b</desc>"));
    assert!(svg.contains("href=\"/catalog/a?a=1&amp;b=2\""));
}

#[test]
fn a_part_of_a_page_needs_no_styles_of_its_own() {
    let svg = write(&picture("a"), HEADING, Mode::Embedded);
    assert!(!svg.contains("style") && !svg.contains(" on"), "{svg}");
    assert!(svg.contains("data-node=\"a\"") && svg.contains("data-from=\"a\" data-to=\"b\""));
    assert!(svg.contains("dg-e-depends-on") && svg.contains("uses ×3"));
}

#[test]
fn a_file_of_its_own_links_to_the_site_or_nowhere() {
    let with = write(&picture("a"), HEADING, Mode::Standalone(Some("https://callboard.test/")));
    assert!(with.contains("<style>.dg{") && with.contains("prefers-color-scheme: dark"));
    assert!(with.contains("href=\"https://callboard.test/catalog/a?a=1&amp;b=2\""));
    let without = write(&picture("a"), HEADING, Mode::Standalone(None));
    assert!(!without.contains("href="));
}

#[test]
fn what_is_behind_a_node_has_a_link_of_its_own() {
    let more = Some(crate::graph::More { count: 12, href: "/more?a&b".into() });
    let node = Node { id: "a".into(), title: "a".into(), href: Some("/a".into()), more, ..Node::default() };
    let picture = layout(&Graph { nodes: vec![node], ..Graph::default() }, Options::default()).unwrap();
    let svg = write(&picture, HEADING, Mode::Embedded);
    let (own, more) = svg.split_once("</a>").unwrap();
    assert!(own.contains("href=\"/a\"") && more.contains("href=\"/more?a&amp;b\"") && more.contains(">+12</text>"));
}

#[test]
fn nothing_gives_an_empty_picture() {
    let picture = layout(&Graph::default(), Options::default()).unwrap();
    let svg = write(&picture, HEADING, Mode::Embedded);
    assert!(svg.contains("viewBox=\"0 0 1 1\"") && svg.ends_with("</svg>"), "{svg}");
}

#[test]
fn every_rule_takes_its_colours_from_the_page() {
    for (_, name) in STYLE.match_indices("var(--dg-").map(|(at, _)| (at, &STYLE[at + 4..])) {
        let name = &name[..name.find(')').unwrap()];
        assert!(
            name == "--dg-hue" || (LIGHT.contains(&format!("{name}:")) && DARK.contains(&format!("{name}:"))),
            "{name}"
        );
    }
}
