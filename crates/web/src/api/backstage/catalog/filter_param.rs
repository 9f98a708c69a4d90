//! The grammar of `?filter=`: `a=b,c=d` is AND, a repeated `filter` is OR, the same key twice is "any of the values".

use index::Filter;

use super::query_string::Parameters;
use crate::{Problem, problem};

/// Parses all `filter` parameters of a request; none of them, or only blank ones, match everything.
///
/// # Errors
/// 400 for a statement without a key.
pub(super) fn parse(parameters: &Parameters<'_>) -> Result<Filter, Problem> {
    parse_texts(parameters.all("filter"))
}

/// Parses the values of all `filter` parameters of a request.
///
/// # Errors
/// See [`parse`].
pub(in crate::api) fn parse_texts<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Filter, Problem> {
    let mut sets = Vec::new();
    for text in texts {
        sets.extend(parse_set(text)?);
    }
    Ok(match sets.len() {
        0 => Filter::All,
        1 => sets.remove(0),
        _ => Filter::Or(sets),
    })
}

/// Parses one `filter`; `None` when it holds no statement.
fn parse_set(text: &str) -> Result<Option<Filter>, Problem> {
    // Grouped by the key as spelled, as in Backstage; the values of one key are alternatives.
    let mut keys: Vec<(&str, Option<Vec<String>>)> = Vec::new();
    for statement in text.split(',').map(str::trim).filter(|statement| !statement.is_empty()) {
        let (key, value) = match statement.split_once('=') {
            Some((key, value)) => (key.trim(), Some(value.trim())),
            None => (statement, None),
        };
        if key.is_empty() {
            return Err(problem::invalid_filter(statement));
        }
        let at = keys.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            keys.push((key, None));
            keys.len() - 1
        });
        if let Some(value) = value {
            keys[at].1.get_or_insert_default().push(value.to_lowercase());
        }
    }
    let mut conditions: Vec<Filter> = keys
        .into_iter()
        .map(|(key, values)| match values {
            None => Filter::Exists(key.to_lowercase()),
            Some(values) => any_of(key.to_lowercase(), values),
        })
        .collect();
    Ok(match conditions.len() {
        0 => None,
        1 => conditions.pop(),
        _ => Some(Filter::And(conditions)),
    })
}

/// The key has one of these values, all in lower case.
pub(super) fn any_of(key: String, mut values: Vec<String>) -> Filter {
    match values.len() {
        0 => Filter::Never,
        1 => Filter::Equals(key, values.remove(0)),
        _ => Filter::In(key, values),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::query_string::Shape, *};

    fn check(raw: &str, want: Filter) {
        let parameters = Parameters::parse(Some(raw), &[("filter", Shape::Texts)]).unwrap();
        assert_eq!(parse(&parameters).unwrap(), want, "{raw}");
    }

    fn equals(key: &str, value: &str) -> Filter {
        Filter::Equals(key.into(), value.into())
    }

    #[test]
    fn reads_the_grammar() {
        check("", Filter::All);
        check("filter=,%20,", Filter::All);
        check("filter=KIND=Component", equals("kind", "component"));
        check("filter=spec.type", Filter::Exists("spec.type".into()));
        check("filter=a%3D", equals("a", ""));
        check("filter=a=b=c", equals("a", "b=c"));
        check("filter=%20a%20=%20b%20,", equals("a", "b"));
        check("filter=a,a=x", equals("a", "x"));
        check("filter=kind=a,kind=b", Filter::In("kind".into(), vec!["a".into(), "b".into()]));
        check("filter=a=b,c=d", Filter::And(vec![equals("a", "b"), equals("c", "d")]));
        check("filter=a=b&filter=c", Filter::Or(vec![equals("a", "b"), Filter::Exists("c".into())]));
        check("filter=,&filter=c=d", equals("c", "d"));
    }

    #[test]
    fn refuses_a_statement_without_a_key() {
        let parameters = Parameters::parse(Some("filter=a=b,=x"), &[("filter", Shape::Texts)]).unwrap();
        assert_eq!(
            parse(&parameters).unwrap_err().error.message,
            "Invalid filter, '=x' is not a valid statement (expected a string on the form a=b or a= or a)"
        );
    }
}
