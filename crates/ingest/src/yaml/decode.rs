//! Bytes of a file -> text.

use std::sync::Arc;

/// Reads a file's bytes as UTF-8, or as UTF-16 when it starts with that byte order mark.
///
/// Bytes that are no UTF-8 become U+FFFD, as Node.js reads them; the second value is the offset of the first such
/// replacement in the text.
pub(crate) fn decode(bytes: &[u8]) -> (Arc<str>, Option<usize>) {
    match bytes {
        [0xff, 0xfe, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => (text.into(), None),
            Err(error) => (String::from_utf8_lossy(bytes).into(), Some(error.valid_up_to())),
        },
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> (Arc<str>, Option<usize>) {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut bad = None;
    let mut text = String::with_capacity(bytes.len());
    for c in char::decode_utf16(units) {
        text.push(c.unwrap_or_else(|_| {
            bad.get_or_insert(text.len());
            char::REPLACEMENT_CHARACTER
        }));
    }
    (text.into(), bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_utf16_with_either_byte_order() {
        assert_eq!(decode(b"\xff\xfea\0:\0").0.as_ref(), "a:");
        assert_eq!(decode(b"\xfe\xff\0a\0:").0.as_ref(), "a:");
    }

    #[test]
    fn replaces_bytes_that_are_no_text_and_says_where() {
        let (text, bad) = decode(b"ab\xff");
        assert_eq!((text.as_ref(), bad), ("ab\u{fffd}", Some(2)));
    }
}
