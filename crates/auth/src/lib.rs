//! Who may do what, and the only way to write: a [`Gate`] is made for one actor, decides, and writes through `store`.
//!
//! `auth` knows no routes and no HTTP. It reads credentials as text, keeps the signing keys, and decides from one table of
//! permissions. Readers get an `index::Visibility`; writers get a gate.

mod access;
mod actor;
mod door;
mod external;
mod gate;
mod keys;
mod live;
mod permission;
mod settings;
mod user_token;
mod verified;

pub use access::{Access, Guest};
pub use store::ProblemRecord;

pub use actor::{AccessRestriction, Actor, AuthError};
pub use door::{Bell, Committed, Door, Ring};
pub use gate::{ChangePage, Gate, GateError};
pub use keys::Jwk;
pub use live::Live;
pub use permission::{Action, Decision, Permission, PermissionSpec, find_permission, permissions, permissions_of};
pub use settings::{AccessSettings, Clock, GuestSettings, LegacyKey, SettingsError, StaticToken, system_clock};
