//! Frames around what is in them.

use std::collections::BTreeMap;

use crate::{
    graph::Cluster,
    picture::{Frame, Picture, Rect},
};

/// From what is in a frame to the frame.
const PAD: f64 = 12.0;
/// The same at the top, where the title is.
const PAD_TITLE: f64 = 28.0;

/// Puts a frame around the nodes of each cluster, and the labels of the edges between them. Empty ones are left out.
pub(crate) fn frames(clusters: &[Cluster], picture: &Picture) -> Vec<Frame> {
    let index: BTreeMap<&str, usize> =
        clusters.iter().enumerate().map(|(at, cluster)| (cluster.id.as_str(), at)).collect();
    let parent = |at: usize| clusters[at].parent.as_deref().and_then(|id| index.get(id)).copied();
    let depths: Vec<usize> =
        (0..clusters.len()).map(|at| std::iter::successors(parent(at), |at| parent(*at)).count()).collect();
    let mut rects: Vec<Option<Rect>> = vec![None; clusters.len()];
    let of: BTreeMap<&str, usize> = (picture.boxes.iter())
        .filter_map(|node| Some((node.node.id.as_str(), *index.get(node.node.cluster.as_deref()?)?)))
        .collect();
    for node in &picture.boxes {
        if let Some(at) = of.get(node.node.id.as_str()) {
            grow(&mut rects[*at], node.rect);
        }
    }
    for line in &picture.lines {
        let (from, to) = (of.get(line.edge.from.as_str()), of.get(line.edge.to.as_str()));
        if let (Some(at), Some((_, rect))) = (from.filter(|_| from == to), &line.label) {
            grow(&mut rects[*at], *rect);
        }
    }
    let mut order: Vec<usize> = (0..clusters.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(depths[*at]));
    for at in &order {
        if let Some(inner) = rects[*at] {
            let rect = padded(inner, &clusters[*at]);
            rects[*at] = Some(rect);
            if let Some(parent) = parent(*at) {
                grow(&mut rects[parent], rect);
            }
        }
    }
    order.sort_by_key(|at| (depths[*at], *at));
    let drawn = order.into_iter().filter_map(|at| Some(Frame { cluster: clusters[at].clone(), rect: rects[at]? }));
    drawn.collect()
}

/// Counts boxes and frames that lie in frames which they do not belong to.
pub(crate) fn conflicts(picture: &Picture) -> usize {
    let parents: BTreeMap<&str, Option<&str>> =
        picture.frames.iter().map(|frame| (frame.cluster.id.as_str(), frame.cluster.parent.as_deref())).collect();
    let within = |start: Option<&str>, id: &str| {
        std::iter::successors(start, |at| parents.get(at).copied().flatten()).any(|at| at == id)
    };
    let in_frame = |frame: &Frame| {
        let id = frame.cluster.id.as_str();
        let boxes = picture.boxes.iter().filter(|node| node.rect.overlaps(&frame.rect));
        let boxes = boxes.filter(|node| !within(node.node.cluster.as_deref(), id)).count();
        let frames = picture.frames.iter().filter(|other| other.rect.overlaps(&frame.rect));
        let frames =
            frames.filter(|other| !within(Some(&other.cluster.id), id) && !within(Some(id), &other.cluster.id));
        boxes + frames.count()
    };
    picture.frames.iter().map(in_frame).sum()
}

fn padded(rect: Rect, cluster: &Cluster) -> Rect {
    let top = if cluster.title.is_empty() { PAD } else { PAD_TITLE };
    let title = crate::measure::text_width(&cluster.title, 12.0) * 1.2 + 2.0 * PAD;
    Rect {
        x: rect.x - PAD,
        y: rect.y - top,
        width: (rect.width + 2.0 * PAD).max(title.ceil()),
        height: rect.height + top + PAD,
    }
}

fn grow(rect: &mut Option<Rect>, other: Rect) {
    let Some(own) = rect else {
        *rect = Some(other);
        return;
    };
    let (x, y) = (own.x.min(other.x), own.y.min(other.y));
    let right = (own.x + own.width).max(other.x + other.width);
    let bottom = (own.y + own.height).max(other.y + other.height);
    *own = Rect { x, y, width: right - x, height: bottom - y };
}
