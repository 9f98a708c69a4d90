//! Reading the files that declare own kinds, extra schemas and rules.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use ingest::Kinds;
use model::Severity;

/// Loads the files of `callboard.model` in addition to the built-in kinds.
///
/// # Errors
/// When a file cannot be read, or has errors; all of them are named.
pub fn load(paths: &[PathBuf]) -> anyhow::Result<Kinds> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    let (kinds, diagnostics) = Kinds::load(&files);
    let mut errors = Vec::new();
    for diagnostic in diagnostics {
        let place =
            diagnostic.place.as_ref().map_or_else(String::new, |p| format!("{}:{}:{}: ", p.location, p.line, p.column));
        let line = format!("{place}{}: {}", diagnostic.code, diagnostic.message);
        if diagnostic.severity == Severity::Error {
            errors.push(line);
        } else {
            tracing::warn!("{line}");
        }
    }
    if !errors.is_empty() {
        bail!("the files of `callboard.model` have errors:\n  {}", errors.join("\n  "));
    }
    Ok(kinds)
}

/// Adds a file, or the YAML files of a folder and of those below it in the order of their names.
fn collect(path: &Path, files: &mut Vec<(String, Vec<u8>)>) -> anyhow::Result<()> {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).with_context(|| format!("{} cannot be listed", path.display()))?;
        let mut below = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
        below.sort();
        let yaml = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        for path in below.iter().filter(|path| path.is_dir() || yaml(path)) {
            collect(path, files)?;
        }
        return Ok(());
    }
    let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    files.push((path.display().to_string(), bytes));
    Ok(())
}
