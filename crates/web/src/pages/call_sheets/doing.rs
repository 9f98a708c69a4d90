//! What is done to sheets, whoever asks: a form, the API, an alerting tool.

use auth::{GateError, NewCallSheet, OpenedSheet};
use insights::State;
use model::{EntityRef, Timestamp};
use sheets::{Frozen, Sheet, TeamLine, What, alerts, messages, paste_text};

use super::freeze::freeze;
use crate::{App, Gate, Problem, View, pages::impact::names_in, problem};

/// Finds the entities that a text names exactly, those that say most first.
pub(crate) fn find_named(view: &View, text: &str) -> Vec<EntityRef> {
    names_in(view, text).exact.into_iter().map(|link| link.entity_ref).collect()
}

/// What a sheet is opened with.
pub(crate) struct Opening {
    /// What the event is called; a blank one is made of what fails.
    pub(crate) title: String,
    /// What fails, and how.
    pub(crate) roots: Vec<(EntityRef, State)>,
    /// What a person or a tool said about the event.
    pub(crate) text: Option<String>,
    /// The tool that opens it, when it is one.
    pub(crate) source: Option<String>,
    /// Where the tool shows it.
    pub(crate) link: Option<(String, String)>,
    /// What makes two messages of a tool speak of the same event.
    pub(crate) alert_key: Option<String>,
}

/// Opens a sheet with what is hit. Gives its id, and whether it was open already.
///
/// # Errors
/// 400 when nothing that fails is named, 403 without the permission.
pub(crate) async fn open(app: &App, view: &View, gate: &Gate, opening: Opening) -> Result<(String, bool), Problem> {
    gate.require("callsheet.open")?;
    if opening.roots.is_empty() {
        return Err(problem::input("name at least one entity of the catalog that fails"));
    }
    check_roots(opening.roots.len())?;
    let impact = freeze(app, view, opening.roots, app.now()).await?;
    if impact.roots.is_empty() {
        let unknown: Vec<&str> = impact.unknown.iter().map(EntityRef::as_str).collect();
        return Err(problem::input(format!("nothing of what fails is in the catalog: {}", unknown.join(", "))));
    }
    let title = match opening.title.trim() {
        "" => {
            let named: Vec<String> =
                impact.roots.iter().map(|root| format!("{} is {}", root.title, root.state)).collect();
            named.join(", ").chars().take(200).collect()
        }
        given => given.to_owned(),
    };
    let mut entries = vec![What::Opened { title, source: opening.source, text: opening.text }];
    entries.push(What::Frozen { impact: Box::new(impact), difference: None });
    entries.extend(opening.link.map(|(title, url)| What::Link { title, url }));
    let id = uuid::Uuid::new_v4().to_string();
    let new = NewCallSheet { id: id.clone(), alert_key: opening.alert_key, entries };
    Ok(match gate.open_call_sheet(new).await? {
        OpenedSheet::New => (id, false),
        OpenedSheet::Known(known) => (known, true),
    })
}

/// How many entities may fail on one sheet, as many as in one question for an impact.
const MOST_ROOTS: usize = 200;

fn check_roots(roots: usize) -> Result<(), Problem> {
    if roots > MOST_ROOTS {
        return Err(problem::input(format!("at most {MOST_ROOTS} entities may fail on one call sheet, not {roots}")));
    }
    Ok(())
}

/// What became of an alerting tool's message.
pub(crate) enum Heard {
    /// A sheet was opened.
    Opened(String),
    /// It was noted on the open sheet of the same event.
    Noted(String),
    /// Nothing that it names is in the catalog, or it says that something is over of which there is no sheet.
    Nothing(&'static str),
}

/// Opens a sheet for an alert, or notes it on the one that is open.
///
/// # Errors
/// 403 without the permission.
pub(crate) async fn hear_alert(
    app: &App,
    view: &View,
    gate: &Gate,
    tool: alerts::Tool,
    alert: alerts::Alert,
) -> Result<Heard, Problem> {
    gate.require("callsheet.open")?;
    let text: String = alert.text().chars().take(4_000).collect();
    if let Some(known) = gate.find_call_sheet_of_alert(&alert.key).await? {
        let source = tool.title().to_owned();
        let alert_entry = What::Alert { source, resolved: alert.is_resolved, text: first_line(&alert.title, &text) };
        let look = if alert.is_resolved { None } else { look_for_alert(app, view, gate, &known, &alert).await? };
        note_alert(app, gate, &known, alert_entry, look).await?;
        return Ok(Heard::Noted(known));
    }
    if alert.is_resolved {
        return Ok(Heard::Nothing("it is over, and no open call sheet speaks of it"));
    }
    let named = named_by(view, &alert);
    if named.is_empty() {
        return Ok(Heard::Nothing("it names nothing that is in the catalog"));
    }
    let opening = Opening {
        title: alert.title.chars().take(200).collect(),
        roots: named.into_iter().map(|entity_ref| (entity_ref, State::Down)).collect(),
        text: Some(text),
        source: Some(tool.title().to_owned()),
        link: alert.url.map(|url| (tool.title().to_owned(), url)),
        alert_key: Some(alert.key),
    };
    let (id, was_open) = open(app, view, gate, opening).await?;
    Ok(if was_open { Heard::Noted(id) } else { Heard::Opened(id) })
}

/// A new look at what is hit, when an alert names something that did not fail until now.
async fn look_for_alert(
    app: &App,
    view: &View,
    gate: &Gate,
    id: &str,
    alert: &alerts::Alert,
) -> Result<Option<What>, Problem> {
    let before = gate.call_sheet_impact(id).await?;
    let more = named_by(view, alert).into_iter().map(|entity_ref| (entity_ref, State::Down)).collect();
    look(app, view, &before, more, false).await
}

/// Notes an alert with its look. What a sheet has no room for must not keep the alert away, which says what fails as well.
async fn note_alert(app: &App, gate: &Gate, id: &str, alert: What, look: Option<What>) -> Result<(), Problem> {
    let mut entries = vec![alert];
    entries.extend(look);
    let noted = match gate.append_to_call_sheet(id, &entries).await {
        Err(GateError::Conflict(_)) if entries.len() > 1 => gate.append_to_call_sheet(id, &entries[..1]).await,
        noted => noted,
    };
    noted?;
    app.sheet_bell().ring();
    Ok(())
}

/// The entities that an alert names exactly.
fn named_by(view: &View, alert: &alerts::Alert) -> Vec<EntityRef> {
    find_named(view, &format!("{}\n{}", alert.title, alert.texts.join("\n")))
}

fn first_line(title: &str, text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    if first.is_empty() || first == title { title.to_owned() } else { format!("{title} ({first})") }
}

/// Appends to a sheet and tells everybody who looks at it.
///
/// # Errors
/// As the gate.
pub(crate) async fn append(app: &App, gate: &Gate, id: &str, entries: &[What]) -> Result<u32, Problem> {
    let revision = gate.append_to_call_sheet(id, entries).await?;
    app.sheet_bell().ring();
    Ok(revision)
}

/// Looks up again what is hit.
///
/// # Errors
/// As the gate; 409 when what fails is no longer in the catalog.
pub(crate) async fn look_again(app: &App, view: &View, gate: &Gate, id: &str) -> Result<u32, Problem> {
    gate.require("callsheet.write")?;
    let sheet = gate.load_call_sheet(id).await?;
    let Some(look) = look(app, view, &sheet.impact, Vec::new(), true).await? else {
        return Err(problem::conflict("what fails is no longer in the catalog, so there is nothing to look up"));
    };
    append(app, gate, id, &[look]).await
}

/// Adds to what fails, and looks up again what is hit.
///
/// # Errors
/// As the gate; 409 when all of it is on the sheet already.
pub(crate) async fn add_failing(
    app: &App,
    view: &View,
    gate: &Gate,
    id: &str,
    more: Vec<(EntityRef, State)>,
) -> Result<u32, Problem> {
    gate.require("callsheet.write")?;
    let sheet = gate.load_call_sheet(id).await?;
    let Some(look) = look(app, view, &sheet.impact, more, false).await? else {
        return Err(problem::conflict("all of that is among what fails already"));
    };
    append(app, gate, id, &[look]).await
}

/// Looks up what is hit by what fails on a sheet and by more; what fails already gets the state that is said now. Nothing when
/// nothing of that is in the catalog, or when nothing is added and that is no reason to look.
async fn look(
    app: &App,
    view: &View,
    before: &Frozen,
    more: Vec<(EntityRef, State)>,
    looks_anyway: bool,
) -> Result<Option<What>, Problem> {
    let known = before.roots.iter().filter_map(|root| Some((root.entity_ref.clone(), State::parse(&root.state)?)));
    let known: Vec<(EntityRef, State)> = known.collect();
    let mut roots = known.clone();
    for (entity_ref, state) in more.into_iter().filter(|(entity_ref, _)| view.find(entity_ref.as_str()).is_some()) {
        match roots.iter_mut().find(|(other, _)| *other == entity_ref) {
            Some((_, before)) => *before = state,
            None => roots.push((entity_ref, state)),
        }
    }
    if !looks_anyway && roots == known {
        return Ok(None);
    }
    check_roots(roots.len())?;
    let impact = freeze(app, view, roots, app.now()).await?;
    let difference = sheets::compare(before, &impact);
    let is_any = !impact.roots.is_empty();
    Ok(is_any.then(|| What::Frozen { impact: Box::new(impact), difference: Some(difference) }))
}

/// Sends a message about a sheet to some of its teams; to all that wait when none is named.
///
/// # Errors
/// As the gate; 400 for a sender that is not configured. That the other side refuses is an entry of the sheet.
pub(crate) async fn send(
    app: &App,
    gate: &Gate,
    id: &str,
    sender: &str,
    teams: &[EntityRef],
) -> Result<Option<String>, Problem> {
    gate.require("callsheet.write")?;
    let senders = &app.settings().call_sheets.senders;
    let Some(known) = senders.iter().find(|known| known.name == sender) else {
        return Err(problem::input(format!("there is no sender `{sender}`")));
    };
    let sheet = gate.load_call_sheet(id).await?;
    if !sheet.is_open() {
        return Err(problem::conflict("the call sheet is closed; open it again to send from it"));
    }
    check_pace(&sheet, sender, app.now())?;
    let waits = |line: &&TeamLine| line.standing == sheets::Standing::Waiting;
    let chosen: Vec<&TeamLine> = match teams {
        [] => sheet.shown_teams().filter(waits).collect(),
        named => sheet.shown_teams().filter(|line| named.contains(&line.team.team)).collect(),
    };
    let url = sheet_url(app, &sheet);
    let body = messages::message(known.template, &sheet, &chosen, &paste_text(&sheet, &url), &url);
    let failure = app.workshop().send(sender, &body).await.err();
    let teams = chosen.iter().map(|line| line.team.team.clone()).collect();
    append(app, gate, id, &[What::Sent { sender: sender.to_owned(), teams, failure: failure.clone() }]).await?;
    Ok(failure)
}

/// How many messages may go out of a sheet through one sender within a minute.
const MOST_SENT: usize = 6;

/// Refuses to send more often than anybody reads.
fn check_pace(sheet: &Sheet, sender: &str, now: Timestamp) -> Result<(), Problem> {
    let since = Timestamp(now.0.saturating_sub(60_000));
    let recent = sheet.entries.iter().rev().take_while(|entry| entry.at >= since);
    let sent = recent.filter(|entry| matches!(&entry.what, What::Sent { sender: through, .. } if through == sender));
    if sent.count() >= MOST_SENT {
        let message = format!("{MOST_SENT} messages have gone through `{sender}` within a minute; wait a little");
        return Err(problem::too_many_requests(message));
    }
    Ok(())
}

/// Where a sheet is found from afar.
pub(crate) fn sheet_url(app: &App, sheet: &Sheet) -> String {
    format!("{}/call-sheets/{}", app.settings().base_url, sheet.id)
}
