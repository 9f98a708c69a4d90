//! What an address asks of the list of problems, and the addresses of its neighbours.

use index::problems::ProblemQuery;
use model::{DEFAULT_NAMESPACE, EntityRef, RefDefaults, Severity, Uid};

use crate::{Problem, pages::urls, problem};

/// Stands for "no owner is known" in an address.
pub(super) const NOBODY: &str = "-";
/// How many problems a page shows.
pub(super) const PAGE: usize = 50;

/// What problems are put together by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Grouping {
    /// One after the other.
    #[default]
    None,
    Owner,
    Code,
    Source,
}

impl Grouping {
    pub(super) const ALL: [Self; 4] = [Self::None, Self::Owner, Self::Code, Self::Source];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Owner => "owner",
            Self::Code => "code",
            Self::Source => "source",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::None => "One by one",
            Self::Owner => "By owner",
            Self::Code => "By code",
            Self::Source => "By file",
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ProblemsQuery {
    /// Canonical references, or `-`.
    pub(super) owners: Vec<String>,
    pub(super) codes: Vec<String>,
    pub(super) severities: Vec<Severity>,
    pub(super) locations: Vec<String>,
    pub(super) entities: Vec<String>,
    /// Ids of locations.
    pub(super) roots: Vec<Uid>,
    pub(super) grouping: Grouping,
    pub(super) offset: usize,
    /// `csv` or `ndjson`, for the export.
    pub(super) format: String,
}

impl ProblemsQuery {
    /// Reads a query. What is not known is left out, so that addresses with marks of other programs work.
    ///
    /// # Errors
    /// 400 when a severity, a grouping or an offset is none.
    pub(super) fn parse(raw: Option<&str>) -> Result<Self, Problem> {
        let mut query = Self { format: "csv".to_owned(), ..Self::default() };
        for (name, value) in url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes()) {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            match &*name {
                "owner" => urls::take_value(&mut query.owners, owner_ref(value)),
                "code" => urls::take_value(&mut query.codes, value.to_uppercase()),
                "severity" => urls::take_value(&mut query.severities, parse_severity(value)?),
                "location" => urls::take_value(&mut query.locations, value.to_owned()),
                "entity" => urls::take_value(&mut query.entities, value.to_lowercase()),
                "root" => {
                    let refused = || problem::input(format!("`root` must be the id of a location, not `{value}`"));
                    urls::take_value(&mut query.roots, Uid::parse(value).ok_or_else(refused)?);
                }
                "group" => query.grouping = parse_grouping(value)?,
                "offset" => {
                    let refused = |_| problem::input(format!("`offset` must be a whole number, not `{value}`"));
                    query.offset = value.parse().map_err(refused)?;
                }
                "format" => query.format = value.to_owned(),
                _ => {}
            }
        }
        Ok(query)
    }

    /// The question to the board.
    pub(super) fn to_board(&self) -> ProblemQuery {
        let owners = self.owners.iter().map(|owner| if owner == NOBODY { String::new() } else { owner.clone() });
        ProblemQuery {
            owners: owners.collect(),
            codes: self.codes.clone(),
            severities: self.severities.clone(),
            locations: self.locations.clone(),
            entities: self.entities.clone(),
            roots: self.roots.clone(),
        }
    }

    /// The address of the list.
    pub(super) fn href(&self) -> String {
        self.href_at("/problems")
    }

    /// The same question at another path.
    pub(super) fn href_at(&self, path: &str) -> String {
        let offset = self.offset.to_string();
        let roots: Vec<String> = self.roots.iter().map(ToString::to_string).collect();
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        pairs.extend(self.owners.iter().map(|value| ("owner", value.as_str())));
        pairs.extend(self.severities.iter().map(|value| ("severity", severity_word(*value))));
        pairs.extend(self.codes.iter().map(|value| ("code", value.as_str())));
        pairs.extend(self.locations.iter().map(|value| ("location", value.as_str())));
        pairs.extend(self.entities.iter().map(|value| ("entity", value.as_str())));
        pairs.extend(roots.iter().map(|value| ("root", value.as_str())));
        if self.grouping != Grouping::None {
            pairs.push(("group", self.grouping.word()));
        }
        if self.offset > 0 {
            pairs.push(("offset", &offset));
        }
        urls::with_query(path, pairs)
    }

    /// Whether anything narrows the list.
    pub(super) fn is_narrowed(&self) -> bool {
        *self != Self { grouping: self.grouping, offset: self.offset, format: self.format.clone(), ..Self::default() }
    }
}

/// Puts a value into a list or takes it out.
pub(super) fn toggled<T: Clone + PartialEq>(values: &[T], value: &T) -> Vec<T> {
    let mut toggled = values.to_vec();
    match toggled.iter().position(|known| known == value) {
        Some(at) => {
            toggled.remove(at);
        }
        None => toggled.push(value.clone()),
    }
    toggled
}

pub(super) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn parse_severity(word: &str) -> Result<Severity, Problem> {
    match word {
        "error" => Ok(Severity::Error),
        "warning" => Ok(Severity::Warning),
        "info" => Ok(Severity::Info),
        _ => Err(problem::input(format!("`severity` must be one of error, warning, info, not `{word}`"))),
    }
}

fn parse_grouping(word: &str) -> Result<Grouping, Problem> {
    let found = Grouping::ALL.into_iter().find(|grouping| grouping.word() == word);
    found.ok_or_else(|| problem::input(format!("`group` must be one of owner, code, source, not `{word}`")))
}

/// `team-a` is short for `group:default/team-a`.
fn owner_ref(text: &str) -> String {
    if text == NOBODY {
        return NOBODY.to_owned();
    }
    let defaults = RefDefaults { kind: Some("group"), namespace: DEFAULT_NAMESPACE };
    EntityRef::parse_with(text, defaults).map_or_else(|_| text.to_lowercase(), |parsed| parsed.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_being_read_and_written() {
        let address = "owner=group:default/team-a&owner=-&severity=error&code=E0103&location=url:https://x/a.yaml&entity=api:default/x&root=01234567-89ab-4cde-8f01-23456789abcd&group=code&offset=50";
        let query = ProblemsQuery::parse(Some(address)).unwrap();
        assert_eq!(query.href(), format!("/problems?{address}"));
        assert!(query.is_narrowed());
        assert!(!ProblemsQuery::parse(Some("group=owner&utm_source=mail")).unwrap().is_narrowed());
        assert_eq!(ProblemsQuery::parse(Some("owner=team-a")).unwrap().owners, ["group:default/team-a"]);
        assert!(ProblemsQuery::parse(Some("severity=bad")).is_err());
    }
}
