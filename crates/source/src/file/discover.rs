//! Finding the descriptors of a folder: by name, by place, or by what their first lines say.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    thread,
};

use crate::{file::read::describe, observation::ReadError};

/// How much of a file is looked at to find its `apiVersion`. Licence headers are long.
const SNIFF_BYTES: u64 = 16 * 1024;

/// More folders above each other than this are a loop of mounts or a mistake.
const MAX_DEPTH: usize = 64;

/// Lists the descriptors below `folder`, sorted: `catalog-info.yaml` and `catalog-info.yml`, YAML in `.backstage`
/// folders, and YAML whose beginning names an API group of Backstage, Callboard or `known_groups`. Leaves out `.git`,
/// `node_modules`, `target`, hidden folders, links to folders and files above `max_bytes`. Blocks; reads the files'
/// beginnings on several threads.
///
/// # Errors
/// When `folder` itself cannot be listed. What cannot be read below it is left out.
pub(crate) fn discover(folder: &Path, known_groups: &[String], max_bytes: u64) -> Result<Vec<PathBuf>, ReadError> {
    let entries = fs::read_dir(folder).map_err(|error| describe(&error, folder))?;
    let mut candidates = Vec::new();
    collect(entries, Area::Ordinary, 0, &mut candidates);
    let threads = thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
    let share = candidates.len().div_ceil(threads).max(1);
    let mut found: Vec<PathBuf> = thread::scope(|scope| {
        let workers: Vec<_> = candidates
            .chunks(share)
            .map(|part| {
                scope.spawn(move || {
                    let wanted = part.iter().filter(|candidate| is_descriptor(candidate, known_groups, max_bytes));
                    wanted.map(|candidate| candidate.path.clone()).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("looking at files does not panic")).collect()
    });
    found.sort_unstable();
    Ok(found)
}

/// Tells whether a folder of this name is never looked into.
pub(crate) fn is_skipped_folder(name: &str) -> bool {
    matches!(name, "node_modules" | "target") || (name.starts_with('.') && name != ".backstage")
}

/// Tells whether a file of this name can be a descriptor.
pub(crate) fn is_yaml_name(name: &str) -> bool {
    Path::new(name)
        .extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| extension.eq_ignore_ascii_case("yaml") || extension.eq_ignore_ascii_case("yml"))
}

/// Where in the tree the walk is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Area {
    Ordinary,
    BelowBackstageFolder,
}

struct Candidate {
    path: PathBuf,
    /// Name or place already tell that it is a descriptor.
    is_certain: bool,
}

fn collect(entries: fs::ReadDir, area: Area, depth: usize, candidates: &mut Vec<Candidate>) {
    for entry in entries.filter_map(Result::ok) {
        let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else { continue };
        if kind.is_dir() {
            if depth >= MAX_DEPTH || is_skipped_folder(&name) {
                continue;
            }
            let below = if name == ".backstage" { Area::BelowBackstageFolder } else { area };
            match fs::read_dir(entry.path()) {
                Ok(entries) => collect(entries, below, depth + 1, candidates),
                Err(error) => tracing::warn!(folder = %entry.path().display(), %error, "folder is left out"),
            }
        } else if is_yaml_name(&name) && !name.starts_with('.') {
            let is_certain =
                area == Area::BelowBackstageFolder || name == "catalog-info.yaml" || name == "catalog-info.yml";
            candidates.push(Candidate { path: entry.path(), is_certain });
        }
    }
}

fn is_descriptor(candidate: &Candidate, known_groups: &[String], max_bytes: u64) -> bool {
    // Follows links to files; links to folders were not collected as folders and are no files here.
    let Ok(metadata) = fs::metadata(&candidate.path) else { return false };
    if !metadata.is_file() || metadata.len() > max_bytes {
        return false;
    }
    if candidate.is_certain {
        return true;
    }
    let Ok(file) = File::open(&candidate.path) else { return false };
    let mut start = Vec::with_capacity(SNIFF_BYTES.min(metadata.len()) as usize + 1);
    file.take(SNIFF_BYTES).read_to_end(&mut start).is_ok() && names_known_group(&start, known_groups)
}

/// Looks for `apiVersion: <group>/...` at the left edge of the first document.
fn names_known_group(start: &[u8], known_groups: &[String]) -> bool {
    let text = String::from_utf8_lossy(start);
    let mut seen_content = false;
    for line in text.trim_start_matches('\u{feff}').lines() {
        if line.starts_with("---") || line.starts_with("...") {
            if seen_content {
                return false;
            }
            continue;
        }
        let line = line.trim_end();
        if line.is_empty() || line.starts_with(['#', '%']) {
            continue;
        }
        seen_content = true;
        if let Some(version) = api_version(line) {
            return is_known(version, known_groups);
        }
    }
    false
}

fn api_version(line: &str) -> Option<&str> {
    let line = line.strip_prefix('{').map_or(line, str::trim_start);
    let (key, value) = line.split_once(':')?;
    let key = key.trim_end();
    if !matches!(key, "apiVersion" | "\"apiVersion\"" | "'apiVersion'") {
        return None;
    }
    let value = value.trim_start().trim_start_matches(['"', '\'']);
    Some(value.split(['"', '\'', ' ', ',', '}', '#']).next().unwrap_or(value))
}

fn is_known(api_version: &str, known_groups: &[String]) -> bool {
    let group = api_version.split_once('/').map_or(api_version, |(group, _)| group);
    group == "backstage.io"
        || group.ends_with(".backstage.io")
        || group == "callboard.dev"
        || group.ends_with(".callboard.dev")
        || known_groups.iter().any(|known| known.trim_end_matches('/') == group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_descriptors_by_their_first_document() {
        for (text, expected) in [
            ("apiVersion: backstage.io/v1alpha1\nkind: Component", true),
            ("# Licence\n\n---\napiVersion: \"scaffolder.backstage.io/v1beta3\"", true),
            ("kind: API\nmetadata:\n  name: x\napiVersion: 'callboard.dev/v1' # late", true),
            ("\u{feff}%YAML 1.2\n---\n{ \"apiVersion\": \"backstage.io/v1beta1\", \"kind\": \"User\" }", true),
            ("apiVersion: own.example/v1", true),
            ("apiVersion: apps/v1\nkind: Deployment", false),
            ("spec:\n  apiVersion: backstage.io/v1alpha1", false),
            ("a: 1\n---\napiVersion: backstage.io/v1alpha1", false),
            ("apiVersion: notbackstage.io/v1", false),
            ("", false),
        ] {
            assert_eq!(names_known_group(text.as_bytes(), &["own.example/".to_owned()]), expected, "{text}");
        }
    }
}
