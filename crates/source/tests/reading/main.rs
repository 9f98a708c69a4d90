//! Reading from real files and real HTTP servers on loopback addresses.

mod common;
mod disk;
mod github;
mod resolving;
mod web;
