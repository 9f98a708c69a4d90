//! The real binary, real databases, real HTTP.

#![expect(unreachable_pub, reason = "a test has no outside; `pub` marks what a module offers to its neighbours")]

mod call_sheets;
mod impact;
mod kill;
mod life;
mod observing;
mod openness;
mod pack;
mod receiver;
mod replicas;
mod support;
mod trouble;
mod webhooks;
