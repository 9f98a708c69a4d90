//! The answers to the newest substring searches in a column. Whoever searches asks the same again at once: for the next page,
//! for the facets beside it, for the count.

use std::sync::{Mutex, TryLockError};

use crate::docset::DocSet;

/// How many answers are kept; each takes at most one bit per document of the segment, or a short list.
const KEPT: usize = 8;

/// The newest answers, newest last. Nobody waits for it: who finds it in use does without.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<Vec<(String, DocSet<'static>)>>);

impl Recent {
    /// Finds the documents for a term, or finds them out and keeps them.
    pub(crate) fn find_or(&self, term: &str, find: impl FnOnce() -> DocSet<'static>) -> DocSet<'static> {
        if let Some(known) = self.with(|kept| {
            let at = kept.iter().position(|(known, _)| known == term)?;
            let newest = kept.remove(at);
            kept.push(newest.clone());
            Some(newest.1)
        }) {
            return known;
        }
        let found = find();
        self.with(|kept| {
            if kept.len() == KEPT {
                kept.remove(0);
            }
            kept.push((term.to_owned(), found.clone()));
            Some(())
        });
        found
    }

    fn with<R>(&self, act: impl FnOnce(&mut Vec<(String, DocSet<'static>)>) -> Option<R>) -> Option<R> {
        match self.0.try_lock() {
            Ok(mut kept) => act(&mut kept),
            Err(TryLockError::Poisoned(poisoned)) => act(&mut poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl Clone for Recent {
    /// A copy starts without answers.
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn list(docs: &[u32]) -> DocSet<'static> {
        DocSet::Sparse(Cow::Owned(docs.to_vec()))
    }

    #[test]
    fn keeps_the_newest_answers() {
        let recent = Recent::default();
        let asked = |term: &str, docs: &[u32]| recent.find_or(term, || list(docs)).count(100);
        assert_eq!(asked("a", &[1]), 1);
        assert_eq!(asked("a", &[1, 2]), 1, "the first answer is kept");
        (0..KEPT - 1).for_each(|n| assert_eq!(asked(&n.to_string(), &[]), 0));
        assert_eq!(asked("a", &[1, 2]), 1, "and is the newest now");
        assert_eq!(asked("b", &[]), 0);
        assert_eq!(asked("0", &[1, 2, 3]), 3, "the oldest went");
    }

    #[test]
    fn does_without_while_it_is_in_use() {
        let recent = Recent::default();
        let _in_use = recent.0.lock().unwrap();
        assert_eq!(recent.find_or("a", || list(&[1])).count(100), 1);
    }
}
