//! The small parts that pages are made of. Each is made once, here, and shown on the page of components.

use askama::{Template, filters::HtmlSafe};
use model::{Diagnostic, Severity};

use super::{icon::Icon, link::EntityLink, moment::Moment, urls};

/// A lifecycle, in a form that is recognised before it is read.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(source = "<span class=\"chip lifecycle {{ class() }}\">{{ self.0 }}</span>", ext = "html")]
pub(crate) struct Lifecycle(pub(crate) String);

impl Lifecycle {
    fn class(&self) -> &'static str {
        match self.0.to_ascii_lowercase().as_str() {
            "production" => "production",
            "deprecated" => "deprecated",
            "experimental" => "experimental",
            _ => "other",
        }
    }
}

/// Tags, the first few of them; the others unfold.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/tags.html")]
pub(crate) struct Tags {
    /// Each with the address of the catalog of its kind with that tag.
    pub(crate) tags: Vec<(String, String)>,
    /// How many are shown at once.
    pub(crate) shown: usize,
}

impl Tags {
    /// Links each tag to the catalog of a kind.
    pub(crate) fn of(kind: &str, tags: Vec<String>, shown: usize) -> Self {
        let kind = kind.to_lowercase();
        let link = |tag: String| {
            let href =
                urls::with_query("/catalog", [("filters[kind]", kind.as_str()), ("filters[tags][]", tag.as_str())]);
            (tag, href)
        };
        Self { tags: tags.into_iter().map(link).collect(), shown }
    }

    fn first(&self) -> &[(String, String)] {
        &self.tags[..self.tags.len().min(self.shown)]
    }

    fn others(&self) -> &[(String, String)] {
        &self.tags[self.tags.len().min(self.shown)..]
    }
}

/// One cell of a table.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/cell.html")]
pub(crate) enum Cell {
    Empty,
    Text(String),
    Number(u64),
    /// A link with a label.
    Link {
        label: String,
        href: String,
    },
    /// An entity.
    Entity(EntityLink),
    /// Several entities.
    Entities(Vec<EntityLink>),
    Lifecycle(Lifecycle),
    Tags(Tags),
    Moment(Moment),
    /// A sentence that may be cut to the width of its column; it is whole in the hint.
    Sentence(String),
}

impl Cell {
    /// A cell for a text that may not be there.
    pub(crate) fn text(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.to_owned()))
    }
}

/// A column's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) label: String,
    /// Where a click on it leads: the same list in this order. `None` when it cannot be sorted by.
    pub(crate) sort_href: Option<String>,
    pub(crate) sorted: Option<Sorted>,
    /// Whether its cells are numbers.
    pub(crate) is_number: bool,
    /// A class for its width: `wide`, `narrow` or nothing.
    pub(crate) width: &'static str,
}

impl Head {
    /// A head that cannot be sorted by.
    pub(crate) fn plain(label: impl Into<String>) -> Self {
        Self { label: label.into(), sort_href: None, sorted: None, is_number: false, width: "" }
    }

    /// A head of numbers.
    pub(crate) fn number(label: impl Into<String>) -> Self {
        Self { is_number: true, ..Self::plain(label) }
    }

    /// A head of long texts.
    pub(crate) fn wide(label: impl Into<String>) -> Self {
        Self { width: "wide", ..Self::plain(label) }
    }
}

/// The order of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sorted {
    Ascending,
    Descending,
}

impl Sorted {
    fn aria(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
        }
    }
}

/// A table of data.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/table.html")]
pub(crate) struct Table {
    /// What it lists, for those who cannot see it.
    pub(crate) caption: String,
    pub(crate) heads: Vec<Head>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// The part of the page that a new order replaces, as a selector; `None` loads the page.
    pub(crate) swaps: Option<&'static str>,
}

/// A table of entities with their type, owner and description, as cards show them.
pub(crate) fn entity_table(view: &index::View, caption: &str, links: &[EntityLink]) -> Table {
    let row = |link: &EntityLink| {
        let doc = view.find(link.entity_ref.as_str());
        let facts = doc.as_ref().map(super::facts::Facts::of);
        let owner = doc.as_ref().map(|doc| super::link::related(view, doc, "ownedBy")).unwrap_or_default();
        vec![
            Cell::Entity(link.clone()),
            Cell::text(facts.as_ref().and_then(super::facts::Facts::entity_type)),
            Cell::Entities(owner),
            facts
                .as_ref()
                .and_then(|facts| facts.lifecycle())
                .map_or(Cell::Empty, |l| Cell::Lifecycle(Lifecycle(l.into()))),
            facts.as_ref().and_then(|facts| facts.description()).map_or(Cell::Empty, |d| Cell::Sentence(d.into())),
        ]
    };
    Table {
        caption: caption.to_owned(),
        heads: vec![
            Head::plain("Name"),
            Head::plain("Type"),
            Head::plain("Owner"),
            Head::plain("Lifecycle"),
            Head::wide("Description"),
        ],
        rows: links.iter().map(row).collect(),
        swaps: None,
    }
}

/// A list of values to narrow a list by.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/facet.html")]
pub(crate) struct Facet {
    pub(crate) title: String,
    /// Unique on the page.
    pub(crate) id: String,
    pub(crate) options: Vec<FacetOption>,
    /// How many values are not listed, as they are too many.
    pub(crate) left_out: usize,
    /// How many are shown before the rest unfolds.
    pub(crate) shown: usize,
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FacetOption {
    pub(crate) label: String,
    pub(crate) count: u64,
    pub(crate) is_chosen: bool,
    /// The list with this value chosen, or no longer chosen.
    pub(crate) href: String,
    pub(crate) icon: Option<Icon>,
}

impl Facet {
    fn first(&self) -> &[FacetOption] {
        &self.options[..self.options.len().min(self.shown)]
    }

    fn others(&self) -> &[FacetOption] {
        &self.options[self.options.len().min(self.shown)..]
    }

    fn has_choice_in_others(&self) -> bool {
        self.others().iter().any(|option| option.is_chosen)
    }
}

/// Tabs are links.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/tabs.html")]
pub(crate) struct Tabs {
    /// What they switch between, for those who cannot see it.
    pub(crate) label: String,
    pub(crate) tabs: Vec<Tab>,
}

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tab {
    pub(crate) label: String,
    pub(crate) href: String,
    pub(crate) count: Option<u64>,
    pub(crate) is_current: bool,
}

/// Nothing to show: what it is, why, and one thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/empty.html")]
pub(crate) struct Empty {
    pub(crate) icon: Icon,
    pub(crate) title: String,
    pub(crate) text: String,
    /// Label and address.
    pub(crate) action: Option<(String, String)>,
}

/// How bad something is, as a mark with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Template)]
#[template(
    source = "<span class=\"severity {{ self.word() }}\">{{ self.icon() }}<span>{{ self.word() }}</span></span>",
    ext = "html"
)]
pub(crate) struct SeverityMark(pub(crate) Severity);

impl SeverityMark {
    pub(crate) fn word(self) -> &'static str {
        match self.0 {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }

    fn icon(self) -> Icon {
        match self.0 {
            Severity::Error => Icon("circle-x"),
            Severity::Warning => Icon("triangle-alert"),
            Severity::Info => Icon("info"),
        }
    }
}

/// A problem as a compiler shows it: code, sentence, the line with the spot underlined, and the cure.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/problem.html")]
pub(crate) struct ProblemBox {
    pub(crate) severity: SeverityMark,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) spot: Option<Spot>,
    /// The file, when no spot in it is known: as people know it, and where to see it.
    pub(crate) file: Option<(String, Option<String>)>,
    /// The entity it is about.
    pub(crate) entity: Option<EntityLink>,
    /// Who can mend it.
    pub(crate) owners: Vec<EntityLink>,
    pub(crate) since: Option<Moment>,
}

/// A spot in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The file as people know it.
    pub(crate) file: String,
    /// Where to see it, when that is a web page.
    pub(crate) href: Option<String>,
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// The line in three parts: before, at and after the spot.
    pub(crate) source: Option<(String, String, String)>,
    /// Lines above it, with their numbers, where they are at hand.
    pub(crate) above: Vec<(u32, String)>,
    /// Lines below it.
    pub(crate) below: Vec<(u32, String)>,
}

impl Spot {
    /// Reads a place of a diagnostic.
    pub(crate) fn of(place: &model::Place) -> Self {
        let source = place.source_line.as_deref().map(|line| {
            let end = if place.end_line == place.line { place.end_column } else { u32::MAX };
            split_line(line, place.column, end)
        });
        let target = place.location.split_once(':').map_or(&*place.location, |(_, target)| target);
        Self {
            file: short_file(target).to_owned(),
            href: target.starts_with("http").then(|| format!("{target}#L{}", place.line)),
            line: place.line,
            column: place.column,
            source,
            above: Vec::new(),
            below: Vec::new(),
        }
    }
}

/// Splits a line at columns that count characters from 1; at least one character is underlined where there is one.
fn split_line(line: &str, column: u32, end_column: u32) -> (String, String, String) {
    let start = column.saturating_sub(1) as usize;
    let end = (end_column.saturating_sub(1) as usize).max(start + 1);
    let chars: Vec<char> = line.trim_end().chars().collect();
    let (start, end) = (start.min(chars.len()), end.min(chars.len()));
    (chars[..start].iter().collect(), chars[start..end].iter().collect(), chars[end..].iter().collect())
}

/// The end of a path or address: its last four parts.
pub(crate) fn short_file(target: &str) -> &str {
    let bare = target.split_once("://").map_or(target, |(_, rest)| rest).trim_end_matches('/');
    bare.rmatch_indices('/').nth(3).map_or(bare, |(slash, _)| &bare[slash + 1..])
}

impl ProblemBox {
    /// All problems of its kind.
    fn code_href(&self) -> String {
        urls::with_query("/problems", [("code", self.code.as_str())])
    }

    /// Shows a diagnostic.
    pub(crate) fn of(diagnostic: &Diagnostic) -> Self {
        Self {
            severity: SeverityMark(diagnostic.severity),
            code: diagnostic.code.to_string(),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            spot: diagnostic.place.as_ref().map(Spot::of),
            file: None,
            entity: None,
            owners: Vec::new(),
            since: None,
        }
    }
}

/// Where one is in a long list.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/pager.html")]
pub(crate) struct Pager {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) total: u64,
    /// What is counted: "components".
    pub(crate) things: String,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
}

impl HtmlSafe for Lifecycle {}
impl HtmlSafe for Tags {}
impl HtmlSafe for Cell {}
impl HtmlSafe for Table {}
impl HtmlSafe for Facet {}
impl HtmlSafe for Tabs {}
impl HtmlSafe for Empty {}
impl HtmlSafe for SeverityMark {}
impl HtmlSafe for ProblemBox {}
impl HtmlSafe for Pager {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spot_of_a_problem_is_cut_out_of_its_line() {
        let cut = |line, from, to| split_line(line, from, to);
        assert_eq!(cut("  owner: x", 3, 8), ("  ".into(), "owner".into(), ": x".into()));
        assert_eq!(cut("short", 40, 50), ("short".into(), String::new(), String::new()));
        assert_eq!(cut("ünïcode", 2, 2), ("ü".into(), "n".into(), "ïcode".into()));
    }

    #[test]
    fn long_paths_are_shown_by_their_end() {
        assert_eq!(short_file("/a/b/c/d/catalog-info.yaml"), "b/c/d/catalog-info.yaml");
        assert_eq!(short_file("x.yaml"), "x.yaml");
        assert_eq!(short_file("https://git.example/a.yaml"), "git.example/a.yaml");
        assert_eq!(short_file("https://git.example/x/a.yaml"), "git.example/x/a.yaml");
    }
}
