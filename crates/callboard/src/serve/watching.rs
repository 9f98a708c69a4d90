//! Changes on disk ring for the roots that live there.

use std::path::{Path, PathBuf};

use store::{Root, Store};
use tokio_util::sync::CancellationToken;

use crate::replicas::Ringer;

/// Watches the folders of all `file:` roots until `stop`, and rings for the roots that a change may concern.
///
/// A failure to watch is no failure of the server: the regular reading of each root finds the change later.
pub async fn run(store: Store, folders: Vec<PathBuf>, ringer: Ringer, stop: CancellationToken) {
    if folders.is_empty() {
        return;
    }
    let (_watcher, mut changed) = match source::Watcher::start(folders).await {
        Ok(watching) => watching,
        Err(error) => {
            tracing::warn!(error = %super::chain_text(&error), "folders cannot be watched; changes are found at the regular reading");
            return;
        }
    };
    loop {
        let paths = tokio::select! {
            () = stop.cancelled() => return,
            paths = changed.recv() => paths,
        };
        let Some(paths) = paths else { return };
        match store.list_roots().await {
            Ok(roots) => {
                for root in roots.iter().filter(|root| paths.iter().any(|path| concerns(root, path))) {
                    ringer.ring(root.id);
                }
            }
            Err(error) => tracing::warn!(error = %super::chain_text(&error), "a change on disk could not be looked up"),
        }
    }
}

/// Returns the folder to watch for a root's target: the target itself, or the nearest folder above a file or glob.
pub fn folder_of(target: &str) -> Option<PathBuf> {
    let fixed: PathBuf = Path::new(target)
        .components()
        .take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '{', '[']))
        .collect();
    if fixed.is_dir() {
        return Some(fixed);
    }
    fixed.parent().filter(|folder| folder.is_dir()).map(Path::to_path_buf)
}

fn concerns(root: &Root, path: &Path) -> bool {
    root.location.location_type() == "file"
        && folder_of(root.location.target()).is_some_and(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watches_the_nearest_folder_that_exists() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        std::fs::write(path.join("a.yaml"), "").expect("written");
        let text = |tail: &str| format!("{}{tail}", path.display());
        assert_eq!(folder_of(&text("")).as_deref(), Some(path));
        assert_eq!(folder_of(&text("/a.yaml")).as_deref(), Some(path));
        assert_eq!(folder_of(&text("/*/catalog-info.yaml")).as_deref(), Some(path));
        assert_eq!(folder_of(&text("/none/at/all.yaml")), None);
    }
}
