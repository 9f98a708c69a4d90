//! How a place looked at one moment: every file with its size and time.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::file::is_skipped_folder;

/// More folders above each other than this are a loop of mounts.
const MAX_DEPTH: usize = 64;

/// Files with what tells that they changed.
#[derive(Default)]
pub(super) struct Snapshot {
    files: HashMap<PathBuf, (u64, Option<SystemTime>)>,
}

impl Snapshot {
    /// Looks at a folder with all below it, or at a single file. What is not there is empty.
    pub(super) fn take(root: &Path) -> Self {
        let mut snapshot = Self::default();
        match fs::metadata(root) {
            Ok(found) if found.is_dir() => snapshot.add_folder(root, 0),
            Ok(found) => snapshot.add_file(root.to_owned(), &found),
            Err(_) => {}
        }
        snapshot
    }

    /// Lists the files that came, went or changed.
    pub(super) fn differences(&self, later: &Self) -> Vec<PathBuf> {
        let gone = self.files.keys().filter(|path| !later.files.contains_key(*path));
        let fresh =
            later.files.iter().filter(|(path, stamp)| self.files.get(*path) != Some(stamp)).map(|(path, _)| path);
        gone.chain(fresh).cloned().collect()
    }

    fn add_folder(&mut self, folder: &Path, depth: usize) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.filter_map(Result::ok) {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                let is_skipped = entry.file_name().to_str().is_some_and(is_skipped_folder);
                if !is_skipped && depth < MAX_DEPTH {
                    self.add_folder(&entry.path(), depth + 1);
                }
            } else if let Ok(found) = fs::metadata(entry.path())
                && found.is_file()
            {
                self.add_file(entry.path(), &found);
            }
        }
    }

    fn add_file(&mut self, path: PathBuf, found: &fs::Metadata) {
        self.files.insert(path, (found.len(), found.modified().ok()));
    }
}
