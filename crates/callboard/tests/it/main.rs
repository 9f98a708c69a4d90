//! The real binary, real databases, real HTTP.

mod kill;
mod life;
mod openness;
mod support;
mod trouble;
