//! Building the search structures of a segment: parts of it on all cores, each with a dictionary of its own, and these merged.

use std::{cmp::Reverse, collections::BinaryHeap, ops::Range};

use hashbrown::HashTable;

use crate::{
    join::in_parallel,
    search::{
        dictionary::{Dictionary, DictionaryWriter},
        fields::{SearchField, count_dependents, visit_values},
        matching::{Roles, popularity},
        words::{self, MAX_TOKEN},
    },
    segment::Segment,
};

/// How many documents a thread takes at a time. Fewer in tests, whose worlds are small.
const PART: u32 = if cfg!(test) { 5 } else { 16_384 };

/// What searches need to know of a segment.
#[derive(Debug)]
pub(crate) struct TextIndex {
    pub(crate) dictionary: Dictionary,
    /// What it is worth that others need a document.
    pub(crate) popularity: Vec<u8>,
    /// The lengths of the names: of equal matches the shorter name is meant more often.
    pub(crate) name_lengths: Vec<u8>,
}

/// A part on its way into an index.
struct Part {
    dictionary: Dictionary,
    /// The last document of each token.
    last_docs: Vec<u32>,
    popularity: Vec<u8>,
    name_lengths: Vec<u8>,
}

impl TextIndex {
    /// Reads all documents.
    pub(crate) fn build(segment: &Segment) -> Self {
        let starts = (0..segment.len()).step_by(PART as usize);
        let ranges = starts.map(|start| start..segment.len().min(start + PART)).collect();
        let mut parts: Vec<Part> = in_parallel(ranges, |range| build_part(segment, range));
        let popularity = parts.iter().flat_map(|part| part.popularity.iter().copied()).collect();
        let name_lengths = parts.iter().flat_map(|part| part.name_lengths.iter().copied()).collect();
        let dictionary = match parts.len() {
            0 => Dictionary::default(),
            1 => parts.remove(0).dictionary,
            _ => merge(&parts),
        };
        Self { dictionary, popularity, name_lengths }
    }
}

fn build_part(segment: &Segment, docs: Range<u32>) -> Part {
    let mut tokens = Tokens::default();
    let mut name_lengths = vec![0; docs.len()];
    visit_values(segment, docs.clone(), &mut |doc, field, text| {
        if field == SearchField::Name {
            name_lengths[(doc - docs.start) as usize] = text.len().min(255) as u8;
        }
        tokens.add_value(doc, field, text);
    });
    let popularity = count_dependents(segment, &docs).into_iter().map(popularity).collect();
    let (dictionary, last_docs) = tokens.finish();
    Part { dictionary, last_docs, popularity, name_lengths }
}

/// Collects tokens in any order.
#[derive(Default)]
struct Tokens {
    text: String,
    starts: Vec<u32>,
    numbers: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
    /// Token, document and roles.
    found: Vec<(u32, u32, Roles)>,
}

impl Tokens {
    fn add_value(&mut self, doc: u32, field: SearchField, text: &str) {
        if field == SearchField::Description {
            words::visit_words(text, &mut |word| self.add(&word.lower, doc, Roles::word(field)));
            return;
        }
        let found = words::words_of(text);
        for word in &found {
            self.add(&word.lower, doc, Roles::word(field));
        }
        let whole = words::lower(text);
        if !whole.is_empty() && whole.len() <= MAX_TOKEN {
            self.add(&whole, doc, Roles::whole(field));
        }
        if matches!(field, SearchField::Name | SearchField::Title)
            && let Some(initials) = words::initials(&found)
        {
            self.add(&initials, doc, Roles::INITIALS);
        }
        if field == SearchField::Name
            && let Some(squeezed) = words::squeezed(&found)
        {
            self.add(&squeezed, doc, Roles::SQUEEZED);
        }
    }

    fn add(&mut self, token: &str, doc: u32, roles: Roles) {
        use std::hash::BuildHasher as _;
        let Self { text, starts, numbers, hasher, found } = self;
        let known = |number: u32| text_of(text, starts, number);
        let hash = hasher.hash_one(token);
        let number = match numbers.find(hash, |number| known(*number) == token) {
            Some(number) => *number,
            None => {
                let number = starts.len() as u32;
                numbers.insert_unique(hash, number, |number| hasher.hash_one(known(*number)));
                starts.push(text.len() as u32);
                text.push_str(token);
                number
            }
        };
        found.push((number, doc, roles));
    }

    /// Gives the dictionary, and the last document of each of its tokens.
    fn finish(self) -> (Dictionary, Vec<u32>) {
        let Self { text, starts, found, .. } = self;
        let mut order: Vec<u32> = (0..starts.len() as u32).collect();
        order.sort_unstable_by_key(|number| text_of(&text, &starts, *number));
        let mut ends = vec![0u32; starts.len() + 1];
        found.iter().for_each(|(number, ..)| ends[*number as usize + 1] += 1);
        for number in 1..ends.len() {
            ends[number] += ends[number - 1];
        }
        // From here on an end is where the next entry of the number before goes.
        let mut lists = vec![(0u32, Roles(0)); found.len()];
        let mut next = ends.clone();
        for (number, doc, roles) in found {
            let slot = &mut next[number as usize];
            lists[*slot as usize] = (doc, roles);
            *slot += 1;
        }
        let mut writer = DictionaryWriter::default();
        let mut last_docs = Vec::with_capacity(order.len());
        for number in order {
            writer.begin_token(text_of(&text, &starts, number));
            let list = &mut lists[ends[number as usize] as usize..ends[number as usize + 1] as usize];
            // Nearly sorted: one run for each key that is searched.
            list.sort_by_key(|(doc, _)| *doc);
            for same in list.chunk_by(|a, b| a.0 == b.0) {
                writer.push(same[0].0, Roles(same.iter().fold(0, |all, (_, roles)| all | roles.0)));
            }
            last_docs.push(list.last().map_or(0, |(doc, _)| *doc));
        }
        (writer.finish(), last_docs)
    }
}

fn text_of<'t>(text: &'t str, starts: &[u32], number: u32) -> &'t str {
    let end = starts.get(number as usize + 1).map_or(text.len(), |start| *start as usize);
    &text[starts[number as usize] as usize..end]
}

/// Merges the dictionaries of parts whose documents follow each other.
fn merge(parts: &[Part]) -> Dictionary {
    let token_of = |part: usize, token: usize| {
        let dictionary = &parts[part].dictionary;
        (token < dictionary.len()).then(|| Reverse((dictionary.token(token), part, token)))
    };
    let mut heads: BinaryHeap<_> = (0..parts.len()).filter_map(|part| token_of(part, 0)).collect();
    let mut writer = DictionaryWriter::default();
    let mut newest: Option<&str> = None;
    while let Some(Reverse((text, part, token))) = heads.pop() {
        if newest != Some(text) {
            writer.begin_token(text);
            newest = Some(text);
        }
        writer.push_encoded(parts[part].dictionary.encoded(token), parts[part].last_docs[token]);
        heads.extend(token_of(part, token + 1));
    }
    writer.finish()
}
