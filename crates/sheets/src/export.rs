//! The timeline as a file: JSON, Markdown, CSV.

use model::EntityRef;
use serde_json::{Value, json};

use crate::{
    Entry, Question, Sheet, What,
    words::{exact, machine, push},
};

/// Says in one line what an entry is about.
impl What {
    /// The entry in words.
    #[must_use]
    pub fn words(&self) -> String {
        let with = |text: String, note: &Option<String>| match note {
            Some(note) => format!("{text}: {note}"),
            None => text,
        };
        match self {
            Self::Opened { title, source, .. } => match source {
                Some(source) => format!("opened by {source}: {title}"),
                None => format!("opened: {title}"),
            },
            Self::Frozen { impact, difference: None } => {
                format!("{} hit, {} teams, as of change {}", impact.hit_count, impact.teams.len(), impact.seq.0)
            }
            Self::Frozen { impact, difference: Some(difference) } => {
                format!("looked again, as of change {}: {}", impact.seq.0, difference.words())
            }
            Self::Team { team, standing, note } => with(format!("{team}: {}", standing.word()), note),
            Self::Note { text } => text.clone(),
            Self::Link { title, url } => format!("{title}: {url}"),
            Self::Sent { sender, teams, failure: None } => format!("sent through {sender} to {}", names(teams)),
            Self::Sent { sender, failure: Some(failure), .. } => format!("not sent through {sender}: {failure}"),
            Self::Alert { source, resolved: true, text } => format!("{source} says it is over: {text}"),
            Self::Alert { source, text, .. } => format!("{source} says: {text}"),
            Self::Titled { title } => format!("now called {title}"),
            Self::Verdict { question, entity, other, right, note } => {
                with(verdict_words(*question, entity, other.as_ref(), *right), note)
            }
            Self::Settled { question, entity, other } => {
                format!("settled: {}", verdict_words(*question, entity, other.as_ref(), false))
            }
            Self::Closed { note } => with("closed".to_owned(), note),
            Self::Reopened => "opened again".to_owned(),
        }
    }
}

fn verdict_words(question: Question, entity: &EntityRef, other: Option<&EntityRef>, right: bool) -> String {
    let other = other.map_or("nobody", EntityRef::as_str);
    match (question, right) {
        (Question::Owner, true) => format!("{other} is the right owner of {entity}"),
        (Question::Owner, false) => format!("{other} is not the owner of {entity}"),
        (Question::Dependency, true) => format!("{entity} does need {other}"),
        (Question::Dependency, false) => format!("{entity} does not need {other}"),
        (Question::Missing, _) => format!("{entity} was hit by {other}, which the catalog did not tell"),
    }
}

fn names(teams: &[EntityRef]) -> String {
    let names: Vec<&str> = teams.iter().map(EntityRef::as_str).collect();
    names.join(", ")
}

/// Writes the timeline as JSON.
#[must_use]
pub fn timeline_json(sheet: &Sheet) -> Value {
    let entry = |entry: &Entry| {
        let mut what = serde_json::to_value(&entry.what).unwrap_or_default();
        let kind = what.as_object_mut().and_then(|members| members.shift_remove("kind")).unwrap_or_default();
        json!({
            "number": entry.number, "at": machine(entry.at), "actor": entry.actor, "kind": kind,
            "words": entry.what.words(), "details": what,
        })
    };
    json!({
        "id": sheet.id, "title": sheet.title, "openedAt": machine(sheet.opened_at), "openedBy": sheet.opened_by,
        "closedAt": sheet.closing.as_ref().map(|closing| machine(closing.at)),
        "entries": sheet.entries.iter().map(entry).collect::<Vec<_>>(),
    })
}

/// Writes the timeline as a table in Markdown.
#[must_use]
pub fn timeline_markdown(sheet: &Sheet) -> String {
    let mut text = format!("# {}\n\nOpened {} by {}.", one_line(&sheet.title), exact(sheet.opened_at), sheet.opened_by);
    if let Some(closing) = &sheet.closing {
        push(&mut text, format_args!(" Closed {} by {}.", exact(closing.at), closing.by));
    }
    text.push_str("\n\n| Time | Who | What |\n| --- | --- | --- |\n");
    for entry in &sheet.entries {
        let what = one_line(&entry.what.words());
        push(&mut text, format_args!("| {} | {} | {what} |\n", machine(entry.at), one_line(&entry.actor)));
    }
    text
}

/// Text for one cell: in one line, and nothing in it ends the cell or becomes markup.
fn one_line(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '<' | '[' | ']' | '*' | '`' | '#' => {
                cell.push('\\');
                cell.push(c);
            }
            c if c.is_control() => cell.push(' '),
            c => cell.push(c),
        }
    }
    cell
}

/// Writes the timeline as comma-separated values.
#[must_use]
pub fn timeline_csv(sheet: &Sheet) -> String {
    let mut text = String::from("number,at,actor,kind,what\r\n");
    for entry in &sheet.entries {
        let number = entry.number.to_string();
        let (at, words) = (machine(entry.at), entry.what.words());
        let cells = [number.as_str(), &at, &entry.actor, entry.what.kind(), &words];
        let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
        push(&mut text, format_args!("{}\r\n", cells.join(",")));
    }
    text
}

/// A cell that no spreadsheet takes for a formula.
fn csv_cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}
