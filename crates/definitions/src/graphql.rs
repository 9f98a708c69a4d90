//! GraphQL's schema language -> outline. A reader of our own: the grammar of types is small, and errors have to say their line.

use std::collections::HashSet;

use crate::{
    Budget,
    outline::{EnumValue, Field, Graphql, Root, Shape},
    token::{Dialect, Kind, Reader},
    type_text::{TypePart, TypeText},
};

/// Reads a schema.
pub(crate) fn read(text: &str, budget: &mut Budget) -> Result<Graphql, String> {
    let mut parser = Parser {
        tokens: Reader::new(text, Dialect::Graphql)?,
        budget,
        shapes: Vec::new(),
        roots: Vec::new(),
        description: String::new(),
    };
    while parser.tokens.peek().is_some() {
        parser.definition()?;
    }
    let mut api = parser.finish();
    if api.roots.is_empty() && api.shapes.is_empty() {
        return Err("It defines no types.".to_owned());
    }
    api.left_out = budget.note();
    Ok(api)
}

struct Parser<'a, 'b> {
    tokens: Reader<'a>,
    budget: &'b mut Budget,
    shapes: Vec<Shape>,
    /// Operation and type, from `schema { .. }`.
    roots: Vec<(&'static str, String)>,
    description: String,
}

impl Parser<'_, '_> {
    fn definition(&mut self) -> Result<(), String> {
        let description = self.description();
        let is_extension = self.tokens.eat("extend");
        let keyword = self.tokens.word().map_err(|_| self.tokens.wrong("a definition"))?;
        match keyword {
            "schema" => self.schema(description),
            "type" => self.fields_shape("object", description, is_extension),
            "interface" => self.fields_shape("interface", description, is_extension),
            "input" => self.fields_shape("input", description, is_extension),
            "union" => self.union(description, is_extension),
            "enum" => self.enumeration(description, is_extension),
            "scalar" => {
                let mut shape = self.shape("scalar", description)?;
                shape.deprecated = self.directives().is_some();
                self.keep(shape, is_extension);
                Ok(())
            }
            "directive" => self.directive(description),
            other => Err(format!("`{}` starts no definition of a type.", other.chars().take(40).collect::<String>())),
        }
    }

    /// The text before a definition: the quoted one, which is part of the language, or else the comment.
    fn description(&mut self) -> String {
        let Some(token) = self.tokens.peek() else { return String::new() };
        let text = match token.kind {
            Kind::Block => dedent(&token.text.replace("\\\"\"\"", "\"\"\"")),
            Kind::Text => token.text.replace("\\\"", "\""),
            _ => return String::new(),
        };
        self.tokens.take();
        self.budget.text(&text)
    }

    fn schema(&mut self, description: String) -> Result<(), String> {
        self.description = description;
        self.directives();
        if !self.tokens.eat("{") {
            return Ok(());
        }
        while !self.tokens.eat("}") {
            let operation = self.tokens.word()?;
            self.tokens.expect(":")?;
            let name = self.tokens.word()?.to_owned();
            let known = ["query", "mutation", "subscription"].into_iter().find(|known| *known == operation);
            self.roots.extend(known.map(|known| (known, name)));
        }
        Ok(())
    }

    fn shape(&mut self, kind: &'static str, description: String) -> Result<Shape, String> {
        let name = self.tokens.word()?;
        Ok(Shape { name: self.budget.text(name), kind, description, ..Shape::default() })
    }

    fn fields_shape(&mut self, kind: &'static str, description: String, is_extension: bool) -> Result<(), String> {
        let mut shape = self.shape(kind, description)?;
        if self.tokens.eat("implements") {
            shape.of.push_text("implements ");
            self.names_between("&", " & ", &mut shape.of)?;
        }
        shape.deprecated = self.directives().is_some();
        if self.tokens.is_at("{") {
            shape.fields = self.fields("{", "}")?;
        }
        self.keep(shape, is_extension);
        Ok(())
    }

    fn union(&mut self, description: String, is_extension: bool) -> Result<(), String> {
        let mut shape = self.shape("union", description)?;
        shape.deprecated = self.directives().is_some();
        if self.tokens.eat("=") {
            self.names_between("|", " | ", &mut shape.of)?;
        }
        self.keep(shape, is_extension);
        Ok(())
    }

    /// `A & B`, with or without the sign in front.
    fn names_between(&mut self, sign: &str, joint: &str, of: &mut TypeText) -> Result<(), String> {
        self.tokens.eat(sign);
        let mut is_first = true;
        loop {
            let name = self.tokens.word()?;
            if self.budget.item() {
                of.push_text(if is_first { "" } else { joint });
                of.push_name(name);
                is_first = false;
            }
            if !self.tokens.eat(sign) {
                return Ok(());
            }
        }
    }

    fn enumeration(&mut self, description: String, is_extension: bool) -> Result<(), String> {
        let mut shape = self.shape("enum", description)?;
        shape.deprecated = self.directives().is_some();
        if self.tokens.eat("{") {
            while !self.tokens.eat("}") {
                let description = self.description();
                let name = self.tokens.word()?;
                let deprecated = self.directives().is_some();
                if self.budget.item() {
                    shape.values.push(EnumValue { name: self.budget.text(name), description, deprecated });
                }
            }
        }
        self.keep(shape, is_extension);
        Ok(())
    }

    fn directive(&mut self, description: String) -> Result<(), String> {
        self.tokens.expect("@")?;
        let mut shape = self.shape("directive", description)?;
        shape.name.insert(0, '@');
        if self.tokens.is_at("(") {
            shape.fields = self.fields("(", ")")?;
        }
        let repeatable = self.tokens.eat("repeatable");
        self.tokens.expect("on")?;
        self.tokens.eat("|");
        let mut places = vec![self.tokens.word()?];
        while self.tokens.eat("|") {
            places.push(self.tokens.word()?);
        }
        let repeatable = if repeatable { "repeatable " } else { "" };
        shape.of = TypeText::plain(&self.budget.text(&format!("{repeatable}on {}", places.join(" | "))));
        self.keep(shape, false);
        Ok(())
    }

    /// Fields in braces, or arguments in brackets.
    fn fields(&mut self, open: &str, close: &str) -> Result<Vec<Field>, String> {
        self.tokens.expect(open)?;
        let mut fields = Vec::new();
        while !self.tokens.eat(close) {
            let field = self.field(open == "{")?;
            if self.budget.item() {
                fields.push(field);
            }
        }
        Ok(fields)
    }

    fn field(&mut self, may_have_arguments: bool) -> Result<Field, String> {
        let description = self.description();
        let name = self.tokens.word()?;
        let mut field = Field { name: self.budget.text(name), description, ..Field::default() };
        // Arguments have none, so this goes no deeper than that.
        if may_have_arguments && self.tokens.is_at("(") {
            field.arguments = self.fields("(", ")")?;
        }
        self.tokens.expect(":")?;
        field.of = self.type_text()?;
        field.required = field.of.0.last().is_some_and(|part| matches!(part, TypePart::Text(t) if t.ends_with('!')));
        if self.tokens.eat("=") {
            let value = self.value();
            field.required = false;
            field.notes.push(self.budget.text(&format!("default {value}")));
        }
        if let Some(reason) = self.directives() {
            field.deprecated = true;
            if !reason.is_empty() {
                field.notes.push(self.budget.text(&format!("deprecated: {reason}")));
            }
        }
        Ok(field)
    }

    fn type_text(&mut self) -> Result<TypeText, String> {
        let mut of = TypeText::default();
        let mut open = 0;
        while self.tokens.eat("[") {
            open += 1;
            of.push_text("[");
        }
        of.push_name(self.tokens.word()?);
        loop {
            if self.tokens.eat("!") {
                of.push_text("!");
            } else if open > 0 {
                self.tokens.expect("]")?;
                of.push_text("]");
                open -= 1;
            } else {
                return Ok(of);
            }
        }
    }

    /// A value, as it stands in the source.
    fn value(&mut self) -> String {
        let mut depth = 0_usize;
        let mut span: Option<(usize, usize)> = None;
        while let Some(token) = self.tokens.take() {
            span = Some((span.map_or(token.span.0, |(start, _)| start), token.span.1));
            match (token.kind, token.text) {
                (Kind::Sign, "[" | "{") => depth += 1,
                (Kind::Sign, "]" | "}") => depth = depth.saturating_sub(1),
                _ => {}
            }
            // A number may go on behind its sign or its point.
            let goes_on = matches!(token.text, "-" | "." | "$") || self.tokens.is_at(".");
            if depth == 0 && !goes_on {
                break;
            }
        }
        let source = span.map_or("", |(start, end)| self.tokens.source_between(start, end));
        source.chars().take(200).collect()
    }

    /// Passes over directives; the reason when one of them is `@deprecated`.
    fn directives(&mut self) -> Option<String> {
        let mut deprecated = None;
        while self.tokens.eat("@") {
            let is_deprecated = self.tokens.eat("deprecated");
            if !is_deprecated {
                self.tokens.word().ok()?;
            }
            if is_deprecated && self.tokens.eat("(") {
                let mut reason = String::new();
                while let Some(token) = self.tokens.take().filter(|token| token.text != ")" || token.kind != Kind::Sign)
                {
                    if matches!(token.kind, Kind::Text | Kind::Block) {
                        reason = token.text.to_owned();
                    }
                }
                deprecated = Some(reason);
            } else if is_deprecated {
                deprecated = Some(String::new());
            } else if self.tokens.is_at("(") {
                self.tokens.skip_group();
            }
        }
        deprecated
    }

    /// Keeps a definition, or adds it to the one that it extends.
    fn keep(&mut self, shape: Shape, is_extension: bool) {
        let known = if is_extension { self.shapes.iter_mut().find(|known| known.name == shape.name) } else { None };
        match known {
            Some(known) => {
                known.fields.extend(shape.fields);
                known.values.extend(shape.values);
                if !shape.of.is_empty() {
                    known.of.push_text(if known.of.is_empty() { "" } else { ", " });
                    known.of.push_all(shape.of);
                }
            }
            None if self.budget.item() => self.shapes.push(shape),
            None => {}
        }
    }

    fn finish(mut self) -> Graphql {
        if self.roots.is_empty() {
            for (operation, name) in [("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription")] {
                self.roots.push((operation, name.to_owned()));
            }
        }
        let mut api = Graphql { description: self.description, ..Graphql::default() };
        for (operation, type_name) in self.roots {
            if let Some(at) = self.shapes.iter().position(|shape| shape.name == type_name && shape.kind == "object") {
                let shape = self.shapes.remove(at);
                api.roots.push(Root { operation, type_name, fields: shape.fields });
            }
        }
        api.shapes = self.shapes;
        link_names(&mut api);
        api
    }
}

/// Keeps those names that are defined here as names; the others (`Int`, `ID`) are text.
fn link_names(api: &mut Graphql) {
    let names: HashSet<String> = api.shapes.iter().map(|shape| shape.name.clone()).collect();
    let link = |of: &mut TypeText| of.keep_names(|name| names.contains(name));
    let fields = |fields: &mut Vec<Field>| {
        for field in fields {
            link(&mut field.of);
            field.arguments.iter_mut().for_each(|argument| link(&mut argument.of));
        }
    };
    api.roots.iter_mut().for_each(|root| fields(&mut root.fields));
    for shape in &mut api.shapes {
        link(&mut shape.of);
        fields(&mut shape.fields);
    }
}

/// Takes the common indentation away, as GraphQL does for texts in three quotes.
fn dedent(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let common = text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    let lines = text.lines().enumerate().map(|(n, line)| if n == 0 { line } else { line.get(common..).unwrap_or("") });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
