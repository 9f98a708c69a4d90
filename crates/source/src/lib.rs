//! The outside: files and git hosts. Knows ETags, rate limits, globs and addresses; never parses entities,
//! never decides that something is gone.

mod file;
mod fresher;
mod github;
mod glob;
mod hosts;
mod http;
mod observation;
mod reader;
mod resolve;
mod settings;
mod units;
mod watch;
mod web;

pub use http::{Posted, RateLimit, Sender, SenderSettings};
pub use observation::{Observation, RawDocument, ReadError, Version};
pub use reader::Reader;
pub use settings::{
    GitHubApp, GitHubIntegration, Integrations, Limits, ReaderSettings, ReadingAllow, Secret, UnsupportedIntegration,
};
pub use watch::{WatchError, Watcher};
