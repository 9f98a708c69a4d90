//! What the address of a search says: read, written, and changed by a click.

use super::write_cursor;
use crate::{
    finding::{SearchParameters, USUAL_LIMIT, read_cursor},
    pages::urls,
};

/// The lengths of pages that Backstage offers.
const LIMITS: [usize; 4] = [10, 25, 50, 100];

/// How much one address may choose: every link of the page repeats it.
const MOST_VALUES: usize = 50;
const MOST_FILTERS: usize = 12;

/// The search that an address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) parameters: SearchParameters,
    /// Counting from 0.
    pub(super) page: usize,
    pub(super) limit: usize,
}

impl Address {
    /// Reads a query string. What cannot be read is taken for what is usual, as a bookmark must open something.
    pub(super) fn parse(raw: Option<&str>) -> Self {
        let mut parameters = SearchParameters::parse(raw);
        for (_, values) in &mut parameters.filters {
            values.retain(|value| !value.is_empty());
            values.dedup();
            values.truncate(MOST_VALUES);
        }
        parameters.filters.retain(|(_, values)| !values.is_empty());
        parameters.filters.truncate(MOST_FILTERS);
        let page = parameters.cursor.as_deref().and_then(read_cursor).unwrap_or(0);
        let limit = parameters.limit.as_deref().and_then(|limit| limit.parse().ok());
        let limit = limit.filter(|limit| LIMITS.contains(limit)).unwrap_or(USUAL_LIMIT);
        Self { parameters, page, limit }
    }

    /// What was typed.
    pub(super) fn text(&self) -> &str {
        self.parameters.text.trim()
    }

    /// The pairs that say it but for the text and the page: what a form with another text carries on.
    pub(super) fn carried(&self) -> Vec<(String, String)> {
        let filters = self.parameters.filters.iter();
        let mut pairs: Vec<(String, String)> = filters
            .flat_map(|(field, values)| values.iter().map(move |value| (format!("filters[{field}][]"), value.clone())))
            .collect();
        if self.limit != USUAL_LIMIT {
            pairs.push(("pageLimit".to_owned(), self.limit.to_string()));
        }
        pairs
    }

    /// Its address.
    pub(super) fn href(&self) -> String {
        let mut pairs = vec![("query".to_owned(), self.text().to_owned())];
        pairs.extend(self.carried());
        if self.page > 0 {
            pairs.push(("pageCursor".to_owned(), write_cursor(self.page)));
        }
        urls::with_query("/search", pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// Whether a value is chosen.
    pub(super) fn has(&self, field: &str, value: &str) -> bool {
        let values = self.parameters.filters.iter().find(|(known, _)| known == field).map(|(_, values)| values);
        values.is_some_and(|values| values.iter().any(|known| known.eq_ignore_ascii_case(value)))
    }

    /// The same search with a value chosen, or no longer chosen, from its beginning.
    pub(super) fn toggled(&self, field: &str, value: &str) -> Self {
        let mut other = Self { page: 0, ..self.clone() };
        let filters = &mut other.parameters.filters;
        let at = filters.iter().position(|(known, _)| known == field).unwrap_or_else(|| {
            filters.push((field.to_owned(), Vec::new()));
            filters.len() - 1
        });
        let values = &mut filters[at].1;
        match values.iter().position(|known| known.eq_ignore_ascii_case(value)) {
            Some(at) => drop(values.remove(at)),
            None => values.push(value.to_owned()),
        }
        filters.retain(|(_, values)| !values.is_empty());
        other
    }

    /// The same text with nothing chosen.
    pub(super) fn cleared(&self) -> Self {
        let parameters = SearchParameters { text: self.parameters.text.clone(), ..SearchParameters::default() };
        Self { parameters, page: 0, limit: self.limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_own_address_says_the_same() {
        for raw in
            ["", "query=a+b", "query=x&filters[kind]=API&filters[owner][]=group:default/y&pageLimit=50&pageCursor=Mg=="]
        {
            let address = Address::parse(Some(raw));
            let again = Address::parse(Some(address.href().split_once('?').unwrap().1));
            assert_eq!((again.text(), again.page, again.limit), (address.text(), address.page, address.limit), "{raw}");
            assert_eq!(again.parameters.filters, address.parameters.filters, "{raw}");
        }
    }

    #[test]
    fn choosing_twice_is_not_choosing() {
        let address = Address::parse(Some("query=x&filters[kind]=api&pageCursor=MQ=="));
        let more = address.toggled("kind", "System");
        assert!(more.has("kind", "API") && more.has("kind", "system") && more.page == 0);
        assert!(more.toggled("kind", "API").toggled("kind", "System").parameters.filters.is_empty());
    }

    #[test]
    fn a_bookmark_with_nonsense_opens_something() {
        let address = Address::parse(Some("pageCursor=x&pageLimit=7&filters[kind]=&filters[]=x&filters"));
        assert_eq!((address.page, address.limit, address.text()), (0, USUAL_LIMIT, ""));
    }
}
