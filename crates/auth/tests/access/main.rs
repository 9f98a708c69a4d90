//! What access promises, on a real store.

mod gates;
mod restrictions;
mod tokens;
mod world;
