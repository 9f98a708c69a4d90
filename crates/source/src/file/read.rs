//! Reading one file, unless size, modification time and inode say that it is as before.

use std::{
    fs::{File, Metadata},
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{
    observation::{ReadError, Sighting, Version},
    units::show_bytes,
};

/// A file that changed this recently may change again within the same tick of the file system's clock.
const CLOCK_GRAIN: Duration = Duration::from_millis(50);

/// Reads a file, or tells that it is as it was at `since`. Blocks.
///
/// # Errors
/// `NotFound` when it is not there (also when it vanishes midway); `Failed` with the system's reason otherwise.
pub(crate) fn read_file(path: &Path, since: Option<&Version>, max_bytes: u64) -> Result<Sighting, ReadError> {
    // The kind is checked before opening, because opening a pipe would wait for its writer.
    let seen = std::fs::metadata(path).map_err(|error| describe(&error, path))?;
    check_kind(&seen, path)?;
    let etag = stamp(&seen);
    if since.and_then(|version| version.etag.as_deref()) == Some(etag.as_str()) {
        return Ok(Sighting::NotModified);
    }
    let mut file = File::open(path).map_err(|error| describe(&error, path))?;
    let opened = file.metadata().map_err(|error| describe(&error, path))?;
    check_kind(&opened, path)?;
    if opened.len() > max_bytes {
        return Err(too_large(path, max_bytes));
    }
    let mut content = Vec::with_capacity(usize::try_from(opened.len()).unwrap_or(0) + 1);
    file.by_ref().take(max_bytes + 1).read_to_end(&mut content).map_err(|error| describe(&error, path))?;
    if content.len() as u64 > max_bytes {
        return Err(too_large(path, max_bytes));
    }
    Ok(Sighting::of_content(content, Some(settled_stamp(&opened)), since))
}

/// Refuses a path outside of the allowed folders. Symbolic links count with what they point to. Blocks.
///
/// # Errors
/// `NotAllowed` when the path is outside; `NotFound` or `Failed` when it cannot be looked at.
pub(crate) fn check_roots(path: &Path, roots: &[PathBuf]) -> Result<(), ReadError> {
    if roots.is_empty() {
        return Ok(());
    }
    let real = path.canonicalize().map_err(|error| describe(&error, path))?;
    let inside = roots.iter().filter_map(|root| root.canonicalize().ok()).any(|root| real.starts_with(root));
    if inside {
        return Ok(());
    }
    Err(ReadError::NotAllowed(format!(
        "Reading from '{}' is not allowed, it lies outside of the allowed folders",
        path.display()
    )))
}

/// Words a failure of the disk as Node.js does, because that is what Backstage shows.
pub(crate) fn describe(error: &io::Error, path: &Path) -> ReadError {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            ReadError::NotFound(format!("ENOENT: no such file or directory, open '{path}'"))
        }
        io::ErrorKind::PermissionDenied => ReadError::failed(format!("EACCES: permission denied, open '{path}'")),
        _ => ReadError::failed(format!("{error}, open '{path}'")),
    }
}

fn check_kind(metadata: &Metadata, path: &Path) -> Result<(), ReadError> {
    if metadata.is_dir() {
        return Err(ReadError::failed(format!("EISDIR: illegal operation on a directory, read '{}'", path.display())));
    }
    if !metadata.is_file() {
        return Err(ReadError::failed(format!("'{}' is not a regular file", path.display())));
    }
    Ok(())
}

fn too_large(path: &Path, max_bytes: u64) -> ReadError {
    ReadError::failed(format!("'{}' is larger than the limit of {}", path.display(), show_bytes(max_bytes)))
}

fn stamp(metadata: &Metadata) -> String {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("{:x}-{:x}-{:x}", metadata.len(), modified.as_nanos(), inode(metadata))
}

/// The stamp to remember; for a file that may still be written within the same clock tick one that never matches.
fn settled_stamp(metadata: &Metadata) -> String {
    let age = metadata.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
    let stamp = stamp(metadata);
    if age.is_some_and(|age| age >= CLOCK_GRAIN) { stamp } else { stamp + "-fresh" }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_metadata: &Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_failures_of_the_disk_as_node_does() {
        let word = |kind: io::ErrorKind| describe(&kind.into(), Path::new("/x.yaml"));
        let denied = "EACCES: permission denied, open '/x.yaml'";
        assert_eq!(word(io::ErrorKind::PermissionDenied), ReadError::failed(denied));
        let gone = "ENOENT: no such file or directory, open '/x.yaml'";
        assert_eq!(word(io::ErrorKind::NotFound), ReadError::NotFound(gone.to_owned()));
        assert!(word(io::ErrorKind::Interrupted).to_string().ends_with(", open '/x.yaml'"));
    }
}
