//! The addresses of pages. They follow Backstage's, so that bookmarks keep working; nobody else writes them by hand.

use std::fmt::Write as _;

use model::EntityRef;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in a path segment as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// What may stand in a query as it is: readable where that is safe.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b':')
    .remove(b'/')
    .remove(b'[')
    .remove(b']');

/// The page of an entity: `/catalog/<namespace>/<kind>/<name>`.
pub(crate) fn entity(entity_ref: &EntityRef) -> String {
    let mut url = String::from("/catalog");
    for part in [entity_ref.namespace(), entity_ref.kind(), entity_ref.name()] {
        write!(url, "/{}", utf8_percent_encode(part, SEGMENT)).expect("a string takes all");
    }
    url
}

/// A tab of the page of an entity; the empty path is its overview.
pub(crate) fn entity_tab(entity_ref: &EntityRef, tab: &str) -> String {
    let page = entity(entity_ref);
    if tab.is_empty() { page } else { format!("{page}/{tab}") }
}

/// The page of a location.
pub(crate) fn location(id: model::Uid) -> String {
    format!("/locations/{id}")
}

/// An address with a query of the given pairs, in order.
pub(crate) fn with_query<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut url = path.to_owned();
    for (name, value) in pairs {
        let separator = if url.contains('?') { '&' } else { '?' };
        write!(url, "{separator}{}={}", query_part(name), query_part(value)).expect("a string takes all");
    }
    url
}

fn query_part(text: &str) -> String {
    utf8_percent_encode(text, QUERY).to_string()
}

/// How many values of one parameter a page takes from an address. A page links each of them, so more would cost their square.
const MOST_VALUES: usize = 50;

/// Takes a value of a parameter that may be repeated: once, and only so many.
pub(crate) fn take_value<T: PartialEq>(values: &mut Vec<T>, value: T) {
    if values.len() < MOST_VALUES && !values.contains(&value) {
        values.push(value);
    }
}

/// Whether an address may be gone back to: a path of this server and nothing else.
pub(crate) fn is_local(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains('\\')
        && !address.chars().any(char::is_control)
}

/// Whether an address out of a descriptor may become a link.
pub(crate) fn is_web_link(address: &str) -> bool {
    let lower = address.trim_start().to_ascii_lowercase();
    ["https://", "http://", "mailto:", "tel:", "sip:", "slack:", "msteams:", "ssh://", "git://"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
        || is_local(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_have_the_addresses_that_backstage_gives_them() {
        assert_eq!(entity(&EntityRef::new("Component", "default", "shop")), "/catalog/default/component/shop");
        assert_eq!(entity(&EntityRef::new("api", "team a", "x/y")), "/catalog/team%20a/api/x%2Fy");
        assert_eq!(entity_tab(&EntityRef::new("api", "d", "x"), "definition"), "/catalog/d/api/x/definition");
    }

    #[test]
    fn queries_are_escaped_but_readable() {
        let url = with_query("/catalog", [("filters[kind]", "component"), ("filters[text]", "a&b c")]);
        assert_eq!(url, "/catalog?filters[kind]=component&filters[text]=a%26b%20c");
    }

    #[test]
    fn only_paths_of_this_server_are_gone_back_to() {
        assert!(is_local("/catalog?x=1"));
        for address in ["https://evil.example", "//evil.example", "/\\evil.example", "catalog", "", "/a\nb"] {
            assert!(!is_local(address), "{address}");
        }
    }

    #[test]
    fn scripts_never_become_links() {
        for address in ["javascript:alert(1)", " JAVASCRIPT:x", "data:text/html,x", "vbscript:x"] {
            assert!(!is_web_link(address), "{address}");
        }
        assert!(is_web_link("https://grafana.example/d/x"));
        assert!(is_web_link("mailto:team@example.org"));
    }
}
