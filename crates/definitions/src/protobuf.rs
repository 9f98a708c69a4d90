//! Protocol buffers (proto2, proto3, editions) -> outline. A reader of our own: what is shown is services, messages and
//! enumerations with the comments before or behind them; options are passed over.

use std::collections::HashSet;

use crate::{
    Budget,
    outline::{EnumValue, Field, Grpc, Rpc, Service, Shape},
    token::{Dialect, Kind, Reader, Token},
    type_text::TypeText,
};

/// How deep messages may nest.
const DEPTH: usize = 32;

/// Reads one file.
pub(crate) fn read(text: &str, budget: &mut Budget) -> Result<Grpc, String> {
    let mut parser = Parser { tokens: Reader::new(text, Dialect::Protobuf)?, budget, api: Grpc::default() };
    while parser.tokens.peek().is_some() {
        parser.definition()?;
    }
    let mut api = parser.api;
    if api.services.is_empty() && api.shapes.is_empty() {
        return Err("It defines neither services nor messages.".to_owned());
    }
    link_names(&mut api);
    api.left_out = budget.note();
    Ok(api)
}

struct Parser<'a, 'b> {
    tokens: Reader<'a>,
    budget: &'b mut Budget,
    api: Grpc,
}

impl<'a> Parser<'a, '_> {
    fn definition(&mut self) -> Result<(), String> {
        let Some(token) = self.tokens.take() else { return Ok(()) };
        match (token.kind, token.text) {
            (Kind::Sign, ";") => Ok(()),
            (_, "syntax" | "edition") => {
                self.tokens.expect("=")?;
                let value = self.statement_text();
                self.api.syntax = self.budget.text(&value);
                Ok(())
            }
            (_, "package") => {
                let value = self.statement_text();
                self.api.package = self.budget.text(&value);
                Ok(())
            }
            (_, "import") => {
                let value = self.statement_text();
                if self.budget.item() {
                    let import = self.budget.text(&value);
                    self.api.imports.push(import);
                }
                Ok(())
            }
            (_, "option") => {
                self.statement_text();
                Ok(())
            }
            (_, "message") => self.message(&token, "", DEPTH),
            (_, "enum") => self.enumeration(&token, ""),
            (_, "service") => self.service(&token),
            (_, "extend") => {
                self.tokens.word()?;
                self.tokens.skip_group();
                Ok(())
            }
            (_, other) => {
                let shown: String = other.chars().take(40).collect();
                Err(format!("Line {}: `{shown}` starts no definition.", token.line))
            }
        }
    }

    /// Takes all up to the semicolon; the texts and words of it without signs.
    fn statement_text(&mut self) -> String {
        let mut text = String::new();
        while let Some(token) = self.tokens.peek() {
            match (token.kind, token.text) {
                (Kind::Sign, ";") => {
                    self.tokens.take();
                    break;
                }
                (Kind::Sign, "{" | "[" | "(") => self.tokens.skip_group(),
                (kind, part) => {
                    if kind != Kind::Sign && text.len() < 500 {
                        text.push_str(if text.is_empty() { "" } else { " " });
                        text.push_str(part);
                    }
                    self.tokens.take();
                }
            }
        }
        text
    }

    /// What the author says of a thing: the comment before it, or the one behind it.
    fn comment(&mut self, first: &Token<'a>) -> String {
        let behind = self.tokens.peek().and_then(|next| next.trailing);
        let text = first.comment.or(behind).map(clean_comment).unwrap_or_default();
        self.budget.text(&text)
    }

    fn message(&mut self, first: &Token<'a>, path: &str, depth: usize) -> Result<(), String> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(format!("Line {}: messages nest too deeply.", first.line));
        };
        let name = format!("{path}{}", self.tokens.word()?);
        self.tokens.expect("{")?;
        let description = self.comment(first);
        let at = self.api.shapes.len();
        if self.budget.item() {
            let name = self.budget.text(&name);
            self.api.shapes.push(Shape { name, kind: "message", description, ..Shape::default() });
        }
        let mut fields = Vec::new();
        self.members(&format!("{name}."), "", depth, &mut fields)?;
        if let Some(shape) = self.api.shapes.get_mut(at) {
            shape.fields = fields;
        }
        Ok(())
    }

    /// The members of a message, or of a `oneof` in it, up to the closing brace.
    fn members(&mut self, path: &str, one_of: &str, depth: usize, fields: &mut Vec<Field>) -> Result<(), String> {
        loop {
            let Some(token) = self.tokens.take() else { return Err(self.tokens.wrong("`}`")) };
            // A field may be called like a keyword; what follows tells.
            let is_definition = self.tokens.peek().is_some_and(|next| next.kind == Kind::Word);
            match (token.kind, token.text) {
                (Kind::Sign, "}") => return Ok(()),
                (Kind::Sign, ";") => {}
                (_, "message") if is_definition => self.message(&token, path, depth)?,
                (_, "enum") if is_definition => self.enumeration(&token, path)?,
                (_, "oneof") if is_definition => {
                    let Some(depth) = depth.checked_sub(1) else { return Err(self.tokens.wrong("less depth")) };
                    let name = self.tokens.word()?;
                    self.tokens.expect("{")?;
                    self.members(path, name, depth, fields)?;
                }
                (_, "extend") if is_definition => {
                    self.tokens.word()?;
                    self.tokens.skip_group();
                }
                (_, "option" | "reserved" | "extensions") => {
                    self.statement_text();
                }
                (Kind::Word, _) => self.field(&token, one_of, fields)?,
                _ => return Err(format!("Line {}: expected a field, found `{}`.", token.line, token.text)),
            }
        }
    }

    fn field(&mut self, first: &Token<'a>, one_of: &str, fields: &mut Vec<Field>) -> Result<(), String> {
        let mut of = TypeText::default();
        let label = match first.text {
            label @ ("repeated" | "optional" | "required") if !self.tokens.is_at("=") => Some(label),
            _ => None,
        };
        if label == Some("repeated") {
            of.push_text("repeated ");
        }
        let type_name = if label.is_some() { self.tokens.word()? } else { first.text };
        if type_name == "map" && self.tokens.eat("<") {
            of.push_text(&format!("map<{}, ", self.tokens.word()?));
            self.tokens.expect(",")?;
            of.push_name(self.tokens.word()?);
            of.push_text(">");
            self.tokens.expect(">")?;
        } else {
            of.push_name(type_name);
        }
        let name = self.tokens.word()?;
        self.tokens.expect("=")?;
        let number = self.tokens.word()?;
        let deprecated = self.rest_of_field()?;
        let description = self.comment(first);
        if self.budget.item() {
            let mut notes = vec![self.budget.text(&format!("number {number}"))];
            notes.extend((!one_of.is_empty()).then(|| self.budget.text(&format!("one of {one_of}"))));
            notes.extend((label == Some("optional")).then(|| "optional".to_owned()));
            fields.push(Field {
                name: self.budget.text(name),
                of,
                required: label == Some("required"),
                deprecated,
                description,
                notes,
                arguments: Vec::new(),
            });
        }
        Ok(())
    }

    /// The options and the end of a field; whether `deprecated = true` is among them. A group's body is passed over.
    fn rest_of_field(&mut self) -> Result<bool, String> {
        let mut deprecated = false;
        if self.tokens.is_at("[") {
            deprecated = self.options_deprecate();
        }
        if self.tokens.is_at("{") {
            self.tokens.skip_group();
            return Ok(deprecated);
        }
        self.tokens.expect(";")?;
        Ok(deprecated)
    }

    fn options_deprecate(&mut self) -> bool {
        let mut deprecated = false;
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.take() {
            match (token.kind, token.text) {
                (Kind::Sign, "[" | "{" | "(") => depth += 1,
                (Kind::Sign, "]" | "}" | ")") => depth = depth.saturating_sub(1),
                (Kind::Word, "deprecated") if depth == 1 => {
                    deprecated |= self.tokens.eat("=") && self.tokens.is_at("true");
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        deprecated
    }

    fn enumeration(&mut self, first: &Token<'a>, path: &str) -> Result<(), String> {
        let name = format!("{path}{}", self.tokens.word()?);
        self.tokens.expect("{")?;
        let description = self.comment(first);
        let mut values = Vec::new();
        loop {
            let Some(token) = self.tokens.take() else { return Err(self.tokens.wrong("`}`")) };
            match (token.kind, token.text) {
                (Kind::Sign, "}") => break,
                (Kind::Sign, ";") => {}
                (_, "option" | "reserved") if !self.tokens.is_at("=") => {
                    self.statement_text();
                }
                (Kind::Word, name) => {
                    self.tokens.expect("=")?;
                    self.tokens.eat("-");
                    self.tokens.word()?;
                    let deprecated = self.tokens.is_at("[") && self.options_deprecate();
                    self.tokens.expect(";")?;
                    let description = self.comment(&token);
                    if self.budget.item() {
                        values.push(EnumValue { name: self.budget.text(name), description, deprecated });
                    }
                }
                _ => return Err(format!("Line {}: expected a value, found `{}`.", token.line, token.text)),
            }
        }
        if self.budget.item() {
            let name = self.budget.text(&name);
            self.api.shapes.push(Shape { name, kind: "enum", description, values, ..Shape::default() });
        }
        Ok(())
    }

    fn service(&mut self, first: &Token<'a>) -> Result<(), String> {
        let name = self.tokens.word()?;
        self.tokens.expect("{")?;
        let description = self.comment(first);
        let mut service = Service { name: self.budget.text(name), description, methods: Vec::new() };
        loop {
            let Some(token) = self.tokens.take() else { return Err(self.tokens.wrong("`}`")) };
            match (token.kind, token.text) {
                (Kind::Sign, "}") => break,
                (Kind::Sign, ";") => {}
                (_, "option") => {
                    self.statement_text();
                }
                (_, "rpc") => {
                    let method = self.rpc(&token)?;
                    if self.budget.item() {
                        service.methods.push(method);
                    }
                }
                _ => return Err(format!("Line {}: expected `rpc`, found `{}`.", token.line, token.text)),
            }
        }
        if self.budget.item() {
            self.api.services.push(service);
        }
        Ok(())
    }

    fn rpc(&mut self, first: &Token<'a>) -> Result<Rpc, String> {
        let name = self.tokens.word()?;
        let (input, input_stream) = self.rpc_type()?;
        self.tokens.expect("returns")?;
        let (output, output_stream) = self.rpc_type()?;
        let mut rpc =
            Rpc { name: self.budget.text(name), input, input_stream, output, output_stream, ..Rpc::default() };
        if self.tokens.is_at("{") {
            self.rpc_options(&mut rpc);
        } else {
            self.tokens.expect(";")?;
        }
        rpc.description = self.comment(first);
        Ok(rpc)
    }

    fn rpc_type(&mut self) -> Result<(TypeText, bool), String> {
        self.tokens.expect("(")?;
        let word = self.tokens.word()?;
        let is_stream = word == "stream" && !self.tokens.is_at(")");
        let name = if is_stream { self.tokens.word()? } else { word };
        self.tokens.expect(")")?;
        let mut of = TypeText::default();
        of.push_name(name);
        Ok((of, is_stream))
    }

    /// The body of a procedure: `deprecated = true`, and the call that `google.api.http` makes of it.
    fn rpc_options(&mut self, rpc: &mut Rpc) {
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.take() {
            match (token.kind, token.text) {
                (Kind::Sign, "[" | "{" | "(") => depth += 1,
                (Kind::Sign, "]" | "}" | ")") => depth = depth.saturating_sub(1),
                (Kind::Word, "deprecated") => rpc.deprecated |= self.tokens.eat("=") && self.tokens.is_at("true"),
                (Kind::Word, verb @ ("get" | "put" | "post" | "delete" | "patch")) if rpc.http.is_none() => {
                    if self.tokens.eat(":")
                        && let Some(path) = self.tokens.peek().filter(|next| next.kind == Kind::Text)
                    {
                        let http = format!("{} {}", verb.to_ascii_uppercase(), path.text);
                        rpc.http = Some(self.budget.text(&http));
                    }
                }
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }
}

/// Keeps those names that are defined here as names, whichever way they are written: `Line`, `Order.Line`, `.shop.v1.Order.Line`.
fn link_names(api: &mut Grpc) {
    let names: HashSet<String> = api.shapes.iter().map(|shape| shape.name.clone()).collect();
    let package = format!("{}.", api.package);
    let find = |name: &str, within: &str| {
        let name = name.trim_start_matches('.');
        let name = name.strip_prefix(&package).unwrap_or(name);
        // As the compiler looks: from the innermost message outwards.
        let scopes = std::iter::successors(Some(within), |around| around.rsplit_once('.').map(|(outer, _)| outer));
        let mut full = scopes.take(DEPTH).filter(|around| !around.is_empty()).map(|around| format!("{around}.{name}"));
        full.find(|full| names.contains(full)).or_else(|| names.contains(name).then(|| name.to_owned()))
    };
    for shape in &mut api.shapes {
        let within = shape.name.clone();
        shape.fields.iter_mut().for_each(|field| field.of.rename(|name| find(name, &within)));
    }
    for method in api.services.iter_mut().flat_map(|service| &mut service.methods) {
        method.input.rename(|name| find(name, ""));
        method.output.rename(|name| find(name, ""));
    }
}

/// The words of a comment without its signs.
fn clean_comment(comment: &str) -> String {
    let lines = comment.lines().map(|line| {
        let line = line.trim().trim_start_matches("/*").trim_end_matches("*/");
        let line = line.trim_start_matches('/').trim_start_matches('*');
        line.strip_prefix(' ').unwrap_or(line).trim_end()
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
