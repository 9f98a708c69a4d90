//! Measures parsing and processing: `cargo run --release --example bench_ingest -- FOLDER` reads all YAML files of a folder
//! first and then works through them on one core.

use std::{path::PathBuf, time::Instant};

use ingest::{Attachments, Context, Document, Kinds, Rules, parse, process};
use model::{LocationRef, ScmUrls};

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("the folder to read is the first argument"));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be listed").path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let location = LocationRef::new("file", &path.display().to_string());
            files.push((location, std::fs::read(&path).expect("the file can be read")));
        }
    }
    let (kinds, rules, urls) = (Kinds::builtin(), Rules::allow_all(), ScmUrls::default());
    let origin = LocationRef::new("file", &folder.display().to_string());
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    let (mut entities, mut rejected, mut relations, mut body_bytes) = (0, 0, 0, 0);
    let (mut parsing, mut processing) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
    for (location, text) in &files {
        let start = Instant::now();
        let parsed = parse(text, location);
        parsing += start.elapsed();
        let start = Instant::now();
        let context = Context { location, origin: &origin, urls: &urls, kinds: &kinds, rules: &rules };
        let processed = process(&parsed, &context, &Attachments::new());
        processing += start.elapsed();
        for document in processed.documents {
            match document {
                Document::Entity(entity) => {
                    entities += 1;
                    relations += entity.relations.len();
                    body_bytes += entity.body.as_str().len();
                }
                Document::Rejected(_) => rejected += 1,
            }
        }
    }
    println!("{} files, {bytes} bytes: {entities} entities, {rejected} rejected, {relations} relations", files.len());
    println!("{body_bytes} bytes of JSON; parsing {parsing:?}, processing {processing:?}");
}
