//! `/catalog/:namespace/:kind/:name/diagram`: what is inside of a system or domain, and what crosses its border.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use url::form_urlencoded;

use super::head::{EntityPath, Head, Refusal};
use crate::{
    App, Gate, View,
    pages::{
        Frame,
        graph::{GraphQuery, SystemDiagram, system_diagram},
        icon::Icon,
        link::EntityLink,
        parts::Empty,
        render,
    },
};

#[derive(Template)]
#[template(path = "entity/diagram.html")]
struct DiagramPage {
    frame: Frame,
    head: Head,
    diagram: SystemDiagram,
    /// The same in the graph.
    graph_href: String,
    empty: Empty,
}

impl DiagramPage {
    /// What it adds up to: the id of a card, its title, and what is in it.
    fn roll_ups(&self) -> [(&'static str, &'static str, &[EntityLink]); 3] {
        let sums = &self.diagram.roll_up;
        [
            ("apis", "APIs", &sums.apis),
            ("resources", "Resources", &sums.resources),
            ("problems", "With problems", &sums.problems),
        ]
    }
}

/// Shows the inside of an entity that others are part of.
pub(in crate::pages) async fn show_diagram(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    axum::extract::Path(path): EntityPath,
    RawQuery(raw): RawQuery,
) -> Result<Response, Refusal> {
    let (head, frame) = Head::load(&app, &view, &gate, frame, &path, "diagram").await?;
    let pairs = form_urlencoded::parse(raw.as_deref().unwrap_or_default().as_bytes());
    let unfolded: BTreeSet<String> =
        pairs.filter(|(name, _)| name == "unfold[]").map(|(_, group)| group.into_owned()).collect();
    let page = DiagramPage {
        diagram: system_diagram(&view, &head.doc, unfolded).await?,
        graph_href: GraphQuery::of(&head.facts.entity_ref).href(),
        empty: Empty {
            icon: Icon("boxes"),
            title: format!("Nothing is part of {} yet", head.link.title),
            text: format!("Parts name it in their descriptors: `spec.system: {}`.", head.facts.entity_ref.name()),
            action: None,
        },
        frame,
        head,
    };
    Ok(render(&page)?)
}
