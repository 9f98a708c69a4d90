//! Packs as files: written whole or not at all, and the old ones cleared away.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use model::Timestamp;

/// The newest pack, under a name that never changes.
pub const NEWEST: &str = "callboard-pack.html";
const START: &str = "callboard-pack-";
const END: &str = ".html";
/// What a file is called while it is being written.
const UNFINISHED: &str = ".unfinished";

/// A file or folder that refuses.
#[derive(Debug, thiserror::Error)]
#[error("the pack could not be written to `{}`", path.display())]
pub struct PackFileError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> PackFileError {
    move |source| PackFileError { path: path.to_owned(), source }
}

/// Writes a pack into a folder, under the time of its making and as the newest, and removes all but the last `keep` of the
/// former.
///
/// # Errors
/// When the folder cannot be written. What was there before is there still.
pub fn store_pack(folder: &Path, html: &str, made_at: Timestamp, keep: usize) -> Result<PathBuf, PackFileError> {
    fs::create_dir_all(folder).map_err(at(folder))?;
    let newest = folder.join(NEWEST);
    if keep > 0 {
        write_whole(&folder.join(dated_name(made_at)), html)?;
    }
    write_whole(&newest, html)?;
    clear(folder, keep).map_err(at(folder))?;
    Ok(newest)
}

/// Writes a file beside its place and moves it there when it is whole and on disk.
///
/// # Errors
/// When it cannot be written. A file that was there before is there still.
pub fn write_whole(path: &Path, html: &str) -> Result<(), PackFileError> {
    // Another replica may write the same file into a folder that both share.
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(format!(".{:08x}{UNFINISHED}", rand::random::<u32>()));
    let unfinished = PathBuf::from(unfinished);
    let write = || {
        let mut file = File::create(&unfinished)?;
        file.write_all(html.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    write().map_err(|error| {
        // A part of a pack is worth nothing, and the disk may be full.
        let _gone = fs::remove_file(&unfinished);
        at(path)(error)
    })
}

/// `callboard-pack-20261126T013000Z.html`: in order of name is in order of time.
fn dated_name(made_at: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(made_at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let zoned = moment.to_zoned(jiff::tz::TimeZone::UTC);
    format!("{START}{}{END}", zoned.strftime("%Y%m%dT%H%M%SZ"))
}

/// Whether a name is one that [`dated_name`] makes; nothing else is ever removed.
fn is_dated(name: &str) -> bool {
    let middle = name.strip_prefix(START).and_then(|rest| rest.strip_suffix(END));
    middle.is_some_and(|middle| {
        middle.len() == 16
            && middle.bytes().enumerate().all(|(at, byte)| match at {
                8 => byte == b'T',
                15 => byte == b'Z',
                _ => byte.is_ascii_digit(),
            })
    })
}

/// Removes old packs, and what a server that was killed has left unfinished.
fn clear(folder: &Path, keep: usize) -> io::Result<()> {
    let mut dated = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        match name.strip_suffix(UNFINISHED).and_then(|whole| whole.rsplit_once('.')) {
            Some((of, _)) if (of == NEWEST || is_dated(of)) && is_left_behind(&entry) => remove(&entry.path())?,
            _ if is_dated(&name) => dated.push(name),
            _ => {}
        }
    }
    dated.sort();
    let too_many = dated.len().saturating_sub(keep);
    dated.iter().take(too_many).try_for_each(|name| remove(&folder.join(name)))
}

/// Whether nobody has written to a file for an hour.
fn is_left_behind(entry: &fs::DirEntry) -> bool {
    let age = entry.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|then| then.elapsed().ok());
    age.is_some_and(|age| age > Duration::from_secs(3_600))
}

/// Another replica may have been quicker.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// That many hours after the start of 2026.
    fn hour(hours: i64) -> Timestamp {
        Timestamp(1_767_225_600_000 + hours * 3_600_000)
    }

    #[test]
    fn the_last_few_are_kept_and_files_of_others_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("packs");
        fs::create_dir(&own).unwrap();
        fs::write(own.join("callboard-pack-of-mine.html"), "mine").unwrap();
        let half = |name: &str| {
            fs::write(own.join(name), "half").unwrap();
            File::options().write(true).open(own.join(name)).unwrap()
        };
        half("callboard-pack-20250101T000000Z.html.0123abcd.unfinished").set_modified(UNIX_EPOCH).unwrap();
        let _being_written = half("callboard-pack-20260101T030000Z.html.4567cdef.unfinished");
        for hours in 0..4 {
            store_pack(&own, &format!("pack {hours}"), hour(hours), 2).unwrap();
        }
        let want = [
            "callboard-pack-20260101T020000Z.html",
            "callboard-pack-20260101T030000Z.html",
            "callboard-pack-20260101T030000Z.html.4567cdef.unfinished",
            "callboard-pack-of-mine.html",
            "callboard-pack.html",
        ];
        assert_eq!(names(&own), want);
        assert_eq!(fs::read_to_string(own.join(NEWEST)).unwrap(), "pack 3");
    }

    #[test]
    fn with_none_to_keep_only_the_newest_is_there() {
        let folder = tempfile::tempdir().unwrap();
        store_pack(folder.path(), "one", hour(0), 2).unwrap();
        store_pack(folder.path(), "two", hour(1), 0).unwrap();
        assert_eq!(names(folder.path()), [NEWEST]);
    }

    #[test]
    fn a_folder_that_is_none_is_named_in_the_failure() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = store_pack(&file.join("packs"), "one", hour(0), 2).unwrap_err();
        assert!(error.to_string().contains("file/packs"), "{error}");
    }

    #[test]
    fn a_file_that_cannot_be_moved_into_place_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(NEWEST)).unwrap();
        write_whole(&folder.path().join(NEWEST), "one").unwrap_err();
        assert_eq!(names(folder.path()), [NEWEST]);
    }
}
