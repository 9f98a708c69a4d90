//! How wide a text will be in a sans-serif font that nobody has measured, and where a long name breaks in two.
//!
//! The table is that of the Helvetica family, which the usual system fonts stay close to; boxes have room for the wider ones.

/// Widths of the characters from space to tilde, in thousandths of the font's size.
const ASCII: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];

/// What the widest of the usual fonts need more than the table says.
const ROOM: f64 = 1.08;

/// Names up to this width stay on one line.
const ONE_LINE: f64 = 176.0;

/// Estimates the width of a text in pixels.
#[must_use]
pub fn text_width(text: &str, size: f64) -> f64 {
    let thousandths: u32 = text.chars().map(char_width).sum();
    f64::from(thousandths) / 1000.0 * size * ROOM
}

fn char_width(c: char) -> u32 {
    match c {
        ' '..='~' => u32::from(ASCII[c as usize - ' ' as usize]),
        '\0'..='\u{1f}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        // Han, Kana, Hangul, full-width forms, pictures.
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{ffef}' | '\u{1f000}'..='\u{3ffff}' => 1000,
        _ => 600,
    }
}

/// Breaks a name into one or two lines, after a hyphen or another mark that names are made with. Nothing is ever left out.
#[must_use]
pub fn wrap(name: &str, size: f64) -> Vec<String> {
    let name = name.trim();
    if text_width(name, size) <= ONE_LINE {
        return vec![name.to_owned()];
    }
    let breaks = name.char_indices().filter(|(_, c)| matches!(c, '-' | '.' | '_' | '/' | ':' | ' '));
    let halves = breaks.map(|(at, c)| name.split_at(at + c.len_utf8()));
    let halves = halves.filter(|(first, rest)| first.len() > 2 && rest.len() > 2);
    let widest = |(first, rest): &(&str, &str)| text_width(first, size).max(text_width(rest, size));
    match halves.min_by(|a, b| widest(a).total_cmp(&widest(b))) {
        Some((first, rest)) => vec![first.trim().to_owned(), rest.trim().to_owned()],
        None => vec![name.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_take_more_room() {
        assert!(text_width("mmmm", 13.0) > 2.0 * text_width("iiii", 13.0));
        assert!(text_width("結帳", 13.0) > 26.0);
        assert!((text_width("e\u{301}", 13.0) - text_width("e", 13.0)).abs() < 1e-9);
        assert!(text_width("", 13.0).abs() < 1e-9);
    }

    #[test]
    fn long_names_break_at_a_mark_near_the_middle() {
        assert_eq!(wrap("checkout-api", 13.0), ["checkout-api"]);
        assert_eq!(
            wrap("warehouse-fulfilment-reservation-worker", 13.0),
            ["warehouse-fulfilment-", "reservation-worker"]
        );
    }

    #[test]
    fn names_without_a_place_to_break_stay_whole() {
        let name = "a".repeat(80);
        assert_eq!(wrap(&name, 13.0), [name]);
    }
}
