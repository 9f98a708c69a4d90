//! Edges with their reasons: what the dependent says about the dependency, and the files that declare it.

use std::collections::{BTreeMap, HashMap, HashSet};

use index::Doc;
use insights::{Channel, Declaration, Edge, Impact, Step, declarations};
use model::{EntityRef, Quality};

use crate::{Gate, Problem, View};

/// An edge between two entities, to be explained.
#[derive(Clone, Debug)]
pub(crate) struct Reason {
    pub(crate) from: Doc,
    pub(crate) to: Doc,
    pub(crate) channel: Channel,
    pub(crate) quality: Option<Quality>,
    /// What could have stood in for the dependency.
    pub(crate) alternatives: Vec<EntityRef>,
}

impl Reason {
    /// Explains a step of an answer.
    pub(crate) fn of(impact: &Impact, step: &Step) -> Self {
        Self {
            from: impact.doc(step.from).clone(),
            to: impact.doc(step.to).clone(),
            channel: step.channel,
            quality: impact.quality(step).cloned(),
            alternatives: impact.alternatives(step),
        }
    }

    /// The edge.
    pub(crate) fn edge(&self) -> Edge {
        Edge { dependent: parse(&self.to), dependency: parse(&self.from), channel: self.channel }
    }
}

fn parse(doc: &Doc) -> EntityRef {
    EntityRef::parse(doc.entity_ref()).expect("references in the index are canonical")
}

/// Steps of many paths, each once, in order of appearance.
#[derive(Default)]
pub(crate) struct Steps {
    places: HashMap<(u32, u32), usize>,
    pub(crate) list: Vec<Step>,
}

impl Steps {
    /// Adds a path and gives the places of its steps.
    pub(crate) fn add(&mut self, path: &[Step]) -> Vec<usize> {
        let mut place = |step: &Step| {
            *self.places.entry((step.from, step.to)).or_insert_with(|| {
                self.list.push(*step);
                self.list.len() - 1
            })
        };
        path.iter().map(&mut place).collect()
    }
}

/// Finds where edges are declared, as of the moment of the view.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn find_evidence(
    gate: &Gate,
    view: &View,
    edges: Vec<Edge>,
) -> Result<BTreeMap<Edge, Vec<Declaration>>, Problem> {
    let ends: HashSet<&EntityRef> = edges.iter().flat_map(|edge| [&edge.dependent, &edge.dependency]).collect();
    let ends: Vec<EntityRef> = ends.into_iter().cloned().collect();
    if ends.is_empty() {
        return Ok(BTreeMap::new());
    }
    let forms = gate.forms_in(view, &ends).await?;
    let found = edges.into_iter().map(|edge| {
        let declared = declarations(&edge, |entity_ref| forms.get(entity_ref));
        (edge, declared)
    });
    Ok(found.collect())
}

/// Where a declaration can be seen, when that is a web page.
pub(crate) fn web_address(declaration: &Declaration) -> Option<String> {
    let target = declaration.location.as_deref()?.split_once(':')?.1;
    if !target.starts_with("http") {
        return None;
    }
    Some(declaration.line.map_or_else(|| target.to_owned(), |line| format!("{target}#L{line}")))
}
