//! Files -> diagnostics. Reads the disk, and nothing else.

use std::{collections::HashMap, fs, path::Path, sync::Arc};

use anyhow::Context as _;
use ingest::{
    AttachmentError, AttachmentRequest, Attachments, Context, Document, Kinds, ProcessedEntity, Rules, codes,
};
use model::{Diagnostic, EntityRef, ErrorChain, LocationRef, Place, ScmUrls, Severity};

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// How many files were checked.
    pub files: usize,
    /// How many healthy entities they hold.
    pub entities: usize,
    /// What is wrong, in the order of the files. Each has a place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// How many diagnostics have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|found| found.severity == severity).count()
    }
}

/// An entity that was found, for the checks between files.
struct Found {
    location: LocationRef,
    line: u32,
    entity: Box<ProcessedEntity>,
}

/// Checks the files one by one, and then against each other.
pub fn run(files: &[LocationRef], kinds: &Kinds, rules: &Rules, closed: bool) -> anyhow::Result<Report> {
    let mut report = Report { files: files.len(), ..Report::default() };
    let mut found: Vec<Found> = Vec::new();
    for location in files {
        let path = Path::new(location.target());
        let text = fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
        let parsed = ingest::parse(&text, location);
        let attachments: Attachments =
            parsed.attachments().into_iter().map(|request| (request.target.clone(), attach(&request, path))).collect();
        let urls = ScmUrls::default();
        let context = Context { location, origin: location, urls: &urls, kinds, rules };
        let processed = ingest::process(&parsed, &context, &attachments);
        report.diagnostics.extend(processed.diagnostics.into_iter().map(|d| placed(d, location, 1)));
        for document in processed.documents {
            match document {
                Document::Entity(mut entity) => {
                    let line = entity.line;
                    let warnings = std::mem::take(&mut entity.warnings);
                    report.diagnostics.extend(warnings.into_iter().map(|d| placed(d, location, line)));
                    found.push(Found { location: location.clone(), line, entity });
                }
                Document::Rejected(rejected) => {
                    let line = rejected.line;
                    report.diagnostics.extend(rejected.diagnostics.into_iter().map(|d| placed(d, location, line)));
                }
            }
        }
    }
    report.entities = found.len();
    let first = find_duplicates(&found, &mut report.diagnostics);
    if closed {
        find_dangling(&found, &first, &mut report.diagnostics);
    }
    // As one reads: file by file, from top to bottom.
    report.diagnostics.sort_by(|a, b| spot(a).cmp(&spot(b)));
    Ok(report)
}

fn spot(diagnostic: &Diagnostic) -> Option<(&str, u32, u32)> {
    diagnostic.place.as_ref().map(|place| (&*place.location, place.line, place.column))
}

/// A diagnostic without a place belongs to the first line of its document.
fn placed(mut diagnostic: Diagnostic, location: &LocationRef, line: u32) -> Diagnostic {
    diagnostic.place.get_or_insert_with(|| place_of(location, line));
    diagnostic
}

fn place_of(location: &LocationRef, line: u32) -> Place {
    let text = fs::read_to_string(location.target()).unwrap_or_default();
    let source_line = text.lines().nth(line.saturating_sub(1) as usize).map(str::to_owned);
    let end_column = source_line.as_ref().map_or(1, |text| text.chars().count() as u32 + 1);
    Place { location: location.as_str().into(), line, column: 1, end_line: line, end_column, source_line }
}

/// In a repository `$text: ./openapi.yaml` is read beside the file. Web addresses are out of reach here: they count as read.
fn attach(request: &AttachmentRequest, file: &Path) -> Result<Arc<[u8]>, AttachmentError> {
    if request.target.contains("://") {
        return Ok(Arc::from(&b"\"read from elsewhere\""[..]));
    }
    let path = file.parent().unwrap_or(Path::new(".")).join(&request.target);
    fs::read(&path).map(Arc::from).map_err(|error| {
        let message = format!("`{}` cannot be read: {error}", path.display());
        AttachmentError::Unreadable(ErrorChain::new("Error", message))
    })
}

/// Reports every entity that an earlier document defines already; gives the first definition of each.
fn find_duplicates<'a>(found: &'a [Found], diagnostics: &mut Vec<Diagnostic>) -> HashMap<&'a EntityRef, &'a Found> {
    let mut first: HashMap<&EntityRef, &Found> = HashMap::new();
    for item in found {
        let entity_ref = &item.entity.entity_ref;
        match first.get(entity_ref) {
            None => {
                first.insert(entity_ref, item);
            }
            Some(other) => {
                let duplicate = codes::duplicate_entity(entity_ref, &other.location, codes::Shown::Other);
                diagnostics.push(placed(duplicate, &item.location, item.line));
            }
        }
    }
    first
}

fn find_dangling(found: &[Found], known: &HashMap<&EntityRef, &Found>, diagnostics: &mut Vec<Diagnostic>) {
    for item in found {
        for relation in item.entity.relations.iter().filter(|relation| !known.contains_key(&relation.other)) {
            let dangling = codes::dangling_reference(None, &relation.other);
            diagnostics.push(placed(dangling, &item.location, item.line));
        }
    }
}
