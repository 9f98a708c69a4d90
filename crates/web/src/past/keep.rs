//! Links that keep the moment.
//!
//! Pages do not know that they show the past, so what their links lack is put in when they are finished: `at` at the end of every
//! address of ours, a hidden field in every form that asks, and no forms that act. This rests on one property of our pages, which
//! a test holds: a `<` that is not the beginning of a tag, and a quote that does not delimit a value, are escaped. What leads out
//! of the past on purpose carries `data-now`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::pages;

/// The attributes that hold addresses of pages.
const ADDRESSES: [&str; 8] = ["href", "xlink:href", "src", "action", "hx-get", "hx-post", "data-peek", "formaction"];
/// What may stand in the value as it is.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b':').remove(b'.');
/// The form of preferences, which are not of any moment.
const PREFERENCES: &str = "/preferences";

/// Puts the moment into all addresses and forms of a page.
pub(crate) fn keep_in_page(html: &str, at: &str) -> String {
    let at = utf8_percent_encode(at, VALUE).to_string();
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        let (tag, after) = rest[open..].split_at(length_of_tag(&rest[open..]));
        write_tag(tag, &at, &mut out);
        let (text, after) = after.split_at(length_of_raw_text(tag, after));
        out.push_str(text);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Puts the moment into an address of ours, such as that of a redirection.
pub(crate) fn keep_in_address(address: &str, at: &str) -> String {
    let at = utf8_percent_encode(at, VALUE).to_string();
    let mut out = String::new();
    write_address(address, "&", &at, &mut out);
    out
}

/// How long a tag is with its brackets; 1 for what opens none.
fn length_of_tag(text: &str) -> usize {
    let bytes = text.as_bytes();
    if !bytes.get(1).is_some_and(u8::is_ascii_alphabetic) {
        return 1;
    }
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    bytes.len()
}

/// How much text follows a tag in which a `<` opens nothing, such as a program.
fn length_of_raw_text(tag: &str, after: &str) -> usize {
    let name = ["script", "style", "textarea", "title"].into_iter().find(|name| {
        let rest = tag.get(1..).and_then(|rest| rest.strip_prefix(name));
        rest.is_some_and(|rest| rest.starts_with(|c: char| c == '>' || c.is_ascii_whitespace()))
    });
    let end = name.map(|name| after.find(&format!("</{name}")).unwrap_or(after.len()));
    end.unwrap_or_default()
}

/// An attribute: its name, its value, and where the value stands in the tag.
struct Attribute<'a> {
    name: &'a str,
    value: &'a str,
    start: usize,
}

fn attributes(tag: &str) -> Vec<Attribute<'_>> {
    let bytes = tag.as_bytes();
    let is_name = |byte: u8| !byte.is_ascii_whitespace() && !b"=>\"'".contains(&byte);
    let skip = |mut at: usize, of: &dyn Fn(u8) -> bool| {
        while bytes.get(at).is_some_and(|byte| of(*byte)) {
            at += 1;
        }
        at
    };
    let mut found = Vec::new();
    let mut at = skip(1, &is_name);
    loop {
        at = skip(at, &|byte| byte.is_ascii_whitespace() || byte == b'/');
        let name_start = at;
        at = skip(at, &is_name);
        if at == name_start {
            return found;
        }
        let name = &tag[name_start..at];
        let (mut start, mut end) = (at, at);
        if bytes.get(at) == Some(&b'=') {
            at += 1;
            match bytes.get(at) {
                Some(quote @ (b'"' | b'\'')) => {
                    start = at + 1;
                    end = skip(start, &|byte| byte != *quote);
                    at = (end + 1).min(bytes.len());
                }
                _ => {
                    start = at;
                    at = skip(at, &is_name);
                    end = at;
                }
            }
        }
        found.push(Attribute { name, value: &tag[start..end], start });
    }
}

fn write_tag(tag: &str, at: &str, out: &mut String) {
    if tag.len() < 3 {
        return out.push_str(tag);
    }
    let attributes = attributes(tag);
    let is_form = tag.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("<form"));
    let value_of = |name: &str| attributes.iter().find(|attribute| attribute.name == name).map(|found| found.value);
    if value_of("data-now").is_some() || (is_form && value_of("action") == Some(PREFERENCES)) {
        return out.push_str(tag);
    }
    let acts = is_form && value_of("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
    // The address of a form that asks is made of its fields, and a script takes it from them too.
    let asks = is_form && !acts;
    let mut from = 0;
    if acts {
        out.push_str("<form hidden");
        from = "<form".len();
    }
    for Attribute { name, value, start } in attributes.iter().filter(|_| !asks) {
        if ADDRESSES.contains(name) {
            out.push_str(&tag[from..*start]);
            write_address(value, "&amp;", at, out);
            from = start + value.len();
        }
    }
    out.push_str(&tag[from..]);
    if asks {
        out.push_str("<input type=\"hidden\" name=\"at\" value=\"");
        out.push_str(&percent_encoding::percent_decode_str(at).decode_utf8_lossy());
        out.push_str("\">");
    }
}

/// Writes an address, with the moment if it is one of ours and has none.
fn write_address(address: &str, ampersand: &str, at: &str, out: &mut String) {
    // `&#38;` is an ampersand and begins no fragment.
    let mut hashes = address.match_indices('#').map(|(at, _)| at);
    let fragment = hashes.find(|at| !address[..*at].ends_with('&'));
    let (before, fragment) = fragment.map_or((address, ""), |at| address.split_at(at));
    let (path, query) = before.split_once('?').map_or((before, None), |(path, query)| (path, Some(query)));
    let has_one = query.is_some_and(|query| query.split(['&', ';']).any(|pair| pair.starts_with("at=")));
    out.push_str(before);
    if takes_at(path) && !has_one {
        out.push_str(if query.is_some() { ampersand } else { "?" });
        out.push_str("at=");
        out.push_str(at);
    }
    out.push_str(fragment);
}

fn takes_at(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && (pages::is_page(path) || path.starts_with("/api/v1/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, want: &str) {
        assert_eq!(keep_in_page(html, "12"), want);
    }

    #[test]
    fn links_of_ours_keep_the_moment() {
        check(
            r#"<p><a class="x" href="/teams">a &lt; b</a></p>"#,
            r#"<p><a class="x" href="/teams?at=12">a &lt; b</a></p>"#,
        );
        check(r#"<a href="/x?a=1&amp;b=2#c">"#, r#"<a href="/x?a=1&amp;b=2&amp;at=12#c">"#);
        check(
            r#"<a href="/x" hx-get="/x" data-peek='/x/peek'>"#,
            r#"<a href="/x?at=12" hx-get="/x?at=12" data-peek='/x/peek?at=12'>"#,
        );
        check(r#"<a href="/api/v1/entities">"#, r#"<a href="/api/v1/entities?at=12">"#);
        check("<a href=/x>", "<a href=/x?at=12>");
        check(r#"<a href="/x?a=1&#38;b=2#c">"#, r#"<a href="/x?a=1&#38;b=2&amp;at=12#c">"#);
    }

    #[test]
    fn other_links_stay_as_they_are() {
        for html in [
            r##"<a href="#main">"##,
            r#"<a href="https://example.org/x">"#,
            r#"<a href="//example.org/x">"#,
            r#"<a href="/x?at=3">"#,
            r#"<a href="/x?a=1&amp;at=3">"#,
            r#"<a href="/x?a=1&#38;at=3">"#,
            r#"<a data-now href="/x">"#,
            r#"<link href="/static/app.css"><use href="/static/icons.svg#x"/>"#,
            r#"<a href="/api/catalog/entities">"#,
            r#"<a href="mailto:a@example.org">"#,
            r#"<script type="application/json">{"a": "<a href='/x'>"}</script>"#,
            "a < b, 1 <2, </p><!doctype html>",
            "<",
        ] {
            check(html, html);
        }
    }

    #[test]
    fn forms_that_ask_keep_the_moment_and_forms_that_act_are_gone() {
        check(
            r#"<form action="/search" hx-get="/search"><input name="q"></form>"#,
            r#"<form action="/search" hx-get="/search"><input type="hidden" name="at" value="12"><input name="q"></form>"#,
        );
        check(r#"<form method="post" action="/x/star">"#, r#"<form hidden method="post" action="/x/star?at=12">"#);
        check(r#"<form class="a" method="post">"#, r#"<form hidden class="a" method="post">"#);
        check(r#"<form method="post" action="/preferences">"#, r#"<form method="post" action="/preferences">"#);
    }

    #[test]
    fn a_time_is_written_as_each_place_wants_it() {
        let kept = keep_in_page(r#"<a href="/x"><form action="/y">"#, "2026-11-23T10:00:00Z");
        assert_eq!(
            kept,
            r#"<a href="/x?at=2026-11-23T10:00:00Z"><form action="/y"><input type="hidden" name="at" value="2026-11-23T10:00:00Z">"#
        );
        assert_eq!(keep_in_address("/x?a=1", "12"), "/x?a=1&at=12");
        assert_eq!(keep_in_address("https://example.org/", "12"), "https://example.org/");
    }
}
