//! `/catalog/:namespace/:kind/:name`: the overview.

use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    head::{EntityPath, Head, Refusal},
    relations::{RelationCard, relation_cards},
    who_to_call::{WhoToCall, who_to_call},
};
use crate::{
    App, Gate, View,
    pages::{
        Frame,
        frame::set_cookie,
        graph::{Drawing, relation_card},
        icon::Icon,
        link::{EntityLink, related},
        render,
        teams::Organisation,
        tools::{LinkGroup, Purpose, links_of},
    },
};

/// How many rows of a relation the overview shows.
const MOST_ROWS: usize = 10;

#[derive(Template)]
#[template(path = "entity/overview.html")]
struct OverviewPage {
    frame: Frame,
    head: Head,
    who: WhoToCall,
    links: Vec<LinkGroup>,
    /// The values of its place in the model.
    parents: Vec<EntityLink>,
    labels: Vec<(String, String)>,
    /// Annotations that no tool is known for.
    annotations: Vec<(String, String)>,
    relations: Vec<RelationCard>,
    /// What a group or a user shows of the organisation.
    organisation: Option<Organisation>,
    /// What is one step away, as a picture.
    drawing: Option<Drawing>,
}

/// Shows what an entity is, whose it is, what belongs to it and where its tools are.
pub(in crate::pages) async fn show_overview(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    axum::extract::Path(path): EntityPath,
) -> Result<Response, Refusal> {
    let (head, frame) = Head::load(&app, &view, &gate, frame, &path, "").await?;
    let tools = &app.settings().tools;
    let links = links_of(&head.facts, tools);
    let is_tool = |name: &str| {
        let all = links.iter().flat_map(|group| &group.links);
        all.filter_map(|link| link.annotation.as_deref()).any(|known| known == name)
    };
    let annotations = head.facts.annotations().into_iter();
    let recent = set_cookie("recent", &frame.recent_with(&head.facts.entity_ref));
    let organisation = Organisation::of(&app, &view, &frame, &head.doc, &head.facts);
    let shows = |relation: &str| is_shown_here(relation) && !(organisation.is_some() && is_organisation(relation));
    // The organisation has pictures of its own. A picture that is late is left out: the tables say the same.
    let drawing = if organisation.is_none() { relation_card(&view, &head.doc).await.unwrap_or_default() } else { None };
    let page = OverviewPage {
        who: who_to_call(&view, &head.doc, &head.facts, tools),
        parents: related(&view, &head.doc, "partOf"),
        labels: head.facts.labels(),
        annotations: annotations.filter(|(name, _)| !is_tool(name) && !is_plumbing(name)).collect(),
        relations: relation_cards(&view, &head.doc, shows, MOST_ROWS),
        // Who answers is in the card above them.
        links: links.into_iter().filter(|group| group.purpose != Purpose::OnCall).collect(),
        organisation,
        drawing,
        frame,
        head,
    };
    Ok(([(header::SET_COOKIE, recent)], render(&page)?).into_response())
}

/// What the head, the side rail or the place in the model says already.
fn is_shown_here(relation: &str) -> bool {
    !matches!(relation, "ownedBy" | "partOf")
}

/// What the cards of the organisation say already.
fn is_organisation(relation: &str) -> bool {
    matches!(relation, "ownerOf" | "hasMember" | "memberOf" | "parentOf" | "childOf")
}

/// Annotations that say where the entity was read; the freshness line has them.
fn is_plumbing(name: &str) -> bool {
    matches!(
        name,
        "backstage.io/managed-by-location"
            | "backstage.io/managed-by-origin-location"
            | "backstage.io/view-url"
            | "backstage.io/edit-url"
            | "backstage.io/source-location"
            | "backstage.io/orphan"
    )
}
