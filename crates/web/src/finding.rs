//! What a search asks, on the search page and over the API: parameters as Backstage writes them
//! (`types[0]=x&filters[kind]=API&filters[lifecycle][]=production&pageCursor=MQ==`), and the conditions that they mean.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use index::Filter;
use model::{DEFAULT_NAMESPACE, EntityRef, RefDefaults};
use url::form_urlencoded;

/// Hits on a page when nothing is said.
pub(crate) const USUAL_LIMIT: usize = 25;

/// The parameters of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SearchParameters {
    /// What was typed: `term` over the API, `query` on the page.
    pub(crate) text: String,
    /// Sorts of documents, such as `software-catalog`; `None` for all.
    pub(crate) types: Option<Vec<String>>,
    /// Names of fields, as they came, with the values of which one must be there.
    pub(crate) filters: Vec<(String, Vec<String>)>,
    pub(crate) cursor: Option<String>,
    pub(crate) limit: Option<String>,
}

impl SearchParameters {
    /// Reads a query string. Parameters of other names are as if they were not there.
    pub(crate) fn parse(raw: Option<&str>) -> Self {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(raw.unwrap_or_default().as_bytes()) {
            let (base, rest) = name.split_once('[').map_or((name.as_ref(), None), |(base, rest)| (base, Some(rest)));
            match (base, rest) {
                ("term" | "query", None) => parameters.text = value.into_owned(),
                ("pageCursor", None) => parameters.cursor = Some(value.into_owned()).filter(|text| !text.is_empty()),
                ("pageLimit", None) => parameters.limit = Some(value.into_owned()).filter(|text| !text.is_empty()),
                ("types", _) => parameters.types.get_or_insert_default().push(value.into_owned()),
                ("filters", Some(rest)) => {
                    let field = rest.split(']').next().unwrap_or_default();
                    parameters.add_filter(field, value.into_owned());
                }
                _ => {}
            }
        }
        parameters
    }

    fn add_filter(&mut self, field: &str, value: String) {
        match self.filters.iter_mut().find(|(known, _)| known == field) {
            Some((_, values)) => values.push(value),
            None => self.filters.push((field.to_owned(), vec![value])),
        }
    }

    /// The condition on entities.
    pub(crate) fn filter(&self) -> Filter {
        self.filter_without("")
    }

    /// The condition without what is said of one field, for counting the alternatives in it.
    pub(crate) fn filter_without(&self, left_out: &str) -> Filter {
        let said = self.filters.iter().filter(|(field, _)| field != left_out);
        Filter::And(
            said.map(|(field, values)| Filter::Or(values.iter().map(|v| condition(field, v)).collect())).collect(),
        )
    }

    /// Whether entities are among what is searched.
    pub(crate) fn wants_entities(&self) -> bool {
        self.types.as_ref().is_none_or(|types| types.iter().any(|name| name == CATALOG))
    }
}

/// The sort of documents that entities are.
pub(crate) const CATALOG: &str = "software-catalog";

/// What a field of Backstage's documents is in an entity. Values are whole; letter case does not matter.
fn condition(field: &str, value: &str) -> Filter {
    let is = |key: &str| Filter::Equals(key.to_owned(), value.to_lowercase());
    let is_or_lacks = |key: &str| match value {
        "" => Filter::Not(Box::new(Filter::Exists(key.to_owned()))),
        _ => is(key),
    };
    match field {
        "kind" => is("kind"),
        "name" => is("metadata.name"),
        "namespace" => is("metadata.namespace"),
        // Backstage calls the type of what has none so.
        "type" | "componentType" if value == "other" => {
            Filter::Or(vec![is("spec.type"), Filter::Not(Box::new(Filter::Exists("spec.type".to_owned())))])
        }
        "type" | "componentType" => is("spec.type"),
        "lifecycle" => is_or_lacks("spec.lifecycle"),
        "owner" => Filter::Or(vec![is_or_lacks("spec.owner"), owned_by(value)]),
        "tags" | "metadata.tags" => is("metadata.tags"),
        _ => Filter::Never,
    }
}

/// `team-a` is short for `group:default/team-a`.
fn owned_by(owner: &str) -> Filter {
    let defaults = RefDefaults { kind: Some("group"), namespace: DEFAULT_NAMESPACE };
    EntityRef::parse_with(owner, defaults)
        .map_or(Filter::Never, |owner| Filter::Equals("relations.ownedby".to_owned(), owner.to_string()))
}

/// Reads the number of a page, counting from 0; `None` when it is none.
pub(crate) fn read_cursor(cursor: &str) -> Option<usize> {
    let bytes = STANDARD.decode(cursor).ok()?;
    let page: usize = std::str::from_utf8(&bytes).ok()?.parse().ok()?;
    (page < 1_000_000).then_some(page)
}

/// Writes the number of a page.
pub(crate) fn write_cursor(page: usize) -> String {
    STANDARD.encode(page.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_backstage_writes() {
        let parameters = SearchParameters::parse(Some(
            "term=a+b&types[0]=software-catalog&types%5B1%5D=techdocs&filters[kind]=API&filters%5Blifecycle%5D%5B%5D=production\
             &filters[lifecycle][1]=experimental&pageCursor=MQ%3D%3D&pageLimit=10&other=1",
        ));
        assert_eq!(parameters.text, "a b");
        assert_eq!(parameters.types.as_deref(), Some(&["software-catalog".to_owned(), "techdocs".to_owned()][..]));
        assert_eq!((parameters.cursor.as_deref(), parameters.limit.as_deref()), (Some("MQ=="), Some("10")));
        assert_eq!(parameters.filters[0], ("kind".to_owned(), vec!["API".to_owned()]));
        assert_eq!(parameters.filters[1].1, ["production", "experimental"]);
        assert!(parameters.wants_entities());
        assert!(!SearchParameters::parse(Some("types[]=techdocs")).wants_entities());
        assert!(SearchParameters::parse(None).wants_entities());
    }

    #[test]
    fn fields_without_a_meaning_match_nothing() {
        assert_eq!(condition("path", "x"), Filter::Never);
        assert_eq!(condition("kind", "API"), Filter::Equals("kind".into(), "api".into()));
        let nothing = SearchParameters::parse(None).filter();
        assert_eq!(nothing, Filter::And(vec![]));
    }

    #[test]
    fn cursors_are_numbers_of_pages() {
        assert_eq!((write_cursor(1).as_str(), read_cursor("MA==")), ("MQ==", Some(0)));
        for text in ["", "x", "LTE=", "eA==", "OTk5OTk5OTk5OQ=="] {
            assert_eq!(read_cursor(text), None, "{text}");
        }
    }
}
