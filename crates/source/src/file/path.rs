//! Paths as texts: `.` and `..` are taken out without asking the disk.

use std::path::{Component, Path, PathBuf};

/// Takes `.`, `..` and doubled slashes out of a path. An absolute path never climbs above its root.
pub(crate) fn normalise(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match clean.components().next_back() {
                Some(Component::Normal(_)) => {
                    clean.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                Some(Component::ParentDir | Component::CurDir) | None => clean.push(".."),
            },
            other => clean.push(other),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_dots_out() {
        for (input, expected) in
            [("/a/./b/../c.yaml", "/a/c.yaml"), ("/../../etc/x", "/etc/x"), ("a/../../b", "../b"), ("/a//b/", "/a/b")]
        {
            assert_eq!(normalise(Path::new(input)), Path::new(expected), "{input}");
        }
    }
}
