//! `metadata`: the types of its well-known fields, then their formats.

use model::ErrorChain;

use super::{
    envelope::{Entry, Root, check_server_fields},
    fault::{Fault, mend_type},
    formats,
    path::Path,
    shape::{MapShape, Shape},
};
use crate::{
    codes,
    report::{Finding, Report},
    yaml::NodeRef,
};

/// The well-known fields of `metadata`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Metadata<'a> {
    pub(crate) name: Option<Entry<'a>>,
    pub(crate) namespace: Option<Entry<'a>>,
    pub(crate) labels: Option<Entry<'a>>,
    pub(crate) annotations: Option<Entry<'a>>,
    pub(crate) tags: Option<Entry<'a>>,
    pub(crate) links: Option<Entry<'a>>,
    uid: Option<Entry<'a>>,
    etag: Option<Entry<'a>>,
    title: Option<Entry<'a>>,
    description: Option<Entry<'a>>,
}

/// The names of all well-known fields.
pub(crate) const KNOWN_FIELDS: &[&str] =
    &["name", "namespace", "title", "description", "labels", "annotations", "tags", "links", "uid", "etag"];

impl<'a> Metadata<'a> {
    pub(crate) fn read(root: &Root<'a>) -> Self {
        let mut metadata = Self::default();
        let Some((_, node)) = root.metadata else { return metadata };
        for entry in node.entries() {
            let field = match entry.0.key() {
                "name" => &mut metadata.name,
                "namespace" => &mut metadata.namespace,
                "labels" => &mut metadata.labels,
                "annotations" => &mut metadata.annotations,
                "tags" => &mut metadata.tags,
                "links" => &mut metadata.links,
                "uid" => &mut metadata.uid,
                "etag" => &mut metadata.etag,
                "title" => &mut metadata.title,
                "description" => &mut metadata.description,
                _ => continue,
            };
            *field = Some(entry);
        }
        metadata
    }

    /// `metadata.namespace`, or the default one.
    pub(crate) fn namespace_text(&self) -> &'a str {
        self.namespace.and_then(|(_, value)| value.as_str()).unwrap_or(model::DEFAULT_NAMESPACE)
    }
}

static LINK: MapShape = MapShape {
    required: &["url"],
    fields: &[("url", Shape::Text), ("title", Shape::Text), ("icon", Shape::Text), ("type", Shape::Text)],
    others: None,
};

static LINKS: Shape = Shape::ListOf(&Shape::Map(&LINK));

/// Checks the types. Source: `EntityMeta.schema.json`, in its order. Name and namespace were checked with the envelope.
pub(crate) fn check_metadata(metadata: &Metadata<'_>, policy: &dyn Fn(String) -> ErrorChain, report: &mut Report<'_>) {
    let top = Path::ROOT;
    let path = top.key("metadata", (0, 0));
    let mut sink = |fault: Fault<'_>, path: &Path<'_>, node: NodeRef<'_>| add(report, policy, fault, path, node);
    for (entry, shape) in [
        (metadata.uid, Shape::Text),
        (metadata.etag, Shape::Text),
        (metadata.title, Shape::Text),
        (metadata.description, Shape::AnyText),
    ] {
        if let Some((key, value)) = entry {
            shape.check(value, &path.key(key.key(), key.span()), &mut sink);
        }
    }
    // Backstage replaces annotations that are falsy in JavaScript (`annotations:` with nothing below it) by an empty map.
    // Other values that are no map were refused before.
    let annotations = metadata.annotations.filter(|(_, value)| value.is_map());
    for (key, value) in [metadata.labels, annotations].into_iter().flatten() {
        check_text_map(value, &path.key(key.key(), key.span()), &mut sink);
    }
    if let Some((key, value)) = metadata.tags {
        Shape::ListOf(&Shape::Text).check(value, &path.key("tags", key.span()), &mut sink);
    }
    if let Some((key, value)) = metadata.links {
        LINKS.check(value, &path.key("links", key.span()), &mut sink);
    }
}

fn check_text_map(map: NodeRef<'_>, path: &Path<'_>, sink: &mut super::shape::Sink<'_>) {
    if !map.is_map() {
        return sink(Fault::Type("object"), path, map);
    }
    for (key, value) in map.entries() {
        if value.as_str().is_none() && !key.key().is_empty() {
            sink(Fault::Type("string"), &path.key(key.key(), key.span()), value);
        }
    }
}

fn add(
    report: &mut Report<'_>,
    policy: &dyn Fn(String) -> ErrorChain,
    fault: Fault<'_>,
    path: &Path<'_>,
    node: NodeRef<'_>,
) {
    let field = fault.field(path);
    let in_map = field.starts_with("metadata.labels.") || field.starts_with("metadata.annotations.");
    let code = match fault {
        Fault::Missing(_) => codes::LINK_URL,
        Fault::Empty => codes::METADATA_EMPTY,
        _ if in_map => codes::VALUE_NOT_STRING,
        _ => codes::METADATA_TYPE,
    };
    let help = match fault {
        Fault::Missing(_) => Some("add `url: https://...`".to_owned()),
        Fault::Empty => Some("fill it in or leave it out".to_owned()),
        Fault::Type(wanted) => mend_type(wanted, node),
        _ => None,
    };
    let span = if matches!(fault, Fault::Missing(_)) { path.span.unwrap_or(node.span()) } else { node.span() };
    report.add(
        Finding::new(code, fault.message(path, node))
            .at_span(span)
            .field(field)
            .help_if(help)
            .error(policy(format!("Malformed envelope, {}", fault.ajv_message(path)))),
    );
}

const NAME_RULE: &str =
    "a string that is sequences of [a-zA-Z0-9] separated by any of [-_.], at most 63 characters in total";
const LABEL_RULE: &str = "a string that is sequences of [a-z0-9] separated by [-], at most 63 characters in total";
const KEY_RULE: &str = "a valid prefix and/or suffix";
const TAG_RULE: &str = "a string that is sequences of [a-z0-9+#] separated by [-], at most 63 characters in total";
const KIND_RULE: &str = "a string that is a sequence of [a-zA-Z][a-z0-9A-Z], at most 63 characters in total";
const URL_RULE: &str = "a string that is a valid url";
const TEXT_RULE: &str = "a non empty string";

/// One format check that failed.
struct Misformat<'a> {
    code: &'static str,
    /// The field as Backstage calls it.
    field: String,
    rule: &'static str,
    text: &'a str,
    node: NodeRef<'a>,
    message: String,
    help: Option<String>,
}

/// Checks the formats. Source: `FieldFormatEntityPolicy`, in its order.
pub(crate) fn check_formats(
    root: &Root<'_>,
    metadata: &Metadata<'_>,
    policy: &dyn Fn(String) -> ErrorChain,
    report: &mut Report<'_>,
) {
    check_server_fields(root, policy, report);
    let mut refuse = |found: Misformat<'_>| {
        let error = format!(
            "\"{}\" is not valid; expected {} but found \"{}\". To learn more about catalog file format, visit: \
             https://github.com/backstage/backstage/blob/master/docs/architecture-decisions/\
             adr002-default-catalog-file-format.md",
            found.field, found.rule, found.text
        );
        let prefix = match found.code {
            codes::API_VERSION_FORMAT | codes::KIND_FORMAT | codes::NAME_FORMAT | codes::NAMESPACE_FORMAT => "",
            _ => "metadata.",
        };
        report.add(
            Finding::new(found.code, found.message)
                .at(found.node)
                .field(format!("{prefix}{}", found.field))
                .help_if(found.help)
                .error(policy(error)),
        );
    };
    check_identity(root, metadata, &mut refuse);
    if let Some((_, labels)) = metadata.labels {
        for (key, value) in labels.entries() {
            check_key(codes::LABEL_KEY, "labels", key, &mut refuse);
            if let Some(text) = value.as_str().filter(|text| !formats::is_label_value(text)) {
                let message = format!("`{text}` cannot be the value of a label");
                let help = "at most 63 letters, digits, `-`, `_` and `.`; for free text use an annotation".to_owned();
                let field = format!("labels.{}", key.key());
                refuse(Misformat {
                    code: codes::LABEL_VALUE,
                    field,
                    rule: NAME_RULE,
                    text,
                    node: value,
                    message,
                    help: Some(help),
                });
            }
        }
    }
    if let Some((_, annotations)) = metadata.annotations {
        for (key, _) in annotations.entries() {
            check_key(codes::ANNOTATION_KEY, "annotations", key, &mut refuse);
        }
    }
    if let Some((_, tags)) = metadata.tags {
        for (at, tag) in tags.items().enumerate() {
            if let Some(text) = tag.as_str().filter(|text| !text.is_empty() && !formats::is_tag(text)) {
                let message = format!("`{text}` cannot be a tag");
                let help = suggest_tag(text).map(|tag| format!("write `{tag}`"));
                refuse(Misformat {
                    code: codes::TAG_FORMAT,
                    field: format!("tags.{at}"),
                    rule: TAG_RULE,
                    text,
                    node: tag,
                    message,
                    help,
                });
            }
        }
    }
    if let Some((_, links)) = metadata.links {
        for (at, link) in links.items().enumerate() {
            check_link(at, link, &mut refuse);
        }
    }
}

/// Code, field, check, and the rule in Backstage's words.
type IdentityRule = (&'static str, &'static str, fn(&str) -> bool, &'static str);

fn check_identity<'a>(root: &Root<'a>, metadata: &Metadata<'a>, refuse: &mut dyn FnMut(Misformat<'a>)) {
    let rows: [(Option<Entry<'a>>, IdentityRule); 4] = [
        (root.api_version, (codes::API_VERSION_FORMAT, "apiVersion", formats::is_api_version, KEY_RULE)),
        (root.kind, (codes::KIND_FORMAT, "kind", formats::is_kind, KIND_RULE)),
        (metadata.name, (codes::NAME_FORMAT, "metadata.name", formats::is_object_name, NAME_RULE)),
        (metadata.namespace, (codes::NAMESPACE_FORMAT, "metadata.namespace", formats::is_dns_label, LABEL_RULE)),
    ];
    for (entry, (code, field, is_valid, rule)) in rows {
        let Some((_, node)) = entry else { continue };
        let Some(text) = node.as_str().filter(|text| !text.is_empty() && !is_valid(text)) else { continue };
        let message = format!("`{text}` cannot be the {}", field.trim_start_matches("metadata."));
        let help = if text.contains("${{") || text.contains("{{") {
            Some("this looks like the skeleton of a template; keep it out of the catalog's locations".to_owned())
        } else {
            suggest_identity(code, text)
        };
        refuse(Misformat { code, field: field.to_owned(), rule, text, node, message, help });
    }
}

fn suggest_identity(code: &str, text: &str) -> Option<String> {
    if code == codes::NAME_FORMAT {
        if text.len() > 63 {
            return Some(format!("use at most 63 characters; these are {}", text.chars().count()));
        }
        let name = slug(text, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        return formats::is_object_name(&name)
            .then(|| format!("write `name: {name}`, and `title: {text}` for the readable form"));
    }
    if code == codes::NAMESPACE_FORMAT {
        let namespace = slug(&text.to_lowercase(), |c| c.is_ascii_lowercase() || c.is_ascii_digit());
        return formats::is_dns_label(&namespace).then(|| format!("write `namespace: {namespace}`"));
    }
    (code == codes::API_VERSION_FORMAT).then(|| "use `backstage.io/v1alpha1`".to_owned())
}

fn suggest_tag(text: &str) -> Option<String> {
    let tag =
        slug(&text.to_lowercase(), |c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, ':' | '+' | '#'));
    formats::is_tag(&tag).then_some(tag)
}

/// Replaces everything that is not kept by single dashes.
fn slug(text: &str, keep: fn(char) -> bool) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if keep(c) {
            out.push(c);
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_matches(['-', '_', '.']).to_owned()
}

fn check_key<'a>(code: &'static str, map: &str, key: NodeRef<'a>, refuse: &mut dyn FnMut(Misformat<'a>)) {
    let text = key.key();
    if !formats::is_prefixed_key(text) {
        let field = format!("{map}.{text}");
        let message =
            format!("`{text}` cannot be the key of {}", if map == "labels" { "a label" } else { "an annotation" });
        let help =
            "write `name` or `domain.example/name`: letters, digits, `-`, `_` and `.`, at most 63 after the slash"
                .to_owned();
        refuse(Misformat { code, field, rule: KEY_RULE, text, node: key, message, help: Some(help) });
    }
}

fn check_link<'a>(at: usize, link: NodeRef<'a>, refuse: &mut dyn FnMut(Misformat<'a>)) {
    for (key, node) in link.entries() {
        let Some(text) = node.as_str().filter(|text| !text.is_empty()) else { continue };
        let (code, rule, message, help) = match key.key() {
            "url" if !formats::is_url(text) => {
                let whole = format!("https://{}", text.trim_start_matches('/'));
                let help = match formats::is_url(&whole) && text.contains('.') && !text.starts_with('/') {
                    true => format!("write `url: {whole}`"),
                    false => "write a whole address, such as `https://example.org/dashboard`".to_owned(),
                };
                (codes::LINK_URL, URL_RULE, format!("`{text}` is no whole web address"), help)
            }
            field @ ("title" | "icon") if text.trim().is_empty() => (
                codes::LINK_TEXT,
                TEXT_RULE,
                format!("the {field} of the link is blank"),
                "fill it in or leave it out".to_owned(),
            ),
            _ => continue,
        };
        let field = format!("links.{at}.{}", key.key());
        refuse(Misformat { code, field, rule, text, node, message, help: Some(help) });
    }
}
