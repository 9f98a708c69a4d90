//! Numbers as JavaScript spells them (ECMAScript, `Number::toString` with radix 10).

use std::fmt::Write as _;

/// Appends `value` as `String(value)` gives it; `NaN` and the infinities become `null`, as in `JSON.stringify`.
pub(crate) fn push_js_number(out: &mut String, value: f64) {
    if !value.is_finite() {
        out.push_str("null");
        return;
    }
    if value == value.trunc() && value.abs() < 9_007_199_254_740_992.0 {
        // The cast also turns -0 into 0, as JavaScript prints it.
        let _ = write!(out, "{}", value as i64);
        return;
    }
    // Rust's `{:e}` gives the shortest digits that read back as the same number, which is what ECMAScript asks for.
    let text = format!("{:e}", value.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value < 0.0 {
        out.push('-');
    }
    push_digits(out, &digits, exponent + 1);
}

/// `point` is the place of the decimal point counted from the first digit.
fn push_digits(out: &mut String, digits: &str, point: i32) {
    let count = digits.len() as i32;
    match point {
        1..=21 if count <= point => {
            out.push_str(digits);
            out.extend(std::iter::repeat_n('0', (point - count) as usize));
        }
        1..=21 => {
            out.push_str(&digits[..point as usize]);
            out.push('.');
            out.push_str(&digits[point as usize..]);
        }
        -5..=0 => {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', -point as usize));
            out.push_str(digits);
        }
        _ => {
            out.push_str(&digits[..1]);
            if count > 1 {
                out.push('.');
                out.push_str(&digits[1..]);
            }
            let _ = write!(out, "e{}{}", if point > 0 { '+' } else { '-' }, (point - 1).abs());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_numbers_as_javascript_does() {
        for (value, want) in [
            (0.0, "0"),
            (-0.0, "0"),
            (17.0, "17"),
            (-3.0, "-3"),
            (2.5, "2.5"),
            (1e3, "1000"),
            (12_345_678_901_234_567_890.0, "12345678901234567000"),
            (1e21, "1e+21"),
            (123e20, "1.23e+22"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (-1.5e-9, "-1.5e-9"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (f64::NAN, "null"),
            (f64::INFINITY, "null"),
        ] {
            let mut out = String::new();
            push_js_number(&mut out, value);
            assert_eq!(out, want);
        }
    }
}
