//! The exact formats of names, keys, tags and addresses. Source: Backstage's `KubernetesValidatorFunctions`,
//! `CommonValidatorFunctions` and `makeValidator`.

const MAX_NAME: usize = 63;
const MAX_SUBDOMAIN: usize = 253;

/// `metadata.name`, and the part of a label's or annotation's key after the slash.
pub(crate) fn is_object_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    bytes.len() <= MAX_NAME
        && first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// `metadata.namespace`, and each part of a domain name.
pub(crate) fn is_dns_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let lower = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    bytes.len() <= MAX_NAME
        && bytes.first().is_some_and(lower)
        && bytes.last().is_some_and(lower)
        && bytes.iter().all(|b| lower(b) || *b == b'-')
}

fn is_dns_subdomain(text: &str) -> bool {
    text.len() <= MAX_SUBDOMAIN && text.split('.').all(is_dns_label)
}

/// The key of a label or annotation.
pub(crate) fn is_prefixed_key(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_dns_subdomain(prefix) && is_object_name(name),
        None => is_object_name(text),
    }
}

pub(crate) fn is_api_version(text: &str) -> bool {
    let (prefix, suffix) = text.split_once('/').map_or((None, text), |(prefix, suffix)| (Some(prefix), suffix));
    prefix.is_none_or(is_dns_subdomain)
        && (1..=MAX_NAME).contains(&suffix.len())
        && suffix.bytes().all(|b| b.is_ascii_alphanumeric())
}

pub(crate) fn is_kind(text: &str) -> bool {
    text.len() <= MAX_NAME
        && text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

pub(crate) fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_object_name(text)
}

/// Groups of lower-case letters, digits, `:`, `+` and `#`, joined by single dashes.
pub(crate) fn is_tag(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b':' | b'+' | b'#');
    text.len() <= MAX_NAME && text.split('-').all(|part| !part.is_empty() && part.bytes().all(inner))
}

/// Whether the WHATWG parser takes it as an absolute address.
pub(crate) fn is_url(text: &str) -> bool {
    url::Url::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(is_valid: fn(&str) -> bool, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(is_valid(text), "`{text}` should be valid");
        }
        for text in bad {
            assert!(!is_valid(text), "`{text}` should be invalid");
        }
    }

    #[test]
    fn names_have_letters_digits_and_inner_separators() {
        let longest = "n".repeat(63);
        check(
            is_object_name,
            &["a", "A.b_c-D9", "double--dash.ok__or.-not", &longest],
            &["", "-a", "a-", "a b", "é", &"n".repeat(64)],
        );
    }

    #[test]
    fn namespaces_are_lower_case_labels() {
        check(is_dns_label, &["a", "a-b", "a--b", "1"], &["", "A", "a_b", "a.b", "-a", "a-"]);
    }

    #[test]
    fn keys_have_an_optional_domain_in_front() {
        check(
            is_prefixed_key,
            &["a", "x.org/Y_z", "backstage.io/a.b"],
            &["", "/a", "a/", "a/b/c", "X.org/a", "bad key", "a..b/c"],
        );
        check(is_prefixed_key, &[&format!("{}/a", ["a"; 127].join("."))], &[&format!("{}/a", ["a"; 128].join("."))]);
    }

    #[test]
    fn api_versions_have_a_domain_and_a_plain_suffix() {
        check(is_api_version, &["v1", "backstage.io/v1alpha1", "x/V1"], &["", "-bad-/v1", "a/b/c", "a/v-1", "a/"]);
    }

    #[test]
    fn kinds_begin_with_a_letter() {
        check(is_kind, &["API", "a1"], &["", "1a", "a-b", &"k".repeat(64)]);
    }

    #[test]
    fn tags_are_lower_case_groups() {
        check(
            is_tag,
            &["java", "c++", "c#", "a:b-c", "1"],
            &["", "Java", "a b", "a--b", "-a", "a-", "a_b", "a.b", &"t".repeat(64)],
        );
    }

    #[test]
    fn label_values_may_be_empty() {
        check(is_label_value, &["", "a.b"], &["not ok!", "-"]);
    }

    #[test]
    fn links_need_whole_addresses() {
        check(is_url, &["https://x", "mailto:a@b", "x:y"], &["", "/only/path", "x.org/y", "https://"]);
    }
}
