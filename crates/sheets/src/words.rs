//! A sheet in words: the text to paste, and the truth rate.

use std::fmt::Write as _;

use model::{EntityRef, Timestamp};

use crate::{FrozenTeam, Sheet, Standing};

/// How many things that are hit the text names.
const MOST_HITS: usize = 15;

/// Right answers among all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// How many answers say that the catalog was right.
    pub right: u64,
    /// How many answers there are.
    pub all: u64,
}

impl Rate {
    /// In a hundred; `None` while nobody has answered.
    #[must_use]
    pub fn percent(self) -> Option<u64> {
        (self.right.min(self.all) * 100).checked_div(self.all)
    }
}

/// Writes the sheet as a text for chat or mail.
#[must_use]
pub fn paste_text(sheet: &Sheet, url: &str) -> String {
    let mut text = format!("{}{}\n", sheet.title, if sheet.is_open() { "" } else { " (closed)" });
    let impact = &sheet.impact;
    let roots: Vec<String> = impact.roots.iter().map(|root| format!("{} is {}", root.title, root.state)).collect();
    let failing = roots.join(", ");
    // The title that a sheet has by itself says the same.
    if failing != sheet.title {
        push(&mut text, format_args!("{failing}\n"));
    }
    if !impact.journeys.is_empty() {
        let journeys: Vec<&str> = impact.journeys.iter().map(|place| place.title.as_str()).collect();
        push(&mut text, format_args!("Journeys touched: {}\n", journeys.join(", ")));
    }
    push(&mut text, format_args!("Hit: {}\n", impact.hit_count));
    for hit in impact.hits.iter().take(MOST_HITS) {
        let delay = if hit.delay.is_empty() { String::new() } else { format!(", felt after {}", hit.delay) };
        push(&mut text, format_args!("- {} ({}{delay}): {}\n", hit.title, hit.severity, hit.way.join(" → ")));
    }
    if impact.hit_count > MOST_HITS.min(impact.hits.len()) {
        push(&mut text, format_args!("- and {} more\n", impact.hit_count - MOST_HITS.min(impact.hits.len())));
    }
    text.push_str("Teams:\n");
    for line in sheet.shown_teams() {
        let note = line.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
        let standing = if line.standing == Standing::Waiting { "not told yet" } else { line.standing.word() };
        push(&mut text, format_args!("- {}: {standing}{note}, {}\n", line.team.title, reach(&line.team)));
    }
    if impact.more_teams > 0 {
        push(&mut text, format_args!("- and {} more teams\n", impact.more_teams));
    }
    if !impact.unowned.is_empty() {
        let named: Vec<&str> = impact.unowned.iter().take(MOST_HITS).map(EntityRef::as_str).collect();
        let more = match impact.unowned.len() + impact.more_unowned - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        push(&mut text, format_args!("Owned by nobody: {}{more}\n", named.join(", ")));
    }
    for link in &sheet.links {
        push(&mut text, format_args!("{}: {}\n", link.title, link.url));
    }
    push(&mut text, format_args!("As of change {}, {}. {url}\n", impact.seq.0, exact(impact.at)));
    text
}

/// Every way to reach a team, in one line.
pub(crate) fn reach(team: &FrozenTeam) -> String {
    let contacts = team.contacts.iter().map(|contact| match (&contact.href, &contact.value) {
        (Some(href), _) => format!("{} {href}", contact.label),
        (None, Some(value)) => format!("{} {value}", contact.label),
        (None, None) => contact.label.clone(),
    });
    let ways: Vec<String> = contacts.chain(team.mail.clone()).collect();
    if ways.is_empty() { "no contact on record".to_owned() } else { ways.join(", ") }
}

/// A moment, as people of any place read it.
pub(crate) fn exact(at: Timestamp) -> String {
    zoned(at).strftime("%-d %b %Y %H:%M UTC").to_string()
}

/// A moment for machines.
pub(crate) fn machine(at: Timestamp) -> String {
    zoned(at).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn zoned(at: Timestamp) -> jiff::Zoned {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(jiff::tz::TimeZone::UTC)
}

pub(crate) fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _written = text.write_fmt(arguments);
}
