//! What unregistering an entity would take along, told before it is done.

use index::{Doc, Filter, Order, PageQuery, Start, View};
use model::{EntityRef, LocationRef};
use serde::Deserialize;
use store::{Root, RootOrigin};

/// The annotation that names the root of an entity.
const ORIGIN: &str = "backstage.io/managed-by-origin-location";
/// How many entities are named; more are only counted.
const NAMED_AT_MOST: usize = 200;

/// How an entity can be taken out of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnregisterPlan {
    /// By removing the registered location that it came through, and with it everything else that came through that.
    RemoveLocation {
        /// The location.
        root: Box<Root>,
        /// The entities that came through it, this one included, in order of reference; the first few hundred.
        entities: Vec<EntityRef>,
        /// How many there are in all.
        total: u64,
    },
    /// Not here: the operator wrote its location into the configuration. Deleting it would bring it back at the next reading.
    Configured {
        /// The location.
        location: LocationRef,
    },
    /// By deleting it: nothing leads to it any more.
    DeleteOrphan,
}

#[derive(Deserialize)]
struct Envelope {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    annotations: std::collections::BTreeMap<String, serde_json::Value>,
}

/// Plans how to take an entity out of the catalog. `roots` are all roots, those of the configuration included.
#[must_use]
pub fn plan_unregister(view: &View, roots: &[Root], entity: &Doc) -> UnregisterPlan {
    let Some(origin) = origin_of(entity) else { return UnregisterPlan::DeleteOrphan };
    let of_origin = |wanted| roots.iter().find(|root| root.origin == wanted && root.location.as_str() == origin);
    if let Some(root) = of_origin(RootOrigin::Registered) {
        let (entities, total) = colocated(view, &origin);
        return UnregisterPlan::RemoveLocation { root: Box::new(root.clone()), entities, total };
    }
    match of_origin(RootOrigin::Config) {
        Some(root) => UnregisterPlan::Configured { location: root.location.clone() },
        None => UnregisterPlan::DeleteOrphan,
    }
}

fn origin_of(entity: &Doc) -> Option<String> {
    let envelope: Envelope = serde_json::from_str(entity.as_json()).ok()?;
    Some(envelope.metadata.annotations.get(ORIGIN)?.as_str()?.to_owned())
}

fn colocated(view: &View, origin: &str) -> (Vec<EntityRef>, u64) {
    let page = view.page(&PageQuery {
        filter: Filter::Equals(format!("metadata.annotations.{ORIGIN}"), origin.to_owned()),
        order: Order::EntityRef,
        start: Start::Offset(0),
        limit: Some(NAMED_AT_MOST),
        count: true,
    });
    let entities = page.rows.iter().filter_map(|row| EntityRef::parse(row.doc.entity_ref()).ok()).collect();
    (entities, page.total.unwrap_or_default())
}
