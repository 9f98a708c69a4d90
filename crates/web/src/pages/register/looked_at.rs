//! What was found behind an address: files, entities, and problems with the lines around them.

use std::{borrow::Cow, collections::HashSet};

use model::{EntityRef, LocationRef, RefDefaults, Severity};
use serde::Deserialize;

use crate::{
    InspectedEntity, InspectedFile, InspectedProblem, Inspection, View,
    pages::{
        facts::Facts,
        icon,
        icon::Icon,
        link::EntityLink,
        parts::{ProblemBox, Spot, short_file},
        words,
    },
};

/// What was found behind one address.
pub(super) struct LookedAt {
    pub(super) address: String,
    pub(super) files: Vec<LookedAtFile>,
    /// "3 entities in 2 files, 1 error".
    pub(super) summary: String,
    pub(super) verdict: Verdict,
    /// Whether more files are named than were looked at.
    pub(super) is_cut: bool,
}

/// What would become of the address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All of it would be in the catalog.
    Good,
    /// Some of it would not.
    Mixed,
    /// Nothing of it would.
    Bad,
}

impl Verdict {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Mixed => "warning",
            Self::Bad => "error",
        }
    }

    pub(super) fn icon(self) -> Icon {
        match self {
            Self::Good => Icon("circle-check"),
            Self::Mixed => Icon("triangle-alert"),
            Self::Bad => Icon("circle-x"),
        }
    }
}

/// One file.
pub(super) struct LookedAtFile {
    pub(super) name: String,
    pub(super) href: Option<String>,
    pub(super) named_by: Option<EntityRef>,
    pub(super) is_read: bool,
    pub(super) entities: Vec<LookedAtEntity>,
    pub(super) problems: Vec<ProblemBox>,
}

/// One entity that would be read.
pub(super) struct LookedAtEntity {
    pub(super) entity_ref: EntityRef,
    pub(super) title: String,
    pub(super) icon: Icon,
    pub(super) entity_type: Option<String>,
    pub(super) owner: Option<EntityLink>,
    pub(super) line: u32,
    pub(super) standing: Standing,
}

/// How an entity stands to the catalog as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    New,
    /// It is in the catalog from this file.
    Known(String),
    /// It is in the catalog from another file, and stays so: page and file.
    Taken(String, String),
    /// A document before it in this look has the same name.
    Twice,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    metadata: BodyMetadata<'a>,
    #[serde(borrow, default)]
    spec: Option<BodySpec<'a>>,
}

#[derive(Deserialize)]
struct BodyMetadata<'a> {
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
}

#[derive(Default, Deserialize)]
struct BodySpec<'a> {
    #[serde(borrow, default, rename = "type")]
    entity_type: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    owner: Option<Cow<'a, str>>,
}

/// Holds an inspection against the catalog as it is.
pub(super) fn look_at(view: &View, location: &LocationRef, inspection: Inspection) -> LookedAt {
    let found: HashSet<EntityRef> =
        inspection.files.iter().flat_map(|file| &file.entities).map(|entity| entity.entity_ref.clone()).collect();
    let mut seen = HashSet::new();
    let is_cut = inspection.is_cut;
    let entities: usize = inspection.files.iter().map(|file| file.entities.len()).sum();
    let severities = |wanted: Severity| {
        let all = inspection.files.iter().flat_map(|file| &file.problems);
        all.filter(|problem| problem.diagnostic.severity == wanted).count()
    };
    let (errors, warnings) = (severities(Severity::Error), severities(Severity::Warning));
    let mut summary = format!(
        "{} in {}",
        words::counted(entities, "entity", "entities"),
        words::counted(inspection.files.len(), "file", "files")
    );
    for (count, one, many) in [(errors, "error", "errors"), (warnings, "warning", "warnings")] {
        if count > 0 {
            summary = format!("{summary}, {}", words::counted(count, one, many));
        }
    }
    LookedAt {
        address: location.target().to_owned(),
        files: inspection.files.into_iter().map(|file| to_file(view, file, &found, &mut seen)).collect(),
        summary,
        verdict: match (entities, errors) {
            (0, _) => Verdict::Bad,
            (_, 0) => Verdict::Good,
            _ => Verdict::Mixed,
        },
        is_cut,
    }
}

fn to_file(
    view: &View,
    file: InspectedFile,
    found: &HashSet<EntityRef>,
    seen: &mut HashSet<EntityRef>,
) -> LookedAtFile {
    let target = file.location.target();
    let entities = file.entities.iter().map(|entity| {
        let is_first = seen.insert(entity.entity_ref.clone());
        to_entity(view, entity, &file.location, found, is_first)
    });
    LookedAtFile {
        name: short_file(target).to_owned(),
        entities: entities.collect(),
        href: file.view_url.clone().or_else(|| target.starts_with("http").then(|| target.to_owned())),
        named_by: file.named_by.clone(),
        is_read: file.is_read,
        problems: file.problems.into_iter().map(to_box).collect(),
    }
}

fn to_entity(
    view: &View,
    entity: &InspectedEntity,
    location: &LocationRef,
    found: &HashSet<EntityRef>,
    is_first: bool,
) -> LookedAtEntity {
    let entity_ref = entity.entity_ref.clone();
    // What is no text in a body is a matter of the author, and of the problems beside.
    let body = serde_json::from_str::<Body<'_>>(&entity.body).ok();
    let (title, spec) = body.map_or((None, BodySpec::default()), |b| (b.metadata.title, b.spec.unwrap_or_default()));
    let owner = spec.owner.and_then(|owner| {
        let defaults = RefDefaults { kind: Some("group"), namespace: entity_ref.namespace() };
        EntityRef::parse_with(&owner, defaults).ok()
    });
    let owner = owner.map(|owner| {
        let link = EntityLink::to(view, &owner);
        // An owner that comes along is no unknown one, but has no page yet.
        EntityLink { is_missing: link.is_missing && !found.contains(&owner), ..link }
    });
    LookedAtEntity {
        title: title.map_or_else(|| entity_ref.name().to_owned(), Cow::into_owned),
        icon: icon::of_kind(entity_ref.kind()),
        entity_type: spec.entity_type.map(Cow::into_owned),
        owner,
        line: entity.line,
        standing: if is_first { standing(view, &entity_ref, location) } else { Standing::Twice },
        entity_ref,
    }
}

fn standing(view: &View, entity_ref: &EntityRef, location: &LocationRef) -> Standing {
    let Some(doc) = view.find(entity_ref.as_str()) else { return Standing::New };
    let href = EntityLink::plain(entity_ref).href;
    let facts = Facts::of(&doc);
    match facts.annotation("backstage.io/managed-by-location") {
        Some(held) if held != location.as_str() => {
            let target = held.split_once(':').map_or(held, |(_, target)| target);
            Standing::Taken(href, short_file(target).to_owned())
        }
        _ => Standing::Known(href),
    }
}

fn to_box(problem: InspectedProblem) -> ProblemBox {
    let line = problem.diagnostic.place.as_ref().map_or(0, |place| place.line);
    let mut shown = ProblemBox::of(&problem.diagnostic);
    let lines = || problem.lines.iter().map(|line| (line.number, line.text.clone()));
    shown.spot = shown.spot.map(|spot| Spot {
        above: lines().filter(|(number, _)| *number < line).collect(),
        below: lines().filter(|(number, _)| *number > line).collect(),
        ..spot
    });
    shown
}
