//! What tests of several rooms need: throw-away PostgreSQL servers, a fake GitHub, a web host that misbehaves on demand.

pub mod git_host;
pub mod git_host_web;
mod postgres;

pub use postgres::{PostgresServer, is_skipped, postgres};
