//! What a plain scalar means in the YAML 1.2 core schema as npm `yaml` reads it.

/// A plain scalar's meaning; text is left where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Plain {
    Text,
    Null,
    Bool(bool),
    Number(f64),
}

/// Tells what an untagged plain scalar means.
pub(crate) fn resolve_plain(text: &str) -> Plain {
    let Some(first) = text.as_bytes().first() else { return Plain::Null };
    match first {
        b'~' | b'n' | b'N' if is_null(text) => Plain::Null,
        b't' | b'T' | b'f' | b'F' => resolve_bool(text).map_or(Plain::Text, Plain::Bool),
        b'0'..=b'9' | b'+' | b'-' | b'.' => {
            resolve_int(text).or_else(|| resolve_float(text)).map_or(Plain::Text, Plain::Number)
        }
        _ => Plain::Text,
    }
}

/// Tells what a scalar with a tag of the core schema (`int`, `float` ...) means. A text that does not fit its tag stays text.
pub(crate) fn resolve_tagged(tag: &str, text: &str) -> Plain {
    match tag {
        "null" if is_null(text) => Plain::Null,
        "bool" => resolve_bool(text).map_or(Plain::Text, Plain::Bool),
        "int" => resolve_int(text).map_or(Plain::Text, Plain::Number),
        "float" => resolve_float(text).map_or(Plain::Text, Plain::Number),
        _ => Plain::Text,
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn resolve_bool(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn resolve_int(text: &str) -> Option<f64> {
    if let Some(digits) = text.strip_prefix("0o") {
        return parse_radix(digits, 8);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return parse_radix(digits, 16);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn parse_radix(digits: &str, radix: u32) -> Option<f64> {
    if digits.is_empty() {
        return None;
    }
    digits.chars().try_fold(0.0, |value, c| Some(value * f64::from(radix) + f64::from(c.to_digit(radix)?)))
}

fn resolve_float(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let well_formed = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()),
        None => exponent.is_some() && !mantissa.is_empty() && digits(mantissa),
    };
    let exponent_well_formed = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['-', '+']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    if well_formed && exponent_well_formed { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_plain_scalars_as_the_core_schema_says() {
        for (text, want) in [
            ("", Plain::Null),
            ("~", Plain::Null),
            ("NULL", Plain::Null),
            ("nUll", Plain::Text),
            ("none", Plain::Text),
            ("True", Plain::Bool(true)),
            ("yes", Plain::Text),
            ("on", Plain::Text),
            ("017", Plain::Number(17.0)),
            ("010", Plain::Number(10.0)),
            ("0o17", Plain::Number(15.0)),
            ("0xFF", Plain::Number(255.0)),
            ("-0x1", Plain::Text),
            ("+12", Plain::Number(12.0)),
            ("1.", Plain::Number(1.0)),
            (".5", Plain::Number(0.5)),
            ("1e3", Plain::Number(1000.0)),
            ("1e", Plain::Text),
            (".", Plain::Text),
            ("-", Plain::Text),
            ("1_000", Plain::Text),
            ("1.2.3", Plain::Text),
            ("2024-02-03", Plain::Text),
            ("0o", Plain::Text),
            ("0o8", Plain::Text),
            ("-.INF", Plain::Number(f64::NEG_INFINITY)),
            ("1e999", Plain::Number(f64::INFINITY)),
        ] {
            assert_eq!(resolve_plain(text), want, "{text}");
        }
        assert!(matches!(resolve_plain(".nan"), Plain::Number(n) if n.is_nan()));
    }

    #[test]
    fn a_tag_decides_only_when_the_text_fits() {
        assert_eq!(resolve_tagged("int", "0x10"), Plain::Number(16.0));
        assert_eq!(resolve_tagged("int", "1.5"), Plain::Text);
        assert_eq!(resolve_tagged("float", "1"), Plain::Text);
        assert_eq!(resolve_tagged("str", "1"), Plain::Text);
        assert_eq!(resolve_tagged("null", ""), Plain::Null);
    }
}
