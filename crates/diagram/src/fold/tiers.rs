//! Which nodes become one: first those that differ least, then ever more.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, Rules};
use crate::graph::{Graph, Mark, Node};

/// What nodes must share to be folded into one, from much to nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    /// The fold key. Only when that is asked for.
    Key,
    /// Their only neighbour, what they are to it, class and fold key.
    Leaves,
    /// Their only neighbour and class.
    Fan,
    /// Class and fold key.
    Alike,
    /// Class.
    Class,
    /// That the question did not start from them.
    Rest,
    /// Nothing.
    All,
}

const TIERS: [Tier; 7] = [Tier::Key, Tier::Leaves, Tier::Fan, Tier::Alike, Tier::Class, Tier::Rest, Tier::All];

/// Plans groups until no more than the limit is left.
pub(super) fn plan_groups(graph: &Graph, rules: &Rules) -> Vec<Draft> {
    let leaves = leaves(graph);
    let mut plan = Plan { drafts: Vec::new(), draft_of: vec![None; graph.nodes.len()], count: graph.nodes.len() };
    for tier in TIERS {
        let limit = if tier == Tier::Key { 0 } else { rules.limit.max(1) };
        if plan.count <= limit || (tier == Tier::Key && !rules.by_key) {
            continue;
        }
        let mut candidates = candidates(graph, &leaves, tier, &plan);
        while plan.count > limit
            && let Some(at) = choose(graph, &candidates, plan.count - limit)
        {
            plan.add(candidates.swap_remove(at));
        }
    }
    plan.drafts.into_iter().flatten().collect()
}

/// What is to become one so far.
struct Plan {
    /// `None` where a later group took the members over.
    drafts: Vec<Option<Draft>>,
    draft_of: Vec<Option<usize>>,
    /// How many nodes will be left.
    count: usize,
}

impl Plan {
    fn add(&mut self, candidate: Candidate) {
        for member in &candidate.draft.members {
            if let Some(before) = self.draft_of[*member].replace(self.drafts.len()) {
                self.drafts[before] = None;
            }
        }
        self.count -= candidate.units - 1;
        self.drafts.push(Some(candidate.draft));
    }
}

/// A group that could be made.
struct Candidate {
    draft: Draft,
    /// How many nodes and groups of the plan it would take the place of.
    units: usize,
}

/// Takes the smallest group that is enough, or else the largest one; of several, the one of the least weight.
fn choose(graph: &Graph, candidates: &[Candidate], excess: usize) -> Option<usize> {
    let weight = |draft: &Draft| draft.members.iter().map(|at| graph.nodes[*at].weight).max();
    let all = || candidates.iter().enumerate();
    let enough = all().filter(|(_, candidate)| candidate.units > excess);
    let enough = enough.min_by_key(|(_, candidate)| (candidate.units, weight(&candidate.draft), &candidate.draft.id));
    let largest = || all().min_by_key(|(_, c)| (usize::MAX - c.units, weight(&c.draft), &c.draft.id));
    enough.or_else(largest).map(|(at, _)| at)
}

fn candidates(graph: &Graph, leaves: &[Option<Leaf<'_>>], tier: Tier, plan: &Plan) -> Vec<Candidate> {
    let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        if (node.mark != Mark::Root || tier == Tier::All)
            && let Some(key) = key(node, leaves[at].as_ref(), tier)
        {
            found.entry(key).or_default().push(at);
        }
    }
    let found = found.into_iter().map(|(key, members)| {
        let (members, units) = takeable(members, plan);
        Candidate { draft: Draft { id: name(&key), label: label(graph, &members, tier), members }, units }
    });
    // Two nodes as one are worth a click only when there is no other way.
    let least = if matches!(tier, Tier::Leaves | Tier::Fan | Tier::Alike) { 3 } else { 2 };
    found.filter(|candidate| candidate.units >= least).collect()
}

/// The nodes that are free, or in groups that lie wholly within; and how many nodes and groups these are.
fn takeable(mut members: Vec<usize>, plan: &Plan) -> (Vec<usize>, usize) {
    let mut inside: BTreeMap<usize, usize> = BTreeMap::new();
    for draft in members.iter().filter_map(|member| plan.draft_of[*member]) {
        *inside.entry(draft).or_default() += 1;
    }
    let size = |draft: &usize| plan.drafts[*draft].as_ref().map_or(0, |draft| draft.members.len());
    inside.retain(|draft, count| size(draft) == *count);
    members.retain(|member| plan.draft_of[*member].is_none_or(|draft| inside.contains_key(&draft)));
    let free = members.iter().filter(|member| plan.draft_of[**member].is_none()).count();
    (members, free + inside.len())
}

fn key(node: &Node, leaf: Option<&Leaf<'_>>, tier: Tier) -> Option<String> {
    let (class, cluster) = (&node.class, node.cluster.as_deref().unwrap_or(""));
    let fold = node.fold.as_ref().map_or("", |fold| &fold.key);
    Some(match tier {
        Tier::Key => format!("key\n{}\n{cluster}", node.fold.as_ref()?.key),
        Tier::Leaves => {
            let Leaf { neighbour, ties } = leaf?;
            format!("leaves\n{neighbour}\n{ties:?}\n{class}\n{fold}\n{cluster}")
        }
        Tier::Fan => format!("fan\n{}\n{class}\n{cluster}", leaf?.neighbour),
        Tier::Alike => format!("alike\n{class}\n{fold}\n{cluster}"),
        Tier::Class => format!("class\n{class}\n{cluster}"),
        Tier::Rest => "rest".to_owned(),
        Tier::All => String::new(),
    })
}

/// What all members share of their fold keys, for the title.
fn label(graph: &Graph, members: &[usize], tier: Tier) -> String {
    let mut labels = members.iter().map(|at| graph.nodes[*at].fold.as_ref().map_or("", |fold| &fold.label));
    match (tier, labels.next()) {
        (Tier::Key | Tier::Leaves | Tier::Alike, Some(first)) if labels.all(|label| label == first) => first.to_owned(),
        _ => String::new(),
    }
}

/// A node with one neighbour.
struct Leaf<'g> {
    neighbour: &'g str,
    /// What joins it to the neighbour: whether the edge leaves it, and the edge's class.
    ties: BTreeSet<(bool, &'g str)>,
}

fn leaves(graph: &Graph) -> Vec<Option<Leaf<'_>>> {
    let index: BTreeMap<&str, usize> =
        graph.nodes.iter().enumerate().map(|(at, node)| (node.id.as_str(), at)).collect();
    let mut neighbours: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); graph.nodes.len()];
    let mut ties: Vec<BTreeSet<(bool, &str)>> = vec![BTreeSet::new(); graph.nodes.len()];
    for edge in graph.edges.iter().filter(|edge| edge.from != edge.to) {
        for (own, other, leaves) in [(&edge.from, &edge.to, true), (&edge.to, &edge.from, false)] {
            let at = index[own.as_str()];
            neighbours[at].insert(other);
            ties[at].insert((leaves, edge.class.as_str()));
        }
    }
    let both = neighbours.into_iter().zip(ties);
    both.map(|(neighbours, ties)| match neighbours.first() {
        Some(neighbour) if neighbours.len() == 1 => Some(Leaf { neighbour, ties }),
        _ => None,
    })
    .collect()
}

/// A short name that stays the same: FNV-1a over the key.
fn name(key: &str) -> String {
    let hash = key
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("fold-{:012x}", hash >> 16)
}
