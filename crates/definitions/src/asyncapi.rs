//! AsyncAPI 2 and 3 -> outline. The two differ in who speaks: version 2 says what a reader may do with a channel (`subscribe`),
//! version 3 what the application does with it (`send`); the outline says the latter.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::{
    Budget,
    document::{entries, items, member, scalar, text},
    json_schema::{Document, reference_name, reference_of},
    openapi,
    outline::{Action, AsyncApi, AsyncOperation, Channel, Field, Message, Server, anchor_of},
    type_text::TypeText,
};

/// Reads a document.
pub(crate) fn read(root: &Value, budget: &mut Budget) -> Result<AsyncApi, String> {
    let format = text(root, "asyncapi");
    if format.is_empty() {
        return Err("It does not say `asyncapi`, so it is no AsyncAPI document.".to_owned());
    }
    let mut reader = Reader {
        document: Document { root },
        root,
        messages: Vec::new(),
        known: HashMap::new(),
        names: HashSet::new(),
    };
    let mut api =
        AsyncApi { info: openapi::info(root, budget), servers: reader.servers(budget), ..AsyncApi::default() };
    let components = member(root, "components").unwrap_or(&Value::Null);
    for (name, message) in entries(components, "messages") {
        reader.message(name, message, budget);
    }
    for (name, channel) in entries(root, "channels") {
        if !budget.item() {
            break;
        }
        let channel = reader.document.resolve(channel);
        api.channels.push(reader.channel(name, channel, budget));
        if format.starts_with("2.") {
            reader.push_operations_of_channel(name, channel, &mut api, budget);
        }
    }
    for (id, operation) in entries(root, "operations").filter(|_| !format.starts_with("2.")) {
        if !budget.item() {
            break;
        }
        let operation = reader.document.resolve(operation);
        let operation = reader.operation(id, operation, &api.channels, budget);
        api.operations.push(operation);
    }
    make_anchors_unique(&mut api.operations);
    for (name, schema) in entries(components, "schemas") {
        if !budget.item() {
            break;
        }
        api.schemas.push(reader.document.shape(name, schema, budget));
    }
    api.format = budget.text(&format);
    api.messages = reader.messages;
    api.left_out = budget.note();
    Ok(api)
}

struct Reader<'a> {
    document: Document<'a>,
    root: &'a Value,
    messages: Vec<Message>,
    /// Names of messages by their place in memory, so that a message is told once wherever it is referred to.
    known: HashMap<*const Value, String>,
    /// Names that are taken.
    names: HashSet<String>,
}

impl<'a> Reader<'a> {
    fn servers(&self, budget: &mut Budget) -> Vec<Server> {
        let mut servers = Vec::new();
        for (name, server) in entries(self.root, "servers") {
            if budget.item() {
                let server = self.document.resolve(server);
                let url = match text(server, "url") {
                    url if url.is_empty() => format!("{}{}", text(server, "host"), text(server, "pathname")),
                    url => url,
                };
                servers.push(Server {
                    name: budget.text(name),
                    url: budget.text(&url),
                    protocol: budget.text(&text(server, "protocol")),
                    description: budget.text(&text(server, "description")),
                });
            }
        }
        servers
    }

    fn channel(&mut self, name: &str, channel: &'a Value, budget: &mut Budget) -> Channel {
        let address = match text(channel, "address") {
            address if address.is_empty() => name.to_owned(),
            address => address,
        };
        let mut messages = Vec::new();
        for (key, message) in entries(channel, "messages") {
            messages.extend(self.message(key, message, budget));
        }
        Channel {
            name: budget.text(name),
            address: budget.text(&address),
            description: budget.text(&text(channel, "description")),
            parameters: self.parameters(channel, budget),
            messages,
        }
    }

    fn parameters(&self, channel: &'a Value, budget: &mut Budget) -> Vec<Field> {
        let mut parameters = Vec::new();
        for (name, parameter) in entries(channel, "parameters") {
            if budget.item() {
                let parameter = self.document.resolve(parameter);
                let mut field = self.document.field(name, member(parameter, "schema").unwrap_or(parameter), budget);
                field.description = budget.text(&text(parameter, "description"));
                field.required = true;
                if member(parameter, "schema").is_none() {
                    field.of = TypeText::plain("string");
                }
                parameters.push(field);
            }
        }
        parameters
    }

    /// Tells of a message once, and returns its name.
    fn message(&mut self, key: &str, value: &'a Value, budget: &mut Budget) -> Option<String> {
        let message = self.document.resolve(value);
        if let Some(name) = self.known.get(&std::ptr::from_ref(message)) {
            return Some(name.clone());
        }
        if !message.is_object() || !budget.item() {
            return None;
        }
        let key = reference_of(value).map_or_else(|| key.to_owned(), reference_name);
        let base = match text(message, "name") {
            name if name.is_empty() => key,
            name => name,
        };
        let base = budget.text(&base);
        let mut name = base.clone();
        let mut n = 1;
        while !self.names.insert(name.clone()) {
            n += 1;
            name = format!("{base} ({n})");
        }
        self.known.insert(std::ptr::from_ref(message), name.clone());
        let told = self.tell(name.clone(), message, budget);
        self.messages.push(told);
        Some(name)
    }

    fn tell(&self, name: String, message: &'a Value, budget: &mut Budget) -> Message {
        let schema_in = |key: &str| {
            let value = member(message, key)?;
            // AsyncAPI 3 may wrap a schema in one that names its format.
            Some(member(value, "schema").filter(|_| member(value, "schemaFormat").is_some()).unwrap_or(value))
        };
        let (payload, headers) = (schema_in("payload"), schema_in("headers"));
        let content_type = match text(message, "contentType") {
            content_type if content_type.is_empty() => text(self.root, "defaultContentType"),
            content_type => content_type,
        };
        Message {
            name,
            title: budget.text(&text(message, "title")),
            summary: budget.text(&text(message, "summary")),
            description: budget.text(&text(message, "description")),
            content_type: budget.text(&content_type),
            payload: payload.map_or_else(TypeText::default, |schema| self.document.type_of(schema)),
            fields: payload.map_or_else(Vec::new, |schema| self.document.fields_without_name(schema, budget)),
            headers: headers
                .map_or_else(Vec::new, |schema| self.document.fields_of(self.document.resolve(schema), budget)),
        }
    }

    /// The operations that AsyncAPI 2 keeps in its channels.
    fn push_operations_of_channel(&mut self, name: &str, channel: &'a Value, api: &mut AsyncApi, budget: &mut Budget) {
        for (key, action) in [("publish", Action::Receive), ("subscribe", Action::Send)] {
            let Some(operation) = member(channel, key).filter(|operation| operation.is_object()) else { continue };
            if !budget.item() {
                return;
            }
            let id = match text(operation, "operationId") {
                id if id.is_empty() => format!("{key} {name}"),
                id => id,
            };
            let message = member(operation, "message").unwrap_or(&Value::Null);
            let alternatives: Vec<&Value> = match member(message, "oneOf").and_then(Value::as_array) {
                Some(list) => list.iter().collect(),
                None => vec![message],
            };
            let mut messages = Vec::new();
            for alternative in alternatives {
                messages.extend(self.message(&id, alternative, budget));
            }
            if let Some(channel) = api.channels.last_mut() {
                let new: Vec<String> = messages.iter().filter(|m| !channel.messages.contains(m)).cloned().collect();
                channel.messages.extend(new);
            }
            api.operations.push(told(&id, action, name, operation, messages, budget));
        }
    }

    fn operation(
        &mut self,
        id: &str,
        operation: &'a Value,
        channels: &[Channel],
        budget: &mut Budget,
    ) -> AsyncOperation {
        let action = if text(operation, "action") == "receive" { Action::Receive } else { Action::Send };
        let channel = member(operation, "channel").and_then(reference_of).map(reference_name).unwrap_or_default();
        let mut messages = Vec::new();
        for message in items(operation, "messages") {
            messages.extend(self.message(id, message, budget));
        }
        if messages.is_empty() {
            // Without a list an operation is about all messages of its channel.
            let of_channel = channels.iter().find(|known| known.name == channel);
            messages = of_channel.map_or_else(Vec::new, |known| known.messages.iter().take(100).cloned().collect());
        }
        told(id, action, &channel, operation, messages, budget)
    }
}

fn told(
    id: &str,
    action: Action,
    channel: &str,
    operation: &Value,
    messages: Vec<String>,
    budget: &mut Budget,
) -> AsyncOperation {
    let summary = member(operation, "summary").or_else(|| member(operation, "title")).map(scalar).unwrap_or_default();
    AsyncOperation {
        anchor: anchor_of("operation", id),
        action,
        id: budget.text(id),
        channel: budget.text(channel),
        summary: budget.text(&summary),
        description: budget.text(&text(operation, "description")),
        messages,
    }
}

fn make_anchors_unique(operations: &mut [AsyncOperation]) {
    let mut seen = HashSet::new();
    let mut next = 1;
    for operation in operations {
        let base = operation.anchor.clone();
        while !seen.insert(operation.anchor.clone()) {
            next += 1;
            operation.anchor = format!("{base}-{next}");
        }
    }
}
