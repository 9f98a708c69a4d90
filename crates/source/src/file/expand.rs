//! The files that a pattern stands for.

use std::{
    collections::{BTreeSet, HashSet},
    fs,
    path::{Path, PathBuf},
};

use crate::{
    file::{normalise, read::describe},
    glob::{Pattern, Segment, is_pattern},
    observation::ReadError,
};

/// How deep `**` goes; deeper trees are loops or mistakes.
const MAX_DEPTH: usize = 64;

/// Lists the files that `target` stands for, sorted. A path without wildcards gives itself, whether it is there or not.
/// Blocks.
///
/// # Errors
/// `NotFound` when a pattern matches nothing; `Failed` when the folder that it starts from cannot be listed.
pub(crate) fn expand(target: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let Some(text) = target.to_str().filter(|text| is_pattern(text)) else { return Ok(vec![normalise(target)]) };
    // A file may really be called like that.
    if target.is_file() {
        return Ok(vec![normalise(target)]);
    }
    let pattern = Pattern::parse(text);
    let mut found = BTreeSet::new();
    for segments in pattern.alternatives() {
        let start = if text.starts_with('/') { PathBuf::from("/") } else { PathBuf::new() };
        let mut looked = HashSet::new();
        walk(&start, segments, 0, &mut looked, &mut found)?;
    }
    if found.is_empty() {
        return Err(ReadError::NotFound(format!("no file matches '{text}'")));
    }
    Ok(found.into_iter().map(|path| normalise(&path)).collect())
}

/// Folders that were looked at, with how many segments were left: where `**` stands several times, many ways lead there.
type Looked = HashSet<(PathBuf, usize)>;

fn walk(
    folder: &Path,
    segments: &[Segment],
    depth: usize,
    looked: &mut Looked,
    found: &mut BTreeSet<PathBuf>,
) -> Result<(), ReadError> {
    let Some((segment, rest)) = segments.split_first() else { return Ok(()) };
    if depth > MAX_DEPTH || !looked.insert((folder.to_owned(), segments.len())) {
        return Ok(());
    }
    match segment {
        Segment::Literal(name) => take(folder.join(name), rest, depth, looked, found),
        Segment::Wild { .. } => {
            for (name, path, _) in list(folder)? {
                if segment.matches(&name) {
                    take(path, rest, depth, looked, found)?;
                }
            }
            Ok(())
        }
        Segment::AnyDepth => {
            walk(folder, rest, depth, looked, found)?;
            for (name, path, is_real_folder) in list(folder)? {
                if !segment.matches(&name) {
                    continue;
                }
                // Links are not followed below `**`, or a loop of links would never end.
                if is_real_folder {
                    walk(&path, segments, depth + 1, looked, found)?;
                } else if rest.is_empty() && path.is_file() {
                    found.insert(path);
                }
            }
            Ok(())
        }
    }
}

fn take(
    path: PathBuf,
    rest: &[Segment],
    depth: usize,
    looked: &mut Looked,
    found: &mut BTreeSet<PathBuf>,
) -> Result<(), ReadError> {
    if !rest.is_empty() {
        return walk(&path, rest, depth + 1, looked, found);
    }
    if path.is_file() {
        found.insert(path);
    }
    Ok(())
}

/// Lists a folder: names, paths, and whether each is a folder itself and no link. What is no folder is empty.
fn list(folder: &Path) -> Result<Vec<(String, PathBuf, bool)>, ReadError> {
    let shown = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = match fs::read_dir(shown) {
        Ok(entries) => entries,
        Err(error) => {
            return match describe(&error, shown) {
                ReadError::NotFound(_) => Ok(Vec::new()),
                other => Err(other),
            };
        }
    };
    Ok(entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            Some((entry.file_name().into_string().ok()?, folder.join(entry.file_name()), is_folder))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_stars_look_at_each_folder_a_few_times_only() {
        let dir = tempfile::tempdir().unwrap();
        let mut deepest = dir.path().to_owned();
        deepest.extend(["a"; 40]);
        fs::create_dir_all(&deepest).unwrap();
        fs::write(deepest.join("x.yaml"), "").unwrap();
        let pattern = |name: &str| dir.path().join("**/".repeat(20)).join(name);
        assert_eq!(expand(&pattern("x.yaml")).unwrap(), [deepest.join("x.yaml")]);
        assert!(matches!(expand(&pattern("*.none")), Err(ReadError::NotFound(_))));
    }
}
