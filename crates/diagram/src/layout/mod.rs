//! Gives everything of a graph its place.
//!
//! The layout library decides ranks, orders and positions, in *rank space*: `along` runs in the direction of the edges,
//! `across` at a right angle to it. What a reader sees as left or top is decided at the very end, by [`screen::Screen`].

mod cost;
mod frames;
mod ranks;
mod screen;
pub(crate) mod size;
#[cfg(test)]
mod tests;

pub use cost::{Cost, cost};

use crate::{
    graph::{Direction, Graph},
    picture::{Line, NodeBox, Picture},
    route::{self, Curve},
};

/// Larger graphs are laid out once, however the frames come out.
const MOST_PASSES_AGAIN: usize = 800;

/// How a graph is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Where edges point to.
    pub direction: Direction,
    /// How lines bend.
    pub curve: Curve,
}

/// Why a graph is not laid out.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// It would take too long.
    #[error("the graph is too large to be drawn: {} nodes, {} edges", cost.nodes, cost.edges)]
    TooLarge {
        /// How large it is.
        cost: Cost,
    },
}

/// A rectangle in rank space, by its middle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Spot {
    pub(crate) along: f64,
    pub(crate) across: f64,
    /// Its size along.
    pub(crate) depth: f64,
    /// Its size across.
    pub(crate) breadth: f64,
}

/// Where the layout library wants an edge.
#[derive(Clone, Debug, Default)]
pub(crate) struct Course {
    /// The numbers of the nodes that it joins.
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Places (along, across) that it passes on its way, in any order.
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) label: Option<Spot>,
}

/// Lays a graph out. The same graph gives the same picture.
///
/// # Errors
///
/// When the graph is larger than can be laid out in a reasonable time: fold it first.
pub fn layout(graph: &Graph, options: Options) -> Result<Picture, LayoutError> {
    let graph = graph.clone().completed();
    let cost = cost(&graph);
    if !cost.is_bearable() {
        return Err(LayoutError::TooLarge { cost });
    }
    let sizes = size::measure(&graph, options.direction);
    let mut best: Option<(usize, Picture)> = None;
    let attempts = if cost.passes <= MOST_PASSES_AGAIN { ranks::ATTEMPTS.len() } else { 1 };
    for attempt in ranks::ATTEMPTS.into_iter().take(attempts) {
        let picture = draw(&graph, &sizes, options, attempt);
        let conflicts = frames::conflicts(&picture);
        if best.as_ref().is_none_or(|(least, _)| conflicts < *least) {
            best = Some((conflicts, picture));
        }
        if best.as_ref().is_some_and(|(least, _)| *least == 0) {
            break;
        }
    }
    Ok(best.map(|(_, picture)| picture).unwrap_or_default())
}

fn draw(graph: &Graph, sizes: &size::Sizes, options: Options, attempt: ranks::Attempt) -> Picture {
    let mut ranked = ranks::rank(graph, sizes, options.direction, attempt);
    let routes = route::route(&mut ranked.nodes, &mut ranked.courses, options.curve);
    let screen = screen::Screen::new(options.direction);
    let boxes = graph.nodes.iter().zip(&sizes.nodes).zip(&ranked.nodes);
    let boxes = boxes.map(|((node, size), spot)| NodeBox {
        node: node.clone(),
        title: size.title.clone(),
        rect: screen.rect(*spot),
    });
    let labels = sizes.edges.iter().zip(&ranked.courses).map(|(size, course)| {
        let spot = course.label.filter(|_| !size.text.is_empty())?;
        Some((size.text.clone(), screen.rect(spot)))
    });
    let lines = graph.edges.iter().zip(routes).zip(labels).map(|((edge, route), label)| Line {
        edge: edge.clone(),
        path: route.path.into_iter().map(|step| screen.step(step)).collect(),
        head: route.head.map(|point| screen.point(point)),
        label,
    });
    let mut picture = Picture { boxes: boxes.collect(), lines: lines.collect(), ..Picture::default() };
    picture.frames = frames::frames(&graph.clusters, &picture);
    screen::trim(&mut picture);
    picture
}
