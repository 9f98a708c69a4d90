//! `/call-sheets/:id`: one sheet, live for everybody who has it open.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use model::EntityRef;
use sheets::{Contact, FrozenHit, Question, Sheet, Standing, TeamLine, paste_text};

use super::doing::sheet_url;
use crate::{
    App, Gate, LinkTemplate, Problem, View,
    pages::{
        Frame,
        frame::{Crumb, Section},
        icon::Icon,
        link::EntityLink,
        moment::Moment,
        render, urls, words,
    },
};

/// How many hits are shown; those who are called see theirs with their team.
const MOST_HITS: usize = 40;

#[derive(Template)]
#[template(path = "call_sheets/show.html")]
struct SheetPage {
    frame: Frame,
    href: String,
    sheet: Sheet,
    opened: Moment,
    closed: Option<Moment>,
    looked: Moment,
    roots: Vec<(EntityLink, String)>,
    unknown: Vec<EntityRef>,
    teams: Vec<TeamRow>,
    /// Waiting, told, seen, answered.
    counts: [usize; 4],
    hits: Vec<HitRow>,
    /// How many more are hit than are shown.
    more_hits: usize,
    /// The impact of the same failure by the newest catalog.
    impact: String,
    /// What belongs to nobody.
    unowned: Vec<EntityLink>,
    journeys: Vec<(EntityLink, String)>,
    carriers: Vec<(EntityLink, String)>,
    links: Vec<(String, String)>,
    senders: Vec<String>,
    mail: Option<String>,
    wrong: Vec<WrongRow>,
    lines: Vec<LineRow>,
    text: String,
    may_write: bool,
}

/// A team with everything that can be said of it.
struct TeamRow {
    link: EntityLink,
    key: String,
    line: TeamLine,
    contacts: Vec<Contact>,
    above: Option<EntityLink>,
    changed: Option<Moment>,
    /// The standings that can be chosen, with their labels, and whether it is the one.
    choices: Vec<(&'static str, &'static str, bool)>,
}

/// Something that is hit.
struct HitRow {
    link: EntityLink,
    hit: FrozenHit,
    owner: Option<EntityLink>,
}

/// An answer that says that the catalog was wrong.
struct WrongRow {
    words: String,
    question: &'static str,
    entity: EntityLink,
    other: Option<EntityRef>,
    is_settled: bool,
}

/// A line of the timeline.
struct LineRow {
    at: Moment,
    actor: String,
    kind: &'static str,
    words: String,
}

/// Shows a sheet.
pub(in crate::pages) async fn show_sheet(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let sheet = gate.load_call_sheet(&id).await?;
    let now = frame.now;
    let moment = |at| Moment { at, now };
    let mut frame = frame.titled(sheet.title.clone(), Section::CallSheets);
    frame.crumbs = vec![Crumb { label: "Call sheets".to_owned(), href: "/call-sheets".to_owned() }];
    let place = |place: &sheets::FrozenPlace| {
        let parts = words::counted(place.parts, "part is hit", "parts are hit");
        (EntityLink::to(&view, &place.entity_ref), parts)
    };
    let hits: Vec<HitRow> = sheet.impact.hits.iter().take(MOST_HITS).map(|hit| hit_row(&view, hit)).collect();
    let page = SheetPage {
        href: format!("/call-sheets/{id}"),
        opened: moment(sheet.opened_at),
        closed: sheet.closing.as_ref().map(|closing| moment(closing.at)),
        looked: moment(sheet.impact.at),
        roots: sheet
            .impact
            .roots
            .iter()
            .map(|root| (EntityLink::to(&view, &root.entity_ref), root.state.clone()))
            .collect(),
        unknown: sheet.impact.unknown.clone(),
        teams: sheet.shown_teams().map(|line| team_row(&view, line, now)).collect(),
        counts: sheet.counts(),
        more_hits: sheet.impact.hit_count - hits.len(),
        impact: impact_href(&sheet),
        hits,
        unowned: sheet.impact.unowned.iter().map(|entity_ref| EntityLink::to(&view, entity_ref)).collect(),
        journeys: sheet.impact.journeys.iter().map(place).collect(),
        carriers: sheet.impact.carriers.iter().map(place).collect(),
        links: links(&app.settings().call_sheets.links, &sheet),
        senders: app.settings().call_sheets.senders.iter().map(|sender| sender.name.clone()).collect(),
        mail: mail_link(&sheet, &app),
        wrong: wrong_rows(&view, &sheet),
        lines: sheet.entries.iter().rev().map(|entry| line_row(entry, now)).collect(),
        text: paste_text(&sheet, &sheet_url(&app, &sheet)),
        may_write: gate.require("callsheet.write").is_ok(),
        sheet,
        frame,
    };
    render(&page)
}

fn team_row(view: &View, line: &TeamLine, now: model::Timestamp) -> TeamRow {
    let choices = [(Standing::Told, "Told"), (Standing::Seen, "Seen"), (Standing::Answered, "Answered")];
    TeamRow {
        link: EntityLink { title: line.team.title.clone(), ..EntityLink::to(view, &line.team.team) },
        key: line.team.team.to_string(),
        contacts: line.team.contacts.iter().map(with_safe_address).collect(),
        above: line.team.above.as_ref().map(|above| EntityLink::to(view, above)),
        changed: line.changed.as_ref().map(|(at, _)| Moment { at: *at, now }),
        choices: choices.map(|(standing, label)| (standing.word(), label, standing == line.standing)).to_vec(),
        line: line.clone(),
    }
}

/// A contact whose address may be a link, as it was checked when it was frozen and is again.
fn with_safe_address(contact: &Contact) -> Contact {
    Contact { href: contact.href.clone().filter(|href| urls::is_web_link(href)), ..contact.clone() }
}

fn hit_row(view: &View, hit: &FrozenHit) -> HitRow {
    HitRow {
        link: EntityLink { title: hit.title.clone(), ..EntityLink::to(view, &hit.entity_ref) },
        owner: hit.owner.as_ref().map(|owner| EntityLink::to(view, owner)),
        hit: hit.clone(),
    }
}

/// The page of the impact of what fails.
fn impact_href(sheet: &Sheet) -> String {
    let roots: Vec<&str> = sheet.impact.roots.iter().map(|root| root.entity_ref.as_str()).collect();
    let state = sheet.impact.roots.first().map_or("down", |root| root.state.as_str());
    urls::with_query("/impact", roots.into_iter().map(|root| ("ref", root)).chain([("state", state)]))
}

/// The links of the sheet, then those of the configuration.
fn links(templates: &[LinkTemplate], sheet: &Sheet) -> Vec<(String, String)> {
    let own = sheet.links.iter().map(|link| (link.title.clone(), link.url.clone()));
    let configured = templates.iter().map(|template| (template.title.clone(), template.fill(sheet)));
    own.chain(configured).filter(|(_, url)| urls::is_web_link(url)).collect()
}

/// A mail to every team that has an address.
fn mail_link(sheet: &Sheet, app: &App) -> Option<String> {
    let addresses: Vec<&str> = sheet.shown_teams().filter_map(|line| line.team.mail.as_deref()).collect();
    if addresses.is_empty() {
        return None;
    }
    let encode =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let to: Vec<String> = addresses.iter().map(|address| encode(address).replace("%40", "@")).collect();
    let body = format!("{}\n", sheet_url(app, sheet));
    Some(format!("mailto:{}?subject={}&body={}", to.join(","), encode(&sheet.title), encode(&body)))
}

fn wrong_rows(view: &View, sheet: &Sheet) -> Vec<WrongRow> {
    let wrong = sheet.verdicts.iter().filter(|(_, verdict)| !verdict.right);
    let row = |((question, entity, other), verdict): (&(Question, EntityRef, Option<EntityRef>), &sheets::Verdict)| {
        let named = other.as_ref().map_or("nobody", EntityRef::as_str);
        let said = match question {
            Question::Owner => format!("is not owned by {named}"),
            Question::Dependency => format!("does not need {named}"),
            Question::Missing => format!("was hit by {named}, which the catalog did not tell"),
        };
        WrongRow {
            words: verdict.note.as_ref().map_or(said.clone(), |note| format!("{said}: {note}")),
            question: question.word(),
            entity: EntityLink::to(view, entity),
            other: other.clone(),
            is_settled: verdict.is_settled,
        }
    };
    wrong.map(row).collect()
}

fn line_row(entry: &sheets::Entry, now: model::Timestamp) -> LineRow {
    LineRow {
        at: Moment { at: entry.at, now },
        actor: entry.actor.clone(),
        kind: entry.what.kind(),
        words: entry.what.words(),
    }
}
