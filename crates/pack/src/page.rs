//! The file itself: head, content policy, what is shown without scripts, the contents and the script that shows them.

use base64::Engine as _;
use model::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::Prepared;

const STYLE: &str = include_str!("../assets/pack.css");

/// Runs ahead of the rest, so that what is for browsers without scripts does not flash by.
const FIRST_SCRIPT: &str = "document.documentElement.classList.add('js')";

const SCRIPT: &str = concat!(
    "(() => {\n'use strict';\n",
    include_str!("../assets/10-contents.js"),
    include_str!("../assets/20-search.js"),
    include_str!("../assets/30-impact.js"),
    include_str!("../assets/40-parts.js"),
    include_str!("../assets/50-pages.js"),
    include_str!("../assets/60-start.js"),
    "})();\n",
);

/// What is said where the script does not run, be it switched off or not understood.
const NO_SCRIPT: &str = "<noscript><p>This file holds a whole software catalog: search, owners, links, dependencies and \
    impact. Its script does not run here: open the file in a browser that lets it. Without it, these are the teams and how to \
    reach them.</p></noscript>\n<p id=\"too-old\" hidden>This browser is too old to unpack the catalog. These are the teams \
    and how to reach them.</p>\n";

/// Puts the file together.
pub(crate) fn assemble(pack: &Prepared, made_at: Timestamp) -> String {
    let title = escape(&pack.title);
    let mut html = String::with_capacity(pack.len() + STYLE.len() + SCRIPT.len() + 4 * 1024);
    let mut push = |parts: &[&str]| parts.iter().for_each(|part| html.push_str(part));
    push(&["<!doctype html>\n<html lang=\"en\" data-theme=\"system\">\n<head>\n<meta charset=\"utf-8\">\n"]);
    push(&["<meta http-equiv=\"Content-Security-Policy\" content=\"", &content_policy(), "\">\n"]);
    push(&["<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"]);
    push(&["<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n"]);
    push(&["<meta name=\"generator\" content=\"Callboard ", &escape(&pack.version), "\">\n"]);
    push(&["<title>", &title, "</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>", STYLE, "</style>\n"]);
    push(&["<script>", FIRST_SCRIPT, "</script>\n</head>\n<body data-made=\"", &made_at.0.to_string(), "\">\n"]);
    push(&["<div id=\"app\"><p id=\"starting\" role=\"status\">Unpacking the catalog</p></div>\n"]);
    push(&["<main id=\"plain\">\n<h1>", &title, "</h1>\n<p>Made ", &made(made_at), ", as of change "]);
    push(&[&pack.seq.0.to_string(), ".</p>\n", NO_SCRIPT, &pack.table, "</main>\n"]);
    push(&["<script type=\"text/plain\" id=\"contents\">", &pack.contents, "</script>\n"]);
    push(&["<script>", SCRIPT, "</script>\n</body>\n</html>\n"]);
    html
}

/// Nothing is fetched from anywhere, and nothing runs but the two scripts of this file.
fn content_policy() -> String {
    format!(
        "default-src 'none'; script-src '{}' '{}'; style-src '{}'; img-src data:; connect-src 'none'; base-uri 'none'; \
         form-action 'none'",
        hash(FIRST_SCRIPT),
        hash(SCRIPT),
        hash(STYLE)
    )
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(digest))
}

/// The moment, as people of any place read it.
fn made(at: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    moment.to_zoned(jiff::tz::TimeZone::UTC).strftime("%-d %b %Y %H:%M UTC").to_string()
}

/// Text for an element or an attribute in double quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
