//! Query strings as Express and the OpenAPI validator in front of Backstage read them: which parameters an endpoint knows,
//! and what is said about the others.

use std::borrow::Cow;

use crate::{Problem, problem};

/// What one parameter may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One text.
    Text,
    /// Any number of texts.
    Texts,
    /// A whole number, at least 0.
    Count,
    /// One of a few words.
    OneOf(&'static [&'static str]),
}

/// The parameters that an endpoint knows, in the order in which their faults are reported.
pub(super) type Known = &'static [(&'static str, Shape)];

/// A parsed and checked query string.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters<'a> {
    values: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Parameters<'a> {
    /// Parses and checks a raw query string.
    ///
    /// # Errors
    /// 400 for an unknown parameter, an empty value, and a value of the wrong shape.
    pub(super) fn parse(raw: Option<&'a str>, known: Known) -> Result<Self, Problem> {
        let mut values: Vec<(Cow<'a, str>, Cow<'a, str>)> = Vec::new();
        let mut subkeyed = None;
        for pair in raw.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            // As in `qs`: the name ends at the first "=" after a closing bracket, or else at the first "=".
            let end = pair.find("]=").map(|at| at + 1).or_else(|| pair.find('='));
            let (name, value) = end.map_or((pair, ""), |at| (&pair[..at], &pair[at + 1..]));
            let name = decode(name);
            match name.split_once('[') {
                Some((base, "]")) => values.push((Cow::Owned(base.to_owned()), decode(value))),
                Some((base, _)) => {
                    subkeyed.get_or_insert_with(|| base.to_owned());
                    values.push((Cow::Owned(base.to_owned()), decode(value)));
                }
                None => values.push((name, decode(value))),
            }
        }
        let parameters = Self { values };
        parameters.check_names(known)?;
        for (name, shape) in known {
            parameters.check_value(name, *shape, subkeyed.as_deref() == Some(*name))?;
        }
        Ok(parameters)
    }

    /// Returns the values of a parameter, in order.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_ref())
    }

    /// Returns the value of a parameter.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Tells whether a parameter is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.one(name).is_some()
    }

    /// Returns the value of a parameter that was checked as [`Shape::Count`].
    pub(super) fn count(&self, name: &str) -> Option<u64> {
        self.one(name).and_then(whole_number).map(|number| number as u64)
    }

    fn check_names(&self, known: Known) -> Result<(), Problem> {
        for (i, (name, value)) in self.values.iter().enumerate() {
            if self.values[..i].iter().any(|(earlier, _)| earlier == name) {
                continue;
            }
            if !known.iter().any(|(known, _)| known == name) {
                return Err(problem::unknown_query_parameter(name));
            }
            if value.is_empty() && self.all(name).count() == 1 {
                return Err(problem::empty_query_parameter(name));
            }
        }
        Ok(())
    }

    fn check_value(&self, name: &str, shape: Shape, subkeyed: bool) -> Result<(), Problem> {
        let mut values = self.all(name);
        let Some(value) = values.next() else { return Ok(()) };
        let single = values.next().is_none();
        let path = format!("request/query/{name}");
        match shape {
            Shape::Texts if subkeyed => Err(problem::must_be(&format!("{path}/0"), "string")),
            Shape::Texts => Ok(()),
            Shape::Text if !single || subkeyed => Err(problem::must_be(&path, "string")),
            Shape::Text => Ok(()),
            Shape::Count => match whole_number(value) {
                Some(number) if single && !subkeyed && number >= 0.0 => Ok(()),
                Some(_) if single && !subkeyed => Err(problem::must_be_at_least(&path, 0)),
                _ => Err(problem::must_be(&path, "integer")),
            },
            Shape::OneOf(words) if single && words.contains(&value) => Ok(()),
            Shape::OneOf(words) => Err(problem::must_be_one_of(&path, words)),
        }
    }
}

/// Reads a whole number as JavaScript's `Number` does (`10`, `1e3`, `4.0`).
fn whole_number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    (number.is_finite() && number.fract() == 0.0).then_some(number)
}

/// Decodes a part of a query string: `+` is a blank; a part with a broken escape stays as it is, as in `qs`.
pub(super) fn decode(part: &str) -> Cow<'_, str> {
    if !part.contains(['%', '+']) {
        return Cow::Borrowed(part);
    }
    let spaced = part.replace('+', " ");
    decode_percent(&spaced).map_or(Cow::Owned(spaced), Cow::Owned)
}

fn decode_percent(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let high = char::from(rest.next()?).to_digit(16)?;
        let low = char::from(rest.next()?).to_digit(16)?;
        bytes.push((high * 16 + low) as u8);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Known = &[
        ("filter", Shape::Texts),
        ("limit", Shape::Count),
        ("after", Shape::Text),
        ("total", Shape::OneOf(&["include", "exclude"])),
    ];

    fn refused(raw: &str) -> String {
        Parameters::parse(Some(raw), KNOWN).expect_err(raw).error.message
    }

    #[test]
    fn says_what_the_validator_says() {
        for (raw, want) in [
            ("x=1", "Unknown query parameter 'x'"),
            ("limit=3&token=a", "Unknown query parameter 'token'"),
            ("filter=", "Empty value found for query parameter 'filter'"),
            ("after", "Empty value found for query parameter 'after'"),
            ("limit=ten", "request/query/limit must be integer"),
            ("limit=1.5", "request/query/limit must be integer"),
            ("limit=1&limit=2", "request/query/limit must be integer"),
            ("limit=-1", "request/query/limit must be >= 0"),
            ("after=a&after=b", "request/query/after must be string"),
            ("filter[a]=kind=domain", "request/query/filter/0 must be string"),
            ("total=maybe", "request/query/total must be equal to one of the allowed values: include, exclude"),
        ] {
            assert_eq!(refused(raw), want, "{raw}");
        }
    }

    #[test]
    fn reads_repeated_and_bracketed_names() {
        let got = Parameters::parse(Some("filter[]=kind=domain&filter=a%3Db+c&limit=1e2"), KNOWN).unwrap();
        assert_eq!(got.all("filter").collect::<Vec<_>>(), ["kind=domain", "a=b c"]);
        assert_eq!(got.count("limit"), Some(100));
        assert!(!got.has("after"));
    }

    #[test]
    fn an_empty_value_beside_another_passes() {
        let got = Parameters::parse(Some("filter=&filter=kind"), KNOWN).unwrap();
        assert_eq!(got.all("filter").collect::<Vec<_>>(), ["", "kind"]);
    }

    #[test]
    fn a_broken_escape_stays_as_it_is() {
        assert_eq!(decode("%%%"), "%%%");
        assert_eq!(decode("%zz+"), "%zz ");
        assert_eq!(decode("%C3%84rmel"), "Ärmel");
        assert_eq!(decode("%ff"), "%ff");
    }
}
