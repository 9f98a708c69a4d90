//! What changed lately, told in lines. Many changes of one moment and cause, such as a first reading, are one line.

use askama::{Template, filters::HtmlSafe};
use auth::ToldChange;
use model::{ChangeKind, Timestamp};

use super::{icon::Icon, link::EntityLink, moment::Moment};
use crate::View;

/// Changes, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/timeline.html")]
pub(crate) struct Timeline {
    pub(crate) entries: Vec<Entry>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: Moment,
    pub(crate) icon: Icon,
    /// What happened: "added", "changed", "removed".
    pub(crate) what: &'static str,
    pub(crate) entity: EntityLink,
    /// How many others it happened to at once.
    pub(crate) others: usize,
    /// What differs, in words.
    pub(crate) facts: Vec<String>,
    /// The commit or the person behind it.
    pub(crate) cause: Option<String>,
}

/// Changes of one kind and cause that are no further apart are told together.
const AT_ONCE_MS: i64 = 60_000;
/// How many differences of one change are told.
const MOST_FACTS: usize = 4;

impl Timeline {
    /// Tells changes that are in order, newest first, in at most `most` lines.
    pub(crate) fn of(view: &View, changes: &[ToldChange], now: Timestamp, most: usize) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        let mut last: Option<&ToldChange> = None;
        for change in changes {
            let joins = last.is_some_and(|last| {
                change.kind != ChangeKind::Changed && last.kind == change.kind && last.at.0 - change.at.0 < AT_ONCE_MS
            });
            last = Some(change);
            let is_full = entries.len() == most;
            match entries.last_mut() {
                Some(entry) if joins => entry.others += 1,
                _ if is_full => break,
                _ => entries.push(entry(view, change, now)),
            }
        }
        Self { entries }
    }
}

fn entry(view: &View, change: &ToldChange, now: Timestamp) -> Entry {
    let (what, icon) = match change.kind {
        ChangeKind::Added => ("added", Icon("plus")),
        ChangeKind::Changed => ("changed", Icon("pencil")),
        ChangeKind::Removed => ("removed", Icon("minus")),
    };
    let mut facts: Vec<String> = change.facts.iter().map(ToString::to_string).collect();
    let more = facts.len().saturating_sub(MOST_FACTS);
    facts.truncate(MOST_FACTS);
    if more > 0 {
        facts.push(format!("{more} more"));
    }
    Entry {
        at: Moment { at: change.at, now },
        icon,
        what,
        entity: EntityLink::to(view, &change.entity_ref),
        others: 0,
        facts,
        cause: change.cause.in_short(),
    }
}

impl HtmlSafe for Timeline {}
