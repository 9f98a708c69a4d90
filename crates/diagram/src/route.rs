//! Lines between boxes that never run through a box.
//!
//! Everything that has the same rank lies in one *band*, and the layout library has kept a free lane for each line in each band
//! that it passes. So a line runs straight along its lane while it is in a band, and bends only between bands, where there
//! is no box. It leaves and reaches boxes at a right angle.

use std::collections::BTreeMap;

use crate::{
    layout::{Course, Spot},
    picture::Step,
};

/// The length of an arrow head.
const HEAD: f64 = 8.0;
/// Half of its width.
const HEAD_HALF: f64 = 3.6;
/// Lines keep this distance at a box, while there is room.
const PORT_GAP: f64 = 11.0;
/// Ports keep this distance from the corners of their box.
const CORNER: f64 = 8.0;

/// How lines bend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Curve {
    /// Softly.
    #[default]
    Smooth,
    /// At right angles.
    Step,
}

/// A line in rank space.
pub(crate) struct Route {
    pub(crate) path: Vec<Step<At>>,
    /// The tip and the two other corners.
    pub(crate) head: [At; 3],
}

/// A point (along, across).
pub(crate) type At = (f64, f64);

/// Lines up the boxes of each rank at the side where lines come in, and finds the way of each edge.
pub(crate) fn route(nodes: &mut [Spot], courses: &mut [Course], curve: Curve) -> Vec<Route> {
    let bands = Bands::new(nodes, courses);
    let homes: Vec<Band> = nodes.iter().map(|node| bands.of(node.along)).collect();
    line_up(nodes, courses, &homes);
    let (nodes, courses) = (&*nodes, &*courses);
    let lanes: Vec<Vec<Lane>> = courses.iter().map(|course| bands.lanes(nodes, &homes, course)).collect();
    let ports = Ports::new(nodes, courses, &lanes);
    let ways = courses.iter().zip(&lanes).enumerate();
    ways.map(|(at, (course, lanes))| {
        if course.from == course.to {
            return round(nodes[course.from], course);
        }
        let (low, high) = ordered(nodes, course);
        let way = Way {
            start: (nodes[low].along + nodes[low].depth / 2.0, ports.across[&(at, low)]),
            leave: homes[low].high,
            lanes,
            arrive: homes[high].low,
            end: (nodes[high].along - nodes[high].depth / 2.0, ports.across[&(at, high)]),
        };
        way.draw(curve, course.from == low)
    })
    .collect()
}

fn line_up(nodes: &mut [Spot], courses: &mut [Course], homes: &[Band]) {
    let shifts: Vec<f64> =
        nodes.iter().zip(homes).map(|(node, home)| home.low + node.depth / 2.0 - node.along).collect();
    nodes.iter_mut().zip(&shifts).for_each(|(node, shift)| node.along += shift);
    for course in courses.iter_mut().filter(|course| course.from == course.to) {
        if let Some(label) = &mut course.label {
            label.along += shifts[course.from];
        }
    }
}

/// The ends of an edge in order of rank.
fn ordered(nodes: &[Spot], course: &Course) -> (usize, usize) {
    if nodes[course.from].along <= nodes[course.to].along { (course.from, course.to) } else { (course.to, course.from) }
}

/// Where things of one rank lie.
#[derive(Clone, Copy, Debug)]
struct Band {
    low: f64,
    high: f64,
}

/// By the middle, in quarters of a pixel.
struct Bands(BTreeMap<i64, Band>);

/// Where a line passes a band.
struct Lane {
    band: Band,
    across: f64,
}

impl Bands {
    fn new(nodes: &[Spot], courses: &[Course]) -> Self {
        let mut bands = BTreeMap::new();
        let labels = courses.iter().filter(|course| course.from != course.to).filter_map(|course| course.label);
        for spot in nodes.iter().copied().chain(labels) {
            let band = bands.entry(Self::key(spot.along)).or_insert(Band { low: spot.along, high: spot.along });
            band.low = band.low.min(spot.along - spot.depth / 2.0);
            band.high = band.high.max(spot.along + spot.depth / 2.0);
        }
        Self(bands)
    }

    fn key(along: f64) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "pictures are far smaller")]
        let key = (along * 4.0).round() as i64;
        key
    }

    fn find(&self, along: f64) -> Option<Band> {
        let key = Self::key(along);
        self.0.range(key - 1..=key + 1).next().map(|(_, band)| *band)
    }

    fn of(&self, along: f64) -> Band {
        self.find(along).unwrap_or(Band { low: along, high: along })
    }

    /// The lanes of an edge between its ends, in order. Ranks without any box or label need none.
    fn lanes(&self, nodes: &[Spot], homes: &[Band], course: &Course) -> Vec<Lane> {
        let (low, high) = ordered(nodes, course);
        let inner = homes[low].high..homes[high].low;
        let mut points: Vec<&At> = course.points.iter().filter(|(along, _)| inner.contains(along)).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let lanes =
            points.into_iter().filter_map(|(along, across)| Some(Lane { band: self.find(*along)?, across: *across }));
        lanes.collect()
    }
}

/// Where edges touch their boxes.
struct Ports {
    /// By edge and node.
    across: BTreeMap<(usize, usize), f64>,
}

impl Ports {
    fn new(nodes: &[Spot], courses: &[Course], lanes: &[Vec<Lane>]) -> Self {
        // By node and whether it is the far side: edges with where they go next.
        let mut sides: BTreeMap<(usize, bool), Vec<(f64, usize)>> = BTreeMap::new();
        for (at, course) in courses.iter().enumerate().filter(|(_, course)| course.from != course.to) {
            let (low, high) = ordered(nodes, course);
            let next = lanes[at].first().map_or(nodes[high].across, |lane| lane.across);
            let last = lanes[at].last().map_or(nodes[low].across, |lane| lane.across);
            sides.entry((low, true)).or_default().push((next, at));
            sides.entry((high, false)).or_default().push((last, at));
        }
        let mut across = BTreeMap::new();
        for ((node, _), mut edges) in sides {
            edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let room = nodes[node].breadth - 2.0 * CORNER;
            let gaps = (edges.len() - 1) as f64;
            // Too many to keep apart look calmer when they share one port.
            let gap = if gaps * PORT_GAP * 0.6 > room { 0.0 } else { PORT_GAP.min(room / gaps.max(1.0)) };
            for (number, (_, edge)) in edges.iter().enumerate() {
                across.insert((*edge, node), nodes[node].across + (number as f64 - gaps / 2.0) * gap);
            }
        }
        Self { across }
    }
}

/// A line from the box of lower rank to the other.
struct Way<'l> {
    start: At,
    /// The end of the start's band.
    leave: f64,
    lanes: &'l [Lane],
    /// The beginning of the end's band.
    arrive: f64,
    end: At,
}

impl Way<'_> {
    fn draw(&self, curve: Curve, forward: bool) -> Route {
        let (mut start, mut end) = (self.start, self.end);
        let head = if forward { head(end, 1.0) } else { head(start, -1.0) };
        if forward {
            end.0 -= HEAD - 1.0;
        } else {
            start.0 += HEAD - 1.0;
        }
        let mut path = vec![Step::Move(start)];
        let mut at = (self.leave.max(start.0), start.1);
        push_line(&mut path, at);
        for lane in self.lanes {
            bend(&mut path, at, (lane.band.low, lane.across), curve);
            at = (lane.band.high, lane.across);
            push_line(&mut path, at);
        }
        bend(&mut path, at, (self.arrive.min(end.0), end.1), curve);
        push_line(&mut path, end);
        Route { path, head }
    }
}

fn push_line(path: &mut Vec<Step<At>>, to: At) {
    if path.last().is_none_or(|step| end_of(step) != to) {
        path.push(Step::Line(to));
    }
}

fn end_of(step: &Step<At>) -> At {
    match step {
        Step::Move(end) | Step::Line(end) | Step::Curve(_, _, end) => *end,
    }
}

/// Goes from one lane to the next.
fn bend(path: &mut Vec<Step<At>>, from: At, to: At, curve: Curve) {
    if (from.1 - to.1).abs() < 0.5 {
        path.push(Step::Line(to));
        return;
    }
    let middle = f64::midpoint(from.0, to.0);
    match curve {
        Curve::Smooth => path.push(Step::Curve((middle, from.1), (middle, to.1), to)),
        Curve::Step => path.extend([Step::Line((middle, from.1)), Step::Line((middle, to.1)), Step::Line(to)]),
    }
}

fn head((along, across): At, towards: f64) -> [At; 3] {
    let back = along - towards * HEAD;
    [(along, across), (back, across - HEAD_HALF), (back, across + HEAD_HALF)]
}

/// A line from a box round to the same box, on its far side across.
fn round(spot: Spot, course: &Course) -> Route {
    let edge = spot.across + spot.breadth / 2.0;
    let reach = course.label.map_or(edge + 18.0, |label| label.across);
    let wide = (spot.depth / 2.0 - CORNER).clamp(4.0, 22.0);
    let (first, last) = (spot.along - wide, spot.along + wide);
    let tip = (last, edge);
    let back = edge + HEAD;
    // The control points lie a third further out than the line reaches.
    let out = edge + (reach - edge) * 4.0 / 3.0;
    let path = vec![Step::Move((first, edge)), Step::Curve((first, out), (last, out), (last, back - 1.0))];
    Route { path, head: [tip, (last - HEAD_HALF, back), (last + HEAD_HALF, back)] }
}
