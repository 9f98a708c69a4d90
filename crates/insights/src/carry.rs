//! Containers: which systems, domains and journeys carry parts that are hit.

use hashbrown::HashMap;
use index::{Doc, Filter, View};
use model::Delay;

use crate::{
    channel::{is_container, kind_of, leads_to_container},
    question::State,
};

/// What marks a container as a journey of the business: its kind, its `spec.type`, or one of its tags.
const JOURNEY: &str = "journey";

/// A container of which a part is hit.
#[derive(Clone, Debug)]
pub struct Carrier {
    /// The container.
    pub doc: Doc,
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
    pub(crate) containers: &'a [Box<str>],
}

#[derive(Default)]
struct Climb {
    places: HashMap<Box<str>, Option<usize>, foldhash::fast::RandomState>,
    found: Vec<Place>,
}

struct Place {
    doc: Doc,
    above: Vec<usize>,
    /// Severity, delay and node of the worst part, and how many there are.
    worst: Option<(State, u64, u32)>,
    parts: u32,
    /// The last part that was counted here.
    counted: u32,
}

/// Finds the containers of parts that are hit, journeys first, then the worst, then those with most parts.
pub(crate) fn carriers<'a>(view: &View, parts: impl Iterator<Item = HitPart<'a>>) -> Vec<Carrier> {
    let mut climb = Climb::default();
    let mut open = Vec::new();
    for part in parts {
        open.clear();
        open.extend(part.containers.iter().filter_map(|container| climb.place(view, container)));
        while let Some(at) = open.pop() {
            let place = &mut climb.found[at];
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
    let mut carriers: Vec<Carrier> = climb.found.into_iter().filter_map(|place| carrier(place, is_journey)).collect();
    carriers.sort_by(|a, b| {
        let weight = |c: &Carrier| (!c.is_journey, std::cmp::Reverse(c.severity), c.delay, std::cmp::Reverse(c.parts));
        weight(a).cmp(&weight(b)).then_with(|| a.doc.entity_ref().cmp(b.doc.entity_ref()))
    });
    carriers
}

fn carrier(place: Place, is_journey: impl Fn(&Doc) -> bool) -> Option<Carrier> {
    let (severity, delay, worst) = place.worst?;
    let is_journey = is_journey(&place.doc);
    Some(Carrier { doc: place.doc, severity, delay: Delay(delay), parts: place.parts, worst, is_journey })
}

impl Climb {
    /// Finds the place of a container, with those above it.
    fn place(&mut self, view: &View, container: &str) -> Option<usize> {
        if let Some(known) = self.places.get(container) {
            return *known;
        }
        let doc = view.find(container);
        let at = doc.is_some().then_some(self.found.len());
        self.places.insert(container.into(), at);
        let doc = doc?;
        self.found.push(Place { doc: doc.clone(), above: Vec::new(), worst: None, parts: 0, counted: 0 });
        let mut above = Vec::new();
        doc.visit_relations(|relation, target| {
            if leads_to_container(relation, target) {
                above.extend(self.place(view, target));
            }
        });
        let at = at?;
        self.found[at].above = above;
        Some(at)
    }
}
