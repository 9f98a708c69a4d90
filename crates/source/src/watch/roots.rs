//! The watched places and how each is watched at the moment.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use notify::{
    EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode, ModifyKind, RenameMode},
};

use super::{Means, mounts, snapshot::Snapshot};
use crate::file::is_skipped_folder;

/// All watched places.
pub(super) struct Roots {
    events: Option<RecommendedWatcher>,
    roots: Vec<Root>,
}

struct Root {
    path: PathBuf,
    mode: Mode,
}

enum Mode {
    /// The system tells.
    Events,
    /// Not there; looked for once a second.
    Missing,
    /// Compared with how it was, once a second.
    Looking(Snapshot),
}

impl Roots {
    /// Begins to watch. What cannot be watched by events is looked at instead.
    pub(super) fn open(
        paths: Vec<PathBuf>,
        means: Means,
        on_event: impl FnMut(notify::Result<notify::Event>) + Send + 'static,
    ) -> Self {
        let events = match means {
            Means::EventsWherePossible => notify::recommended_watcher(on_event)
                .inspect_err(|error| tracing::warn!(%error, "no file events on this system, looking once a second"))
                .ok(),
            Means::LookingOnly => None,
        };
        let mut roots = Self { events, roots: Vec::with_capacity(paths.len()) };
        for path in paths {
            let mode = roots.begin(&path);
            roots.roots.push(Root { path, mode });
        }
        roots
    }

    /// Takes one event of the system.
    pub(super) fn take_event(&mut self, event: notify::Result<notify::Event>, changed: &mut BTreeSet<PathBuf>) {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                tracing::warn!(%error, "file events were lost");
                changed.extend(self.roots.iter().map(|root| root.path.clone()));
                return;
            }
        };
        if event.need_rescan() {
            changed.extend(self.roots.iter().map(|root| root.path.clone()));
        }
        // Reading is no change; the end of writing is.
        let is_read = event.kind.is_access() && event.kind != EventKind::Access(AccessKind::Close(AccessMode::Write));
        if is_read {
            return;
        }
        for path in event.paths {
            self.take_path(path, &event.kind, changed);
        }
    }

    fn take_path(&mut self, path: PathBuf, kind: &EventKind, changed: &mut BTreeSet<PathBuf>) {
        // The watch goes with the folder, even when another folder is at its place by now.
        let is_gone = matches!(kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)));
        for root in self.roots.iter_mut().filter(|root| is_gone && root.path.starts_with(&path)) {
            if matches!(root.mode, Mode::Events) {
                root.mode = Mode::Missing;
            }
        }
        if !self.roots.iter().any(|root| concerns(&root.path, &path)) {
            return;
        }
        let may_be_new = matches!(kind, EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(_)));
        if may_be_new && fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) && !self.watch_below(&path) {
            self.look_instead(&path);
        }
        changed.insert(path);
    }

    /// Looks at the places without events.
    pub(super) fn look(&mut self, changed: &mut BTreeSet<PathBuf>) {
        for index in 0..self.roots.len() {
            let path = self.roots[index].path.clone();
            match &mut self.roots[index].mode {
                Mode::Events => {}
                Mode::Missing => {
                    if path.exists() {
                        self.roots[index].mode = self.begin(&path);
                        changed.insert(path);
                    }
                }
                Mode::Looking(before) => {
                    let now = Snapshot::take(&path);
                    changed.extend(before.differences(&now));
                    *before = now;
                }
            }
        }
    }

    fn begin(&mut self, path: &Path) -> Mode {
        if self.events.is_none() || mounts::lacks_events(path) {
            return Mode::Looking(Snapshot::take(path));
        }
        let is_watched = match fs::metadata(path) {
            Ok(found) if found.is_dir() => self.watch_below(path),
            // Editors replace files, and a watch on the old one would see nothing more. The folder sees it.
            Ok(_) => path.parent().is_some_and(|folder| self.watch_one(folder)),
            Err(_) => return Mode::Missing,
        };
        if is_watched { Mode::Events } else { Mode::Looking(Snapshot::take(path)) }
    }

    /// Watches a folder and all below it; false when the system grants no more watches.
    fn watch_below(&mut self, folder: &Path) -> bool {
        if !self.watch_one(folder) {
            return false;
        }
        let Ok(entries) = fs::read_dir(folder) else { return true };
        for entry in entries.filter_map(Result::ok) {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && !is_skipped(&entry.file_name()) && !self.watch_below(&entry.path()) {
                return false;
            }
        }
        true
    }

    fn watch_one(&mut self, folder: &Path) -> bool {
        let Some(events) = &mut self.events else { return false };
        match events.watch(folder, RecursiveMode::NonRecursive) {
            Ok(()) => true,
            // It went away in the meantime; its parent tells.
            Err(_) if !folder.exists() => true,
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "no file events for this folder, looking once a second");
                false
            }
        }
    }

    fn look_instead(&mut self, path: &Path) {
        for root in self.roots.iter_mut().filter(|root| path.starts_with(&root.path)) {
            root.mode = Mode::Looking(Snapshot::take(&root.path));
        }
    }
}

/// Tells whether a change of `path` is one of the place at `root`.
fn concerns(root: &Path, path: &Path) -> bool {
    let Ok(below) = path.strip_prefix(root) else { return false };
    let mut parts = below.components().rev();
    // The last part may be a hidden file; only folders are skipped for their names, and telling them apart needs no disk
    // for the parts before.
    let is_skipped_itself = parts.next().is_some_and(|last| is_skipped(last.as_os_str()) && path.is_dir());
    !is_skipped_itself && !parts.any(|part| is_skipped(part.as_os_str()))
}

fn is_skipped(name: &OsStr) -> bool {
    name.to_str().is_some_and(is_skipped_folder)
}
