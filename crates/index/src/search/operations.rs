//! The operations of an API, read from its definition without a parser: a light pass over the lines, or over the strings of a
//! JSON text. It knows how OpenAPI, AsyncAPI, GraphQL and gRPC write paths, channels, fields and methods, and takes a line
//! that looks like one for one.

/// How many operations of one definition are searched.
const MOST: usize = 1_000;

/// Members of OpenAPI and AsyncAPI whose value names or describes an operation.
const NAMES: [&str; 4] = ["operationId", "summary", "address", "x-summary"];

/// Objects whose members are named after paths or channels.
const NAMED: [&str; 3] = ["paths", "channels", "operations"];

/// Visits what a definition offers.
pub(crate) fn visit_operations(definition: &str, visit: &mut impl FnMut(&str)) {
    let mut left = MOST;
    let mut visit = |found: &str| {
        let found = found.trim();
        if left > 0 && !found.is_empty() {
            left -= 1;
            visit(found);
        }
        left > 0
    };
    if definition.trim_start().starts_with('{') {
        visit_json(definition, &mut visit);
    } else {
        visit_lines(definition, &mut visit);
    }
}

/// A text by lines: YAML, GraphQL or protocol buffers.
fn visit_lines(definition: &str, visit: &mut impl FnMut(&str) -> bool) {
    // Inside a member whose own members are named after what is looked for: its indent, and theirs.
    let mut inside: Option<(usize, Option<usize>)> = None;
    let mut in_type = false;
    for line in definition.lines() {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') || text.starts_with("//") {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let wants_more = if let Some(name) = opens_type(text) {
            in_type = true;
            visit(name)
        } else if let Some(name) = method_of(text) {
            visit(name)
        } else if in_type {
            in_type = !text.starts_with('}');
            field_of(text).is_none_or(&mut *visit)
        } else {
            let Some((key, value)) = split_member(text) else { continue };
            inside = inside.filter(|(outer, _)| indent > *outer);
            if let Some((_, children)) = &mut inside {
                match value.is_empty() && *children.get_or_insert(indent) == indent {
                    true => visit(key),
                    false => !NAMES.contains(&key) || visit(value),
                }
            } else {
                if NAMED.contains(&key) && value.is_empty() {
                    inside = Some((indent, None));
                }
                !NAMES.contains(&key) || visit(value)
            }
        };
        if !wants_more {
            return;
        }
    }
}

/// `key: value` without quotes; the value is empty when it stands on the lines below.
fn split_member(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("- ").unwrap_or(line);
    let quote = line.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (key, rest) = match quote {
        Some(quote) => line[1..].split_once(quote)?,
        None => {
            let end = line.find(": ").or_else(|| line.ends_with(':').then(|| line.len() - 1))?;
            line.split_at(end)
        }
    };
    let value = rest.trim_start().strip_prefix(':')?.trim();
    Some((key, value.trim_matches(['"', '\''])))
}

/// `type Order implements Node {` and its like in GraphQL.
fn opens_type(line: &str) -> Option<&str> {
    let line = line.strip_prefix("extend ").unwrap_or(line);
    let rest = ["type ", "interface ", "input "].iter().find_map(|word| line.strip_prefix(word))?;
    line.ends_with('{').then(|| rest.split([' ', '{', '@']).next())?
}

/// `orders(first: Int): [Order]` in a type of GraphQL.
fn field_of(line: &str) -> Option<&str> {
    let end = line.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    (end > 0 && line[end..].starts_with(['(', ':'])).then_some(&line[..end])
}

/// `rpc PlaceOrder (...)` and `service Orders {` of gRPC.
fn method_of(line: &str) -> Option<&str> {
    let is_service = line.starts_with("service ") && line.ends_with('{');
    let rest = line.strip_prefix("rpc ").or_else(|| is_service.then(|| &line["service ".len()..]))?;
    rest.split(['(', ' ', '{']).find(|name| !name.is_empty())
}

/// A JSON text, which may well be a single line.
fn visit_json(definition: &str, visit: &mut impl FnMut(&str) -> bool) {
    let bytes = definition.as_bytes();
    let (mut at, mut depth) = (0, 0usize);
    // The depth at which members are named after what is looked for, and the newest key of interest.
    let mut named_at: Option<usize> = None;
    let mut key: Option<&str> = None;
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => {
                depth += 1;
                if key.take().is_some_and(|key| NAMED.contains(&key)) && named_at.is_none() {
                    named_at = Some(depth);
                }
            }
            b'}' | b']' => {
                named_at = named_at.filter(|named| depth > *named);
                depth = depth.saturating_sub(1);
            }
            b'"' => {
                let Some(end) = end_of_string(bytes, at + 1) else { return };
                let text = &definition[at + 1..end];
                at = end;
                let is_key = definition[end + 1..].trim_start().starts_with(':');
                let found = match key.take() {
                    Some(name) if !is_key => NAMES.contains(&name).then_some(text),
                    _ if is_key => {
                        key = Some(text);
                        (named_at == Some(depth)).then_some(text)
                    }
                    _ => None,
                };
                if found.is_some_and(|found| !visit(found)) {
                    return;
                }
            }
            _ => {}
        }
        at += 1;
    }
}

fn end_of_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(definition: &str, want: &[&str]) {
        let mut found = Vec::new();
        visit_operations(definition, &mut |operation| found.push(operation.to_owned()));
        assert_eq!(found, want, "{definition}");
    }

    #[test]
    fn finds_paths_and_operations_of_openapi() {
        let yaml = "openapi: 3.1.0\ninfo:\n  title: Orders\npaths:\n  /orders/{id}:\n    get:\n      operationId: getOrder\n      summary: 'Reads one order'\n      responses:\n        \"200\":\n          description: ok\n  \"/stock\":\n    post:\n      summary: Books\ncomponents:\n  schemas:\n    Order:\n      type: object\n";
        check(yaml, &["/orders/{id}", "getOrder", "Reads one order", "/stock", "Books"]);
        let json = r#"{"openapi":"3.0.0","paths":{"/orders":{"get":{"operationId":"list","summary":"All \"orders\"","tags":["x"]}},"/a":{}},"components":{"schemas":{"B":{}}}}"#;
        check(json, &["/orders", "list", "All \\\"orders\\\"", "/a"]);
    }

    #[test]
    fn finds_channels_of_asyncapi() {
        let yaml = "asyncapi: 3.0.0\nchannels:\n  orderPlaced:\n    address: orders.placed\n    messages:\n      m:\n        x: 1\noperations:\n  onOrder:\n    action: receive\n";
        check(yaml, &["orderPlaced", "orders.placed", "onOrder"]);
        check(r#"{"channels":{"user/signedup":{"subscribe":{"operationId":"on"}}}}"#, &["user/signedup", "on"]);
    }

    #[test]
    fn finds_fields_of_graphql() {
        let text = "# a comment\ntype Query {\n  orders(first: Int): [Order]\n  order(id: ID!): Order\n}\n\nenum State { OPEN }\ninput Filter {\n  text: String\n}\n";
        check(text, &["Query", "orders", "order", "Filter", "text"]);
    }

    #[test]
    fn finds_methods_of_grpc() {
        let text = "syntax = \"proto3\";\nservice Orders {\n  // places\n  rpc PlaceOrder (Request) returns (Reply);\n  rpc Cancel(Request) returns (Reply) {}\n}\nmessage Request {\n  string id = 1;\n}\n";
        check(text, &["Orders", "PlaceOrder", "Cancel"]);
    }

    #[test]
    fn odd_texts_end_quietly() {
        for text in
            ["", "{", "{\"", "{\"a\\", "}}", "\"", "'x", "- ", ":", "type {", "rpc ", "service {", "]{\"paths\":"]
        {
            check(text, &[]);
        }
    }

    #[test]
    fn very_many_operations_are_cut() {
        let text: String =
            std::iter::once("paths:\n".to_owned()).chain((0..3_000).map(|n| format!("  /p{n}:\n"))).collect();
        let mut count = 0;
        visit_operations(&text, &mut |_| count += 1);
        assert_eq!(count, MOST);
    }
}
