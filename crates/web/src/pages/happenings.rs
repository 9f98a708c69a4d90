//! What happened, told in full: each change and each event with who, when, where and what differs.

use askama::{Template, filters::HtmlSafe};
use auth::{Happening, Near, ToldChange};
use model::{Cause, ChangeKind, Event, EventKind, Timestamp};

use super::{icon::Icon, link::EntityLink, moment::Moment, parts::short_file, urls};
use crate::{View, past};

/// Happenings, in the order given.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/happenings.html")]
pub(crate) struct Happenings {
    pub(crate) rows: Vec<HappeningRow>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HappeningRow {
    pub(crate) at: Moment,
    pub(crate) icon: Icon,
    /// The sort in one word, for a class and for those who cannot see the icon.
    pub(crate) sort: &'static str,
    pub(crate) entities: Vec<EntityLink>,
    /// What happened: "added", or the title of an event.
    pub(crate) what: String,
    /// Where to see more of an event.
    pub(crate) link: Option<String>,
    /// How it ended.
    pub(crate) outcome: Option<String>,
    /// What differs, in words.
    pub(crate) facts: Vec<String>,
    /// Who and where: the commit and its author, or else the actor; the file.
    pub(crate) cause: Vec<String>,
    /// The entity as it was right after a change, when it was there.
    pub(crate) then: Option<String>,
    /// How many steps away, on lists of what happened nearby.
    pub(crate) distance: Option<u32>,
}

/// How many differences of one change are told.
const MOST_FACTS: usize = 12;

impl Happenings {
    /// Tells happenings.
    pub(crate) fn of(view: &View, items: &[Happening], now: Timestamp) -> Self {
        Self { rows: items.iter().map(|item| row(view, item, now)).collect() }
    }

    /// Tells what happened nearby.
    pub(crate) fn near(view: &View, items: &[Near], now: Timestamp) -> Self {
        let near = |near: &Near| HappeningRow { distance: Some(near.distance), ..row(view, &near.happening, now) };
        Self { rows: items.iter().map(near).collect() }
    }
}

impl HappeningRow {
    /// How far away it is, in words.
    fn steps(&self) -> Option<String> {
        self.distance.map(|distance| match distance {
            0 => "here".to_owned(),
            1 => "1 step away".to_owned(),
            n => format!("{n} steps away"),
        })
    }

    /// The class of how it ended.
    fn outcome_class(&self) -> &'static str {
        match self.outcome.as_deref().unwrap_or_default().to_ascii_lowercase().as_str() {
            "success" | "succeeded" | "resolved" | "healthy" => "good",
            "failure" | "failed" | "error" | "firing" | "degraded" => "bad",
            _ => "",
        }
    }
}

fn row(view: &View, item: &Happening, now: Timestamp) -> HappeningRow {
    match item {
        Happening::Change(change) => of_change(view, change, now),
        Happening::Event(event) => of_event(view, event, now),
    }
}

fn of_change(view: &View, change: &ToldChange, now: Timestamp) -> HappeningRow {
    let (sort, icon) = match change.kind {
        ChangeKind::Added => ("added", Icon("plus")),
        ChangeKind::Changed => ("changed", Icon("pencil")),
        ChangeKind::Removed => ("removed", Icon("minus")),
    };
    let mut facts: Vec<String> = change.facts.iter().map(ToString::to_string).collect();
    let more = facts.len().saturating_sub(MOST_FACTS);
    facts.truncate(MOST_FACTS);
    if more > 0 {
        facts.push(format!("{more} more"));
    }
    let page = urls::entity(&change.entity_ref);
    HappeningRow {
        at: Moment { at: change.at, now },
        icon,
        sort,
        entities: vec![EntityLink::to(view, &change.entity_ref)],
        what: sort.to_owned(),
        link: None,
        outcome: None,
        facts,
        cause: causes(&change.cause),
        then: (change.kind != ChangeKind::Removed).then(|| past::keep_in_address(&page, &change.seq.0.to_string())),
        distance: None,
    }
}

/// Who and where, the shortest first.
pub(crate) fn causes(cause: &Cause) -> Vec<String> {
    let target = cause.location.as_deref().and_then(|location| location.split_once(':')).map(|(_, target)| target);
    [cause.in_short(), target.map(|target| short_file(target).to_owned())].into_iter().flatten().collect()
}

fn of_event(view: &View, event: &Event, now: Timestamp) -> HappeningRow {
    let event = &event.event;
    let icon = match event.kind {
        EventKind::Deployment => Icon("rocket"),
        EventKind::Flag => Icon("flag"),
        EventKind::Configuration => Icon("settings"),
        EventKind::Alert => Icon("siren"),
        EventKind::Other => Icon("zap"),
    };
    let unmatched = event.refs.is_empty().then(|| match &event.subject {
        Some(subject) => format!("`{subject}` is not in the catalog"),
        None => "It names no entity of the catalog".to_owned(),
    });
    HappeningRow {
        at: Moment { at: event.at, now },
        icon,
        sort: event.kind.word(),
        entities: event.refs.iter().map(|known| EntityLink::to(view, known)).collect(),
        what: event.title.clone(),
        link: event.link.clone().filter(|link| urls::is_web_link(link)),
        outcome: event.outcome.clone(),
        facts: unmatched.into_iter().collect(),
        cause: event.actor.iter().cloned().chain([event.source.clone()]).collect(),
        then: None,
        distance: None,
    }
}

impl HtmlSafe for Happenings {}
