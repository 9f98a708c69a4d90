//! Answers against examples, and against a naive reference implementation on random catalogs.

mod causes;
mod examples;
mod naive;
mod properties;
mod world;
