//! What is to be drawn: nodes, the edges between them, and the frames around them.

use std::collections::HashSet;

/// Nodes, edges and frames, in any order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// The boxes.
    pub nodes: Vec<Node>,
    /// The lines.
    pub edges: Vec<Edge>,
    /// The frames around nodes.
    pub clusters: Vec<Cluster>,
}

/// One box.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Names it in edges. Of two nodes with the same name the first one counts.
    pub id: String,
    /// What is written in it. Never cut.
    pub title: String,
    /// What is written below that, in small; may be empty.
    pub sub: String,
    /// The family that it is coloured after, such as the kind of an entity.
    pub class: String,
    /// Where a click on it leads.
    pub href: Option<String>,
    /// The frame that it is in.
    pub cluster: Option<String>,
    /// What it shares with the nodes that it may be folded with.
    pub fold: Option<FoldKey>,
    /// Nodes of little weight are folded before others.
    pub weight: u32,
    /// How many nodes it stands for, when it is a group.
    pub folded: usize,
    /// What sets it apart from other nodes.
    pub mark: Mark,
    /// Whether something is wrong with it.
    pub problem: bool,
    /// That there is more behind it, which is not drawn.
    pub more: Option<More>,
}

/// What is behind a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct More {
    /// How many edges lead there.
    pub count: usize,
    /// Where a click leads: the picture with these in it.
    pub href: String,
}

impl More {
    /// Such as "+12".
    pub(crate) fn text(&self) -> String {
        format!("+{}", self.count)
    }
}

/// What sets a node apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    #[default]
    Plain,
    /// The question started from it.
    Root,
    /// It is only known because an edge leads to it.
    Missing,
}

/// What nodes have in common that may be folded into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldKey {
    /// Tells it from others.
    pub key: String,
    /// How people call it; may be empty.
    pub label: String,
}

/// One line, with an arrow head at its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edge {
    /// Where it starts.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// The family that it is drawn after, such as the type of a relation.
    pub class: String,
    /// What is written on it; may be empty.
    pub label: String,
    /// How many edges it stands for; 0 and 1 are the same.
    pub count: usize,
}

/// A titled frame around nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    /// Names it in nodes.
    pub id: String,
    /// What is written at its top; may be empty.
    pub title: String,
    /// The family that it is coloured after.
    pub class: String,
    /// Where a click on its title leads.
    pub href: Option<String>,
    /// The frame that it is in itself.
    pub parent: Option<String>,
}

/// Where the edges of a picture point to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From left to right.
    #[default]
    Right,
    /// From right to left.
    Left,
    /// From top to bottom.
    Down,
    /// From bottom to top.
    Up,
}

impl Direction {
    /// Reads the name that Backstage gives it: `LR`, `RL`, `TB` or `BT`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "LR" => Some(Self::Right),
            "RL" => Some(Self::Left),
            "TB" => Some(Self::Down),
            "BT" => Some(Self::Up),
            _ => None,
        }
    }

    /// The name that Backstage gives it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Right => "LR",
            Self::Left => "RL",
            Self::Down => "TB",
            Self::Up => "BT",
        }
    }

    /// Whether ranks stand beside each other.
    pub(crate) fn is_horizontal(self) -> bool {
        matches!(self, Self::Right | Self::Left)
    }
}

impl Graph {
    /// Makes it sound: adds a node marked as missing for each end of an edge that has none, and drops second nodes of one name
    /// and frames that do not exist.
    #[must_use]
    pub fn completed(mut self) -> Self {
        let mut seen = HashSet::new();
        self.nodes.retain(|node| seen.insert(node.id.clone()));
        for end in self.edges.iter().flat_map(|edge| [&edge.from, &edge.to]) {
            if seen.insert(end.clone()) {
                self.nodes.push(Node::missing(end));
            }
        }
        let mut frames = HashSet::new();
        self.clusters.retain(|cluster| frames.insert(cluster.id.clone()));
        for node in &mut self.nodes {
            node.cluster.take_if(|cluster| !frames.contains(cluster.as_str()));
        }
        let parents: Vec<Option<String>> = (0..self.clusters.len()).map(|at| self.sound_parent(at)).collect();
        for (cluster, parent) in self.clusters.iter_mut().zip(parents) {
            cluster.parent = parent;
        }
        self
    }

    /// The parent of a frame, unless it does not exist or the frame is inside of itself.
    fn sound_parent(&self, at: usize) -> Option<String> {
        let find = |id: &str| self.clusters.iter().find(|cluster| cluster.id == id);
        let start = &self.clusters[at];
        let mut parent = find(start.parent.as_deref()?)?;
        for _ in 0..self.clusters.len() {
            if parent.id == start.id {
                return None;
            }
            match parent.parent.as_deref().and_then(find) {
                Some(next) => parent = next,
                None => return start.parent.clone(),
            }
        }
        None
    }
}

impl Node {
    /// A node that is only known by name.
    #[must_use]
    pub fn missing(id: &str) -> Self {
        Self { id: id.to_owned(), title: id.to_owned(), mark: Mark::Missing, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_without_a_node_become_missing_nodes() {
        let edge = Edge { from: "a".into(), to: "b".into(), ..Edge::default() };
        let node = Node { id: "a".into(), cluster: Some("gone".into()), ..Node::default() };
        let graph = Graph { nodes: vec![node.clone(), node], edges: vec![edge], clusters: vec![] }.completed();
        let names: Vec<_> = graph.nodes.iter().map(|node| (node.id.as_str(), node.mark)).collect();
        assert_eq!(names, [("a", Mark::Plain), ("b", Mark::Missing)]);
        assert_eq!(graph.nodes[0].cluster, None);
    }

    #[test]
    fn frames_are_never_inside_of_themselves() {
        let frame =
            |id: &str, parent: &str| Cluster { id: id.into(), parent: Some(parent.into()), ..Cluster::default() };
        let clusters = vec![frame("a", "b"), frame("b", "a"), frame("c", "a"), frame("d", "none")];
        let graph = Graph { clusters, ..Graph::default() }.completed();
        assert!(graph.clusters.iter().all(|cluster| cluster.parent.is_none()));
    }

    #[test]
    fn directions_have_the_names_of_backstage() {
        for name in ["LR", "RL", "TB", "BT"] {
            assert_eq!(Direction::parse(name).map(Direction::name), Some(name));
        }
        assert_eq!(Direction::parse("lr"), None);
    }
}
