//! Small API definitions that parse: OpenAPI, AsyncAPI, GraphQL and gRPC over one noun and some fields of its domain.

use std::fmt::Write as _;

use super::{
    dice::Dice,
    vocabulary::{Domain, Field, System},
    wording::{kebab, plural, spaced},
};

/// Which language the definition is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    OpenApi,
    AsyncApi,
    GraphQl,
    Grpc,
}

impl Language {
    /// Returns the value of `spec.type`.
    pub(super) fn api_type(self) -> &'static str {
        match self {
            Self::OpenApi => "openapi",
            Self::AsyncApi => "asyncapi",
            Self::GraphQl => "graphql",
            Self::Grpc => "grpc",
        }
    }
}

/// Writes the definition of the API `api` of `system`.
pub(super) fn render(language: Language, api: &str, title: &str, domain: &Domain, system: &System) -> String {
    let mut dice = Dice::new(api);
    let fields = choose_fields(domain, &mut dice);
    let version = format!("{}.{}.{}", 1 + dice.below(4), dice.below(20), dice.below(6));
    match language {
        Language::OpenApi => openapi(api, title, &version, system, &fields, &mut dice),
        Language::AsyncApi => asyncapi(title, &version, domain, system, &fields),
        Language::GraphQl => graphql(system, &fields),
        Language::Grpc => grpc(domain, system, &fields, &mut dice),
    }
}

fn choose_fields<'a>(domain: &'a Domain, dice: &mut Dice) -> Vec<&'a Field> {
    let skipped = [dice.below(10), dice.below(10), dice.below(10), dice.below(10), dice.below(10)];
    domain.fields.iter().enumerate().filter(|(i, _)| !skipped.contains(i)).map(|(_, field)| field).collect()
}

fn openapi(api: &str, title: &str, version: &str, system: &System, fields: &[&Field], dice: &mut Dice) -> String {
    let (noun, things) = (&system.noun, plural(&spaced(&system.noun)));
    let path = plural(&kebab(noun));
    let mut out = format!(
        "openapi: 3.1.0\ninfo:\n  title: {title}\n  version: {version}\nservers:\n  - url: https://{api}.larkhem.example\npaths:\n  /{path}:\n"
    );
    let filter = fields.first().map_or("cursor", |field| field.name.as_str());
    let _ = write!(
        out,
        "    get:\n      operationId: list{operation}\n      summary: Lists {things}, newest first\n      parameters:\n        - {{ name: {filter}, in: query, schema: {{ type: string }} }}\n        - {{ name: limit, in: query, schema: {{ type: integer, maximum: {limit} }} }}\n      responses:\n        '200':\n          description: A page of {things}\n          content:\n            application/json:\n              schema: {{ type: array, items: {{ $ref: '#/components/schemas/{noun}' }} }}\n",
        operation = plural(noun),
        limit = [50, 100, 200, 500][dice.below(4)],
    );
    if dice.chance(60) {
        let _ = write!(
            out,
            "    post:\n      operationId: create{noun}\n      summary: Creates a new {thing}\n{body}      responses:\n        '201': {{ description: Created }}\n        '422': {{ description: A field is missing or wrong }}\n",
            thing = spaced(noun),
            body = request_body(noun)
        );
    }
    let _ = write!(
        out,
        "  /{path}/{{id}}:\n    parameters:\n      - {{ name: id, in: path, required: true, schema: {{ type: string }} }}\n    get:\n      operationId: get{noun}\n      summary: Reads one {thing}\n      responses:\n        '200':\n          description: The {thing}\n          content:\n            application/json:\n              schema: {{ $ref: '#/components/schemas/{noun}' }}\n        '404': {{ description: There is none with this id }}\n",
        thing = spaced(noun),
    );
    match dice.below(3) {
        0 => {
            let _ = write!(
                out,
                "    put:\n      operationId: replace{noun}\n      summary: Replaces the {thing}\n{body}      responses:\n        '200': {{ description: Replaced }}\n        '409': {{ description: Somebody else was faster }}\n",
                thing = spaced(noun),
                body = request_body(noun)
            );
        }
        1 => {
            let _ = write!(
                out,
                "    delete:\n      operationId: remove{noun}\n      summary: Removes the {thing}\n      responses:\n        '204': {{ description: Gone }}\n",
                thing = spaced(noun)
            );
        }
        _ => {}
    }
    let _ = write!(
        out,
        "components:\n  schemas:\n    {noun}:\n      type: object\n      required: [id]\n      properties:\n        id: {{ type: string }}\n{}",
        json_schema(fields, 8)
    );
    if fields.iter().any(|field| field.kind == "money") {
        out.push_str("    Money:\n");
        out.push_str(&money(6));
    }
    out
}

fn request_body(noun: &str) -> String {
    format!(
        "      requestBody:\n        required: true\n        content:\n          application/json:\n            schema: {{ $ref: '#/components/schemas/{noun}' }}\n"
    )
}

fn asyncapi(title: &str, version: &str, domain: &Domain, system: &System, fields: &[&Field]) -> String {
    let mut out = format!("asyncapi: 3.0.0\ninfo:\n  title: {title}\n  version: {version}\nchannels:\n");
    let events = &domain.events[..2.min(domain.events.len())];
    let name = |event: &str| format!("{}{}", system.noun, super::wording::camel(event));
    for event in events {
        let _ = write!(
            out,
            "  {name}:\n    address: {domain}.{thing}-{event}\n    messages:\n      {name}: {{ $ref: '#/components/messages/{name}' }}\n",
            name = name(event),
            domain = domain.name,
            thing = kebab(&system.noun)
        );
    }
    out.push_str("operations:\n");
    for event in events {
        let _ = write!(
            out,
            "  publish{name}:\n    action: send\n    channel: {{ $ref: '#/channels/{name}' }}\n",
            name = name(event)
        );
    }
    out.push_str("components:\n  messages:\n");
    for event in events {
        let _ =
            write!(out, "    {}:\n      payload: {{ $ref: '#/components/schemas/{}' }}\n", name(event), system.noun);
    }
    let _ = write!(
        out,
        "  schemas:\n    {}:\n      type: object\n      properties:\n        id: {{ type: string }}\n{}",
        system.noun,
        json_schema(fields, 8)
    );
    if fields.iter().any(|field| field.kind == "money") {
        out.push_str("    Money:\n");
        out.push_str(&money(6));
    }
    out
}

fn json_schema(fields: &[&Field], indent: usize) -> String {
    let pad = " ".repeat(indent);
    let mut out = String::new();
    for field in fields {
        let example = serde_json::Value::from(field.example.as_str());
        let schema = match field.kind.as_str() {
            "money" => "$ref: '#/components/schemas/Money'".to_owned(),
            "int" => format!("type: integer, example: {}", field.example),
            "num" => format!("type: number, example: {}", field.example),
            "bool" => "type: boolean".to_owned(),
            "time" => "type: string, format: date-time".to_owned(),
            "date" => "type: string, format: date".to_owned(),
            "enum" => format!("type: string, enum: [{}]", field.example.replace('/', ", ")),
            _ => format!("type: string, example: {example}"),
        };
        let _ = writeln!(out, "{pad}{}: {{ {schema} }}", field.name);
    }
    out
}

fn money(indent: usize) -> String {
    let pad = " ".repeat(indent);
    format!(
        "{pad}type: object\n{pad}properties:\n{pad}  amount: {{ type: string, example: '49.95' }}\n{pad}  currency: {{ type: string, example: EUR }}\n"
    )
}

fn graphql(system: &System, fields: &[&Field]) -> String {
    let noun = &system.noun;
    let one = format!("{}{}", noun[..1].to_lowercase(), &noun[1..]);
    let mut out = format!(
        "type Query {{\n  \"\"\"One {thing}, or nothing when there is none.\"\"\"\n  {one}(id: ID!): {noun}\n  {many}(first: Int = 20, after: String): {noun}Page!\n}}\n\ntype {noun}Page {{\n  nodes: [{noun}!]!\n  next: String\n}}\n\ntype {noun} {{\n  id: ID!\n",
        thing = spaced(noun),
        many = plural(&one),
    );
    for field in fields {
        let kind = match field.kind.as_str() {
            "money" => "Money",
            "int" => "Int",
            "num" => "Float",
            "bool" => "Boolean",
            "id" => "ID",
            _ => "String",
        };
        let _ = writeln!(out, "  {}: {kind}", field.name);
    }
    out.push_str("}\n");
    if fields.iter().any(|field| field.kind == "money") {
        out.push_str("\ntype Money {\n  amount: String!\n  currency: String!\n}\n");
    }
    out
}

fn grpc(domain: &Domain, system: &System, fields: &[&Field], dice: &mut Dice) -> String {
    let noun = &system.noun;
    let verb = dice.pick(&["Get", "Find", "Resolve"]);
    let package = system.name.replace('-', "_");
    let mut out = format!(
        "syntax = \"proto3\";\n\npackage larkhem.{}.{package}.v1;\n\nservice {noun}Service {{\n  rpc {verb}{noun}({verb}{noun}Request) returns ({noun});\n  rpc Batch{verb}{many}(Batch{verb}{many}Request) returns (stream {noun});\n}}\n\nmessage {verb}{noun}Request {{\n  string id = 1;\n}}\n\nmessage Batch{verb}{many}Request {{\n  repeated string ids = 1;\n}}\n\nmessage {noun} {{\n  string id = 1;\n",
        domain.name,
        many = plural(noun),
    );
    for (number, field) in fields.iter().enumerate() {
        let kind = match field.kind.as_str() {
            "money" | "time" => "int64",
            "int" => "int32",
            "num" => "double",
            "bool" => "bool",
            _ => "string",
        };
        let suffix = match field.kind.as_str() {
            "money" => "_minor_units",
            "time" => "_ms",
            _ => "",
        };
        let _ = writeln!(out, "  {kind} {}{suffix} = {};", kebab(&field.name).replace('-', "_"), number + 2);
    }
    out.push_str("}\n");
    out
}
