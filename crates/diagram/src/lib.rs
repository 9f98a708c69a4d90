//! Pictures of graphs: nodes and edges in, a laid-out picture and its SVG text out.
//!
//! Pure, and knows no other room: what a node stands for is the caller's matter. The usual way is [`fold::fold`], which makes a
//! graph small enough to be looked at and accounts for all of it, then [`layout()`], then [`svg::write`]. Layouts of more than a
//! hundred nodes take a noticeable part of a second: run them where they hold nobody up, and keep what comes out.

pub mod fold;
mod graph;
mod layout;
mod measure;
mod picture;
mod route;
pub mod svg;

pub use graph::{Cluster, Direction, Edge, FoldKey, Graph, Mark, More, Node};
pub use layout::{Cost, LayoutError, Options, cost, layout};
pub use measure::{text_width, wrap};
pub use picture::{Frame, Line, NodeBox, Picture, Point, Rect, Step};
pub use route::Curve;
