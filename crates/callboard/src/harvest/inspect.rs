//! A look at a location for a person who is about to register it: every file, every entity and every problem, with the lines
//! around each spot. Nothing is stored, and what fails does not hide the rest.

use std::collections::{HashSet, VecDeque};

use model::{Diagnostic, EntityRef, LocationRef, Presence};
use source::ReadError;
use web::{InspectedEntity, InspectedFile, InspectedProblem, Inspection, SourceLine};

use super::{
    Rooms,
    file::{FreshFile, Reading, read_failure},
    targets::{Target, list_files},
};

/// How many files are looked at; a person who waits wants an answer.
const MAX_FILES: usize = 200;
/// How many lines are shown above and below a spot.
const LINES_AROUND: u32 = 3;
/// How many lines of a long spot are shown.
const LINES_OF_SPOT: u32 = 6;
/// Lines are cut to this many characters.
const LONGEST_LINE: usize = 400;

/// Reads and processes a location as a harvest would.
pub async fn inspect(rooms: &Rooms, location: &LocationRef) -> Inspection {
    let mut walk = Walk {
        reading: Reading { rooms: rooms.clone(), origin: location.clone(), processing_hash: 0 },
        seen: HashSet::new(),
        found: Inspection::default(),
    };
    let root = store::generated_ref(location);
    let first =
        Target { location: location.clone(), presence: Presence::Required, parent: root.clone(), is_root: true };
    let mut targets = VecDeque::from([first]);
    while let Some(target) = targets.pop_front() {
        let named_by = (target.parent != root).then(|| target.parent.clone());
        let more = walk.visit(&target, named_by).await;
        targets.extend(more);
        if walk.found.is_cut {
            break;
        }
    }
    walk.found
}

struct Walk {
    reading: Reading,
    seen: HashSet<LocationRef>,
    found: Inspection,
}

impl Walk {
    /// Looks at the files of a target; gives the targets that these name.
    async fn visit(&mut self, target: &Target, named_by: Option<EntityRef>) -> Vec<Target> {
        let files = match list_files(&self.reading.rooms.reader, target).await {
            Ok(files) => files,
            Err(error) => {
                self.note_failure(&target.location, target.presence, named_by, &error);
                return Vec::new();
            }
        };
        let mut targets = Vec::new();
        for file in files {
            if !self.seen.insert(file.clone()) {
                continue;
            }
            if self.seen.len() > MAX_FILES {
                self.found.is_cut = true;
                break;
            }
            match self.reading.see_with_text(&file).await {
                Ok((fresh, text)) => targets.extend(self.note_file(&file, named_by.clone(), &fresh, &text)),
                Err(error) => self.note_failure(&file, target.presence, named_by.clone(), &error),
            }
        }
        targets
    }

    fn note_failure(
        &mut self,
        location: &LocationRef,
        presence: Presence,
        named_by: Option<EntityRef>,
        error: &ReadError,
    ) {
        if presence == Presence::Optional && matches!(error, ReadError::NotFound(_)) {
            return;
        }
        let mut diagnostics = match error {
            ReadError::NotFound(_) => vec![ingest::codes::target_not_found(location, error.to_chain(location))],
            error => read_failure(error, location),
        };
        for diagnostic in &mut diagnostics {
            diagnostic.help = help_for(error, named_by.is_none()).or(diagnostic.help.take());
        }
        let problem = |diagnostic| InspectedProblem { entity_ref: None, diagnostic, lines: Vec::new() };
        self.found.files.push(InspectedFile {
            location: location.clone(),
            view_url: self.reading.rooms.reader.scm_urls(location).view,
            named_by,
            is_read: false,
            entities: Vec::new(),
            problems: diagnostics.into_iter().map(problem).collect(),
        });
    }

    fn note_file(
        &mut self,
        location: &LocationRef,
        named_by: Option<EntityRef>,
        fresh: &FreshFile,
        text: &[u8],
    ) -> Vec<Target> {
        let text = String::from_utf8_lossy(text);
        let lines: Vec<&str> = text.lines().collect();
        let mut problems = if is_web_page(&text) { vec![web_page_problem()] } else { problems_of(fresh, &lines) };
        let mut targets = Vec::new();
        for nested in &fresh.outline.nested {
            let (more, errors) = nested.resolve(&self.reading.rooms.reader, location, &["url".to_owned()]);
            targets.extend(more);
            for error in errors {
                let diagnostic = ingest::codes::target_unreadable(location, &error.message.clone(), error);
                let entity_ref = Some(nested.entity_ref.clone());
                problems.push(InspectedProblem { entity_ref, diagnostic, lines: Vec::new() });
            }
        }
        let entities = fresh.read.entities.iter().map(|entity| InspectedEntity {
            entity_ref: entity.entity_ref.clone(),
            body: entity.body.as_str().to_owned(),
            line: entity.line,
        });
        self.found.files.push(InspectedFile {
            location: location.clone(),
            view_url: self.reading.rooms.reader.scm_urls(location).view,
            named_by,
            is_read: true,
            entities: entities.collect(),
            problems,
        });
        targets
    }
}

/// What to do about a failure, where it depends on who named the address.
fn help_for(error: &ReadError, is_asked_for: bool) -> Option<String> {
    let help = match error {
        ReadError::NotFound(_) if is_asked_for => {
            "check branch and path; a private repository also needs a token in `integrations` that may see it"
        }
        ReadError::NotAllowed(_) => "this is for those who run the server: the keys stand in its configuration",
        _ => return None,
    };
    Some(help.to_owned())
}

/// A page of a website in place of a file: the one mistake with addresses that gives a hundred errors.
fn is_web_page(text: &str) -> bool {
    let start: String = text.trim_start_matches('\u{feff}').trim_start().chars().take(15).collect();
    let start = start.to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

fn web_page_problem() -> InspectedProblem {
    let diagnostic = Diagnostic {
        help: Some(
            "name the file itself, such as `https://github.com/acme/shop/blob/main/catalog-info.yaml`".to_owned(),
        ),
        ..ingest::codes::diagnostic(ingest::codes::NOT_AN_OBJECT, "this is a page of a website, not a descriptor")
    };
    InspectedProblem { entity_ref: None, diagnostic, lines: Vec::new() }
}

/// All diagnostics of a file, in order of place, with their lines where the file is meant to be a descriptor: what else the
/// server may read is nobody's business.
fn problems_of(fresh: &FreshFile, lines: &[&str]) -> Vec<InspectedProblem> {
    let is_descriptor = lines.iter().any(|line| line.starts_with("apiVersion:") || line.contains("\"apiVersion\""));
    let lines = if is_descriptor { lines } else { &[] };
    let of_file = fresh.read.diagnostics.iter().map(|diagnostic| (None, diagnostic));
    let of_rejected =
        fresh.read.rejected.iter().flat_map(|document| {
            document.diagnostics.iter().map(|diagnostic| (document.entity_ref.clone(), diagnostic))
        });
    let of_healthy = fresh
        .read
        .entities
        .iter()
        .flat_map(|entity| entity.warnings.iter().map(|diagnostic| (Some(entity.entity_ref.clone()), diagnostic)));
    let problem = |(entity_ref, diagnostic): (Option<EntityRef>, &Diagnostic)| InspectedProblem {
        entity_ref,
        lines: lines_around(diagnostic, lines),
        diagnostic: diagnostic.clone(),
    };
    let mut problems: Vec<InspectedProblem> = of_file.chain(of_rejected).chain(of_healthy).map(problem).collect();
    problems.sort_by_key(|problem| problem.diagnostic.place.as_ref().map_or((0, 0), |p| (p.line, p.column)));
    problems
}

fn lines_around(diagnostic: &Diagnostic, lines: &[&str]) -> Vec<SourceLine> {
    let Some(place) = &diagnostic.place else { return Vec::new() };
    let first = place.line.saturating_sub(LINES_AROUND).max(1);
    let last = place.end_line.min(place.line.saturating_add(LINES_OF_SPOT)).saturating_add(LINES_AROUND);
    let numbered = (1u32..).zip(lines).skip_while(|(number, _)| *number < first);
    numbered
        .take_while(|(number, _)| *number <= last)
        .map(|(number, text)| SourceLine {
            number,
            text: text.trim_start_matches('\u{feff}').chars().take(LONGEST_LINE).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use model::{Code, Place, Severity};

    use super::*;

    fn shown(line: u32, end_line: u32) -> Vec<u32> {
        let text: Vec<String> = (1..=20).map(|n| format!("line {n}")).collect();
        let lines: Vec<&str> = text.iter().map(String::as_str).collect();
        let place = Place { location: "url:x".into(), line, column: 1, end_line, end_column: 1, source_line: None };
        let diagnostic = Diagnostic {
            code: Code("E0103".into()),
            severity: Severity::Error,
            message: String::new(),
            help: None,
            place: Some(place),
            field: None,
            error: None,
        };
        let lines = lines_around(&diagnostic, &lines);
        assert!(lines.iter().all(|line| line.text == format!("line {}", line.number)));
        lines.iter().map(|line| line.number).collect()
    }

    #[test]
    fn a_page_of_a_website_is_told_from_a_descriptor() {
        assert!(is_web_page("\n<!DOCTYPE html>\n<html>"));
        assert!(is_web_page("<HTML lang=en>"));
        assert!(!is_web_page("apiVersion: backstage.io/v1alpha1"));
    }

    #[test]
    fn shows_some_lines_around_a_spot_and_no_more() {
        assert_eq!(shown(10, 10), [7, 8, 9, 10, 11, 12, 13]);
        assert_eq!(shown(1, 2), [1, 2, 3, 4, 5]);
        assert_eq!(shown(20, 20), [17, 18, 19, 20]);
        assert_eq!(shown(5, 19), (2..=14).collect::<Vec<_>>(), "a long spot is cut");
        assert_eq!(shown(99, 99), Vec::<u32>::new());
    }
}
