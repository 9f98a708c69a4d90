//! The relations between entities as the writer keeps them: what each entity declares, and what is declared about it.

use std::sync::Arc;

use hashbrown::{HashMap, HashTable};
use model::DeclaredRelation;
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    links::{EntityNumber, Link, LinkKind},
    render::Relation,
};

/// Entity references by number. A reference keeps its number for as long as the process runs.
#[derive(Default)]
struct Names {
    text: String,
    ends: Vec<u32>,
    table: HashTable<u32>,
}

impl Names {
    fn get(&self, id: u32) -> &str {
        let start = if id == 0 { 0 } else { self.ends[id as usize - 1] };
        &self.text[start as usize..self.ends[id as usize] as usize]
    }

    fn intern(&mut self, name: &str) -> u32 {
        let hash = xxh3_64(name.as_bytes());
        if let Some(id) = self.table.find(hash, |id| self.get(*id) == name) {
            return *id;
        }
        let id = self.ends.len() as u32;
        self.text.push_str(name);
        self.ends.push(u32::try_from(self.text.len()).expect("all references together are below 4 GB"));
        let mut table = std::mem::take(&mut self.table);
        table.insert_unique(hash, id, |id| xxh3_64(self.get(*id).as_bytes()));
        self.table = table;
        id
    }
}

/// One end of a declared relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    /// The number of its pair.
    pair: u32,
    /// The entity at the other end.
    other: u32,
}

#[derive(Default)]
struct Node {
    declared: Box<[Edge]>,
    incoming: Vec<Edge>,
}

/// What relations have in common that two entities of certain kinds have in both directions: the kind of the link from who
/// declares it, and of the one back.
#[derive(Clone, Copy)]
struct Pair {
    forward: u32,
    back: u32,
}

/// All relations.
#[derive(Default)]
pub(crate) struct Graph {
    names: Names,
    nodes: Vec<Node>,
    pairs: Vec<Pair>,
    pair_ids: HashMap<(u32, u32), u32, foldhash::fast::RandomState>,
    link_kinds: Arc<Vec<LinkKind>>,
    link_kind_ids: HashTable<u32>,
}

impl Graph {
    /// Gives the number of a reference.
    pub(crate) fn intern(&mut self, entity_ref: &str) -> u32 {
        let id = self.names.intern(entity_ref);
        if self.nodes.len() <= id as usize {
            self.nodes.resize_with(id as usize + 1, Node::default);
        }
        id
    }

    /// The kinds of links by number.
    pub(crate) fn link_kinds(&self) -> Arc<Vec<LinkKind>> {
        Arc::clone(&self.link_kinds)
    }

    /// Replaces what an entity declares, and adds the entities whose incoming relations differ now to `touched`.
    pub(crate) fn declare(&mut self, id: u32, relations: &[DeclaredRelation], touched: &mut Vec<u32>) {
        let mut declared: Vec<Edge> = relations.iter().map(|relation| self.edge(id, relation)).collect();
        declared.sort_unstable();
        declared.dedup();
        let before = std::mem::replace(&mut self.nodes[id as usize].declared, declared.clone().into());
        for edge in before.iter().filter(|edge| declared.binary_search(edge).is_err()) {
            let incoming = &mut self.nodes[edge.other as usize].incoming;
            let gone = Edge { pair: edge.pair, other: id };
            if let Some(at) = incoming.iter().position(|edge| *edge == gone) {
                incoming.swap_remove(at);
            }
            touched.push(edge.other);
        }
        for edge in declared.iter().filter(|edge| before.binary_search(edge).is_err()) {
            self.nodes[edge.other as usize].incoming.push(Edge { pair: edge.pair, other: id });
            touched.push(edge.other);
        }
    }

    /// Lists the relations of an entity as they are served: both directions, sorted, without duplicates.
    pub(crate) fn relations_of<'s>(&'s self, id: u32, out: &mut Vec<Relation<'s>>) {
        let node = &self.nodes[id as usize];
        out.clear();
        let relation = |other: u32, kind: u32| Relation {
            kind: &self.link_kinds[kind as usize].relation,
            target: self.names.get(other),
            link: Link { kind, entity: EntityNumber(other) },
        };
        out.extend(node.declared.iter().map(|edge| relation(edge.other, self.pairs[edge.pair as usize].forward)));
        out.extend(node.incoming.iter().map(|edge| relation(edge.other, self.pairs[edge.pair as usize].back)));
        out.sort_unstable();
        out.dedup();
    }

    /// Gives back memory that was kept for growth.
    pub(crate) fn shrink(&mut self) {
        self.names.text.shrink_to_fit();
        self.names.ends.shrink_to_fit();
        for node in &mut self.nodes {
            node.incoming.shrink_to_fit();
        }
    }

    fn edge(&mut self, from: u32, relation: &DeclaredRelation) -> Edge {
        let other = self.intern(relation.other.as_str());
        let forward = self.link_kind(&relation.forward, other);
        let back = self.link_kind(&relation.reverse, from);
        let pair = *self.pair_ids.entry((forward, back)).or_insert_with(|| {
            self.pairs.push(Pair { forward, back });
            self.pairs.len() as u32 - 1
        });
        Edge { pair, other }
    }

    /// The number of the links of a type to entities of the kind that `other` has.
    fn link_kind(&mut self, relation: &Arc<str>, other: u32) -> u32 {
        let to_kind = kind_of(self.names.get(other));
        let hash = hash_link_kind(relation, to_kind);
        let is_same = |id: &u32| {
            let known = &self.link_kinds[*id as usize];
            known.relation == *relation && *known.to_kind == *to_kind
        };
        if let Some(known) = self.link_kind_ids.find(hash, is_same) {
            return *known;
        }
        let id = self.link_kinds.len() as u32;
        let kinds = Arc::make_mut(&mut self.link_kinds);
        kinds.push(LinkKind { relation: Arc::clone(relation), to_kind: to_kind.into() });
        self.link_kind_ids.insert_unique(hash, id, |id| {
            let known = &kinds[*id as usize];
            hash_link_kind(&known.relation, &known.to_kind)
        });
        id
    }
}

fn kind_of(entity_ref: &str) -> &str {
    entity_ref.split_once(':').map_or("", |(kind, _)| kind)
}

fn hash_link_kind(relation: &str, to_kind: &str) -> u64 {
    xxh3_64(relation.as_bytes()) ^ xxh3_64(to_kind.as_bytes()).rotate_left(1)
}

#[cfg(test)]
mod tests {
    use model::EntityRef;

    use super::*;

    fn relation(forward: &str, reverse: &str, other: &str) -> DeclaredRelation {
        let other = EntityRef::parse(other).unwrap();
        DeclaredRelation { forward: forward.into(), reverse: reverse.into(), other, line: 0 }
    }

    fn listed(graph: &mut Graph, name: &str) -> Vec<String> {
        let id = graph.intern(name);
        let mut out = Vec::new();
        graph.relations_of(id, &mut out);
        out.iter().map(|r| format!("{} {}", r.kind, r.target)).collect()
    }

    #[test]
    fn both_directions_follow_what_is_declared() {
        let mut graph = Graph::default();
        let a = graph.intern("c:d/a");
        let mut touched = Vec::new();
        let own = relation("ownedBy", "ownerOf", "g:d/t");
        graph.declare(a, &[own.clone(), own.clone(), relation("dependsOn", "dependencyOf", "c:d/a")], &mut touched);
        assert_eq!(listed(&mut graph, "c:d/a"), ["dependencyOf c:d/a", "dependsOn c:d/a", "ownedBy g:d/t"]);
        assert_eq!(listed(&mut graph, "g:d/t"), ["ownerOf c:d/a"]);
        touched.clear();
        graph.declare(a, &[own], &mut touched);
        assert_eq!(touched, [a], "the group saw no change");
        graph.declare(a, &[], &mut touched);
        assert_eq!(listed(&mut graph, "g:d/t"), Vec::<String>::new());
    }

    #[test]
    fn the_same_relation_from_both_sides_is_served_once() {
        let mut graph = Graph::default();
        let (a, b) = (graph.intern("c:d/a"), graph.intern("c:d/b"));
        graph.declare(a, &[relation("dependsOn", "dependencyOf", "c:d/b")], &mut Vec::new());
        graph.declare(b, &[relation("dependencyOf", "dependsOn", "c:d/a")], &mut Vec::new());
        assert_eq!(listed(&mut graph, "c:d/a"), ["dependsOn c:d/b"]);
        assert_eq!(listed(&mut graph, "c:d/b"), ["dependencyOf c:d/a"]);
    }
}
