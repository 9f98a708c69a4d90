//! Files on disk: reading, globs, and finding the descriptors of a folder.

mod discover;
mod expand;
mod path;
mod read;
mod watch;

pub(crate) use discover::discover;
pub(crate) use expand::expand;
pub(crate) use path::normalise;
pub(crate) use read::{check_roots, read_file};
pub use watch::{WatchError, Watcher};
