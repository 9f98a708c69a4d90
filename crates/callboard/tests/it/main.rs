//! The real binary, real databases, real HTTP.

#![expect(unreachable_pub, reason = "a test has no outside; `pub` marks what a module offers to its neighbours")]

mod impact;
mod kill;
mod life;
mod observing;
mod openness;
mod support;
mod trouble;
