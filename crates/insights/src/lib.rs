//! What a failure hits, and what could be its cause: pure questions on a view of the catalog.
//!
//! `insights` does no I/O and knows no clock. It sees what the view sees: entities that an actor may not see carry nothing.
//!
//! # How failure travels
//!
//! From an entity to its dependents, over *channels* ([`Channel`]): to what `dependsOn` it, to the consumers of an API, from a
//! provider to the APIs that it provides, and from a subcomponent to the component that it is a part of. Systems, domains and
//! other containers are no machines: when a part of one is hit, the container *carries* it, and so do the containers above
//! it. A container that is itself said to fail takes all its parts with it. A container that is a journey (see
//! [`is_journey`]) is *touched*; journeys of an own kind reach what they need with the pair of relations `touches` and
//! `touchedBy`. Relations of other types carry nothing; own kinds take part by declaring `dependsOn` and
//! its kin in their definition.
//!
//! Two entities have at most one edge between them, however many relations lead from one to the other; the qualities that
//! the dependent declares in `spec.dependencies` hold for it.
//!
//! # What it does on the way
//!
//! States are ordered: none < [`State::Slow`] < [`State::Degraded`] < [`State::Down`]. For each state `L` and entity `e`,
//! `T(e, L)` is the earliest moment at which `e` is in state `L` or worse, counted from the failure:
//!
//! - a root in state `s` has `T(root, L) = 0` for each `L <= s`;
//! - a **hard** dependency on `d` passes `T(d, L) + delay` on, for each `L`;
//! - a **soft** one passes the same for `Slow` and `Degraded`, and never `Down`;
//! - a **redundant group** passes, for each `L`, the latest of what its members pass, so nothing while one of them stands.
//!   Groups are made by joining what `redundantWith` names, in both directions and from one to the next. Only what the
//!   dependent really depends on can stand in; what it does not depend on, by no relation, holds nothing up. What it depends
//!   on but is not in the catalog never fails;
//! - `T(e, L)` is the earliest of what all groups and single dependencies of `e` pass.
//!
//! This is a least fixpoint: cycles are no problem, and nothing in a cycle keeps itself failing. The *severity* of `e` is the
//! worst `L` for which `T(e, L)` is finite, and its *delay* is that moment. As delays are never negative and `earliest` and
//! `latest` are monotone, each `L` is solved exactly by one walk in order of time (Knuth's generalisation of Dijkstra).
//!
//! # Paths
//!
//! The path of a hit is the one by which its severity arrives first, and of these the one with the fewest edges; where a
//! redundant group passed, it goes through the member that failed last. `ways` counts the single dependencies and whole
//! groups of the entity through which the same severity arrives at any time, so `ways - 1` are further ones. (In a cycle
//! some of them lead back through the entity itself.)
//!
//! # Depth
//!
//! A limit cuts the graph first: only entities that at most so many edges separate from a root take part, whatever the
//! edges' quality. The answer says how many of the entities at its rim have dependents beyond.

mod carry;
mod causes;
mod channel;
mod evidence;
mod explore;
mod impact;
mod qualities;
mod question;
mod solve;
#[cfg(test)]
mod tests;

pub use carry::{Carrier, is_journey};
pub use causes::{Candidate, Causes, Reach, causes};
pub use channel::{Channel, leads_to_container};
pub use evidence::{Declaration, Edge, declarations};
pub use impact::{Hit, Impact, RootHit, Spared, Step, carriers_of, hits, impact};
pub use qualities::{QualityOf, qualities_of};
pub use question::{Question, Root, State};
