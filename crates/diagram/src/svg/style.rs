//! The look of pictures.
//!
//! A page includes [`STYLE`] and defines the custom properties that it uses, which [`LIGHT`] and [`DARK`] list with the colours of
//! pictures that stand alone.

/// The rules for everything in a picture.
pub const STYLE: &str = include_str!("diagram.css");

/// Colours on a light page.
pub const LIGHT: &str = "\
--dg-page:#fff;--dg-box:#fff;--dg-text:#1f1d1a;--dg-muted:#66615a;--dg-border:#bdb7ae;--dg-line:#8b857c;--dg-frame:#f7f5f2;\
--dg-accent:#0f6b4a;--dg-attention:#b06000;--dg-h0:#2f6fb3;--dg-h1:#8a5aa8;--dg-h2:#9a6a1f;--dg-h3:#0f7a6b;--dg-h4:#4d7a22;\
--dg-h5:#b0484a;--dg-h6:#5f6ac4;--dg-h7:#6d6962;";

/// Colours on a dark page.
pub const DARK: &str = "\
--dg-page:#191816;--dg-box:#22211e;--dg-text:#eceae6;--dg-muted:#a8a399;--dg-border:#55514a;--dg-line:#8b867c;\
--dg-frame:#1f1e1b;--dg-accent:#5cc79b;--dg-attention:#e0a040;--dg-h0:#7fb2ea;--dg-h1:#c59be0;--dg-h2:#d9ac63;\
--dg-h3:#63c7b6;--dg-h4:#9cc970;--dg-h5:#ea9092;--dg-h6:#a7aff0;--dg-h7:#aba69c;";

/// The styles of a picture that stands alone.
pub(super) fn standalone() -> String {
    format!("<style>.dg{{{LIGHT}}}@media (prefers-color-scheme: dark){{.dg{{{DARK}}}}}{}</style>", STYLE.trim())
}

/// The number of the colour of a class. The kinds of a catalog have one each, the others share the last one.
#[must_use]
pub fn slot(class: &str) -> usize {
    const KINDS: [&str; 7] = ["component", "api", "resource", "system", "domain", "group", "user"];
    KINDS.iter().position(|kind| *kind == class).unwrap_or(KINDS.len())
}

/// A class as a word that may stand in a class attribute: lines of the class `dependsOn` have `dg-e-dependson`.
#[must_use]
pub fn word(class: &str) -> String {
    class.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}
