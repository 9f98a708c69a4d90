//! Reading one file: observe, fetch what its placeholders name, process.

use std::sync::Arc;

use ingest::{AttachmentError, Attachments, Context, Document, ParsedFile, Processed};
use model::{Diagnostic, LocationRef};
use source::{Observation, RawDocument, ReadError, Version};
use store::{KnownFile, NewEntity, ReadFile, RejectedDocument};

use super::{
    Rooms,
    targets::{KnownNested, Outline},
};

/// What became of one file.
pub enum Seen {
    /// As before.
    Unchanged(Outline),
    /// Not readable now. The Locations that it held before are still walked.
    Failed { error: ReadError, known: Vec<KnownNested> },
    /// Read and processed.
    Read(Box<FreshFile>),
}

/// A file that was read just now.
pub struct FreshFile {
    /// What goes to the store. What the targets of its Locations gave is not known of yet.
    pub read: ReadFile,
    /// What is kept of it.
    pub outline: Outline,
}

/// Everything that reading a file depends on beside the file.
#[derive(Clone)]
pub struct Reading {
    /// The rooms.
    pub rooms: Rooms,
    /// The root's location.
    pub origin: LocationRef,
    /// See [`KnownFile::processing_hash`].
    pub processing_hash: u64,
}

impl Reading {
    /// Reads a file unless it is as `known`.
    pub async fn see(&self, location: &LocationRef, known: Option<KnownFile>) -> Seen {
        let outline = known.as_ref().and_then(|known| Outline::decode(&known.nested));
        let since = known
            .as_ref()
            .filter(|known| self.may_skip(known) && outline.is_some())
            .map(|known| Version { etag: known.etag.clone(), content_hash: known.content_hash });
        match self.rooms.reader.observe(location, since.as_ref()).await {
            Ok(Observation::Unchanged) => match outline {
                Some(outline) => Seen::Unchanged(outline),
                None => Seen::Failed { error: unasked(location), known: Vec::new() },
            },
            Ok(Observation::Full(raw)) => {
                // The text may be as it was, and be read for what it names or by new rules: no commit is behind that.
                let is_new_text = raw.version.content_hash != known.and_then(|known| known.content_hash);
                let revision =
                    async { if is_new_text { self.rooms.reader.find_revision(location).await } else { None } };
                let (mut fresh, revision) = tokio::join!(self.process(location, raw), revision);
                fresh.read.revision = revision;
                Seen::Read(fresh)
            }
            Err(error) => Seen::Failed { error, known: outline.map(|outline| outline.nested).unwrap_or_default() },
        }
    }

    /// Reads a file for a person, with its text.
    pub async fn see_with_text(&self, location: &LocationRef) -> Result<(FreshFile, Arc<[u8]>), ReadError> {
        match self.rooms.reader.observe(location, None).await? {
            Observation::Full(raw) => {
                let text = raw.content.clone();
                Ok((*self.process(location, raw).await, text))
            }
            Observation::Unchanged => Err(unasked(location)),
        }
    }

    /// Reads a file whatever is known of it.
    pub async fn see_afresh(&self, location: &LocationRef) -> Seen {
        match self.rooms.reader.observe(location, None).await {
            Ok(Observation::Unchanged) => Seen::Failed { error: unasked(location), known: Vec::new() },
            Ok(Observation::Full(raw)) => Seen::Read(self.process(location, raw).await),
            Err(error) => Seen::Failed { error, known: Vec::new() },
        }
    }

    fn may_skip(&self, known: &KnownFile) -> bool {
        known.processing_hash == self.processing_hash && known.self_contained
    }

    async fn process(&self, location: &LocationRef, raw: RawDocument) -> Box<FreshFile> {
        let RawDocument { content, version } = raw;
        let place = location.clone();
        let parsed = on_cpu(move || ingest::parse(&content, &place)).await;
        let attachments = self.fetch_attachments(location, &parsed).await;
        let self_contained = attachments.is_empty();
        let reading = self.clone();
        let place = location.clone();
        let processed = on_cpu(move || {
            let urls = reading.rooms.reader.scm_urls(&place);
            let context = Context {
                location: &place,
                origin: &reading.origin,
                urls: &urls,
                kinds: &reading.rooms.kinds,
                rules: &reading.rooms.rules,
            };
            ingest::process(&parsed, &context, &attachments)
        })
        .await;
        let known = KnownFile {
            location: location.clone(),
            etag: version.etag,
            content_hash: version.content_hash,
            processing_hash: self.processing_hash,
            nested: String::new(),
            self_contained,
        };
        Box::new(into_fresh(processed, known))
    }

    async fn fetch_attachments(&self, base: &LocationRef, parsed: &ParsedFile) -> Attachments {
        let mut attachments = Attachments::default();
        for request in parsed.attachments() {
            if attachments.contains_key(&request.target) {
                continue;
            }
            let fetched = self.fetch_attachment(base, &request.target).await;
            attachments.insert(request.target, fetched);
        }
        attachments
    }

    async fn fetch_attachment(&self, base: &LocationRef, target: &str) -> Result<Arc<[u8]>, AttachmentError> {
        let reader = &self.rooms.reader;
        let location = reader.resolve_attachment(base, target).map_err(AttachmentError::Unresolvable)?;
        match reader.observe(&location, None).await {
            Ok(Observation::Full(raw)) => Ok(raw.content),
            Ok(Observation::Unchanged) => Err(AttachmentError::Unreadable(unasked(&location).to_attachment_chain())),
            Err(error) => Err(AttachmentError::Unreadable(error.to_attachment_chain())),
        }
    }
}

/// What is wrong with a host that answers "not modified" although it was not asked whether.
fn unasked(location: &LocationRef) -> ReadError {
    let message = format!("{location} answered \"not modified\" to a first reading");
    ReadError::Failed { message, retry_after_ms: None }
}

/// Runs work that keeps a core busy beside the async workers.
async fn on_cpu<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn into_fresh(processed: Processed, mut known: KnownFile) -> FreshFile {
    let Processed { documents, diagnostics, location_error, .. } = processed;
    let mut entities = Vec::with_capacity(documents.len());
    let mut rejected = Vec::new();
    let mut nested = Vec::new();
    for document in documents {
        match document {
            Document::Entity(entity) => {
                let entity = *entity;
                if let Some(targets) = entity.nested {
                    nested.push(KnownNested::new(entity.entity_ref.clone(), targets));
                }
                entities.push(NewEntity {
                    entity_ref: entity.entity_ref,
                    body: entity.body,
                    relations: entity.relations,
                    line: entity.line,
                    warnings: entity.warnings,
                    errors: Vec::new(),
                    visible_despite_errors: false,
                });
            }
            Document::Rejected(document) => {
                let document = *document;
                rejected.push(RejectedDocument {
                    entity_ref: document.entity_ref,
                    diagnostics: document.diagnostics,
                    line: document.line,
                });
            }
        }
    }
    let outline = Outline { nested, has_entities: !entities.is_empty(), error: location_error };
    known.nested = outline.encode();
    FreshFile { read: ReadFile { known, revision: None, entities, rejected, diagnostics }, outline }
}

/// The diagnostics of a file that could not be read.
pub fn read_failure(error: &ReadError, location: &LocationRef) -> Vec<Diagnostic> {
    vec![ingest::codes::target_unreadable(location, &error.to_string(), error.to_chain(location))]
}
