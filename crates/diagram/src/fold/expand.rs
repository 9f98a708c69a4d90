//! Shows groups as their members where that is asked for. A group that has very many is shown as smaller groups instead, in order
//! of title, which can be unfolded in their turn.

use super::{Draft, Group, Rules, group};
use crate::graph::Graph;

/// Members up to this number are shown at once.
const ROOM: usize = 40;

/// Into how many smaller groups a large one is divided at most.
const PARTS: usize = 20;

/// What is folded after some groups were unfolded.
#[derive(Default)]
pub(super) struct Expanded {
    pub(super) groups: Vec<Draft>,
    pub(super) opened: Vec<Group>,
    pub(super) refused: Vec<String>,
}

/// Unfolds groups as long as there is room for more nodes.
pub(super) fn expand(graph: &Graph, plan: Vec<Draft>, rules: &Rules) -> Expanded {
    let folded: usize = plan.iter().map(|draft| draft.members.len()).sum();
    let count = graph.nodes.len() - folded + plan.len();
    let mut job = Job { graph, rules, left: rules.cap.saturating_sub(count), out: Expanded::default() };
    plan.into_iter().for_each(|draft| job.take(draft));
    job.out.groups.sort_by(|a, b| a.id.cmp(&b.id));
    job.out
}

struct Job<'g> {
    graph: &'g Graph,
    rules: &'g Rules,
    /// How many more nodes may be drawn.
    left: usize,
    out: Expanded,
}

impl Job<'_> {
    fn take(&mut self, draft: Draft) {
        if !self.rules.unfolded.contains(&draft.id) {
            self.out.groups.push(draft);
            return;
        }
        let size = draft.members.len().div_ceil(PARTS).max(ROOM);
        let whole = draft.members.len() <= ROOM;
        let needed = if whole { draft.members.len() } else { draft.members.len().div_ceil(size) } - 1;
        if needed > self.left {
            self.out.refused.push(draft.id.clone());
            self.out.groups.push(draft);
            return;
        }
        self.left -= needed;
        self.out.opened.push(group(self.graph, &draft));
        if !whole {
            self.parts(&draft, size).into_iter().for_each(|part| self.take(part));
        }
    }

    fn parts(&self, draft: &Draft, size: usize) -> Vec<Draft> {
        let title = |at: &usize| self.graph.nodes[*at].title.as_str();
        let mut members = draft.members.clone();
        members.sort_by_key(|at| (title(at), &self.graph.nodes[*at].id));
        let parts = members.chunks(size).enumerate();
        parts
            .map(|(number, members)| {
                let ends = members.first().zip(members.last());
                let label = ends.map(|(first, last)| format!("{} to {}", title(first), title(last)));
                let id = format!("{}.{number}", draft.id);
                Draft { id, members: members.to_vec(), label: label.unwrap_or_default() }
            })
            .collect()
    }
}
