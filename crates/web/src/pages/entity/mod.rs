//! The pages of an entity: a head that all its tabs share, and one file for each tab.
//!
//! A new tab is a file with a handler that loads the `Head`, a template that extends `entity_frame.html`, its route in the
//! table of pages, and its row in [`tabs::TABS`].

mod actions;
mod apis;
mod definition;
mod dependencies;
mod diagram;
mod graph;
mod head;
mod history;
mod inspect;
mod overview;
mod peek;
mod problems;
mod relations;
mod tabs;
mod unregister;
mod who_to_call;

pub(super) use self::{
    actions::{refresh_entity, set_star},
    apis::show_apis,
    definition::{count_operations, definition_of, outline, show_definition, show_raw},
    dependencies::show_dependencies,
    diagram::show_diagram,
    graph::show_neighbourhood,
    history::show_history,
    overview::show_overview,
    peek::show_peek,
    problems::show_problems,
    relations::relation_title,
    unregister::{show_unregister, unregister_entity},
};
