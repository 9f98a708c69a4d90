//! What the address of the catalog says: read, written, and turned into a question for the index.

use std::{collections::BTreeMap, sync::Arc};

use index::{Direction, Filter, Order, problems::Board};
use model::EntityRef;
use url::form_urlencoded;

use crate::{
    App, Gate, Problem, View,
    pages::{Frame, urls},
};

/// Rows on a page when nothing is said.
pub(in crate::pages) const USUAL_LIMIT: usize = 50;
const MOST_ROWS: usize = 500;
/// Bounds on what one address can ask: each word and each dimension is looked for again for every facet.
const LONGEST_TEXT: usize = 200;
const MOST_WORDS: usize = 8;
const MOST_DIMENSIONS: usize = 12;
/// The page of the catalog.
pub(super) const CATALOG: &str = "/catalog";
/// The page of the APIs.
pub(super) const API_DOCS: &str = "/api-docs";

/// Whose entities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::pages) enum Scope {
    #[default]
    All,
    Owned,
    Starred,
}

impl Scope {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Owned => "owned",
            Self::Starred => "starred",
        }
    }
}

/// A dimension that the list can be narrowed by: its name in the address and its key in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pages) struct Dimension {
    /// As Backstage spells it in `filters[...]`.
    pub(in crate::pages) name: &'static str,
    pub(in crate::pages) key: &'static str,
    pub(in crate::pages) title: &'static str,
    /// Whether its values are entity references.
    pub(in crate::pages) is_reference: bool,
}

/// The dimensions that every kind has, in the order of the page.
pub(in crate::pages) static DIMENSIONS: [Dimension; 6] = [
    dimension("type", "spec.type", "Type", false),
    dimension("owners", "relations.ownedby", "Owner", true),
    dimension("lifecycles", "spec.lifecycle", "Lifecycle", false),
    dimension("systems", "relations.partof", "Part of", true),
    dimension("tags", "metadata.tags", "Tags", false),
    dimension("namespace", "metadata.namespace", "Namespace", false),
];

const fn dimension(name: &'static str, key: &'static str, title: &'static str, is_reference: bool) -> Dimension {
    Dimension { name, key, title, is_reference }
}

/// The question that an address asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pages) struct CatalogQuery {
    /// The page that asks: `/catalog`, or `/api-docs`, which is the same list of APIs only.
    pub(in crate::pages) page: &'static str,
    /// Lower case; `all` for every kind.
    pub(in crate::pages) kind: String,
    /// Chosen values by the name of their dimension, or by the dotted path of an own kind's field. Values of one are
    /// alternatives.
    pub(in crate::pages) chosen: BTreeMap<String, Vec<String>>,
    pub(in crate::pages) text: String,
    pub(in crate::pages) scope: Scope,
    /// A dotted path, with whether it is descending.
    pub(in crate::pages) sort: Option<(String, bool)>,
    /// Chosen columns; empty for the usual ones.
    pub(in crate::pages) columns: Vec<String>,
    pub(in crate::pages) limit: usize,
    pub(in crate::pages) offset: u64,
}

/// What a list needs to know about the person in front of it.
pub(in crate::pages) struct Personal {
    /// Whether anybody is known to be there.
    pub(in crate::pages) is_known: bool,
    /// What they own things as.
    pub(in crate::pages) ownership: Vec<String>,
    pub(in crate::pages) stars: Vec<EntityRef>,
    /// The newest board of problems.
    pub(in crate::pages) board: Arc<Board>,
}

impl Personal {
    /// Looks up what the person owns things as, and their stars.
    ///
    /// # Errors
    /// When the stars cannot be read.
    pub(in crate::pages) async fn load(app: &App, view: &View, gate: &Gate, frame: &Frame) -> Result<Self, Problem> {
        let ownership = frame.person.as_ref().map(|person| ownership_of(view, person)).unwrap_or_default();
        let stars = stars_of(gate, frame).await?;
        Ok(Self { is_known: frame.person.is_some(), ownership, stars, board: view.board_at_hand(app) })
    }

    /// The entities that have a problem of this severity.
    fn troubled(&self, severity: &str) -> Vec<EntityRef> {
        let severity = match severity {
            "error" => model::Severity::Error,
            "warning" => model::Severity::Warning,
            "info" => model::Severity::Info,
            _ => return Vec::new(),
        };
        let mut refs: Vec<EntityRef> = self.board.refs(severity).cloned().collect();
        refs.dedup();
        refs
    }
}

/// What the person in front of the page has starred, newest first.
///
/// # Errors
/// When the stars cannot be read.
pub(in crate::pages) async fn stars_of(gate: &Gate, frame: &Frame) -> Result<Vec<EntityRef>, Problem> {
    let Some(key) = &frame.star_key else { return Ok(Vec::new()) };
    Ok(gate.list_stars(key).await?.into_iter().map(|star| star.entity_ref).collect())
}

/// What a user owns things as: itself and the groups it is a member of.
pub(in crate::pages) fn ownership_of(view: &View, person: &EntityRef) -> Vec<String> {
    let mut ownership = vec![person.to_string()];
    if let Some(doc) = view.find(person.as_str()) {
        doc.visit_related("memberOf", |group| ownership.push(group.to_owned()));
    }
    ownership
}

impl CatalogQuery {
    /// A list of one kind with nothing chosen.
    pub(in crate::pages) fn of_kind(kind: &str) -> Self {
        Self {
            page: CATALOG,
            kind: kind.to_lowercase(),
            chosen: BTreeMap::new(),
            text: String::new(),
            scope: Scope::All,
            sort: None,
            columns: Vec::new(),
            limit: USUAL_LIMIT,
            offset: 0,
        }
    }

    /// Reads a query string: `filters[kind]=component&filters[owners][0]=group:default/x`, as Backstage writes it, and what
    /// it has beyond that. Unknown parameters are as if they were not there.
    ///
    /// # Errors
    /// Never at present: what cannot be read is taken for what is usual, as a bookmark must open something.
    pub(in crate::pages) fn parse(raw: Option<&str>) -> Result<Self, Problem> {
        let mut query = Self::of_kind("component");
        for (name, value) in form_urlencoded::parse(raw.unwrap_or_default().as_bytes()) {
            let value = value.trim();
            match name.as_ref() {
                "sort" if !value.is_empty() => {
                    let (path, descending) = value.strip_prefix('-').map_or((value, false), |path| (path, true));
                    query.sort = Some((path.to_owned(), descending));
                }
                "limit" => {
                    query.limit = value.parse().ok().filter(|n| (1..=MOST_ROWS).contains(n)).unwrap_or(USUAL_LIMIT)
                }
                "offset" => query.offset = value.parse().unwrap_or(0),
                "columns" | "columns[]" if !value.is_empty() => urls::take_value(&mut query.columns, value.to_owned()),
                _ => query.take_filter(&name, value),
            }
        }
        Ok(query)
    }

    fn take_filter(&mut self, name: &str, value: &str) {
        let Some(key) = name.strip_prefix("filters[").and_then(|rest| rest.split(']').next()) else { return };
        if value.is_empty() {
            return;
        }
        match key {
            "kind" => self.kind = value.to_lowercase(),
            "text" => self.text = value.chars().take(LONGEST_TEXT).collect(),
            "user" => {
                self.scope = match value {
                    "owned" => Scope::Owned,
                    "starred" => Scope::Starred,
                    _ => Scope::All,
                }
            }
            "type" if value == "all" => {}
            key => {
                if self.chosen.len() < MOST_DIMENSIONS || self.chosen.contains_key(key) {
                    urls::take_value(self.chosen.entry(key.to_owned()).or_default(), value.to_owned());
                }
            }
        }
    }

    /// The pairs that say it, in a fixed order; what is usual is left out.
    pub(in crate::pages) fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = vec![("filters[kind]".to_owned(), self.kind.clone())];
        let mut push = |name: &str, value: &str| pairs.push((name.to_owned(), value.to_owned()));
        if self.scope != Scope::All {
            push("filters[user]", self.scope.word());
        }
        for (name, values) in &self.chosen {
            for value in values {
                push(&format!("filters[{name}][]"), value);
            }
        }
        if !self.text.is_empty() {
            push("filters[text]", &self.text);
        }
        if let Some((path, descending)) = &self.sort {
            push("sort", &if *descending { format!("-{path}") } else { path.clone() });
        }
        for column in &self.columns {
            push("columns[]", column);
        }
        if self.limit != USUAL_LIMIT {
            push("limit", &self.limit.to_string());
        }
        if self.offset > 0 {
            push("offset", &self.offset.to_string());
        }
        pairs
    }

    /// Its address.
    pub(in crate::pages) fn href(&self) -> String {
        self.href_at(self.page)
    }

    /// The address of another page that shows the same entities.
    pub(in crate::pages) fn href_at(&self, path: &str) -> String {
        let pairs = self.pairs();
        urls::with_query(path, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// The same list with a value chosen, or no longer chosen, from its beginning.
    pub(in crate::pages) fn toggled(&self, name: &str, value: &str) -> Self {
        let mut query = Self { offset: 0, ..self.clone() };
        let values = query.chosen.entry(name.to_owned()).or_default();
        match values.iter().position(|known| known.eq_ignore_ascii_case(value)) {
            Some(at) => drop(values.remove(at)),
            None => values.push(value.to_owned()),
        }
        query.chosen.retain(|_, values| !values.is_empty());
        query
    }

    /// The same list without the text.
    pub(super) fn without_text(&self) -> Self {
        Self { text: String::new(), offset: 0, ..self.clone() }
    }

    /// The whole list of its kind.
    pub(super) fn cleared(&self) -> Self {
        Self {
            page: self.page,
            columns: self.columns.clone(),
            limit: self.limit,
            sort: self.sort.clone(),
            ..Self::of_kind(&self.kind)
        }
    }

    /// Whether a value is chosen.
    pub(in crate::pages) fn has(&self, name: &str, value: &str) -> bool {
        self.chosen.get(name).is_some_and(|values| values.iter().any(|known| known.eq_ignore_ascii_case(value)))
    }

    /// The condition on entities.
    pub(in crate::pages) fn filter(&self, personal: &Personal) -> Filter {
        self.filter_without(personal, "")
    }

    /// The condition without what is chosen in one dimension, for counting the alternatives in it; `kind` for the kind.
    pub(in crate::pages) fn filter_without(&self, personal: &Personal, left_out: &str) -> Filter {
        let mut all = Vec::new();
        if self.kind != "all" && left_out != "kind" {
            all.push(Filter::Equals("kind".to_owned(), self.kind.clone()));
        }
        match self.scope {
            Scope::All => {}
            _ if left_out == "user" => {}
            Scope::Owned => all.push(Filter::In("relations.ownedby".to_owned(), personal.ownership.clone())),
            Scope::Starred => all.push(any_of_refs(&personal.stars)),
        }
        for (name, values) in self.chosen.iter().filter(|(name, _)| *name != left_out) {
            all.push(match name.as_str() {
                "problems" => Filter::Or(values.iter().map(|word| any_of_refs(&personal.troubled(word))).collect()),
                name => chosen_filter(name, values),
            });
        }
        if !self.text.is_empty() {
            all.push(Filter::And(self.text.split_whitespace().take(MOST_WORDS).map(text_filter).collect()));
        }
        Filter::And(all)
    }

    /// The order of the rows.
    pub(super) fn order(&self) -> Order {
        let name = || ("metadata.name".to_owned(), Direction::Ascending);
        match &self.sort {
            // Every entity has a name, so nothing is left out by this order.
            None => Order::Field("metadata.name".to_owned(), Direction::Ascending),
            Some((path, descending)) => {
                let direction = if *descending { Direction::Descending } else { Direction::Ascending };
                Order::Fields(vec![(sort_key(path).to_owned(), direction), name()])
            }
        }
    }
}

/// The key that a column is sorted by.
fn sort_key(path: &str) -> &str {
    match path {
        "name" => "metadata.name",
        "spec.owner" => "relations.ownedby",
        path => path,
    }
}

/// A word must be part of what people call an entity, or of what is said about it.
fn text_filter(word: &str) -> Filter {
    let keys = ["metadata.name", "metadata.title", "metadata.description", "metadata.tags", "spec.profile.displayname"];
    // The characters that have a meaning in patterns are meant as they are.
    let literal = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    Filter::Like(literal, keys.map(str::to_owned).to_vec())
}

fn chosen_filter(name: &str, values: &[String]) -> Filter {
    let known = DIMENSIONS.iter().find(|dimension| dimension.name == name);
    let key = known.map_or(name, |dimension| dimension.key).to_lowercase();
    let is_reference = known.is_some_and(|dimension| dimension.is_reference);
    let value = |text: &String| if is_reference { complete_ref(name, text) } else { text.to_lowercase() };
    Filter::In(key, values.iter().map(value).collect())
}

/// `team-a` is short for `group:default/team-a`, as in Backstage's addresses.
fn complete_ref(name: &str, text: &str) -> String {
    let kind = if name == "owners" { "group" } else { "system" };
    let defaults = model::RefDefaults { kind: Some(kind), namespace: model::DEFAULT_NAMESPACE };
    EntityRef::parse_with(text, defaults).map_or_else(|_| text.to_lowercase(), |parsed| parsed.to_string())
}

/// One of these entities.
pub(in crate::pages) fn any_of_refs(refs: &[EntityRef]) -> Filter {
    Filter::Refs(refs.iter().map(EntityRef::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(raw: &str) -> CatalogQuery {
        CatalogQuery::parse(Some(raw)).unwrap()
    }

    #[test]
    fn reads_addresses_as_backstage_writes_them() {
        let query = parse(
            "filters%5Bkind%5D=API&filters[type]=openapi&filters[owners][0]=group:default/x&filters[owners][1]=y\
             &filters[user]=owned&filters[tags][]=java&filters[text]=pay&limit=20&offset=40",
        );
        assert_eq!((query.kind.as_str(), query.text.as_str(), query.scope), ("api", "pay", Scope::Owned));
        assert_eq!(query.chosen["owners"], ["group:default/x", "y"]);
        assert_eq!((query.limit, query.offset), (20, 40));
        assert_eq!(chosen_filter("owners", &query.chosen["owners"]), {
            let refs = vec!["group:default/x".to_owned(), "group:default/y".to_owned()];
            Filter::In("relations.ownedby".to_owned(), refs)
        });
    }

    #[test]
    fn its_own_address_says_the_same() {
        for raw in
            ["", "filters[kind]=system", "filters[spec.importance][]=high&sort=-spec.type&columns[]=spec.type&limit=9"]
        {
            let query = parse(raw);
            let href = query.href();
            assert_eq!(parse(href.split_once('?').unwrap().1), query, "{raw}");
        }
    }

    #[test]
    fn choosing_twice_is_not_choosing() {
        let query = parse("filters[tags][]=a&offset=50");
        let more = query.toggled("tags", "b");
        assert_eq!((more.chosen["tags"].len(), more.offset), (2, 0));
        assert_eq!(more.toggled("tags", "b").toggled("tags", "a").chosen.len(), 0);
    }

    #[test]
    fn a_bookmark_with_nonsense_opens_something() {
        let query = parse("limit=-1&offset=x&filters[=&filters[kind]=&filters[type]=all&sort=");
        assert_eq!(query, CatalogQuery::of_kind("component"));
    }
}
