//! A graph with a place for everything in it, in pixels from the top left corner.

use crate::graph::{Cluster, Edge, Node};

/// What is drawn, from back to front: frames, lines, boxes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Frames; outer ones come before inner ones.
    pub frames: Vec<Frame>,
    /// Lines, in order of their edges.
    pub lines: Vec<Line>,
    /// Boxes, in order of their nodes.
    pub boxes: Vec<NodeBox>,
}

/// A node in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeBox {
    /// What it shows.
    pub node: Node,
    /// Its title in one or two lines.
    pub title: Vec<String>,
    /// Where it is.
    pub rect: Rect,
}

/// A frame in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// What it shows.
    pub cluster: Cluster,
    /// Where it is.
    pub rect: Rect,
}

/// An edge in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it shows.
    pub edge: Edge,
    /// From where to where.
    pub path: Vec<Step>,
    /// The tip of its arrow head, then the two other corners.
    pub head: [Point; 3],
    /// What is written on it, and where.
    pub label: Option<(String, Rect)>,
}

/// A part of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step<P = Point> {
    /// Starts here.
    Move(P),
    /// Goes straight to here.
    Line(P),
    /// Bends: two control points and the end.
    Curve(P, P, P),
}

impl<P: Copy> Step<P> {
    /// Moves its points elsewhere.
    pub(crate) fn map<Q>(self, mut to: impl FnMut(P) -> Q) -> Step<Q> {
        match self {
            Self::Move(point) => Step::Move(to(point)),
            Self::Line(point) => Step::Line(to(point)),
            Self::Curve(first, second, end) => Step::Curve(to(first), to(second), to(end)),
        }
    }

    /// Its points, those included that only bend it.
    pub(crate) fn points(&self) -> Vec<P> {
        match *self {
            Self::Move(point) | Self::Line(point) => vec![point],
            Self::Curve(first, second, end) => vec![first, second, end],
        }
    }
}

/// A place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Pixels from the left.
    pub x: f64,
    /// Pixels from the top.
    pub y: f64,
}

/// A rectangle along the axes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Its left edge.
    pub x: f64,
    /// Its top edge.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

impl Rect {
    /// Whether two rectangles have an area in common.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x + self.width > other.x
            && other.x + other.width > self.x
            && self.y + self.height > other.y
            && other.y + other.height > self.y
    }

    /// Whether a point lies inside, by more than a margin.
    #[must_use]
    pub fn contains(&self, point: Point, margin: f64) -> bool {
        let along = |at: f64, start: f64, size: f64| at > start + margin && at < start + size - margin;
        along(point.x, self.x, self.width) && along(point.y, self.y, self.height)
    }

    /// The middle.
    #[must_use]
    pub fn center(&self) -> Point {
        Point { x: self.x + self.width / 2.0, y: self.y + self.height / 2.0 }
    }
}
