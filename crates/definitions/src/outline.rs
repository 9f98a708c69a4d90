//! What is told about an API: plain values, ready for a page. Every text is as the author wrote it; nothing here is HTML.

use crate::type_text::TypeText;

/// What an API definition offers.
#[derive(Clone, Debug, PartialEq)]
pub enum Outline {
    /// OpenAPI 2 (Swagger), 3.0, 3.1.
    OpenApi(Box<OpenApi>),
    /// AsyncAPI 2 and 3.
    AsyncApi(Box<AsyncApi>),
    /// A GraphQL schema.
    Graphql(Box<Graphql>),
    /// Protocol buffers with services.
    Grpc(Box<Grpc>),
    /// Anything else: to be shown as text.
    Source(Source),
}

/// A definition that is shown as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// For [`crate::highlight()`].
    pub language: &'static str,
    /// Why there is no outline, when there should be one: a sentence.
    pub reason: Option<String>,
}

/// An operation, for lists and for search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `GET /orders/{id}`, `send order.placed`, `query orders`, `OrderService.Find`.
    pub label: String,
    /// Its summary, or its operation id.
    pub detail: String,
    /// Its anchor on the page.
    pub anchor: String,
}

/// A property, an argument, a header, a message's field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Its name; fields of objects that have no name of their own are written as a path: `address.street`, `lines[].sku`.
    pub name: String,
    /// Its type.
    pub of: TypeText,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it should not be used any more.
    pub deprecated: bool,
    /// What it is for.
    pub description: String,
    /// Limits, defaults, allowed values: short texts.
    pub notes: Vec<String>,
    /// Arguments of a GraphQL field.
    pub arguments: Vec<Field>,
}

/// A named schema, type or message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Its name.
    pub name: String,
    /// `object`, `enum`, `input`, `interface`, `union`, `scalar`, `message`, `directive`, `schema`.
    pub kind: &'static str,
    /// What it is for.
    pub description: String,
    /// Whether it should not be used any more.
    pub deprecated: bool,
    /// What it is made of beside its fields: an alias, the members of a union, the interfaces of a type.
    pub of: TypeText,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The values of an enumeration.
    pub values: Vec<EnumValue>,
}

/// A value of an enumeration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnumValue {
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Whether it should not be used any more.
    pub deprecated: bool,
}

/// Title, version and description of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// `info.description`.
    pub description: String,
}

/// Where an API is served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// Its name, in AsyncAPI.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Its protocol, in AsyncAPI.
    pub protocol: String,
    /// What it is for.
    pub description: String,
}

/// A way to sign in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityScheme {
    /// The name by which operations ask for it.
    pub name: String,
    /// In words: `HTTP bearer (JWT)`, `API key in header X-Key`.
    pub what: String,
    /// What its author says.
    pub description: String,
}

/// A group of operations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tag {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
}

/// An OpenAPI document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpenApi {
    /// The version of the format: `3.1.0`, `2.0`.
    pub format: String,
    /// Title, version, description.
    pub info: Info,
    /// Where it is served.
    pub servers: Vec<Server>,
    /// How to sign in.
    pub security_schemes: Vec<SecurityScheme>,
    /// Declared tags first, then those that only operations name, in order of appearance.
    pub tags: Vec<Tag>,
    /// The operations in order of appearance, webhooks last.
    pub operations: Vec<Operation>,
    /// The named schemas.
    pub schemas: Vec<Shape>,
    /// What is missing here, as a sentence.
    pub left_out: Option<String>,
}

/// An operation of an OpenAPI document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operation {
    /// Its anchor, unique on the page.
    pub anchor: String,
    /// In capitals: `GET`.
    pub method: String,
    /// The path, or the name of a webhook.
    pub path: String,
    /// Whether the API calls its user.
    pub webhook: bool,
    /// `operationId`.
    pub operation_id: String,
    /// One line.
    pub summary: String,
    /// More lines.
    pub description: String,
    /// Whether it should not be used any more.
    pub deprecated: bool,
    /// Its tags.
    pub tags: Vec<String>,
    /// Parameters of the path first, then its own.
    pub parameters: Vec<Parameter>,
    /// What is sent.
    pub request: Option<Body>,
    /// What comes back.
    pub responses: Vec<Response>,
    /// What it asks for, one text for each alternative.
    pub security: Vec<String>,
}

/// A parameter of an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// `path`, `query`, `header`, `cookie`, `formData`.
    pub place: String,
    /// Name, type and the rest.
    pub field: Field,
}

/// What is sent with an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Whether it must be sent.
    pub required: bool,
    /// What it is.
    pub description: String,
    /// By media type.
    pub content: Vec<Media>,
}

/// A body in one media type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Media {
    /// `application/json`.
    pub media_type: String,
    /// Its type.
    pub of: TypeText,
    /// Its fields, when its type has no name.
    pub fields: Vec<Field>,
}

/// What comes back from an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// `200`, `4XX`, `default`.
    pub status: String,
    /// What it means.
    pub description: String,
    /// By media type.
    pub content: Vec<Media>,
    /// Its headers.
    pub headers: Vec<Field>,
}

/// An AsyncAPI document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AsyncApi {
    /// The version of the format.
    pub format: String,
    /// Title, version, description.
    pub info: Info,
    /// Brokers.
    pub servers: Vec<Server>,
    /// Topics, queues.
    pub channels: Vec<Channel>,
    /// What the application does with them.
    pub operations: Vec<AsyncOperation>,
    /// The messages.
    pub messages: Vec<Message>,
    /// The named schemas.
    pub schemas: Vec<Shape>,
    /// What is missing here, as a sentence.
    pub left_out: Option<String>,
}

/// A channel of an AsyncAPI document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channel {
    /// Its key.
    pub name: String,
    /// The topic; the same as the key in AsyncAPI 2.
    pub address: String,
    /// What it is for.
    pub description: String,
    /// Parameters of the address.
    pub parameters: Vec<Field>,
    /// Names of its messages.
    pub messages: Vec<String>,
}

/// What the application does with a channel's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It sends them (`subscribe` in AsyncAPI 2, which speaks from the reader's side).
    Send,
    /// It receives them (`publish` in AsyncAPI 2).
    Receive,
}

/// An operation of an AsyncAPI document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsyncOperation {
    /// Its anchor, unique on the page.
    pub anchor: String,
    /// Sends or receives.
    pub action: Action,
    /// Its id.
    pub id: String,
    /// The key of its channel.
    pub channel: String,
    /// One line.
    pub summary: String,
    /// More lines.
    pub description: String,
    /// Names of its messages.
    pub messages: Vec<String>,
}

/// A message of an AsyncAPI document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Its name, unique in the outline.
    pub name: String,
    /// Its title.
    pub title: String,
    /// One line.
    pub summary: String,
    /// More lines.
    pub description: String,
    /// `application/json`.
    pub content_type: String,
    /// The payload's type.
    pub payload: TypeText,
    /// The payload's fields.
    pub fields: Vec<Field>,
    /// Its headers.
    pub headers: Vec<Field>,
}

/// A GraphQL schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graphql {
    /// What the schema says of itself.
    pub description: String,
    /// Query, mutation, subscription.
    pub roots: Vec<Root>,
    /// All other definitions.
    pub shapes: Vec<Shape>,
    /// What is missing here, as a sentence.
    pub left_out: Option<String>,
}

/// A root of a GraphQL schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Root {
    /// `query`, `mutation`, `subscription`.
    pub operation: &'static str,
    /// The name of the type.
    pub type_name: String,
    /// What can be asked.
    pub fields: Vec<Field>,
}

/// Protocol buffers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grpc {
    /// `proto2`, `proto3`, or an edition.
    pub syntax: String,
    /// The package.
    pub package: String,
    /// Imported files.
    pub imports: Vec<String>,
    /// The services.
    pub services: Vec<Service>,
    /// Messages and enumerations; nested ones by their path, `Order.Line`.
    pub shapes: Vec<Shape>,
    /// What is missing here, as a sentence.
    pub left_out: Option<String>,
}

/// A gRPC service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its procedures.
    pub methods: Vec<Rpc>,
}

/// A procedure of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rpc {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Whether it should not be used any more.
    pub deprecated: bool,
    /// What is sent.
    pub input: TypeText,
    /// Whether a stream of it is sent.
    pub input_stream: bool,
    /// What comes back.
    pub output: TypeText,
    /// Whether a stream of it comes back.
    pub output_stream: bool,
    /// The HTTP call that a gateway makes of it: `GET /v1/orders/{id}`.
    pub http: Option<String>,
}

impl Outline {
    /// The operations of the API, for counts, lists and search.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        match self {
            Self::OpenApi(api) => api.operations.iter().map(openapi_entry).collect(),
            Self::AsyncApi(api) => api.operations.iter().map(|operation| asyncapi_entry(api, operation)).collect(),
            Self::Graphql(api) => api.roots.iter().flat_map(graphql_entries).collect(),
            Self::Grpc(api) => api.services.iter().flat_map(grpc_entries).collect(),
            Self::Source(_) => Vec::new(),
        }
    }

    /// The sentence that says what is missing from the outline.
    #[must_use]
    pub fn left_out(&self) -> Option<&str> {
        match self {
            Self::OpenApi(api) => api.left_out.as_deref(),
            Self::AsyncApi(api) => api.left_out.as_deref(),
            Self::Graphql(api) => api.left_out.as_deref(),
            Self::Grpc(api) => api.left_out.as_deref(),
            Self::Source(_) => None,
        }
    }
}

fn openapi_entry(operation: &Operation) -> Entry {
    let detail = if operation.summary.is_empty() { &operation.operation_id } else { &operation.summary };
    Entry {
        label: format!("{} {}", operation.method, operation.path),
        detail: detail.clone(),
        anchor: operation.anchor.clone(),
    }
}

fn asyncapi_entry(api: &AsyncApi, operation: &AsyncOperation) -> Entry {
    let channel = api.channels.iter().find(|channel| channel.name == operation.channel);
    let address = channel.map_or(operation.channel.as_str(), |channel| &channel.address);
    let verb = match operation.action {
        Action::Send => "send",
        Action::Receive => "receive",
    };
    let detail = if operation.summary.is_empty() { &operation.id } else { &operation.summary };
    Entry { label: format!("{verb} {address}"), detail: detail.clone(), anchor: operation.anchor.clone() }
}

fn graphql_entries(root: &Root) -> impl Iterator<Item = Entry> {
    root.fields.iter().map(|field| Entry {
        label: format!("{} {}", root.operation, field.name),
        detail: field.description.lines().next().unwrap_or_default().to_owned(),
        anchor: anchor_of(root.operation, &field.name),
    })
}

fn grpc_entries(service: &Service) -> impl Iterator<Item = Entry> {
    service.methods.iter().map(|method| Entry {
        label: format!("{}.{}", service.name, method.name),
        detail: method.description.lines().next().unwrap_or_default().to_owned(),
        anchor: anchor_of(&service.name, &method.name),
    })
}

/// Returns the anchor of something on the page: letters, digits, dots, dashes and underscores, so that it needs no escape.
#[must_use]
pub fn anchor_of(family: &str, name: &str) -> String {
    let mut anchor = String::with_capacity(family.len() + name.len() + 1);
    for c in family.chars().chain(['-']).chain(name.chars()).take(200) {
        match c {
            c if c.is_alphanumeric() || "._-".contains(c) => anchor.push(c),
            _ if anchor.ends_with('-') => {}
            _ => anchor.push('-'),
        }
    }
    anchor.truncate(anchor.trim_end_matches('-').len());
    anchor
}
