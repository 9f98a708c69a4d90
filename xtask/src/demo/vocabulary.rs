//! Reads the vocabulary: one small text file per domain with its teams, systems, words and habits.

use anyhow::{Context as _, Result, bail};

/// A domain and everything that its part of the estate is made of.
pub(super) struct Domain {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) division: String,
    pub(super) description: String,
    /// The domain that this one belongs to.
    pub(super) parent: Option<String>,
    /// When the load is highest, as half a sentence.
    pub(super) peak: String,
    pub(super) teams: Vec<Team>,
    pub(super) systems: Vec<System>,
    pub(super) fields: Vec<Field>,
    /// Past participles for the names of events.
    pub(super) events: Vec<String>,
    /// APIs of well-known systems that this domain reads.
    pub(super) consumes: Vec<String>,
    /// Event APIs of well-known systems that this domain follows.
    pub(super) listens: Vec<String>,
    /// Sentences that are true of several services of the domain.
    pub(super) facts: Vec<String>,
}

/// A team and why it exists.
pub(super) struct Team {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) mission: String,
}

/// A system of the long tail.
pub(super) struct System {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) shape: Shape,
    /// What its API deals in, in camel case: `SizeChart`.
    pub(super) noun: String,
    pub(super) team: String,
    /// What it is about, as a noun phrase or an indirect question.
    pub(super) subject: String,
}

/// What a system is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    BackOffice,
    ShopFront,
    Service,
    GraphQl,
    Grpc,
    Stream,
    Job,
    Library,
    Adapter,
    Model,
}

/// A property of the things that a domain deals in.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) example: String,
}

const FILES: [(&str, &str); 25] = [
    ("buying", include_str!("vocabulary/buying.txt")),
    ("care", include_str!("vocabulary/care.txt")),
    ("catalogue", include_str!("vocabulary/catalogue.txt")),
    ("checkout", include_str!("vocabulary/checkout.txt")),
    ("content", include_str!("vocabulary/content.txt")),
    ("corporate", include_str!("vocabulary/corporate.txt")),
    ("data", include_str!("vocabulary/data.txt")),
    ("delivery", include_str!("vocabulary/delivery.txt")),
    ("developer", include_str!("vocabulary/developer.txt")),
    ("discovery", include_str!("vocabulary/discovery.txt")),
    ("engagement", include_str!("vocabulary/engagement.txt")),
    ("fulfilment", include_str!("vocabulary/fulfilment.txt")),
    ("identity", include_str!("vocabulary/identity.txt")),
    ("inventory", include_str!("vocabulary/inventory.txt")),
    ("loyalty", include_str!("vocabulary/loyalty.txt")),
    ("marketplace", include_str!("vocabulary/marketplace.txt")),
    ("orders", include_str!("vocabulary/orders.txt")),
    ("payments", include_str!("vocabulary/payments.txt")),
    ("personalisation", include_str!("vocabulary/personalisation.txt")),
    ("pricing", include_str!("vocabulary/pricing.txt")),
    ("returns", include_str!("vocabulary/returns.txt")),
    ("runtime", include_str!("vocabulary/runtime.txt")),
    ("storefront", include_str!("vocabulary/storefront.txt")),
    ("trust", include_str!("vocabulary/trust.txt")),
    ("warehouse", include_str!("vocabulary/warehouse.txt")),
];

/// Reads all domains, sorted by name.
pub(super) fn load_domains() -> Result<Vec<Domain>> {
    FILES
        .iter()
        .map(|(name, text)| parse_domain(name, text).with_context(|| format!("vocabulary/{name}.txt")))
        .collect()
}

fn parse_domain(name: &str, text: &str) -> Result<Domain> {
    let mut domain = Domain {
        name: name.to_owned(),
        title: String::new(),
        division: String::new(),
        description: String::new(),
        parent: None,
        peak: String::new(),
        teams: Vec::new(),
        systems: Vec::new(),
        fields: Vec::new(),
        events: Vec::new(),
        consumes: Vec::new(),
        listens: Vec::new(),
        facts: Vec::new(),
    };
    for line in text.lines() {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        match columns.as_slice() {
            ["domain", title, division, description] => {
                domain.title = (*title).to_owned();
                domain.division = (*division).to_owned();
                domain.description = (*description).to_owned();
            }
            ["parent", parent] => domain.parent = Some((*parent).to_owned()),
            ["peak", peak] => domain.peak = (*peak).to_owned(),
            ["fields", fields] => {
                domain.fields = list(fields).iter().map(|field| parse_field(field)).collect::<Result<_>>()?
            }
            ["events", events] => domain.events = list(events),
            ["consumes", apis] => domain.consumes = list(apis),
            ["listens", apis] => domain.listens = list(apis),
            ["facts", facts @ ..] => domain.facts = facts.iter().map(|fact| (*fact).to_owned()).collect(),
            ["teams" | "systems"] => {}
            [name, title, mission] => domain.teams.push(Team {
                name: (*name).to_owned(),
                title: (*title).to_owned(),
                mission: (*mission).to_owned(),
            }),
            [name, title, shape, noun, team, subject] => domain.systems.push(System {
                name: (*name).to_owned(),
                title: (*title).to_owned(),
                shape: parse_shape(shape)?,
                noun: (*noun).to_owned(),
                team: (*team).to_owned(),
                subject: (*subject).to_owned(),
            }),
            _ => bail!("cannot read the line `{line}`"),
        }
    }
    Ok(domain)
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

fn parse_field(text: &str) -> Result<Field> {
    let mut parts = text.splitn(3, ':');
    let (Some(name), Some(kind)) = (parts.next(), parts.next()) else { bail!("field `{text}` has no type") };
    Ok(Field { name: name.to_owned(), kind: kind.to_owned(), example: parts.next().unwrap_or_default().to_owned() })
}

fn parse_shape(text: &str) -> Result<Shape> {
    Ok(match text {
        "app" => Shape::BackOffice,
        "edge" => Shape::ShopFront,
        "svc" => Shape::Service,
        "gql" => Shape::GraphQl,
        "grpc" => Shape::Grpc,
        "evt" => Shape::Stream,
        "job" => Shape::Job,
        "lib" => Shape::Library,
        "ext" => Shape::Adapter,
        "ml" => Shape::Model,
        _ => bail!("`{text}` is no shape"),
    })
}
