//! Puts together text that is sound XML.

use std::fmt;

/// The text so far.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) text: String,
}

impl Writer {
    /// Adds text that is sound already.
    pub(super) fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds any text.
    pub(super) fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
                '"' => self.raw("&quot;"),
                '\'' => self.raw("&#39;"),
                // These may not occur in XML, not even escaped.
                '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                    self.text.push('\u{fffd}');
                }
                c => self.text.push(c),
            }
        }
    }

    /// Adds an attribute to the element that is being opened.
    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        self.raw(&format!(" {name}=\""));
        self.escaped(value);
        self.raw("\"");
    }

    /// Adds a line of text.
    pub(super) fn text_at(&mut self, class: &str, (x, y): (f64, f64), size: f64, text: &str) {
        self.raw(&format!("<text class=\"{class}\" x=\"{}\" y=\"{}\" font-size=\"{size}\">", Number(x), Number(y)));
        self.escaped(text);
        self.raw("</text>");
    }
}

/// A number with one decimal at most.
pub(super) struct Number(pub(super) f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Plus zero, so that nothing is called "-0".
        let rounded = (self.0 * 10.0).round() / 10.0 + 0.0;
        write!(f, "{rounded}")
    }
}
