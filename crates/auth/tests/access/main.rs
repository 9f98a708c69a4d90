//! What access promises, on a real store.

mod gates;
mod pages;
mod restrictions;
mod tokens;
mod world;
