//! Pictures as SVG text, without scripts and without style attributes, so that the strictest content policy lets them pass.

mod style;
#[cfg(test)]
mod tests;
mod write;

pub use style::{DARK, LIGHT, STYLE, slot, word};

use crate::{
    graph::{Mark, More},
    layout::size::{PAD_X, PAD_Y, SUB_LINE, TITLE_LINE, more_width},
    picture::{Frame, Line, NodeBox, Picture, Rect, Step},
};
use write::{Number, Writer};

/// What the picture is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode<'a> {
    /// A part of a page, which has [`STYLE`] among its styles and gives the colours.
    Embedded,
    /// A file of its own. Links are made whole with the address of the site, or left out without one.
    Standalone(Option<&'a str>),
}

/// What is said about the picture as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heading<'a> {
    /// Begins the ids in the text, so that a page may have several pictures.
    pub id: &'a str,
    /// What it shows, in a few words.
    pub title: &'a str,
    /// What it shows, in a sentence.
    pub description: &'a str,
}

const FRAME_TITLE: f64 = 18.0;

/// Writes a picture.
#[must_use]
pub fn write(picture: &Picture, heading: Heading<'_>, mode: Mode<'_>) -> String {
    let mut out = Writer::default();
    open(&mut out, picture, heading, mode);
    out.raw("<g class=\"dg-frames\">");
    picture.frames.iter().for_each(|item| frame(&mut out, item));
    out.raw("</g><g class=\"dg-lines\">");
    picture.lines.iter().for_each(|item| line(&mut out, item));
    out.raw("</g><g class=\"dg-labels\">");
    picture.frames.iter().for_each(|item| frame_title(&mut out, item, mode));
    picture.lines.iter().for_each(|item| label(&mut out, item));
    out.raw("</g><g class=\"dg-nodes\">");
    picture.boxes.iter().for_each(|item| node(&mut out, item, mode));
    out.raw("</g></svg>");
    out.text
}

fn open(out: &mut Writer, picture: &Picture, heading: Heading<'_>, mode: Mode<'_>) {
    let (width, height) = (Number(picture.width.max(1.0)), Number(picture.height.max(1.0)));
    out.raw("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"dg\"");
    // Whoever reads the picture as a whole must still reach the links in it.
    let role = if mode == Mode::Embedded { "graphics-document" } else { "img" };
    out.raw(&format!(" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"{role}\""));
    out.attribute("aria-labelledby", &format!("{0}-title {0}-desc", heading.id));
    out.raw(" font-family=\"system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif\">");
    out.raw("<title");
    out.attribute("id", &format!("{}-title", heading.id));
    out.raw(">");
    out.escaped(heading.title);
    out.raw("</title><desc");
    out.attribute("id", &format!("{}-desc", heading.id));
    out.raw(">");
    out.escaped(heading.description);
    out.raw("</desc>");
    if let Mode::Standalone(_) = mode {
        out.raw(&style::standalone());
        out.raw("<rect class=\"dg-page\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
    }
}

fn frame(out: &mut Writer, frame: &Frame) {
    out.raw("<g");
    out.attribute("class", &format!("dg-frame dg-h{}", slot(&frame.cluster.class)));
    out.attribute("data-frame", &frame.cluster.id);
    out.raw(">");
    rect(out, "dg-border", frame.rect, 8.0);
    out.raw("</g>");
}

/// Titles come after the lines, some of which have to pass them.
fn frame_title(out: &mut Writer, frame: &Frame, mode: Mode<'_>) {
    let cluster = &frame.cluster;
    if !cluster.title.is_empty() {
        let link = open_link(out, cluster.href.as_deref(), &[("class", "dg-frame-link")], mode);
        let at = (frame.rect.x + 12.0, frame.rect.y + FRAME_TITLE);
        out.text_at("dg-frame-title", at, 12.0, &cluster.title);
        close_link(out, link);
    }
}

fn line(out: &mut Writer, line: &Line) {
    let edge = &line.edge;
    out.raw("<g");
    out.attribute("class", &format!("dg-edge dg-e-{}", style::word(&edge.class)));
    out.attribute("data-from", &edge.from);
    out.attribute("data-to", &edge.to);
    out.raw("><title>");
    out.escaped(&format!("{} {} {}", edge.from, edge.class, edge.to));
    if edge.count > 1 {
        out.escaped(&format!(" ({} relations)", edge.count));
    }
    out.raw("</title><path class=\"dg-line\" fill=\"none\" stroke=\"currentColor\" d=\"");
    for step in &line.path {
        out.raw(match step {
            Step::Move(_) => "M",
            Step::Line(_) => "L",
            Step::Curve(..) => "C",
        });
        for (at, point) in step.points().iter().enumerate() {
            out.raw(&format!("{}{} {}", if at > 0 { " " } else { "" }, Number(point.x), Number(point.y)));
        }
    }
    let [tip, left, right] = line.head.map(|point| format!("{} {}", Number(point.x), Number(point.y)));
    out.raw(&format!("\"/><path class=\"dg-head\" fill=\"currentColor\" d=\"M{tip}L{left}L{right}Z\"/></g>"));
}

fn label(out: &mut Writer, line: &Line) {
    let Some((text, place)) = &line.label else { return };
    out.raw("<g class=\"dg-label\"");
    out.attribute("data-from", &line.edge.from);
    out.attribute("data-to", &line.edge.to);
    out.raw(">");
    rect(out, "dg-label-back", *place, 4.0);
    let middle = place.center();
    out.raw(&format!(
        "<text class=\"dg-label-text\" x=\"{}\" y=\"{}\" font-size=\"11\" text-anchor=\"middle\">",
        Number(middle.x),
        Number(middle.y + 3.8)
    ));
    out.escaped(text);
    out.raw("</text></g>");
}

fn node(out: &mut Writer, item: &NodeBox, mode: Mode<'_>) {
    let (node, place) = (&item.node, item.rect);
    let link = open_link(out, node.href.as_deref(), &[("class", &node_class(item)), ("data-node", &node.id)], mode);
    out.raw("<title>");
    out.escaped(&if node.folded > 0 { node.title.clone() } else { format!("{} ({})", node.title, node.id) });
    out.raw("</title>");
    if node.folded > 0 {
        let behind = |by: f64| Rect { x: place.x + by, y: place.y + by, ..place };
        rect(out, "dg-box dg-behind", behind(5.0), 6.0);
        rect(out, "dg-box dg-behind", behind(2.5), 6.0);
    }
    rect(out, "dg-box", place, 6.0);
    out.raw(&stripe(place));
    let mut y = place.y + PAD_Y + 12.0;
    for text in &item.title {
        out.text_at("dg-title", (place.x + PAD_X, y), 13.0, text);
        y += TITLE_LINE;
    }
    if !node.sub.is_empty() {
        out.text_at("dg-sub", (place.x + PAD_X, y + SUB_LINE - TITLE_LINE), 11.5, &node.sub);
    }
    if node.problem {
        problem(out, place);
    }
    close_link(out, link);
    if let Some(more) = &node.more {
        more_mark(out, place, more, &node.id, mode);
    }
}

/// Beside the node's link, not in it: it leads elsewhere.
fn more_mark(out: &mut Writer, place: Rect, more: &More, id: &str, mode: Mode<'_>) {
    let text = more.text();
    let width = more_width(&text);
    let x = place.x + place.width - width - 6.0;
    let back = Rect { x, y: place.y + place.height - 23.0, width, height: 17.0 };
    let link = open_link(out, Some(&more.href), &[("class", "dg-more"), ("data-of", id)], mode);
    out.raw("<title>");
    out.escaped(&format!("{} more relations of {id}: show them", more.count));
    out.raw("</title>");
    rect(out, "dg-more-back", back, 8.5);
    let middle = back.center();
    out.raw(&format!(
        "<text class=\"dg-more-text\" x=\"{}\" y=\"{}\" font-size=\"11\" text-anchor=\"middle\">{text}</text>",
        Number(middle.x),
        Number(middle.y + 3.8)
    ));
    close_link(out, link);
}

fn node_class(item: &NodeBox) -> String {
    let mut class = format!("dg-node dg-h{}", slot(&item.node.class));
    match item.node.mark {
        Mark::Plain => {}
        Mark::Root => class.push_str(" dg-root"),
        Mark::Missing => class.push_str(" dg-missing"),
    }
    if item.node.folded > 0 {
        class.push_str(" dg-group");
    }
    class
}

/// The coloured edge of a box, inside of its left corners.
fn stripe(place: Rect) -> String {
    let (x, y) = (Number(place.x), Number(place.y + 6.0));
    let (long, short) = (Number(place.height - 0.7), Number(place.height - 12.0));
    format!(
        "<path class=\"dg-stripe\" fill=\"currentColor\" d=\"M{x} {y}a6 6 0 0 1 4 -5.65v{long}a6 6 0 0 1 -4 -5.65v-{short}z\"/>"
    )
}

fn problem(out: &mut Writer, place: Rect) {
    let (x, y) = (Number(place.x + place.width - 12.0), Number(place.y + 12.0));
    out.raw(&format!(
        "<g class=\"dg-problem\"><title>Has problems</title><circle cx=\"{x}\" cy=\"{y}\" r=\"6\"/>\
         <path fill=\"none\" stroke=\"#fff\" stroke-width=\"1.6\" stroke-linecap=\"round\" d=\"M{x} {y}m0 -3v3.2m0 2.4v.1\"/></g>"
    ));
}

fn rect(out: &mut Writer, class: &str, place: Rect, radius: f64) {
    out.raw(&format!(
        "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
        Number(place.x),
        Number(place.y),
        Number(place.width),
        Number(place.height),
        Number(radius)
    ));
}

/// Opens a link, or a group where there is nowhere to go, and returns the name of what was opened.
fn open_link(out: &mut Writer, href: Option<&str>, attributes: &[(&str, &str)], mode: Mode<'_>) -> &'static str {
    let href = href.and_then(|href| match mode {
        Mode::Embedded => Some(href.to_owned()),
        Mode::Standalone(_) if href.contains("://") => Some(href.to_owned()),
        Mode::Standalone(site) => Some(format!("{}{href}", site?.trim_end_matches('/'))),
    });
    let name = if href.is_some() { "a" } else { "g" };
    out.raw(&format!("<{name}"));
    if let Some(href) = href {
        out.attribute("href", &href);
    }
    attributes.iter().for_each(|(name, value)| out.attribute(name, value));
    out.raw(">");
    name
}

fn close_link(out: &mut Writer, name: &str) {
    out.raw(&format!("</{name}>"));
}
