//! HTTP: one client for all hosts, with limits, an address guard, retries, pauses, and redirects followed by hand.

mod addresses;
mod allow;
mod attempt;
mod client;
mod fetch;
mod host_state;
mod post;
mod redact;

pub(crate) use addresses::AddressGuard;
pub(crate) use allow::AllowList;
pub(crate) use attempt::parse_date;
pub(crate) use client::Client;
pub(crate) use fetch::{Answer, Call, Fetcher, authority};
pub use host_state::RateLimit;
pub use post::{Posted, Sender, SenderSettings};
pub(crate) use redact::show_url;
