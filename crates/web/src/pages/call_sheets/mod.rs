//! `/call-sheets`: who must be told about an event, who has been, and what came of it.

mod act;
mod close;
mod doing;
mod fields;
mod freeze;
mod list;
mod live;
mod show;
mod timeline;

pub(super) use act::act_on_sheet;
pub(super) use close::{close_sheet, show_questions};
pub(super) use list::{list_sheets, open_sheet};
pub(super) use show::show_sheet;
pub(super) use timeline::export_timeline;
pub(crate) use timeline::write_timeline;

pub(crate) use act::link;
pub(crate) use doing::{
    Heard, Opening, add_failing, append, find_named, hear_alert, look_again, open, send, sheet_url,
};
pub(crate) use list::truth_chart;
pub(crate) use live::{SheetBell, stream_revisions};

use auth::TruthDay;
use sheets::Rate;

/// The truth rate of today: that of the last day that has answers.
pub(crate) fn newest_rate(days: &[TruthDay]) -> Rate {
    days.last().map(|day| day.rate).unwrap_or_default()
}
