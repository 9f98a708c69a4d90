//! The sheet as its entries make it.

use std::collections::BTreeMap;

use model::{EntityRef, Timestamp};

use crate::{Entry, Frozen, FrozenTeam, Question, Standing, What};

/// A sheet. Everything in it follows from its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its id.
    pub id: String,
    /// What the event is called.
    pub title: String,
    /// The tool that opened it, when it was one.
    pub source: Option<String>,
    /// What the tool or the person said about the event.
    pub text: Option<String>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// By whom.
    pub opened_by: String,
    /// When, by whom and with what words it was closed, while it is.
    pub closing: Option<Closing>,
    /// What is hit, as it was looked up last.
    pub impact: Frozen,
    /// How often it was looked up.
    pub looks: u32,
    /// Everybody who has to know or had to.
    pub teams: Vec<TeamLine>,
    /// Links into other tools.
    pub links: Vec<Link>,
    /// The answers to the two questions, by what they are about.
    pub verdicts: BTreeMap<(Question, EntityRef, Option<EntityRef>), Verdict>,
    /// Whether the alerting tool says that all is well again.
    pub is_resolved: bool,
    /// Number of the newest entry.
    pub revision: u32,
    /// The timeline, oldest first.
    pub entries: Vec<Entry>,
}

/// The end of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// What is to be remembered.
    pub note: Option<String>,
}

/// A team and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamLine {
    /// The team with its contacts, as they were when it was looked up last.
    pub team: FrozenTeam,
    /// How far it is.
    pub standing: Standing,
    /// The newest note.
    pub note: Option<String>,
    /// When its standing changed, and by whom.
    pub changed: Option<(Timestamp, String)>,
    /// Whether the newest look no longer names it.
    pub is_gone: bool,
}

/// A link into another tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What people call it.
    pub title: String,
    /// Where it leads.
    pub url: String,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the catalog was right.
    pub right: bool,
    /// How it is instead.
    pub note: Option<String>,
    /// Who said so, and when.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Whether what was wrong is settled.
    pub is_settled: bool,
}

impl Sheet {
    /// Makes the sheet of its entries, oldest first; `None` when there is none.
    #[must_use]
    pub fn fold(id: &str, entries: Vec<Entry>) -> Option<Self> {
        let first = entries.first()?;
        let mut sheet = Self {
            id: id.to_owned(),
            title: String::new(),
            source: None,
            text: None,
            opened_at: first.at,
            opened_by: first.actor.clone(),
            closing: None,
            impact: Frozen::default(),
            looks: 0,
            teams: Vec::new(),
            links: Vec::new(),
            verdicts: BTreeMap::new(),
            is_resolved: false,
            revision: 0,
            entries: Vec::new(),
        };
        entries.iter().for_each(|entry| sheet.apply(entry));
        sheet.entries = entries;
        Some(sheet)
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.closing.is_none()
    }

    /// How many teams are how far, those that are gone left out unless they were told.
    #[must_use]
    pub fn counts(&self) -> [usize; 4] {
        let count = |standing| self.shown_teams().filter(|line| line.standing == standing).count();
        Standing::ALL.map(count)
    }

    /// The teams that are worth a line: hit now, or told before.
    pub fn shown_teams(&self) -> impl Iterator<Item = &TeamLine> {
        self.teams.iter().filter(|line| !line.is_gone || line.standing != Standing::Waiting)
    }

    /// Finds a team.
    #[must_use]
    pub fn team(&self, team: &EntityRef) -> Option<&TeamLine> {
        self.teams.iter().find(|line| line.team.team == *team)
    }

    fn apply(&mut self, entry: &Entry) {
        self.revision = entry.number;
        let by = || entry.actor.clone();
        match &entry.what {
            What::Opened { title, source, text } => {
                self.title.clone_from(title);
                self.source.clone_from(source);
                self.text.clone_from(text);
            }
            What::Frozen { impact, .. } => self.look_again(impact),
            What::Team { team, standing, note } => {
                let Some(line) = self.teams.iter_mut().find(|line| line.team.team == *team) else { return };
                line.standing = *standing;
                if note.is_some() {
                    line.note.clone_from(note);
                }
                line.changed = Some((entry.at, by()));
            }
            What::Link { title, url } => {
                self.links.retain(|link| link.url != *url);
                self.links.push(Link { title: title.clone(), url: url.clone() });
            }
            What::Sent { teams, failure: None, .. } => self.mark_told(teams, entry),
            What::Alert { resolved, .. } => self.is_resolved = *resolved,
            What::Titled { title } => self.title.clone_from(title),
            What::Verdict { question, entity, other, right, note } => {
                let verdict = Verdict { right: *right, note: note.clone(), by: by(), at: entry.at, is_settled: false };
                self.verdicts.insert((*question, entity.clone(), other.clone()), verdict);
            }
            What::Settled { question, entity, other } => {
                if let Some(verdict) = self.verdicts.get_mut(&(*question, entity.clone(), other.clone())) {
                    verdict.is_settled = true;
                }
            }
            What::Closed { note } => {
                self.closing = Some(Closing { at: entry.at, by: by(), note: note.clone() });
            }
            What::Reopened => self.closing = None,
            What::Note { .. } | What::Sent { .. } => {}
        }
    }

    /// Takes a newer look; teams keep their standing.
    fn look_again(&mut self, impact: &Frozen) {
        self.looks += 1;
        let mut before = std::mem::take(&mut self.teams);
        for team in &impact.teams {
            let known = before.iter().position(|line| line.team.team == team.team).map(|at| before.remove(at));
            self.teams.push(match known {
                Some(line) => TeamLine { team: team.clone(), is_gone: false, ..line },
                None => TeamLine {
                    team: team.clone(),
                    standing: Standing::Waiting,
                    note: None,
                    changed: None,
                    is_gone: false,
                },
            });
        }
        self.teams.extend(before.into_iter().map(|line| TeamLine { is_gone: true, ..line }));
        self.impact = impact.clone();
    }

    /// Whoever was sent a message is told, but is not set back.
    fn mark_told(&mut self, teams: &[EntityRef], entry: &Entry) {
        for line in self.teams.iter_mut().filter(|line| teams.contains(&line.team.team)) {
            if line.standing == Standing::Waiting {
                line.standing = Standing::Told;
                line.changed = Some((entry.at, entry.actor.clone()));
            }
        }
    }
}
