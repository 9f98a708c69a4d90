//! Folding: what it does to graphs that are too large, and that nothing is ever lost.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::graph::FoldKey;

fn node(id: &str, class: &str, owner: &str) -> Node {
    let fold = (!owner.is_empty()).then(|| FoldKey { key: owner.into(), label: owner.into() });
    Node { id: id.into(), title: id.into(), class: class.into(), fold, ..Node::default() }
}

fn edge(from: &str, to: &str, class: &str) -> Edge {
    Edge { from: from.into(), to: to.into(), class: class.into(), ..Edge::default() }
}

/// A root with as many neighbours as asked for, of three kinds and seven owners.
fn star(neighbours: usize) -> Graph {
    let mut nodes = vec![Node { mark: Mark::Root, ..node("root", "system", "team-0") }];
    let mut edges = Vec::new();
    for at in 0..neighbours {
        let id = format!("n{at:04}");
        nodes.push(node(&id, ["component", "api", "resource"][at % 3], &format!("team-{}", at % 7)));
        edges.push(edge("root", &id, "hasPart"));
    }
    Graph { nodes, edges, ..Graph::default() }
}

fn rules(limit: usize) -> Rules {
    Rules { limit, ..Rules::default() }
}

#[test]
fn what_fits_stays_as_it_is() {
    let folded = fold(star(20), &rules(40));
    assert_eq!(folded.graph.nodes, star(20).nodes);
    assert_eq!((folded.tally.nodes_drawn, folded.tally.edges_drawn, folded.tally.groups), (21, 20, 0));
}

#[test]
fn a_thousand_neighbours_become_groups_by_kind_and_owner() {
    let folded = fold(star(1000), &rules(60));
    assert_eq!(folded.graph.nodes.len(), 22, "the root and 21 groups: three kinds of seven owners");
    assert!(folded.groups.iter().any(|group| group.title == "48 APIs of team-1"), "{:?}", folded.groups);
    let lines: usize = folded.graph.edges.iter().map(|edge| edge.count).sum();
    assert_eq!((lines, folded.tally.edges_folded), (1000, 1000));
}

#[test]
fn no_more_is_folded_than_must_be() {
    let mut graph = star(30);
    for at in 0..30 {
        graph.nodes.push(node(&format!("m{at}"), "user", "team-x"));
        graph.edges.push(edge("root", &format!("m{at}"), "ownedBy"));
    }
    let folded = fold(graph, &rules(40));
    let titles: Vec<_> = folded.groups.iter().map(|group| group.title.as_str()).collect();
    assert_eq!(titles, ["30 users of team-x"], "the kinds and owners of the others stay");
}

#[test]
fn unfolding_a_group_leaves_the_others_as_they_are() {
    let before = fold(star(300), &rules(30));
    let one = before.groups[3].clone();
    let after = fold(star(300), &Rules { unfolded: [one.id.clone()].into(), ..rules(30) });
    let ids = |folded: &Folded| folded.groups.iter().map(|group| group.id.clone()).collect::<BTreeSet<_>>();
    assert_eq!(ids(&before).difference(&ids(&after)).collect::<Vec<_>>(), [&one.id]);
    assert_eq!(after.tally.nodes_drawn, 1 + one.members.len());
    assert_eq!(after.opened, [one]);
}

#[test]
fn a_large_group_unfolds_into_smaller_ones() {
    let mut graph = star(0);
    for at in 0..1000 {
        graph.nodes.push(node(&format!("r{at:03}"), "resource", "team-x"));
        graph.edges.push(edge("root", &format!("r{at:03}"), "hasPart"));
    }
    let whole = fold(graph.clone(), &rules(60));
    assert_eq!(whole.groups[0].title, "1000 resources of team-x");
    let opened = Rules { unfolded: [whole.groups[0].id.clone()].into(), ..rules(60) };
    let parts = fold(graph.clone(), &opened);
    assert_eq!(parts.groups.len(), 20);
    assert!(parts.groups.iter().any(|group| group.title == "50 resources: r050 to r099"));
    let mut unfolded = opened.unfolded.clone();
    unfolded.insert(parts.groups[1].id.clone());
    let deeper = fold(graph, &Rules { unfolded, ..rules(60) });
    assert_eq!(deeper.groups.len(), 21, "50 are still more than are shown at once");
}

#[test]
fn what_would_be_too_large_stays_folded_and_is_named() {
    let all: BTreeSet<String> = fold(star(700), &rules(30)).groups.into_iter().map(|group| group.id).collect();
    let folded = fold(star(700), &Rules { unfolded: all.clone(), cap: 100, ..rules(30) });
    assert!(folded.graph.nodes.len() <= 100);
    assert_eq!(folded.refused.len() + folded.opened.len(), all.len());
    assert!(!folded.opened.is_empty() && !folded.refused.is_empty());
}

#[test]
fn by_key_folds_few_too() {
    let folded = fold(star(14), &Rules { by_key: true, ..Rules::default() });
    assert_eq!(folded.groups.len(), 7);
    assert_eq!(folded.groups.iter().map(|group| group.members.len()).sum::<usize>(), 14);
}

#[test]
fn edges_inside_of_a_group_are_counted_in_it() {
    let mut graph = star(9);
    graph.edges.push(edge("n0000", "n0007", "dependsOn"));
    let folded = fold(graph, &Rules { by_key: true, ..Rules::default() });
    assert_eq!(folded.tally.edges_inside, 1);
    assert!(folded.graph.nodes.iter().any(|node| node.sub == "1 relation among them"));
}

#[test]
fn a_thicket_is_folded_until_it_can_be_laid_out() {
    let mut graph = star(60);
    for at in 0..3000_usize {
        let (from, to) = (at % 60, (at * 7 + at / 60) % 60);
        graph.edges.push(edge(&format!("n{from:04}"), &format!("n{to:04}"), "dependsOn"));
    }
    let rules = Rules { limit: 100, ..Rules::default() };
    assert!(!cost(&fold(graph.clone(), &rules).graph).is_bearable());
    let folded = fold_to_fit(graph, &rules);
    assert!(cost(&folded.graph).is_bearable());
    let tally = folded.tally;
    assert_eq!(tally.edges_drawn + tally.edges_folded + tally.edges_inside, 3060);
}

fn graphs() -> impl Strategy<Value = Graph> {
    let edges = prop::collection::vec((0..60_usize, 0..60_usize, 0..3_usize), 0..160);
    (1..60_usize, edges, 0..4_usize).prop_map(|(count, edges, roots)| {
        let mut graph = star(0);
        graph.nodes = (0..count)
            .map(|at| {
                let mut node = node(&format!("n{at}"), ["a", "b"][at % 2], &"xyz"[..at % 3]);
                node.cluster = (at % 5 == 0).then(|| "frame".to_owned());
                if at < roots {
                    node.mark = Mark::Root;
                }
                node
            })
            .collect();
        let edges =
            edges.iter().map(|(from, to, class)| edge(&format!("n{from}"), &format!("n{to}"), &"rst"[..*class]));
        graph.edges = edges.collect();
        graph
    })
}

proptest! {
    #[test]
    fn nothing_is_ever_lost(graph in graphs(), limit in 1..50_usize, by_key: bool, seed in 0..3_usize) {
        let mut rules = Rules { limit, cap: limit + 30, by_key, ..Rules::default() };
        let first = fold(graph.clone(), &rules);
        prop_assert!(first.graph.nodes.len() <= limit, "{} > {limit}", first.graph.nodes.len());
        rules.unfolded = first.groups.iter().skip(seed).step_by(2).map(|group| group.id.clone()).collect();
        let folded = fold(graph.clone(), &rules);
        prop_assert!(folded.graph.nodes.len() <= rules.cap);

        let mut shown_as: BTreeMap<String, String> = BTreeMap::new();
        for node in folded.graph.nodes.iter().filter(|node| node.folded == 0) {
            prop_assert!(shown_as.insert(node.id.clone(), node.id.clone()).is_none());
        }
        for group in &folded.groups {
            for member in &group.members {
                prop_assert!(shown_as.insert(member.clone(), group.id.clone()).is_none(), "{member} twice");
            }
        }
        let all = graph.clone().completed();
        prop_assert_eq!(shown_as.len(), all.nodes.len());
        let mut lines: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
        for edge in &all.edges {
            let (from, to) = (shown_as[&edge.from].as_str(), shown_as[&edge.to].as_str());
            if from != to || folded.groups.iter().all(|group| group.id != from) {
                *lines.entry((from, to, &edge.class)).or_default() += 1;
            }
        }
        let drawn: BTreeMap<_, _> = folded.graph.edges.iter().map(|e| ((&*e.from, &*e.to, &*e.class), e.count)).collect();
        prop_assert_eq!(drawn, lines);
        let tally = folded.tally;
        prop_assert_eq!(tally.edges_drawn + tally.edges_folded + tally.edges_inside, tally.edges);
        prop_assert_eq!(tally.nodes_drawn + tally.nodes_folded, tally.nodes);
    }
}
