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
            let mut line = format!("harvested {entities} entities in {files} files from {}", root.location);
            if *rejected > 0 {
                line.push_str(&format!("; {rejected} documents have errors"));
            }
            if *failures > 0 {
                line.push_str(&format!("; {failures} targets could not be read"));
            }
            line
        }
        Err(error) => format!("{} could not be stored: {}", root.location, super::chain_text(error)),
    }
}
