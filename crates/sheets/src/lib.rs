//! Call sheets: who must be told about an event, who has been, and what came of it.
//!
//! Callboard manages no incidents; a sheet gathers the people. It is a list of entries that are only ever appended
//! ([`Entry`]), and everything that a sheet shows is a fold of them ([`Sheet::fold`]), so the timeline is the truth.
//!
//! Pure: no I/O and no clock. What is hit is handed in frozen ([`Frozen`]); what alerting tools send is read by
//! [`alerts`], and what is sent to chats and mail relays is written by [`messages`].

pub mod alerts;
mod difference;
mod entry;
mod export;
mod frozen;
pub mod messages;
mod sheet;
mod words;

pub use difference::{Difference, compare};
pub use entry::{Entry, Question, Standing, What};
pub use export::{timeline_csv, timeline_json, timeline_markdown};
pub use frozen::{Contact, Frozen, FrozenHit, FrozenPlace, FrozenRoot, FrozenTeam};
pub use sheet::{Closing, Link, Sheet, TeamLine, Verdict};
pub use words::{Rate, paste_text};
