//! The binary `callboard`.

mod config;

fn main() {}
