//! From rank space to what a reader sees.

use super::Spot;
use crate::{
    graph::Direction,
    picture::{Picture, Point, Rect, Step},
};

/// Around the whole picture.
const MARGIN: f64 = 16.0;

/// Turns and mirrors rank space.
#[derive(Clone, Copy)]
pub(crate) struct Screen {
    direction: Direction,
}

impl Screen {
    pub(crate) fn new(direction: Direction) -> Self {
        Self { direction }
    }

    /// Of a point (along, across).
    pub(crate) fn point(self, (along, across): (f64, f64)) -> Point {
        match self.direction {
            Direction::Right => Point { x: along, y: across },
            Direction::Left => Point { x: -along, y: across },
            Direction::Down => Point { x: across, y: along },
            Direction::Up => Point { x: across, y: -along },
        }
    }

    pub(crate) fn rect(self, spot: Spot) -> Rect {
        let middle = self.point((spot.along, spot.across));
        let (width, height) =
            if self.direction.is_horizontal() { (spot.depth, spot.breadth) } else { (spot.breadth, spot.depth) };
        Rect { x: middle.x - width / 2.0, y: middle.y - height / 2.0, width, height }
    }

    pub(crate) fn step(self, step: Step<(f64, f64)>) -> Step {
        step.map(|point| self.point(point))
    }
}

/// Moves a picture to where its top left corner is at zero, and says how large it is.
pub(crate) fn trim(picture: &mut Picture) {
    let (mut low, mut high) = (Point { x: f64::MAX, y: f64::MAX }, Point { x: f64::MIN, y: f64::MIN });
    let mut reach = |point: Point| {
        low = Point { x: low.x.min(point.x), y: low.y.min(point.y) };
        high = Point { x: high.x.max(point.x), y: high.y.max(point.y) };
    };
    let labels = picture.lines.iter().filter_map(|line| line.label.as_ref().map(|(_, rect)| *rect));
    let rects = picture.boxes.iter().map(|node| node.rect).chain(picture.frames.iter().map(|frame| frame.rect));
    for rect in rects.chain(labels) {
        reach(Point { x: rect.x, y: rect.y });
        reach(Point { x: rect.x + rect.width, y: rect.y + rect.height });
    }
    picture.lines.iter().flat_map(|line| line.path.iter().flat_map(|step| step.points())).for_each(&mut reach);
    if low.x > high.x {
        return;
    }
    let by = Point { x: MARGIN - low.x, y: MARGIN - low.y };
    (picture.width, picture.height) = (high.x - low.x + 2.0 * MARGIN, high.y - low.y + 2.0 * MARGIN);
    shift(picture, by);
}

fn shift(picture: &mut Picture, by: Point) {
    let point = |point: &mut Point| *point = Point { x: point.x + by.x, y: point.y + by.y };
    let rect = |rect: &mut Rect| (rect.x, rect.y) = (rect.x + by.x, rect.y + by.y);
    picture.boxes.iter_mut().for_each(|node| rect(&mut node.rect));
    picture.frames.iter_mut().for_each(|frame| rect(&mut frame.rect));
    for line in &mut picture.lines {
        line.path.iter_mut().for_each(|step| {
            *step = step.map(|mut p| {
                point(&mut p);
                p
            });
        });
        line.head.iter_mut().for_each(point);
        if let Some((_, place)) = &mut line.label {
            rect(place);
        }
    }
}
