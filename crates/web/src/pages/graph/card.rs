//! Small pictures for the pages of entities: what is one step away, and a larger one with what is two steps away.

use diagram::{
    Options,
    fold::{Rules, fold_to_fit},
    svg::Mode,
};
use index::Doc;
use model::EntityRef;

use super::{
    draw::{self, Drawing},
    layouts,
    query::GraphQuery,
    walk,
};
use crate::{Problem, View};

/// So many nodes has the small picture at most.
const SMALL: usize = 14;

/// Relations that many entities have with their team say little in a small picture.
const NOT_IN_SMALL: [&str; 2] = ["ownerOf", "ownedBy"];

/// Draws what is one step away from an entity, without its owners; `None` where there is nothing.
///
/// # Errors
/// When it takes too long.
pub(in crate::pages) async fn relation_card(view: &View, doc: &Doc) -> Result<Option<Drawing>, Problem> {
    let Ok(entity_ref) = EntityRef::parse(doc.entity_ref()) else { return Ok(None) };
    let is_about_people = matches!(entity_ref.kind(), "group" | "user");
    let relations = doc.relations().into_iter().map(|(name, _)| name.into_owned());
    let relations = relations.filter(|name| is_about_people || !NOT_IN_SMALL.contains(&name.as_str())).collect();
    let query = GraphQuery { relations, ..GraphQuery::of(&entity_ref) };
    if query.relations.is_empty() {
        return Ok(None);
    }
    let view = view.clone();
    layouts::make(move || draw_small(&view, &query)).await.map(Some)
}

fn draw_small(view: &View, query: &GraphQuery) -> Drawing {
    let mut walk = walk::walk(view, &query.route());
    // What its neighbours have to do with each other is a matter of the larger picture.
    walk.ties.retain(|tie| tie.from == 0 || tie.to == 0);
    let mut graph = draw::graph(view, &walk, query);
    graph.nodes.iter_mut().for_each(|node| node.more = None);
    let folded = fold_to_fit(graph, &Rules { limit: SMALL, cap: SMALL, ..Rules::default() });
    let account = draw::folding(&folded);
    let options = Options { direction: query.direction, curve: query.curve };
    draw::finish(folded, options, "What is one step away", account, Mode::Embedded, |group| {
        query.unfolding(group).href()
    })
}

/// Draws what is two steps away from an entity.
///
/// # Errors
/// When it takes too long.
pub(in crate::pages) async fn neighbourhood(view: &View, entity_ref: &EntityRef) -> Result<(Drawing, String), Problem> {
    let query = GraphQuery { depth: Some(2), ..GraphQuery::of(entity_ref) };
    let href = query.href();
    let view = view.clone();
    let make = move || {
        let walk = walk::walk(&view, &query.route());
        draw::draw(&view, &walk, &query, Mode::Embedded)
    };
    Ok((layouts::make(make).await?, href))
}
