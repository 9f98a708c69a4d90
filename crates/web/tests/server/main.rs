//! The server as clients see it: the real router on a real store, some of it over real sockets.

mod access;
mod call_sheets;
mod catalog;
mod definition;
mod feed;
mod front_end;
mod graph;
mod guard;
mod hub;
mod impact;
mod pages;
mod receivers;
mod recorded;
mod search;
mod snapshots;
mod sockets;
mod teams;
mod time;
mod v1;
mod webhooks;
mod world;
