//! OpenAPI 2 (Swagger), 3.0, 3.1 -> outline. Read as viewers read it: what is missing or of another type is passed over.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::{
    Budget,
    document::{entries, flag, items, member, scalar, text},
    json_schema::Document,
    outline::{
        Body, Field, Info, Media, OpenApi, Operation, Parameter, Response, SecurityScheme, Server, Tag, anchor_of,
    },
    type_text::TypeText,
};

const METHODS: [&str; 9] = ["get", "post", "put", "patch", "delete", "head", "options", "trace", "query"];

/// Reads a document.
pub(crate) fn read(root: &Value, budget: &mut Budget) -> Result<OpenApi, String> {
    let format = [text(root, "openapi"), text(root, "swagger")].into_iter().find(|version| !version.is_empty());
    let Some(format) = format else {
        return Err("It says neither `openapi` nor `swagger`, so it is no OpenAPI document.".to_owned());
    };
    let reader = Reader { document: Document { root }, root, is_swagger: member(root, "swagger").is_some() };
    let mut api = OpenApi {
        format,
        info: info(root, budget),
        servers: reader.servers(budget),
        security_schemes: reader.security_schemes(budget),
        ..OpenApi::default()
    };
    for (path, item) in entries(root, "paths") {
        reader.push_operations(path, item, false, &mut api.operations, budget);
    }
    for (name, item) in entries(root, "webhooks") {
        reader.push_operations(name, item, true, &mut api.operations, budget);
    }
    make_anchors_unique(&mut api.operations);
    api.tags = tags(root, &api.operations, budget);
    for (name, schema) in reader.schemas() {
        if !budget.item() {
            break;
        }
        api.schemas.push(reader.document.shape(name, schema, budget));
    }
    api.left_out = budget.note();
    Ok(api)
}

/// Reads `info`.
pub(crate) fn info(root: &Value, budget: &mut Budget) -> Info {
    let Some(info) = member(root, "info") else { return Info::default() };
    Info {
        title: budget.text(&text(info, "title")),
        version: budget.text(&text(info, "version")),
        description: budget.text(&text(info, "description")),
    }
}

struct Reader<'a> {
    document: Document<'a>,
    root: &'a Value,
    is_swagger: bool,
}

impl<'a> Reader<'a> {
    fn servers(&self, budget: &mut Budget) -> Vec<Server> {
        if self.is_swagger {
            let (host, base) = (text(self.root, "host"), text(self.root, "basePath"));
            if host.is_empty() && base.is_empty() {
                return Vec::new();
            }
            let scheme = items(self.root, "schemes").map(scalar).next();
            let url = match (host.is_empty(), scheme) {
                (true, _) => base,
                (false, Some(scheme)) => format!("{scheme}://{host}{base}"),
                (false, None) => format!("{host}{base}"),
            };
            return vec![Server { url: budget.text(&url), ..Server::default() }];
        }
        let mut list = Vec::new();
        for server in items(self.root, "servers") {
            if budget.item() {
                let (url, description) = (budget.text(&text(server, "url")), budget.text(&text(server, "description")));
                list.push(Server { url, description, ..Server::default() });
            }
        }
        list
    }

    fn security_schemes(&self, budget: &mut Budget) -> Vec<SecurityScheme> {
        let (holder, key) = match self.is_swagger {
            true => (Some(self.root), "securityDefinitions"),
            false => (member(self.root, "components"), "securitySchemes"),
        };
        let mut list = Vec::new();
        for (name, scheme) in holder.into_iter().flat_map(|holder| entries(holder, key)) {
            if budget.item() {
                list.push(security_scheme(name, self.document.resolve(scheme), budget));
            }
        }
        list
    }

    fn schemas(&self) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        let (holder, key) = match self.is_swagger {
            true => (Some(self.root), "definitions"),
            false => (member(self.root, "components"), "schemas"),
        };
        holder.into_iter().flat_map(move |holder| entries(holder, key))
    }

    fn push_operations(
        &self,
        path: &str,
        item: &'a Value,
        webhook: bool,
        out: &mut Vec<Operation>,
        budget: &mut Budget,
    ) {
        let item = self.document.resolve(item);
        for (key, operation) in item.as_object().into_iter().flatten() {
            if METHODS.contains(&key.as_str()) && operation.is_object() && budget.item() {
                out.push(self.operation(key, path, webhook, item, operation, budget));
            }
        }
    }

    fn operation(
        &self,
        method: &str,
        path: &str,
        webhook: bool,
        item: &'a Value,
        operation: &'a Value,
        budget: &mut Budget,
    ) -> Operation {
        let parameters = self.parameters(item, operation);
        let operation_id = budget.text(&text(operation, "operationId"));
        let anchor = match operation_id.is_empty() {
            true => anchor_of("operation", &format!("{method}{path}")),
            false => anchor_of("operation", &operation_id),
        };
        Operation {
            anchor,
            method: method.to_ascii_uppercase(),
            path: budget.text(path),
            webhook,
            operation_id,
            summary: budget.text(&first_of(text(operation, "summary"), || text(item, "summary"))),
            description: budget.text(&first_of(text(operation, "description"), || text(item, "description"))),
            deprecated: flag(operation, "deprecated"),
            tags: items(operation, "tags").take(20).map(|tag| budget.text(&scalar(tag))).collect(),
            request: self.request(operation, &parameters, budget),
            parameters: self.shown_parameters(&parameters, budget),
            responses: self.responses(operation, budget),
            security: self.security(operation, budget),
        }
    }

    /// Parameters of the path and of the operation; an operation's own one stands for the path's of the same place and name.
    fn parameters(&self, item: &'a Value, operation: &'a Value) -> Vec<&'a Value> {
        let mut all: Vec<&Value> = items(operation, "parameters").map(|p| self.document.resolve(p)).collect();
        let own: HashSet<(String, String)> = all.iter().map(|p| (text(p, "in"), text(p, "name"))).collect();
        let shared = items(item, "parameters").map(|p| self.document.resolve(p));
        let mut shared: Vec<&Value> = shared.filter(|p| !own.contains(&(text(p, "in"), text(p, "name")))).collect();
        shared.append(&mut all);
        shared
    }

    fn shown_parameters(&self, parameters: &[&'a Value], budget: &mut Budget) -> Vec<Parameter> {
        let mut shown = Vec::new();
        for parameter in parameters.iter().filter(|parameter| text(parameter, "in") != "body") {
            if budget.item() {
                shown.push(Parameter {
                    place: budget.text(&text(parameter, "in")),
                    field: self.parameter(parameter, budget),
                });
            }
        }
        shown
    }

    /// A parameter or a header. In OpenAPI 2 it is its own schema.
    fn parameter(&self, parameter: &'a Value, budget: &mut Budget) -> Field {
        let name = text(parameter, "name");
        let content = entries(parameter, "content").next().and_then(|(_, media)| member(media, "schema"));
        let schema = member(parameter, "schema").or(content).unwrap_or(parameter);
        let mut field = self.document.field(&name, schema, budget);
        let description = text(parameter, "description");
        if !description.is_empty() && !std::ptr::eq(schema, parameter) {
            field.description = budget.text(&description);
        }
        if let Some(example) = member(parameter, "example").filter(|_| !std::ptr::eq(schema, parameter)) {
            let example = scalar(example);
            let known = field.notes.iter().any(|note| note.starts_with("for example"));
            if !known && !example.is_empty() {
                field.notes.push(budget.text(&format!("for example {example}")));
            }
        }
        field.required = flag(parameter, "required");
        field.deprecated |= flag(parameter, "deprecated");
        field
    }

    fn request(&self, operation: &'a Value, parameters: &[&'a Value], budget: &mut Budget) -> Option<Body> {
        if self.is_swagger {
            let body = parameters.iter().find(|parameter| text(parameter, "in") == "body")?;
            let schema = member(body, "schema").unwrap_or(&Value::Null);
            return Some(Body {
                required: flag(body, "required"),
                description: budget.text(&text(body, "description")),
                content: self.swagger_content(operation, "consumes", schema, budget),
            });
        }
        let body = self.document.resolve(member(operation, "requestBody")?);
        Some(Body {
            required: flag(body, "required"),
            description: budget.text(&text(body, "description")),
            content: self.content(body, budget),
        })
    }

    fn content(&self, holder: &'a Value, budget: &mut Budget) -> Vec<Media> {
        let mut content = Vec::new();
        for (media_type, media) in entries(holder, "content") {
            if budget.item() {
                let schema = member(self.document.resolve(media), "schema");
                content.push(Media {
                    media_type: budget.text(media_type),
                    of: schema.map_or_else(TypeText::default, |schema| self.document.type_of(schema)),
                    fields: schema.map_or_else(Vec::new, |schema| self.document.fields_without_name(schema, budget)),
                });
            }
        }
        content
    }

    fn swagger_content(&self, operation: &'a Value, key: &str, schema: &'a Value, budget: &mut Budget) -> Vec<Media> {
        let own = member(operation, key).and_then(Value::as_array);
        let shared = member(self.root, key).and_then(Value::as_array);
        let types: Vec<String> = own.or(shared).into_iter().flatten().take(10).map(scalar).collect();
        vec![Media {
            media_type: budget.text(&if types.is_empty() { "application/json".to_owned() } else { types.join(", ") }),
            of: self.document.type_of(schema),
            fields: self.document.fields_without_name(schema, budget),
        }]
    }

    fn responses(&self, operation: &'a Value, budget: &mut Budget) -> Vec<Response> {
        let mut responses = Vec::new();
        for (status, response) in entries(operation, "responses") {
            // Keys of extensions stand beside the statuses.
            if !status.starts_with("x-") && budget.item() {
                let response = self.document.resolve(response);
                let content = match member(response, "schema").filter(|_| self.is_swagger) {
                    Some(schema) => self.swagger_content(operation, "produces", schema, budget),
                    None => self.content(response, budget),
                };
                responses.push(Response {
                    status: budget.text(status),
                    description: budget.text(&text(response, "description")),
                    content,
                    headers: self.headers(response, budget),
                });
            }
        }
        responses
    }

    fn headers(&self, response: &'a Value, budget: &mut Budget) -> Vec<Field> {
        let mut headers = Vec::new();
        for (name, header) in entries(response, "headers") {
            if budget.item() {
                let mut field = self.parameter(self.document.resolve(header), budget);
                field.name = budget.text(name);
                headers.push(field);
            }
        }
        headers
    }

    /// What an operation asks for: `oauth2 (read, write) and api_key`; an empty requirement means that nothing is fine too.
    fn security(&self, operation: &Value, budget: &mut Budget) -> Vec<String> {
        let list = member(operation, "security").or_else(|| member(self.root, "security"));
        let alternatives = list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
        let words = alternatives.take(10).map(|schemes| {
            let one = |(name, scopes): (&String, &Value)| {
                let scopes: Vec<String> = scopes.as_array().into_iter().flatten().take(10).map(scalar).collect();
                if scopes.is_empty() { name.clone() } else { format!("{name} ({})", scopes.join(", ")) }
            };
            let all: Vec<String> = schemes.iter().take(10).map(one).collect();
            if all.is_empty() { "nothing".to_owned() } else { all.join(" and ") }
        });
        words.map(|words| budget.text(&words)).collect()
    }
}

fn first_of(text: String, other: impl FnOnce() -> String) -> String {
    if text.is_empty() { other() } else { text }
}

/// Tells a security scheme of OpenAPI or AsyncAPI in words.
pub(crate) fn security_scheme(name: &str, scheme: &Value, budget: &mut Budget) -> SecurityScheme {
    let what = match text(scheme, "type").as_str() {
        "http" => match (text(scheme, "scheme"), text(scheme, "bearerFormat")) {
            (way, format) if format.is_empty() => format!("HTTP {way}"),
            (way, format) => format!("HTTP {way} ({format})"),
        },
        "apiKey" | "httpApiKey" => match text(scheme, "name") {
            key if key.is_empty() => format!("API key in {}", text(scheme, "in")),
            key => format!("API key in {} {key}", text(scheme, "in")),
        },
        "basic" => "HTTP basic".to_owned(),
        "oauth2" => {
            let flows: Vec<&String> = entries(scheme, "flows").map(|(flow, _)| flow).take(5).collect();
            let flows = flows.iter().map(|flow| flow.as_str()).collect::<Vec<_>>().join(", ");
            let flows = if flows.is_empty() { text(scheme, "flow") } else { flows };
            if flows.is_empty() { "OAuth 2".to_owned() } else { format!("OAuth 2 ({flows})") }
        }
        "openIdConnect" => format!("OpenID Connect ({})", text(scheme, "openIdConnectUrl")),
        "mutualTLS" => "mutual TLS".to_owned(),
        other => other.to_owned(),
    };
    SecurityScheme {
        name: budget.text(name),
        what: budget.text(&what),
        description: budget.text(&text(scheme, "description")),
    }
}

fn tags(root: &Value, operations: &[Operation], budget: &mut Budget) -> Vec<Tag> {
    let mut seen = HashSet::new();
    let mut tags = Vec::new();
    for tag in items(root, "tags") {
        let name = text(tag, "name");
        if seen.insert(name.clone()) && budget.item() {
            tags.push(Tag { name: budget.text(&name), description: budget.text(&text(tag, "description")) });
        }
    }
    for name in operations.iter().flat_map(|operation| &operation.tags) {
        if seen.insert(name.clone()) {
            tags.push(Tag { name: name.clone(), description: String::new() });
        }
    }
    tags
}

fn make_anchors_unique(operations: &mut [Operation]) {
    let mut seen = HashSet::new();
    let mut next: HashMap<String, usize> = HashMap::new();
    for operation in operations {
        let base = operation.anchor.clone();
        while !seen.insert(operation.anchor.clone()) {
            let n = next.entry(base.clone()).or_insert(1);
            *n += 1;
            operation.anchor = format!("{base}-{n}");
        }
    }
}
