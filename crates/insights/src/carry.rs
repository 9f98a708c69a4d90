//! Containers: which systems, domains and journeys carry parts that are hit.

use hashbrown::{HashMap, hash_map::Entry};
use index::{Doc, DocId, EntityNumber, Filter, View};
use model::Delay;

use crate::{
    channel::{FIRST_UP, is_container, kind_of, leads_to_container},
    question::State,
};

/// What marks a container as a journey of the business: its kind, its `spec.type`, or one of its tags.
const JOURNEY: &str = "journey";

/// A container of which a part is hit.
#[derive(Clone, Debug)]
pub struct Carrier {
    /// The container.
    pub doc: Doc,
    /// Its number.
    pub number: EntityNumber,
    /// The worst that a part of it has.
    pub severity: State,
    /// When the first part has it.
    pub delay: Delay,
    /// How many parts are hit, roots and parts of parts included.
    pub parts: u32,
    /// That first part, by its number in the answer.
    pub worst: u32,
    /// Whether it is a journey.
    pub is_journey: bool,
}

/// Tells whether an entity is a journey: a system, domain or entity of an own kind with `spec.type: journey` or the tag
/// `journey`, or anything of a kind called `Journey`.
#[must_use]
pub fn is_journey(view: &View, doc: &Doc) -> bool {
    let kind = kind_of(doc.entity_ref());
    kind == JOURNEY || (is_container(kind) && view.matches(doc, &marked()))
}

/// What is marked as a journey without having a kind of its own.
fn marked() -> Filter {
    Filter::Or(["spec.type", "metadata.tags"].map(|key| Filter::Equals(key.to_owned(), JOURNEY.to_owned())).to_vec())
}

/// A part that is hit.
pub(crate) struct HitPart<'a> {
    pub(crate) node: u32,
    pub(crate) severity: State,
    pub(crate) delay: u64,
    pub(crate) containers: &'a [EntityNumber],
}

/// The containers of parts, and those above them.
#[derive(Default)]
struct Climb {
    /// Where each is; `None` for what is not in the view.
    places: HashMap<EntityNumber, Option<u32>, foldhash::fast::RandomState>,
    found: Vec<Place>,
}

struct Place {
    id: DocId,
    number: EntityNumber,
    above: Vec<u32>,
    /// Severity, delay and node of the worst part, and how many there are.
    worst: Option<(State, u64, u32)>,
    parts: u32,
    /// The last part that was counted here.
    counted: u32,
}

/// Finds the containers of parts that are hit, journeys first, then the worst, then those with most parts.
pub(crate) fn carriers<'a>(view: &View, parts: impl Iterator<Item = HitPart<'a>> + Clone) -> Vec<Carrier> {
    let mut climb = Climb::of(view, parts.clone().flat_map(|part| part.containers.iter().copied()));
    let mut open = Vec::new();
    for part in parts {
        open.clear();
        open.extend(part.containers.iter().filter_map(|container| climb.places[container]));
        while let Some(at) = open.pop() {
            let place = &mut climb.found[at as usize];
            if place.parts > 0 && place.counted == part.node {
                continue;
            }
            place.counted = part.node;
            place.parts += 1;
            let is_worse = place.worst.is_none_or(|(severity, delay, _)| {
                part.severity > severity || (part.severity == severity && part.delay < delay)
            });
            if is_worse {
                place.worst = Some((part.severity, part.delay, part.node));
            }
            open.extend_from_slice(&place.above);
        }
    }
    // Looking at each is dear in a large catalog, and many have no journeys that are marked.
    let is_any_marked = view.count(&marked()) > 0;
    let is_journey = |doc: &Doc| {
        if is_any_marked { is_journey(view, doc) } else { kind_of(doc.entity_ref()) == JOURNEY }
    };
    view.touch(climb.found.iter().map(|place| place.id));
    // References decide where nothing else does, and are looked up once for that.
    let mut carriers: Vec<(&str, Carrier)> = Vec::with_capacity(climb.found.len());
    for Place { id, number, worst, parts, .. } in climb.found {
        let Some((severity, delay, worst)) = worst else { continue };
        let doc = view.doc(id);
        let is_journey = is_journey(&doc);
        carriers
            .push((view.ref_of(id), Carrier { doc, number, severity, delay: Delay(delay), parts, worst, is_journey }));
    }
    carriers.sort_unstable_by_key(|(entity_ref, c)| {
        (!c.is_journey, std::cmp::Reverse(c.severity), c.delay, std::cmp::Reverse(c.parts), *entity_ref)
    });
    carriers.into_iter().map(|(_, carrier)| carrier).collect()
}

impl Climb {
    /// Finds containers and all those above them, one storey after the other.
    fn of(view: &View, containers: impl Iterator<Item = EntityNumber>) -> Self {
        let leads_up: Vec<bool> = view.link_kinds().iter().map(leads_to_container).collect();
        // Links are in order of relation, and those up come behind those to the parts, of which there may be thousands.
        let is_ahead: Vec<bool> = view.link_kinds().iter().map(|kind| *kind.relation < *FIRST_UP).collect();
        let mut climb = Self::default();
        let mut storey: Vec<EntityNumber> = containers.collect();
        let mut above: Vec<Vec<EntityNumber>> = Vec::new();
        while !storey.is_empty() {
            storey.retain(|number| climb.add(view, *number));
            let links_up = |place: &Place| {
                let links = view.links_of(place.id);
                let first = links.partition_point(|link| is_ahead[link.kind as usize]);
                let up = links[first..].iter().filter(|link| leads_up[link.kind as usize]);
                up.map(|link| link.entity).collect()
            };
            above.extend(climb.found[above.len()..].iter().map(links_up));
            storey = above[above.len() - storey.len()..].concat();
        }
        for (place, above) in climb.found.iter_mut().zip(above) {
            place.above = above.iter().filter_map(|number| climb.places[number]).collect();
        }
        climb
    }

    /// Adds a container; tells whether it is new and in the view.
    fn add(&mut self, view: &View, number: EntityNumber) -> bool {
        let Entry::Vacant(vacant) = self.places.entry(number) else { return false };
        let id = view.find_number(number);
        vacant.insert(id.map(|_| self.found.len() as u32));
        self.found.extend(id.map(|id| Place { id, number, above: Vec::new(), worst: None, parts: 0, counted: 0 }));
        id.is_some()
    }
}
