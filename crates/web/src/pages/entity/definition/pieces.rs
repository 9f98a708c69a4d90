//! The small parts that definitions are shown with: types with links, tables of fields, shapes.

use askama::{Template, filters::HtmlSafe};
use definitions::{Field, Media, Shape, TypePart, TypeText, anchor_of};

/// How names of shapes lead to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    /// All shapes are on the page.
    OnPage,
    /// A shape is shown when it is asked for, as there are too many.
    OnDemand,
}

impl Links {
    /// The address of a shape.
    pub(super) fn href(self, name: &str) -> String {
        let anchor = anchor_of("schema", name);
        match self {
            Self::OnPage => format!("#{anchor}"),
            Self::OnDemand => crate::pages::urls::with_query("", [("schema", name)]) + "#" + &anchor,
        }
    }
}

/// A type, with links to the shapes in it.
#[derive(Template)]
#[template(
    source = "<code class=\"type\">{% for part in of.0 %}{% match part %}{% when TypePart::Text with (text) %}{{ text }}{% when TypePart::Name with (name) %}<a href=\"{{ links.href(name.as_str()) }}\">{{ name }}</a>{% endmatch %}{% endfor %}</code>",
    ext = "html"
)]
pub(super) struct TypeHtml<'a> {
    of: &'a TypeText,
    links: Links,
}

/// A table of fields.
#[derive(Template)]
#[template(path = "entity/definition/fields.html")]
pub(super) struct FieldsHtml<'a> {
    fields: Vec<(&'a str, &'a Field)>,
    links: Links,
    label: &'a str,
}

/// Bodies by media type.
#[derive(Template)]
#[template(path = "entity/definition/content.html")]
pub(super) struct ContentHtml<'a> {
    content: &'a [Media],
    links: Links,
}

/// A shape.
#[derive(Template)]
#[template(path = "entity/definition/shape.html")]
pub(super) struct ShapeHtml<'a> {
    shape: &'a Shape,
    links: Links,
    is_open: bool,
}

impl HtmlSafe for TypeHtml<'_> {}
impl HtmlSafe for FieldsHtml<'_> {}
impl HtmlSafe for ContentHtml<'_> {}
impl HtmlSafe for ShapeHtml<'_> {}

impl Links {
    pub(super) fn of_type(self, of: &TypeText) -> TypeHtml<'_> {
        TypeHtml { of, links: self }
    }

    pub(super) fn fields<'a>(self, label: &'a str, fields: &'a [Field]) -> FieldsHtml<'a> {
        FieldsHtml { fields: fields.iter().map(|field| ("", field)).collect(), links: self, label }
    }

    pub(super) fn parameters<'a>(self, parameters: &'a [definitions::Parameter]) -> FieldsHtml<'a> {
        let fields = parameters.iter().map(|parameter| (parameter.place.as_str(), &parameter.field)).collect();
        FieldsHtml { fields, links: self, label: "Parameters" }
    }

    pub(super) fn content(self, content: &[Media]) -> ContentHtml<'_> {
        ContentHtml { content, links: self }
    }

    pub(super) fn shape(self, shape: &Shape, is_open: bool) -> ShapeHtml<'_> {
        ShapeHtml { shape, links: self, is_open }
    }
}

impl FieldsHtml<'_> {
    /// Whether anything is said of any field.
    fn has_meanings(&self) -> bool {
        self.fields.iter().any(|(_, field)| !field.description.is_empty() || !field.notes.is_empty())
    }

    /// Whether fields have places (parameters do).
    fn has_places(&self) -> bool {
        self.fields.iter().any(|(place, _)| !place.is_empty())
    }
}

impl ShapeHtml<'_> {
    fn first_line(&self) -> &str {
        first_line(&self.shape.description)
    }
}

/// The first line of a text, as a summary.
pub(super) fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}
