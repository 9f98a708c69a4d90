//! The contents of a pack, written small: a column for each fact, numbers instead of references, and what often occurs once.
//!
//! The page's script (`assets/10-contents.js`) reads exactly this.

use std::{collections::HashMap, io::Write as _};

use base64::Engine as _;
use flate2::{Compression, write::GzEncoder};
use model::Seq;
use serde::Serialize;

use crate::{
    About, PackError,
    gather::{Entity, Gathered},
};

/// The form of the contents; a page only reads those of its own making.
const FORM: u32 = 1;

#[derive(Serialize)]
struct Contents<'a> {
    form: u32,
    seq: u64,
    portal: &'a str,
    organization: Option<&'a str>,
    base: &'a str,
    version: &'a str,
    /// As written, and in the plural.
    kinds: &'a [(String, String)],
    /// Every text that stands for a number below.
    words: Vec<&'a str>,
    kind: Vec<u32>,
    namespace: Vec<u32>,
    name: Vec<&'a str>,
    title: Vec<&'a str>,
    description: Vec<&'a str>,
    r#type: Vec<u32>,
    lifecycle: Vec<u32>,
    tags: Vec<Vec<u32>>,
    /// (entity, address)
    mail: Vec<(usize, &'a str)>,
    declared: Vec<(usize, &'a str)>,
    journeys: Vec<usize>,
    links: Links<'a>,
    missing: Vec<&'a str>,
    edges: Vec<(&'a str, Vec<u32>, Vec<u32>)>,
    qualities: Vec<(u32, u32, u8, &'a str, &'a [u32])>,
}

/// One column for each part of a link.
#[derive(Default, Serialize)]
struct Links<'a> {
    of: Vec<usize>,
    purpose: Vec<u32>,
    label: Vec<u32>,
    href: Vec<&'a str>,
    value: Vec<&'a str>,
}

/// The texts that occur more than once.
struct Words<'a> {
    known: HashMap<&'a str, u32>,
    all: Vec<&'a str>,
}

impl<'a> Words<'a> {
    /// The first word is the empty one.
    fn new() -> Self {
        Self { known: HashMap::from([("", 0)]), all: vec![""] }
    }

    fn number(&mut self, word: &'a str) -> u32 {
        *self.known.entry(word).or_insert_with(|| {
            self.all.push(word);
            u32::try_from(self.all.len() - 1).expect("there are fewer than four billion words")
        })
    }
}

/// Writes the contents: JSON, compressed, in letters.
///
/// # Errors
/// When they cannot be written or compressed.
pub(crate) fn write(gathered: &Gathered, about: &About, seq: Seq) -> Result<String, PackError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    serde_json::to_writer(std::io::BufWriter::new(&mut encoder), &contents(gathered, about, seq))?;
    encoder.flush()?;
    Ok(base64::engine::general_purpose::STANDARD.encode(encoder.finish()?))
}

fn contents<'a>(gathered: &'a Gathered, about: &'a About, seq: Seq) -> Contents<'a> {
    let entities = &gathered.entities;
    let mut words = Words::new();
    let texts = |of: fn(&Entity) -> &str| entities.iter().map(of).collect::<Vec<_>>();
    let rare = |of: fn(&Entity) -> &str| {
        let all = entities.iter().map(of).enumerate();
        all.filter(|(_, text)| !text.is_empty()).collect::<Vec<_>>()
    };
    let mut numbers = |of: fn(&Entity) -> &str| entities.iter().map(|one| words.number(of(one))).collect::<Vec<_>>();
    let (kind, namespace) = (numbers(|one| &one.kind), numbers(|one| one.entity_ref.namespace()));
    let (r#type, lifecycle) = (numbers(|one| &one.entity_type), numbers(|one| &one.lifecycle));
    let tags = entities.iter().map(|one| one.tags.iter().map(|tag| words.number(tag)).collect()).collect();
    let links = links(entities, &mut words);
    let journeys = entities.iter().enumerate().filter(|(_, one)| one.is_journey).map(|(number, _)| number).collect();
    Contents {
        form: FORM,
        seq: seq.0,
        portal: &about.portal,
        organization: about.organization.as_deref(),
        base: &about.base_url,
        version: &about.version,
        kinds: &about.kinds,
        words: words.all,
        kind,
        namespace,
        name: texts(|one| &one.name),
        title: texts(|one| &one.title),
        description: texts(|one| &one.description),
        r#type,
        lifecycle,
        tags,
        mail: rare(|one| &one.mail),
        declared: rare(|one| &one.declared_at),
        journeys,
        links,
        missing: gathered.missing.iter().map(model::EntityRef::as_str).collect(),
        edges: edges(gathered),
        qualities: qualities(gathered),
    }
}

fn links<'a>(entities: &'a [Entity], words: &mut Words<'a>) -> Links<'a> {
    let mut links = Links::default();
    for (number, entity) in entities.iter().enumerate() {
        for link in &entity.links {
            links.of.push(number);
            links.purpose.push(words.number(&link.purpose));
            links.label.push(words.number(&link.label));
            links.href.push(link.href.as_deref().unwrap_or_default());
            links.value.push(link.value.as_deref().unwrap_or_default());
        }
    }
    links
}

/// Each `from` as its distance from the one before, which is small.
fn edges(gathered: &Gathered) -> Vec<(&str, Vec<u32>, Vec<u32>)> {
    let mut written = Vec::with_capacity(gathered.edges.len());
    for (relation, pairs) in &gathered.edges {
        let mut before = 0;
        let (mut steps, mut to) = (Vec::with_capacity(pairs.len()), Vec::with_capacity(pairs.len()));
        for (from, other) in pairs {
            steps.push(from - before);
            to.push(*other);
            before = *from;
        }
        written.push((relation.as_str(), steps, to));
    }
    written
}

fn qualities(gathered: &Gathered) -> Vec<(u32, u32, u8, &str, &[u32])> {
    let all = gathered.qualities.iter();
    all.map(|one| (one.from, one.to, u8::from(one.is_soft), one.delay.as_str(), one.redundant_with.as_slice()))
        .collect()
}
