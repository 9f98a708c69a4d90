//! The organisation: the page with all teams, and what the pages of groups and users show of it.

mod card;
mod place;
mod tree;
mod tree_page;

pub(super) use self::{
    card::{Organisation, owners, problems_of},
    tree_page::show_teams,
};
