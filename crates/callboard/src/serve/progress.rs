//! Showing a harvest: a bar on a terminal, plain lines elsewhere.

use std::{
    collections::HashMap,
    io::IsTerminal,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use model::Uid;
use store::{Root, StoreError};

use crate::harvest::{Progress, WalkSummary};

/// Chooses how to show harvests: a bar when a person looks at standard error, lines otherwise.
pub fn for_terminal(wanted: bool) -> Arc<dyn Progress> {
    if wanted && std::io::stderr().is_terminal() { Arc::new(Bars::default()) } else { Arc::new(Lines) }
}

/// One bar for each root that is being read for the first time.
#[derive(Default)]
struct Bars {
    all: MultiProgress,
    bars: Mutex<HashMap<Uid, ProgressBar>>,
}

impl Progress for Bars {
    fn started(&self, root: &Root) {
        if root.last_tried_at.is_some() {
            return;
        }
        let style =
            ProgressStyle::with_template("{spinner} {prefix} {bar:30} {pos}/{len} files, {msg} entities {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = self
            .all
            .add(ProgressBar::new(1).with_style(style).with_prefix(root.location.to_string()).with_message("0"));
        bar.enable_steady_tick(Duration::from_millis(200));
        self.bars.lock().unwrap_or_else(PoisonError::into_inner).insert(root.id, bar);
    }

    fn advanced(&self, root: &Root, files: u64, of: u64, entities: u64) {
        if let Some(bar) = self.bars.lock().unwrap_or_else(PoisonError::into_inner).get(&root.id) {
            bar.set_length(of);
            bar.set_position(files);
            bar.set_message(entities.to_string());
        }
    }

    fn finished(&self, root: &Root, result: &Result<WalkSummary, StoreError>) {
        let Some(bar) = self.bars.lock().unwrap_or_else(PoisonError::into_inner).remove(&root.id) else { return };
        bar.finish_and_clear();
        // A terminal that is gone is no reason to stop.
        let _shown = self.all.println(summary_line(root, result));
    }
}

/// A line for each root that was read for the first time; the log has the rest.
struct Lines;

impl Progress for Lines {
    fn started(&self, _root: &Root) {}

    fn advanced(&self, _root: &Root, _files: u64, _of: u64, _entities: u64) {}

    fn finished(&self, root: &Root, result: &Result<WalkSummary, StoreError>) {
        if root.last_tried_at.is_none() {
            tracing::info!("{}", summary_line(root, result));
        }
    }
}

fn summary_line(root: &Root, result: &Result<WalkSummary, StoreError>) -> String {
    match result {
        Ok(summary) => {
            let WalkSummary { files, entities, rejected, failures, .. } = summary;
            let mut line = format!(
                "harvested {} in {} from {}",
                counted(*entities, "entity", "entities"),
                counted(*files, "file", "files"),
                root.location
            );
            match rejected {
                0 => {}
                1 => line.push_str("; 1 document has errors"),
                many => line.push_str(&format!("; {many} documents have errors")),
            }
            if *failures > 0 {
                line.push_str(&format!("; {} could not be read", counted(*failures, "target", "targets")));
            }
            if *entities == 0 && *files == 0 && *failures == 0 {
                line.push_str(
                    "; a folder is searched for catalog-info.yaml, .backstage/ and files of a known apiVersion",
                );
            }
            line
        }
        Err(error) => format!("{} could not be stored: {}", root.location, super::chain_text(error)),
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use model::{EntityRef, LocationRef, Timestamp};
    use store::RootOrigin;

    use super::*;

    fn line(summary: WalkSummary) -> String {
        let root = Root {
            id: Uid(1),
            location: LocationRef::new("file", "/x"),
            entity_ref: EntityRef::new("location", "default", "x"),
            origin: RootOrigin::Config,
            due_at: Timestamp(0),
            last_ok_at: None,
            last_tried_at: None,
            last_error: None,
            entities: 0,
        };
        summary_line(&root, &Ok(summary))
    }

    #[test]
    fn counts_are_said_in_words_that_fit() {
        let summary = WalkSummary { files: 1, entities: 1, rejected: 1, failures: 1, ..WalkSummary::default() };
        assert_eq!(
            line(summary),
            "harvested 1 entity in 1 file from file:/x; 1 document has errors; 1 target could not be read"
        );
        assert_eq!(
            line(WalkSummary { files: 2, entities: 3, ..WalkSummary::default() }),
            "harvested 3 entities in 2 files from file:/x"
        );
    }

    #[test]
    fn an_empty_folder_says_what_is_looked_for() {
        assert!(line(WalkSummary::default()).contains("catalog-info.yaml"));
    }
}
