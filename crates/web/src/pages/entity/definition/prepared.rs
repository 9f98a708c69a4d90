//! Outlines and coloured sources of definitions, made once for each text and kept while there is room. They are made on
//! threads of their own, as a large definition takes a while.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use definitions::Outline;
use tokio::task::spawn_blocking;
use xxhash_rust::xxh3::Xxh3;

use crate::pages::code::CodeFrame;

/// How many bytes of definitions have their outlines kept.
const OUTLINE_BYTES: usize = 64 << 20;
/// How many bytes of coloured source are kept.
const SOURCE_BYTES: usize = 16 << 20;
/// What a list may spend on outlines that nobody has made yet, in bytes of definitions.
const LIST_BYTES: usize = 4 << 20;

static OUTLINES: LazyLock<Mutex<Kept<Outline>>> = LazyLock::new(|| Mutex::new(Kept::new(OUTLINE_BYTES)));
static SOURCES: LazyLock<Mutex<Kept<CodeFrame>>> = LazyLock::new(|| Mutex::new(Kept::new(SOURCE_BYTES)));

/// Returns the outline of a definition.
pub(in crate::pages) async fn outline(api_type: &str, text: &str) -> Arc<Outline> {
    let key = key_of(api_type, text);
    if let Some(known) = find(&OUTLINES, key) {
        return known;
    }
    let (api_type, text) = (api_type.to_owned(), text.to_owned());
    let made = spawn_blocking(move || keep_outline(key, &api_type, &text)).await;
    made.expect("reading a definition never panics")
}

/// Returns the source of a definition, coloured.
pub(super) async fn source(label: &str, language: &'static str, text: &str) -> Arc<CodeFrame> {
    let key = key_of(&format!("{label}\n{language}"), text);
    if let Some(known) = find(&SOURCES, key) {
        return known;
    }
    let (label, text) = (label.to_owned(), text.to_owned());
    let made = spawn_blocking(move || {
        let frame = Arc::new(CodeFrame::new(label, language, "source", &text));
        let weight = frame.lines.iter().map(String::len).sum();
        lock(&SOURCES).keep(key, frame.clone(), weight);
        frame
    });
    made.await.expect("colouring a text never panics")
}

/// Counts the operations of several definitions, each given with its type. `None` where there is no outline, or where making
/// it would keep the list waiting.
pub(in crate::pages) async fn count_operations(definitions: Vec<(String, String)>) -> Vec<Option<u64>> {
    let counted = spawn_blocking(move || {
        let mut left = LIST_BYTES;
        let count = |(api_type, text): &(String, String)| {
            let key = key_of(api_type, text);
            let known = match find(&OUTLINES, key) {
                Some(known) => known,
                None => {
                    left = left.checked_sub(text.len())?;
                    keep_outline(key, api_type, text)
                }
            };
            (!matches!(*known, Outline::Source(_))).then(|| known.entries().len() as u64)
        };
        definitions.iter().map(count).collect()
    });
    counted.await.expect("reading a definition never panics")
}

fn keep_outline(key: u128, api_type: &str, text: &str) -> Arc<Outline> {
    let outline = Arc::new(definitions::outline(api_type, text));
    // An outline is about as large as what it was made from.
    lock(&OUTLINES).keep(key, outline.clone(), text.len() + 1024);
    outline
}

fn key_of(what: &str, text: &str) -> u128 {
    let mut hasher = Xxh3::new();
    hasher.update(what.as_bytes());
    hasher.update(&[0]);
    hasher.update(text.as_bytes());
    hasher.digest128()
}

fn lock<T>(kept: &Mutex<Kept<T>>) -> std::sync::MutexGuard<'_, Kept<T>> {
    // Nothing is left half done in there, whoever panics.
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find<T>(kept: &Mutex<Kept<T>>, key: u128) -> Option<Arc<T>> {
    lock(kept).find(key)
}

/// Values by the hash of what they were made from, those that were asked for longest ago going first.
struct Kept<T> {
    values: HashMap<u128, Value<T>>,
    room: usize,
    weight: usize,
    tick: u64,
}

struct Value<T> {
    value: Arc<T>,
    weight: usize,
    used: u64,
}

impl<T> Kept<T> {
    fn new(room: usize) -> Self {
        Self { values: HashMap::new(), room, weight: 0, tick: 0 }
    }

    fn find(&mut self, key: u128) -> Option<Arc<T>> {
        self.tick += 1;
        let found = self.values.get_mut(&key)?;
        found.used = self.tick;
        Some(found.value.clone())
    }

    fn keep(&mut self, key: u128, value: Arc<T>, weight: usize) {
        if weight > self.room / 2 {
            return;
        }
        self.tick += 1;
        if let Some(before) = self.values.insert(key, Value { value, weight, used: self.tick }) {
            self.weight -= before.weight;
        }
        self.weight += weight;
        if self.weight > self.room {
            self.make_room();
        }
    }

    /// Drops the older half, so that this is seldom done.
    fn make_room(&mut self) {
        let mut by_age: Vec<(u64, u128)> = self.values.iter().map(|(key, value)| (value.used, *key)).collect();
        by_age.sort_unstable();
        for (_, key) in by_age {
            if self.weight <= self.room / 2 {
                break;
            }
            if let Some(dropped) = self.values.remove(&key) {
                self.weight -= dropped.weight;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_longest_ago_goes_first() {
        let mut kept = Kept::new(100);
        for key in 0..10 {
            kept.keep(key, Arc::new(key), 10);
        }
        assert!(kept.find(0).is_some());
        kept.keep(10, Arc::new(10), 10);
        assert!(kept.find(0).is_some() && kept.find(10).is_some());
        assert!(kept.find(1).is_none() && kept.weight <= 50);
    }

    #[test]
    fn a_value_that_would_push_all_others_out_is_not_kept() {
        let mut kept = Kept::new(100);
        kept.keep(1, Arc::new(()), 51);
        assert!(kept.find(1).is_none());
        kept.keep(2, Arc::new(()), 10);
        kept.keep(2, Arc::new(()), 20);
        assert_eq!(kept.weight, 20);
    }
}
