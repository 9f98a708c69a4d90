//! Finds the links and the anchors of a page. No parser: a scanner of tags that is enough for pages of our own templates.

/// What a page leads to, and what can be led to in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Addresses as they are written, entities decoded: of `href`, `src`, and of forms that only ask.
    pub links: Vec<String>,
    /// Ids, and names of anchors.
    pub anchors: Vec<String>,
}

/// Scans a page.
pub fn find(html: &str) -> Found {
    let mut found = Found::default();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let name_end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (name, tail) = rest.split_at(name_end);
        if name.is_empty() {
            continue;
        }
        let (attributes, after) = split_attributes(tail);
        note(name, &attributes, &mut found);
        rest = match name {
            "script" | "style" => after.split_once(&format!("</{name}")).map_or("", |(_, after)| after),
            _ => after,
        };
    }
    found
}

fn note(tag: &str, attributes: &[(String, String)], found: &mut Found) {
    let value = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    found.anchors.extend(value("id"));
    let asks = tag == "form" && value("method").is_none_or(|method| method.eq_ignore_ascii_case("get"));
    match tag {
        "a" | "link" | "area" | "use" => found.links.extend(value("href")),
        "img" | "script" | "iframe" | "source" | "object" | "embed" => {
            found.links.extend(value("src").or(value("data")))
        }
        "form" if asks => found.links.extend(value("action")),
        _ => {}
    }
    if tag == "a" {
        found.anchors.extend(value("name"));
    }
    found.links.extend(value("hx-get"));
}

/// Splits what follows the name of a tag into its attributes and the text after the tag.
fn split_attributes(text: &str) -> (Vec<(String, String)>, &str) {
    let mut attributes = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return (attributes, after);
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(rest.len());
        if end == 0 {
            // A stray `=` or the end of the text.
            let mut chars = rest.chars();
            if chars.next().is_none() {
                return (attributes, "");
            }
            rest = chars.as_str();
            continue;
        }
        let name = rest[..end].to_ascii_lowercase();
        rest = &rest[end..];
        let Some(value) = rest.trim_start().strip_prefix('=') else {
            attributes.push((name, String::new()));
            continue;
        };
        let value = value.trim_start();
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            _ => value.split_at(value.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(value.len())),
        };
        attributes.push((name, decode(value)));
        rest = after;
    }
}

/// Decodes the character references that templates write.
fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('&') {
        out.push_str(before);
        let decoded = tail.split_once(';').and_then(|(name, after)| Some((character(name)?, after)));
        match decoded {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => {
                out.push('&');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_links_and_anchors() {
        let page = r#"<!doctype html><!-- <a href="/no"> --><link rel=stylesheet href=/a.css>
            <a class="x" href='/b?c=1&amp;d=%20#e&#x27;f' id="g">1 < 2 & <b>bold</b></a><svg><use href="/i.svg#h"/></svg>
            <form action="/find"><input id=q value="<a href='/no'>"></form><form method="post" action="/no"></form>
            <script src="/s.js">if (a < b) '<a href="/no">'</script><img src="/p.png" alt=""><a name="old">"#;
        let found = find(page);
        assert_eq!(found.links, ["/a.css", "/b?c=1&d=%20#e'f", "/i.svg#h", "/find", "/s.js", "/p.png"]);
        assert_eq!(found.anchors, ["g", "q", "old"]);
    }

    #[test]
    fn survives_pages_that_are_cut_off() {
        for page in ["<", "<a", "<a href", "<a href=", "<a href=\"x", "<!-- ", "<script>", "a < b", "<a =x>"] {
            find(page);
        }
        assert_eq!(find("<a href=\"/x").links, ["/x"]);
    }
}
