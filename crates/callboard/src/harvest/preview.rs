//! A dry run: reads and processes a location without storing anything.

use std::collections::HashSet;

use ingest::{Attachments, Context, Document, Rules};
use model::{ErrorChain, LocationRef, Presence};

use super::{
    Rooms,
    file::{Reading, Seen},
    root_entity,
    targets::{KnownNested, Target, list_files},
};

/// How many files a dry run reads at most.
const MAX_FILES: usize = 1_000;

/// Reads a location as a harvest would and returns the bodies of its entities: the Location itself first, then the
/// children in reverse order, as Backstage lists them.
///
/// # Errors
/// The first error that any target or document has.
pub async fn preview(rooms: &Rooms, location: &LocationRef) -> Result<Vec<String>, ErrorChain> {
    let reading = Reading { rooms: rooms.clone(), origin: location.clone(), processing_hash: 0 };
    let root = root_entity::build_named(&rooms.reader, &rooms.kinds, location, store::generated_ref(location).name())
        .ok_or_else(|| ErrorChain::new("InputError", format!("{location} cannot be a location")))?;
    let mut targets = vec![Target {
        location: location.clone(),
        presence: Presence::Required,
        parent: root.entity_ref.clone(),
        is_root: false,
    }];
    let mut bodies = Vec::new();
    let mut seen = HashSet::new();
    while let Some(target) = targets.pop() {
        let files = match list_files(&rooms.reader, &target).await {
            Ok(files) => files,
            Err(source::ReadError::NotFound(_)) if target.presence == Presence::Optional => continue,
            Err(error) => return Err(error.to_chain(&target.location)),
        };
        for file in files {
            if !seen.insert(file.clone()) {
                continue;
            }
            if seen.len() > MAX_FILES {
                let message = format!("the location names more than {MAX_FILES} files; register it without a dry run");
                return Err(ErrorChain::new("InputError", message));
            }
            match reading.see_afresh(&file).await {
                Seen::Read(fresh) => read_one(rooms, *fresh, &file, &mut bodies, &mut targets)?,
                Seen::Failed { error: source::ReadError::NotFound(_), .. } if target.presence == Presence::Optional => {
                }
                Seen::Failed { error, .. } => return Err(error.to_chain(&file)),
                Seen::Unchanged(_) => {}
            }
        }
    }
    bodies.push(root.body.as_str().to_owned());
    bodies.reverse();
    Ok(bodies)
}

/// Reads the targets of a Location entity that is being validated; returns the first fault.
pub async fn check_targets(rooms: &Rooms, entity: &serde_json::Value, location: &LocationRef) -> Option<ErrorChain> {
    let parsed = ingest::parse(entity.to_string().as_bytes(), location);
    let urls = rooms.reader.scm_urls(location);
    let context = Context { location, origin: location, urls: &urls, kinds: &rooms.kinds, rules: &Rules::allow_all() };
    let processed = ingest::process(&parsed, &context, &Attachments::default());
    for document in processed.documents {
        let Document::Entity(entity) = document else { continue };
        let Some(nested) = entity.nested else { continue };
        let (targets, errors) =
            KnownNested::new(entity.entity_ref, nested).resolve(&rooms.reader, location, &["url".to_owned()]);
        if let Some(error) = errors.into_iter().next() {
            return Some(error);
        }
        for target in targets {
            if let Some(error) = check_target(rooms, location, &target).await {
                return Some(error);
            }
        }
    }
    None
}

async fn check_target(rooms: &Rooms, origin: &LocationRef, target: &Target) -> Option<ErrorChain> {
    let reading = Reading { rooms: rooms.clone(), origin: origin.clone(), processing_hash: 0 };
    let files = match list_files(&rooms.reader, target).await {
        Ok(files) => files,
        Err(source::ReadError::NotFound(_)) if target.presence == Presence::Optional => return None,
        Err(error) => return Some(error.to_chain(&target.location)),
    };
    for file in files {
        match reading.see_afresh(&file).await {
            Seen::Read(fresh) if fresh.outline.error.is_some() => return fresh.outline.error,
            Seen::Failed { error: source::ReadError::NotFound(_), .. } if target.presence == Presence::Optional => {}
            Seen::Failed { error, .. } => return Some(error.to_chain(&file)),
            Seen::Read(_) | Seen::Unchanged(_) => {}
        }
    }
    None
}

fn read_one(
    rooms: &Rooms,
    fresh: super::file::FreshFile,
    file: &LocationRef,
    bodies: &mut Vec<String>,
    targets: &mut Vec<Target>,
) -> Result<(), ErrorChain> {
    if let Some(error) = fresh.outline.error {
        return Err(error);
    }
    // Backstage works a dry run off from the end, so of several sick documents the last one is reported.
    let rejected = fresh.read.rejected.iter().rev();
    let faults = rejected.flat_map(|rejected| &rejected.diagnostics).chain(&fresh.read.diagnostics);
    if let Some(error) = faults.filter_map(|diagnostic| diagnostic.error.clone()).next() {
        return Err(error);
    }
    bodies.extend(fresh.read.entities.iter().map(|entity| entity.body.as_str().to_owned()));
    for nested in &fresh.outline.nested {
        let (more, errors) = nested.resolve(&rooms.reader, file, &["url".to_owned()]);
        if let Some(error) = errors.into_iter().next() {
            return Err(error);
        }
        targets.extend(more);
    }
    Ok(())
}
