//! The words of the house: what an entity, a reference, a relation, a problem and a change are.
//!
//! Everything here is a plain value. `model` does no I/O, knows no clock and no async, and depends on no other room.

mod change;
mod change_filter;
mod comparison;
mod diagnostic;
mod entity;
mod error_chain;
mod event;
mod facts;
mod location;
mod message_form;
mod quality;
mod reference;
mod relation;

pub use change::{Cause, Change, ChangeKind, Revision, Seq, StoredEntity, Timestamp, short_commit};
pub use change_filter::ChangeFilter;
pub use comparison::{Comparison, DeclaredEnd, DifferenceKind, classify, compare_moments};
pub use diagnostic::{Code, Diagnostic, Place, Severity};
pub use entity::{EntityBody, Uid};
pub use error_chain::ErrorChain;
pub use event::{Event, EventKind, NewEvent};
pub use facts::{Difference, FactChange, compare_bodies, compare_entities};
pub use location::{LocationError, LocationRef, Presence, ScmUrls, is_script_url};
pub use message_form::{MessageForm, PLACEHOLDERS, expand};
pub use quality::{Delay, QUALITY_FIELD, QUALITY_KEYS, Quality, Strength, redundancy_groups};
pub use reference::{DEFAULT_NAMESPACE, EntityRef, RefDefaults, RefError};
pub use relation::{DeclaredRelation, RelationPair};
