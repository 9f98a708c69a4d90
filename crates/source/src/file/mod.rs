//! Files on disk: reading, globs, and finding the descriptors of a folder.

mod discover;
mod expand;
mod path;
mod read;

pub(crate) use discover::{discover, is_skipped_folder};
pub(crate) use expand::expand;
pub(crate) use path::normalise;
pub(crate) use read::{check_roots, read_file};
