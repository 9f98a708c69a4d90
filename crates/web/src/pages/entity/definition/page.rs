//! What the definition tab shows, put together from the outline and the address.

use std::sync::Arc;

use askama::Template;
use definitions::{
    Action, AsyncApi, AsyncOperation, Message, OpenApi, Operation, Outline, SecurityScheme, Server, Shape,
};
use index::{Doc, View};

use super::{
    DefinitionQuery,
    pieces::{Links, first_line},
};
use crate::pages::{
    Frame,
    code::CodeFrame,
    entity::head::Head,
    icon::Icon,
    link::{EntityLink, related},
    parts::Empty,
    urls,
};

/// More operations than this are shown as lines that open one at a time.
const WHOLE_OPERATIONS: usize = 60;
/// The same for shapes.
const WHOLE_SHAPES: usize = 120;
/// How many providers and consumers are named.
const MOST_BESIDE: usize = 15;

/// What is shown of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Show {
    Outline,
    Source,
    TryIt,
    Nothing,
}

impl Show {
    /// Chooses by the address, among what there is.
    pub(super) fn of(view: &str, outline: &Outline) -> Self {
        match (view, outline) {
            (_, Outline::Source(_)) | ("source", _) => Self::Source,
            ("try", Outline::OpenApi(_)) => Self::TryIt,
            _ => Self::Outline,
        }
    }
}

/// Who provides and who consumes an API.
pub(super) struct Beside {
    providers: Parties,
    consumers: Parties,
}

struct Parties {
    /// Each with its owners.
    shown: Vec<(EntityLink, Vec<EntityLink>)>,
    total: usize,
}

impl Beside {
    pub(super) fn load(view: &View, doc: &Doc) -> Self {
        Self { providers: parties(view, doc, "apiProvidedBy"), consumers: parties(view, doc, "apiConsumedBy") }
    }
}

fn parties(view: &View, doc: &Doc, relation: &str) -> Parties {
    let links = related(view, doc, relation);
    let total = links.len();
    let owners = |link: &EntityLink| {
        view.find(link.entity_ref.as_str()).map(|doc| related(view, &doc, "ownedBy")).unwrap_or_default()
    };
    Parties { shown: links.into_iter().take(MOST_BESIDE).map(|link| (link.clone(), owners(&link))).collect(), total }
}

#[derive(Template)]
#[template(path = "entity/definition.html")]
pub(super) struct DefinitionPage {
    frame: Frame,
    head: Head,
    beside: Beside,
    outline: Arc<Outline>,
    show: Show,
    source: Option<Arc<CodeFrame>>,
    query: DefinitionQuery,
    links: Links,
    empty: Option<Empty>,
}

/// A way to look at the definition.
struct Segment {
    label: String,
    href: String,
    is_chosen: bool,
}

/// Operations under one heading.
struct Group<'a> {
    name: &'a str,
    description: &'a str,
    operations: Vec<&'a Operation>,
}

/// The title and the facts of a document.
struct Summary<'a> {
    /// `OpenAPI 3.1.0`.
    format: String,
    title: &'a str,
    version: &'a str,
    description: &'a str,
    servers: &'a [Server],
    schemes: &'a [SecurityScheme],
    /// Other facts: label and value.
    others: Vec<(&'static str, String)>,
}

impl DefinitionPage {
    pub(super) fn new(
        frame: Frame,
        head: Head,
        beside: Beside,
        outline: Arc<Outline>,
        show: Show,
        source: Option<Arc<CodeFrame>>,
        query: DefinitionQuery,
    ) -> Self {
        let links = if shapes(&outline).len() > WHOLE_SHAPES { Links::OnDemand } else { Links::OnPage };
        Self { frame, head, beside, outline, show, source, query, links, empty: None }
    }

    /// The page of an API that says nothing of itself.
    pub(super) fn without_definition(frame: Frame, head: Head, beside: Beside) -> Self {
        let nothing = Outline::Source(definitions::Source { language: "text", reason: None });
        let empty = Empty {
            icon: Icon("file-code"),
            title: "No definition".to_owned(),
            text: "Write it into `spec.definition` of the descriptor, or name its file there: `$text: ./openapi.yaml`."
                .to_owned(),
            action: None,
        };
        let query = DefinitionQuery::default();
        let page = Self::new(frame, head, beside, Arc::new(nothing), Show::Nothing, None, query);
        Self { empty: Some(empty), ..page }
    }

    /// Who is named beside the definition: heading, id, what is said when there is nobody, and they.
    fn sides(&self) -> [(&'static str, &'static str, &'static str, &Parties); 2] {
        let Beside { providers, consumers } = &self.beside;
        [
            ("Provided by", "providers", "No component says that it provides this API.", providers),
            ("Consumed by", "consumers", "No component says that it consumes this API.", consumers),
        ]
    }

    fn href(&self) -> String {
        urls::entity_tab(&self.head.facts.entity_ref, "definition")
    }

    fn raw_href(&self) -> String {
        urls::entity_tab(&self.head.facts.entity_ref, "definition/raw")
    }

    fn viewer_href(&self) -> String {
        let entity_ref = self.head.facts.entity_ref.to_string();
        let theme = self.frame.theme.word();
        urls::with_query("/viewer/openapi", [("ref", entity_ref.as_str()), ("theme", theme)])
    }

    /// The ways to look at it, when there is more than one.
    fn segments(&self) -> Vec<Segment> {
        if matches!(*self.outline, Outline::Source(_)) {
            return Vec::new();
        }
        let segment = |label: &str, view: &str, show: Show| {
            let href = if view.is_empty() { self.href() } else { urls::with_query(&self.href(), [("view", view)]) };
            Segment { label: label.to_owned(), href, is_chosen: self.show == show }
        };
        let mut all = vec![segment("Operations", "", Show::Outline), segment("Source", "source", Show::Source)];
        if matches!(*self.outline, Outline::OpenApi(_)) {
            all.push(segment("Try it", "try", Show::TryIt));
        }
        all
    }

    /// Why there is no outline.
    fn reason(&self) -> Option<&str> {
        match &*self.outline {
            Outline::Source(source) => source.reason.as_deref(),
            _ => None,
        }
    }

    fn summary(&self) -> Option<Summary<'_>> {
        let summary = match &*self.outline {
            Outline::OpenApi(api) => Summary {
                format: format!("{} {}", if api.format.starts_with('2') { "Swagger" } else { "OpenAPI" }, api.format),
                title: &api.info.title,
                version: &api.info.version,
                description: &api.info.description,
                servers: &api.servers,
                schemes: &api.security_schemes,
                others: Vec::new(),
            },
            Outline::AsyncApi(api) => Summary {
                format: format!("AsyncAPI {}", api.format),
                title: &api.info.title,
                version: &api.info.version,
                description: &api.info.description,
                servers: &api.servers,
                schemes: &[],
                others: Vec::new(),
            },
            Outline::Graphql(api) => {
                let roots = api.roots.iter().map(|root| match root.operation {
                    "query" => ("Queries", root.fields.len().to_string()),
                    "mutation" => ("Mutations", root.fields.len().to_string()),
                    _ => ("Subscriptions", root.fields.len().to_string()),
                });
                let others = roots.chain([("Types", api.shapes.len().to_string())]).collect();
                Summary { description: &api.description, others, ..Summary::plain("GraphQL schema") }
            }
            Outline::Grpc(api) => {
                let imports = (!api.imports.is_empty()).then(|| ("Imports", api.imports.join(", ")));
                let package = (!api.package.is_empty()).then(|| ("Package", api.package.clone()));
                let others = package.into_iter().chain(imports).collect();
                Summary { others, ..Summary::plain(&format!("Protocol buffers, {}", api.syntax)) }
            }
            Outline::Source(_) => return None,
        };
        Some(summary)
    }

    /// Whether something matches the filter.
    fn matches<'t>(&self, texts: impl AsRef<[&'t str]>) -> bool {
        let texts = texts.as_ref();
        let mut words = self.query.filter.split_whitespace();
        words.all(|word| {
            let word = word.to_lowercase();
            texts.iter().any(|text| text.to_lowercase().contains(&word))
        })
    }

    /// The operations that match, under their first tag.
    fn groups<'a>(&self, api: &'a OpenApi) -> Vec<Group<'a>> {
        let matching: Vec<&Operation> = api.operations.iter().filter(|operation| self.is_wanted(operation)).collect();
        let in_group = |name: &str| {
            let of_tag =
                |operation: &&&Operation| operation.tags.first().is_some_and(|tag| tag == name) && !operation.webhook;
            matching.iter().filter(of_tag).copied().collect::<Vec<_>>()
        };
        let tagged = api.tags.iter().map(|tag| Group {
            name: &tag.name,
            description: &tag.description,
            operations: in_group(&tag.name),
        });
        let mut groups: Vec<Group<'_>> = tagged.filter(|group| !group.operations.is_empty()).collect();
        let rest =
            matching.iter().filter(|operation| operation.tags.is_empty() && !operation.webhook).copied().collect();
        let webhooks = matching.iter().filter(|operation| operation.webhook).copied().collect();
        groups.push(Group { name: "Operations", description: "", operations: rest });
        groups.push(Group { name: "Webhooks", description: "What the API calls on its users.", operations: webhooks });
        groups.retain(|group| !group.operations.is_empty());
        groups
    }

    fn is_wanted(&self, operation: &Operation) -> bool {
        let tags = operation.tags.join(" ");
        let Operation { method, path, summary, operation_id, .. } = operation;
        self.matches([method.as_str(), path.as_str(), summary.as_str(), operation_id.as_str(), tags.as_str()])
    }

    /// Whether all of so many operations are shown in full.
    fn is_whole(&self, operations: &usize) -> bool {
        *operations <= WHOLE_OPERATIONS
    }

    fn count<'a>(&self, groups: &[Group<'a>]) -> usize {
        groups.iter().map(|group| group.operations.len()).sum()
    }

    /// The address that shows one operation in full.
    fn operation_href(&self, operation: &Operation) -> String {
        let pairs = [("filter", self.query.filter.as_str()), ("operation", operation.anchor.as_str())];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        format!("{}#{}", urls::with_query(&self.href(), pairs), operation.anchor)
    }

    fn shapes(&self) -> &[Shape] {
        shapes(&self.outline)
    }

    /// Whether a shape is shown in full.
    fn is_shown(&self, shape: &Shape) -> bool {
        self.links == Links::OnPage || self.query.schema == shape.name
    }

    fn async_operations<'a>(&self, api: &'a AsyncApi) -> Vec<(&'a AsyncOperation, &'a str)> {
        let address = |operation: &AsyncOperation| {
            let channel = api.channels.iter().find(|channel| channel.name == operation.channel);
            channel.map_or("", |channel| channel.address.as_str())
        };
        let all = api.operations.iter().map(|operation| (operation, address(operation)));
        all.filter(|(operation, address)| {
            let texts = [operation.id.as_str(), operation.summary.as_str(), *address, operation.channel.as_str()];
            self.matches(texts)
        })
        .collect()
    }

    fn verb(&self, action: &Action) -> &'static str {
        match action {
            Action::Send => "send",
            Action::Receive => "receive",
        }
    }

    /// Messages by their names.
    fn messages<'a>(&self, api: &'a AsyncApi, names: &[String]) -> Vec<&'a Message> {
        names.iter().filter_map(|name| api.messages.iter().find(|message| message.name == *name)).collect()
    }

    /// Channels without operations, which AsyncAPI allows.
    fn quiet_channels<'a>(&self, api: &'a AsyncApi) -> Vec<&'a definitions::Channel> {
        let is_quiet =
            |channel: &&definitions::Channel| !api.operations.iter().any(|operation| operation.channel == channel.name);
        let matching = api.channels.iter().filter(is_quiet);
        matching
            .filter(|channel| {
                self.matches([channel.name.as_str(), channel.address.as_str(), channel.description.as_str()])
            })
            .collect()
    }

    /// The class that colours a status.
    fn status_class(&self, status: &str) -> &'static str {
        match status.bytes().next() {
            Some(b'2') => "ok",
            Some(b'3') => "redirect",
            Some(b'4') => "refused",
            Some(b'5') => "broken",
            _ => "other",
        }
    }

    fn first_line<'a>(&self, text: &'a str) -> &'a str {
        first_line(text)
    }

    /// What the shapes are called in this format.
    fn shapes_title(&self) -> &'static str {
        match &*self.outline {
            Outline::Graphql(_) => "Types",
            Outline::Grpc(_) => "Messages",
            _ => "Schemas",
        }
    }
}

impl Summary<'_> {
    fn plain(format: &str) -> Self {
        Self {
            format: format.to_owned(),
            title: "",
            version: "",
            description: "",
            servers: &[],
            schemes: &[],
            others: Vec::new(),
        }
    }
}

fn shapes(outline: &Outline) -> &[Shape] {
    match outline {
        Outline::OpenApi(api) => &api.schemas,
        Outline::AsyncApi(api) => &api.schemas,
        Outline::Graphql(api) => &api.shapes,
        Outline::Grpc(api) => &api.shapes,
        Outline::Source(_) => &[],
    }
}
