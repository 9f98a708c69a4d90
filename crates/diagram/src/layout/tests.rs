//! Layouts: nothing covers anything, whatever the graph.

use proptest::prelude::*;

use super::*;
use crate::{
    graph::{Cluster, Edge, Node},
    picture::{Frame, Point, Rect, Step},
};

fn node(id: &str) -> Node {
    Node { id: id.into(), title: id.into(), sub: "component".into(), ..Node::default() }
}

fn edge(from: &str, to: &str, label: &str) -> Edge {
    Edge { from: from.into(), to: to.into(), label: label.into(), class: "r".into(), ..Edge::default() }
}

fn graph(nodes: &[&str], edges: &[(&str, &str)]) -> Graph {
    Graph {
        nodes: nodes.iter().map(|id| node(id)).collect(),
        edges: edges.iter().map(|(from, to)| edge(from, to, "")).collect(),
        clusters: vec![],
    }
}

fn draw(graph: &Graph, direction: Direction) -> Picture {
    layout(graph, Options { direction, ..Options::default() }).unwrap()
}

const DIRECTIONS: [Direction; 4] = [Direction::Right, Direction::Left, Direction::Down, Direction::Up];

#[test]
fn edges_point_in_the_direction_asked_for() {
    let graph = graph(&["a", "b"], &[("a", "b")]);
    let ahead = DIRECTIONS.map(|direction| {
        let picture = draw(&graph, direction);
        let (a, b) = (picture.boxes[0].rect.center(), picture.boxes[1].rect.center());
        (((b.x - a.x) / 50.0).clamp(-1.0, 1.0).round(), ((b.y - a.y) / 50.0).clamp(-1.0, 1.0).round())
    });
    assert_eq!(ahead, [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)]);
}

#[test]
fn small_and_odd_graphs_are_drawn() {
    assert_eq!(draw(&Graph::default(), Direction::Right), Picture::default());
    let one = draw(&graph(&["a"], &[]), Direction::Right);
    assert!(one.boxes.len() == 1 && one.width > 92.0);
    let odd = graph(&["a", "b", "c"], &[("a", "a"), ("a", "b"), ("a", "b"), ("b", "a"), ("c", "gone")]);
    for direction in DIRECTIONS {
        let picture = draw(&odd, direction);
        assert_eq!((picture.boxes.len(), picture.lines.len()), (4, 5));
        check(&picture).unwrap();
    }
}

#[test]
fn names_are_never_cut() {
    let name = "warehouse-fulfilment-reservation-reconciliation-worker-with-a-name-that-goes-on-and-on";
    let picture = draw(&graph(&[name], &[]), Direction::Right);
    assert_eq!(picture.boxes[0].title.concat(), name);
    assert!(picture.boxes[0].rect.width > 250.0);
}

#[test]
fn what_is_too_large_is_refused() {
    let names: Vec<String> = (0..251).map(|at| format!("n{at}")).collect();
    let large = graph(&names.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
    assert!(matches!(layout(&large, Options::default()), Err(LayoutError::TooLarge { .. })));
}

/// Nothing covers anything that it should not.
fn check(picture: &Picture) -> Result<(), String> {
    let boxes = &picture.boxes;
    for (at, one) in boxes.iter().enumerate() {
        let other = boxes[at + 1..].iter().find(|other| one.rect.overlaps(&other.rect));
        if let Some(other) = other {
            return Err(format!("{} covers {}", one.node.id, other.node.id));
        }
        let page = Rect { x: 0.0, y: 0.0, width: picture.width, height: picture.height };
        let corner = Point { x: one.rect.x + one.rect.width, y: one.rect.y + one.rect.height };
        if !page.contains(corner, 0.0) {
            return Err(format!("{} lies outside", one.node.id));
        }
    }
    for line in &picture.lines {
        check_line(picture, line)?;
    }
    picture.frames.iter().try_for_each(|frame| check_frame(picture, frame))
}

/// A frame holds what is in it, and nothing else.
fn check_frame(picture: &Picture, frame: &Frame) -> Result<(), String> {
    let parent = |id: &str| {
        let found = picture.frames.iter().find(|frame| frame.cluster.id == id);
        found.and_then(|frame| frame.cluster.parent.clone())
    };
    let within = |start: Option<String>| std::iter::successors(start, |id| parent(id)).any(|id| id == frame.cluster.id);
    let name = &frame.cluster.id;
    for node in &picture.boxes {
        match (within(node.node.cluster.clone()), node.rect.overlaps(&frame.rect)) {
            (true, false) => return Err(format!("{} is not in its frame {name}", node.node.id)),
            (false, true) => return Err(format!("{} is in the foreign frame {name}", node.node.id)),
            _ => {}
        }
    }
    for other in picture.frames.iter().filter(|other| other.cluster.id != *name) {
        let (inside, outside) = (within(Some(other.cluster.id.clone())), {
            std::iter::successors(Some(name.clone()), |id| parent(id)).any(|id| id == other.cluster.id)
        });
        if !inside && !outside && other.rect.overlaps(&frame.rect) {
            return Err(format!("the frames {name} and {} overlap", other.cluster.id));
        }
    }
    Ok(())
}

fn check_line(picture: &Picture, line: &Line) -> Result<(), String> {
    let name = || format!("{} -> {}", line.edge.from, line.edge.to);
    for node in &picture.boxes {
        let own = node.node.id == line.edge.from || node.node.id == line.edge.to;
        let margin = if own { 1.0 } else { 0.1 };
        if let Some(point) = samples(&line.path).into_iter().find(|point| node.rect.contains(*point, margin)) {
            return Err(format!("{} runs through {} at {point:?}", name(), node.node.id));
        }
        if let Some((_, label)) = line.label.as_ref().filter(|(_, label)| label.overlaps(&node.rect)) {
            return Err(format!("the label of {} covers {}: {label:?}", name(), node.node.id));
        }
    }
    let to = picture.boxes.iter().find(|node| node.node.id == line.edge.to).unwrap();
    let near =
        Rect { x: to.rect.x - 1.0, y: to.rect.y - 1.0, width: to.rect.width + 2.0, height: to.rect.height + 2.0 };
    if !near.contains(line.head[0], 0.0) || to.rect.contains(line.head[0], 1.0) {
        return Err(format!("{} does not end at its box", name()));
    }
    Ok(())
}

fn samples(path: &[Step]) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for step in path {
        let start = points.last().copied();
        match (*step, start) {
            (Step::Line(end), Some(start)) => points.extend((1..=20).map(|t| mix(start, end, f64::from(t) / 20.0))),
            (Step::Curve(a, b, end), Some(start)) => points.extend((1..=20).map(|t| {
                let t = f64::from(t) / 20.0;
                let (ab, bc, cd) = (mix(start, a, t), mix(a, b, t), mix(b, end, t));
                mix(mix(ab, bc, t), mix(bc, cd, t), t)
            })),
            (Step::Move(point) | Step::Line(point) | Step::Curve(_, _, point), _) => points.push(point),
        }
    }
    points
}

fn mix(a: Point, b: Point, t: f64) -> Point {
    Point { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t }
}

fn graphs() -> impl Strategy<Value = Graph> {
    let edges = prop::collection::vec((0..24_usize, 0..24_usize, 0..3_usize), 0..50);
    (1..24_usize, edges, 0..5_usize, 1..40_usize).prop_map(|(count, edges, frames, longest)| {
        let mut graph = Graph::default();
        for at in 0..count {
            let mut node = node(&format!("n{at}"));
            node.title = "name-".repeat(1 + (at * 7) % longest / 5);
            if frames > 0 && at % 3 != 0 {
                node.cluster = Some(format!("c{}", at % frames));
            }
            graph.nodes.push(node);
        }
        for at in 0..frames {
            let parent = (at % 2 == 1).then(|| format!("c{}", at - 1));
            graph.clusters.push(Cluster { id: format!("c{at}"), title: "Frame".into(), parent, ..Cluster::default() });
        }
        for (from, to, label) in edges.into_iter().filter(|(from, to, _)| *from < count && *to < count) {
            graph.edges.push(edge(&format!("n{from}"), &format!("n{to}"), ["", "dependsOn", "x"][label]));
        }
        graph
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn nothing_covers_anything(graph in graphs(), direction in 0..4_usize, step: bool) {
        let curve = if step { Curve::Step } else { Curve::Smooth };
        let options = Options { direction: DIRECTIONS[direction], curve };
        let picture = layout(&graph, options).unwrap();
        prop_assert_eq!(check(&picture), Ok(()));
        prop_assert_eq!(layout(&graph, options).unwrap(), picture);
    }
}
