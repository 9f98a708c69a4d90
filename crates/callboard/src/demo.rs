//! The demo estate that the binary carries: a fictional fashion retailer's catalog files.
//!
//! `build.rs` packs the folder `demo/` of the source tree; here it is unpacked again, into memory or onto disk.

use std::{
    collections::HashSet,
    fs, io,
    path::{Component, Path},
    sync::LazyLock,
};

/// Made by `build.rs`, which says how it is laid out.
static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/demo.lz4"));

/// Unpacked at first use: most runs of the binary never need it.
static UNPACKED: LazyLock<Vec<u8>> =
    LazyLock::new(|| lz4_flex::decompress_size_prepended(PACKED).expect("build.rs packed it with the same library"));

/// A folder that holds this file was written by [`write_to`] and may be written again. It lists what was written, below
/// a line of explanation.
const MARKER: &str = ".callboard-demo";

const MARKER_LINE: &str = "Written by `callboard demo`, which may overwrite or remove the files named here.";

/// Lists the files of the demo, sorted by path.
///
/// Paths are relative, with `/` between their parts on every system: `app-config.yaml`, `estate/catalog.yaml`, `model/...`.
pub(crate) fn files() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    let mut rest: &'static [u8] = &UNPACKED;
    std::iter::from_fn(move || {
        let path = take_chunk(&mut rest)?;
        let bytes = take_chunk(&mut rest)?;
        Some((str::from_utf8(path).expect("build.rs writes paths in UTF-8"), bytes))
    })
}

fn take_chunk(rest: &mut &'static [u8]) -> Option<&'static [u8]> {
    let (length, tail) = rest.split_first_chunk::<4>()?;
    let (chunk, tail) = tail.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = tail;
    Some(chunk)
}

/// Writes the demo below `dir`, which is made when it is missing, and returns the number of files written.
///
/// An earlier copy of the demo is overwritten file by file, and files that it had and this one has not are removed; what
/// else is in the folder stays.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when `dir` holds files and is no copy of the demo: nothing of it is touched then.
/// Otherwise whatever the file system says.
pub(crate) fn write_to(dir: &Path) -> io::Result<usize> {
    fs::create_dir_all(dir)?;
    if !dir.join(MARKER).is_file() && fs::read_dir(dir)?.next().is_some() {
        let message = format!("`{}` is not empty and no copy of the demo; choose a new folder", dir.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
    }
    remove_outdated(dir)?;
    // The marker comes first, so that a copy that was cut off can be written again.
    let paths: Vec<&str> = files().map(|(path, _)| path).collect();
    fs::write(dir.join(MARKER), format!("{MARKER_LINE}\n{}\n", paths.join("\n")))?;
    let mut count = 0;
    for (path, bytes) in files() {
        let target = dir.join(path);
        fs::create_dir_all(target.parent().expect("a file below a folder has a parent"))?;
        fs::write(target, bytes)?;
        count += 1;
    }
    Ok(count)
}

/// Removes what an earlier copy wrote and this one does not have: it would still be found by the globs of the estate.
fn remove_outdated(dir: &Path) -> io::Result<()> {
    let earlier = fs::read_to_string(dir.join(MARKER)).unwrap_or_default();
    let current: HashSet<&str> = files().map(|(path, _)| path).collect();
    for path in earlier.lines().skip(1).filter(|path| !current.contains(path)) {
        let stays_below = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if stays_below && dir.join(path).is_file() {
            fs::remove_file(dir.join(path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::PathBuf};

    use super::*;

    fn source_folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo")
    }

    fn read_tree(root: &Path, below: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(root.join(below)).expect("the folder can be listed") {
            let relative = below.join(entry.expect("the entry can be read").file_name());
            if root.join(&relative).is_dir() {
                read_tree(root, &relative, found);
            } else {
                let name = relative.to_str().expect("names are UTF-8").replace('\\', "/");
                found.insert(name, fs::read(root.join(&relative)).expect("the file can be read"));
            }
        }
    }

    fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        read_tree(root, Path::new(""), &mut found);
        found
    }

    #[test]
    fn the_binary_carries_the_folder_byte_for_byte() {
        let carried: BTreeMap<String, Vec<u8>> =
            files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
        assert_eq!(carried.keys().collect::<Vec<_>>(), tree(&source_folder()).keys().collect::<Vec<_>>());
        assert!(carried == tree(&source_folder()), "a file of the binary differs from the folder");
    }

    #[test]
    fn files_are_sorted_by_path() {
        let paths: Vec<&str> = files().map(|(path, _)| path).collect();
        assert!(paths.is_sorted_by_key(|path| path.split('/').collect::<Vec<_>>()), "{paths:?}");
    }

    #[test]
    fn writes_a_new_folder_and_overwrites_its_own_copy() {
        let dir = tempfile::tempdir().expect("a folder can be made");
        let target = dir.path().join("new/demo");
        let count = write_to(&target).expect("a missing folder is made");
        fs::write(target.join("app-config.yaml"), "changed").expect("the file can be written");
        fs::write(target.join("mine.yaml"), "mine").expect("the file can be written");

        assert_eq!(write_to(&target).expect("a copy of the demo may be overwritten"), count);

        let mut written = tree(&target);
        assert_eq!(written.remove("mine.yaml").as_deref(), Some(&b"mine"[..]), "what else is there stays");
        assert!(written.remove(MARKER).is_some());
        assert_eq!(written.len(), count);
        assert!(written == tree(&source_folder()));
    }

    #[test]
    fn removes_what_an_earlier_copy_had_and_nothing_else() {
        let dir = tempfile::tempdir().expect("a folder can be made");
        let target = dir.path().join("demo");
        write_to(&target).expect("a missing folder is made");
        let marker = fs::read_to_string(target.join(MARKER)).expect("the marker was written");
        fs::write(target.join(MARKER), format!("{marker}estate/gone.yaml\n../outside.yaml\n"))
            .expect("it can be written");
        for path in [target.join("estate/gone.yaml"), target.join("estate/mine.yaml"), dir.path().join("outside.yaml")]
        {
            fs::write(path, "text").expect("the file can be written");
        }

        write_to(&target).expect("a copy of the demo may be overwritten");

        assert!(!target.join("estate/gone.yaml").exists());
        assert!(target.join("estate/mine.yaml").exists(), "it was never part of the demo");
        assert!(dir.path().join("outside.yaml").exists(), "it is not below the folder");
    }

    #[test]
    fn refuses_a_folder_with_other_things_in_it() {
        let dir = tempfile::tempdir().expect("a folder can be made");
        fs::write(dir.path().join("precious.txt"), "mine").expect("the file can be written");

        let error = write_to(dir.path()).expect_err("a foreign folder is refused");

        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert!(error.to_string().contains("no copy of the demo"), "{error}");
        assert_eq!(tree(dir.path()).len(), 1);
    }
}
