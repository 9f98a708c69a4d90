//! Call sheets: opened, appended to, closed, and what their answers say about the catalog.

use model::Timestamp;
use sheets::{Entry, Frozen, Rate, Sheet, What};
use store::{NewSheet, NewSheetEntry, SheetEffect, SheetHead, SheetVerdict};

use super::{Gate, GateError};

/// A sheet that somebody wants to open.
#[derive(Clone, Debug)]
pub struct NewCallSheet {
    /// Its id, made by the caller.
    pub id: String,
    /// What makes two messages of an alerting tool speak of the same event.
    pub alert_key: Option<String>,
    /// Its first entries: how it was opened, then what is hit.
    pub entries: Vec<What>,
}

/// What became of a wish to open a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenedSheet {
    /// It is open.
    New,
    /// An open one speaks of the same alert: its id.
    Known(String),
}

/// The truth rate at the end of a day: all answers until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TruthDay {
    /// The start of the day.
    pub day: Timestamp,
    /// All answers until its end.
    pub rate: Rate,
}

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// How long a text of a sheet may be, in bytes.
const LONGEST_TEXT: usize = 20_000;
/// How many entries a sheet may have.
const MOST_ENTRIES: u32 = 5_000;
/// How many more entries there may be that end a sheet and answer its questions.
const MOST_LAST_ENTRIES: u32 = 2_000;
/// How often a sheet may look up what is hit: the impact of each look is kept.
const MOST_LOOKS: u32 = 50;
/// How many bytes all entries of a sheet may have, but for those that end it.
const MOST_BYTES: usize = 8 << 20;
/// How many bytes a key of an alert may have.
const LONGEST_KEY: usize = 2_000;

impl Gate {
    /// Opens a sheet, unless an open one has the same alert key.
    ///
    /// # Errors
    /// `NotAllowed` without `callsheet.open`, `Input` when a text is too long or the first entry names no title.
    pub async fn open_call_sheet(&self, sheet: NewCallSheet) -> Result<OpenedSheet, GateError> {
        self.require("callsheet.open")?;
        let Some(What::Opened { title, .. }) = sheet.entries.first() else {
            return Err(GateError::Input("a call sheet begins with its title".to_owned()));
        };
        check_title(title)?;
        let alert_key = sheet.alert_key.map(|key| self.key_of_alert(&key)).transpose()?;
        let new = NewSheet {
            id: sheet.id,
            title: title.clone(),
            at: self.now(),
            actor: self.actor.name().to_owned(),
            alert_key,
            entries: sheet.entries.iter().map(to_new_entry).collect::<Result<_, _>>()?,
        };
        Ok(match self.door.store.open_call_sheet(&new).await? {
            Ok(()) => OpenedSheet::New,
            Err(known) => OpenedSheet::Known(known),
        })
    }

    /// Appends to a sheet. An alerting tool that may open sheets may also say what it has to say about its own.
    ///
    /// # Errors
    /// `NotAllowed` without `callsheet.write`, `NotFound` when there is none, `Conflict` when it is closed and the entries
    /// are of a sort that only open ones take, `Input` when a text is too long.
    pub async fn append_to_call_sheet(&self, id: &str, entries: &[What]) -> Result<u32, GateError> {
        // With an alert comes what it adds to what fails.
        let is_alert = matches!(entries.first(), Some(What::Alert { .. }))
            && entries.iter().all(|what| matches!(what, What::Alert { .. } | What::Frozen { .. }));
        self.require(if is_alert { "callsheet.open" } else { "callsheet.write" })?;
        let (sheet, bytes) = self.load(id).await?;
        check_room(&sheet, bytes, entries)?;
        if let Some(refused) = entries.iter().find(|what| !sheet.is_open() && !fits_closed(what)) {
            return Err(GateError::Conflict(format!(
                "the call sheet is closed; open it again for `{}`",
                refused.kind()
            )));
        }
        if sheet.is_open() && entries.contains(&What::Reopened) {
            return Err(GateError::Conflict("the call sheet is open".to_owned()));
        }
        let new = entries.iter().map(to_new_entry).collect::<Result<Vec<_>, _>>()?;
        let (now, actor) = (self.now(), self.actor.name());
        let revision = self.door.store.append_to_call_sheet(id, now, actor, &new).await?;
        revision.ok_or_else(|| no_such_sheet(id))
    }

    /// Finds the open sheet of an alert, for a tool that may open sheets.
    ///
    /// # Errors
    /// `NotAllowed` without `callsheet.open`.
    pub async fn find_call_sheet_of_alert(&self, alert_key: &str) -> Result<Option<String>, GateError> {
        self.require("callsheet.open")?;
        Ok(self.door.store.find_call_sheet_of_alert(&self.key_of_alert(alert_key)?).await?)
    }

    /// The newest look of a sheet, for a tool that may open sheets and has to know whether it says something new.
    ///
    /// # Errors
    /// `NotAllowed` without `callsheet.open`, `NotFound` when there is none.
    pub async fn call_sheet_impact(&self, id: &str) -> Result<Frozen, GateError> {
        self.require("callsheet.open")?;
        Ok(self.load(id).await?.0.impact)
    }

    /// The key of an alert as it is kept: what one program calls so another does not know.
    fn key_of_alert(&self, key: &str) -> Result<String, GateError> {
        if key.len() > LONGEST_KEY {
            return Err(GateError::Input(format!("the key of an alert may have at most {LONGEST_KEY} bytes")));
        }
        Ok(format!("{}:{key}", self.actor.name()))
    }

    /// Loads a sheet.
    ///
    /// # Errors
    /// `NotAllowed` without `callsheet.read`, `NotFound` when there is none.
    pub async fn load_call_sheet(&self, id: &str) -> Result<Sheet, GateError> {
        self.require("callsheet.read")?;
        Ok(self.load(id).await?.0)
    }

    /// Returns the number of a sheet's newest entry.
    ///
    /// # Errors
    /// `NotAllowed` without `callsheet.read`, `NotFound` when there is none.
    pub async fn call_sheet_revision(&self, id: &str) -> Result<u32, GateError> {
        self.require("callsheet.read")?;
        self.door.store.call_sheet_revision(id).await?.ok_or_else(|| no_such_sheet(id))
    }

    /// Lists sheets, newest first; only open or only closed ones when `is_open` says so.
    ///
    /// # Errors
    /// `NotAllowed` without `callsheet.read`.
    pub async fn list_call_sheets(
        &self,
        is_open: Option<bool>,
        limit: u32,
        offset: u32,
    ) -> Result<Vec<SheetHead>, GateError> {
        self.require("callsheet.read")?;
        Ok(self.door.store.list_call_sheets(is_open, limit, offset).await?)
    }

    /// How often events showed the catalog to be right, at the end of each day that has answers, oldest first; nothing to an
    /// actor without `callsheet.read`.
    ///
    /// # Errors
    /// `Store`.
    pub async fn truth_history(&self) -> Result<Vec<TruthDay>, GateError> {
        if self.require("callsheet.read").is_err() {
            return Ok(Vec::new());
        }
        let mut sum = Rate::default();
        let days = self.ask_aside(self.door.store.count_verdicts()).await?.into_iter().map(|day| {
            sum = Rate { right: sum.right + day.right, all: sum.all + day.all };
            TruthDay { day: day.day, rate: sum }
        });
        let last = self.horizon.map(|horizon| horizon.at);
        // In the past only whole days tell what was known then.
        Ok(days.take_while(|day| last.is_none_or(|last| day.day.0 + DAY_MS <= last.0)).collect())
    }

    /// The sheet, and how many bytes its entries have.
    async fn load(&self, id: &str) -> Result<(Sheet, usize), GateError> {
        let (mut entries, mut bytes) = (Vec::new(), 0);
        for stored in self.door.store.load_call_sheet(id).await? {
            bytes += stored.body.len();
            match serde_json::from_str(&stored.body) {
                Ok(what) => {
                    let (number, at, actor) = (stored.number, stored.at, stored.actor);
                    entries.push(Entry { number, at, actor, what });
                }
                // A newer version may know more sorts of entries; what it wrote is kept and left out here.
                Err(error) => tracing::warn!(%error, sheet = id, entry = stored.number, "an entry cannot be read"),
            }
        }
        Sheet::fold(id, entries).map(|sheet| (sheet, bytes)).ok_or_else(|| no_such_sheet(id))
    }
}

fn no_such_sheet(id: &str) -> GateError {
    GateError::NotFound(format!("there is no call sheet `{id}`"))
}

/// Refuses what a sheet has no room for. What ends it and answers its questions always fits.
fn check_room(sheet: &Sheet, bytes: usize, entries: &[What]) -> Result<(), GateError> {
    let is_last =
        entries.iter().all(|what| matches!(what, What::Closed { .. } | What::Verdict { .. } | What::Settled { .. }));
    let added = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let most = if is_last { MOST_ENTRIES + MOST_LAST_ENTRIES } else { MOST_ENTRIES };
    if sheet.revision.saturating_add(added) > most {
        return Err(GateError::Conflict(format!("a call sheet takes {MOST_ENTRIES} entries; open another one")));
    }
    if is_last {
        return Ok(());
    }
    if entries.iter().any(|what| matches!(what, What::Frozen { .. })) && sheet.looks >= MOST_LOOKS {
        return Err(GateError::Conflict(format!(
            "a call sheet looks up at most {MOST_LOOKS} times what is hit; open another one"
        )));
    }
    if bytes > MOST_BYTES {
        let most = MOST_BYTES >> 20;
        return Err(GateError::Conflict(format!("a call sheet takes {most} MB; close it, and open another one")));
    }
    Ok(())
}

/// What may be added to a sheet that is closed.
fn fits_closed(what: &What) -> bool {
    matches!(
        what,
        What::Reopened
            | What::Note { .. }
            | What::Link { .. }
            | What::Verdict { .. }
            | What::Settled { .. }
            | What::Titled { .. }
    )
}

fn check_title(title: &str) -> Result<(), GateError> {
    if title.trim().is_empty() || title.chars().count() > 300 {
        return Err(GateError::Input("`title` must have 1 to 300 characters".to_owned()));
    }
    Ok(())
}

fn to_new_entry(what: &What) -> Result<NewSheetEntry, GateError> {
    let texts = match what {
        What::Opened { text, .. } => [text.as_deref(), None],
        What::Note { text } | What::Alert { text, .. } => [Some(text.as_str()), None],
        What::Link { title, url } => [Some(title.as_str()), Some(url.as_str())],
        What::Team { note, .. } | What::Verdict { note, .. } | What::Closed { note } => [note.as_deref(), None],
        _ => [None, None],
    };
    if texts.into_iter().flatten().any(|text| text.len() > LONGEST_TEXT) {
        return Err(GateError::Input(format!("a text may have at most {LONGEST_TEXT} bytes")));
    }
    if let What::Titled { title } = what {
        check_title(title)?;
    }
    let body = serde_json::to_string(what).map_err(|error| GateError::Input(error.to_string()))?;
    Ok(NewSheetEntry { kind: what.kind().to_owned(), body, effect: effect_of(what) })
}

fn effect_of(what: &What) -> SheetEffect {
    match what {
        What::Titled { title } => SheetEffect::Titled(title.clone()),
        What::Closed { .. } => SheetEffect::Closed,
        What::Reopened => SheetEffect::Reopened,
        What::Verdict { question, entity, other, right, note } => SheetEffect::Answered(SheetVerdict {
            question: question.word().to_owned(),
            entity_ref: entity.clone(),
            other: other.clone(),
            is_right: *right,
            note: note.clone(),
        }),
        What::Settled { question, entity, other } => SheetEffect::Settled {
            question: question.word().to_owned(),
            entity_ref: entity.clone(),
            other: other.clone(),
        },
        _ => SheetEffect::None,
    }
}
