//! Writes the plan of a system down as descriptor documents.

use super::{
    definition,
    dice::Dice,
    parts::{ApiPlan, ComponentPlan, Plan, ResourcePlan, part_name},
    sentences::Role,
    vocabulary::{Domain, Shape, System},
    wording::{self, capitalised, describe},
    yaml::{Document, Link, Value},
};

/// Renders the documents of one system.
pub(super) fn documents(domain: &Domain, system: &System, plan: &Plan) -> Vec<Document> {
    let habits = Habits::of(domain, system);
    let mut documents = vec![system_document(domain, system, &habits)];
    documents.extend(plan.components.iter().map(|component| component_document(domain, system, component, &habits)));
    documents.extend(plan.apis.iter().map(|api| api_document(domain, system, api, &habits)));
    documents.extend(plan.resources.iter().map(|resource| resource_document(domain, system, resource, &habits)));
    documents
}

/// What is the same for all parts of a system.
struct Habits {
    tier: usize,
    data_class: &'static str,
    region: &'static str,
    language: &'static str,
    lifecycle: &'static str,
    jira: String,
}

impl Habits {
    fn of(domain: &Domain, system: &System) -> Self {
        let mut dice = Dice::new(&format!("{}/habits", system.name));
        let tier = match system.shape {
            Shape::ShopFront | Shape::Grpc => 2,
            Shape::Library | Shape::Job => 4,
            _ => 2 + dice.below(3),
        };
        let personal = domain.fields.iter().any(|field| field.name == "customerId");
        let data_class = match domain.name.as_str() {
            "payments" if dice.chance(50) => "payment",
            _ if personal && dice.chance(60) => "personal",
            "content" | "catalogue" if dice.chance(50) => "public",
            _ => "internal",
        };
        let languages: &[&str] = match (system.shape, domain.division.as_str()) {
            (Shape::Model, _) => &["python"],
            (_, "data-and-ai") => &["python", "python", "scala", "sql"],
            (_, "technology") => &["go", "go", "rust", "typescript"],
            (_, "supply-chain") => &["kotlin", "java", "java", "go"],
            (_, "corporate") => &["java", "kotlin", "csharp"],
            (_, "customer-experience") => &["typescript", "kotlin", "go"],
            _ => &["kotlin", "kotlin", "go", "java"],
        };
        Self {
            tier,
            data_class,
            region: if domain.name == "warehouse" {
                "houses"
            } else {
                dice.pick(&["eu-west-1", "eu-west-1", "eu-central-1", "eu-north-1"])
            },
            language: dice.pick(languages),
            lifecycle: match dice.below(100) {
                0..=8 => "experimental",
                9..=14 => "deprecated",
                _ => "production",
            },
            jira: domain.name.chars().filter(char::is_ascii_alphabetic).take(4).collect::<String>().to_uppercase(),
        }
    }

    fn labels(&self) -> Vec<(&'static str, String)> {
        vec![
            ("larkhem.example/tier", self.tier.to_string()),
            ("larkhem.example/data-class", self.data_class.to_owned()),
        ]
    }
}

fn system_document(domain: &Domain, system: &System, habits: &Habits) -> Document {
    let mut dice = Dice::new(&format!("{}/document", system.name));
    let mut document = Document {
        kind: "System",
        name: system.name.clone(),
        title: system.title.clone(),
        description: wording::describe_system(domain, system),
        labels: habits.labels(),
        ..Document::default()
    };
    if dice.chance(55) {
        document.annotations.push(("backstage.io/techdocs-ref", "dir:.".to_owned()));
    }
    document.annotations.push(("jira/project-key", habits.jira.clone()));
    if dice.chance(65) {
        let url = format!("https://runbooks.larkhem.example/{}", system.name);
        document.links.push(Link::new(url, "Runbooks", "book", "runbook"));
    }
    let chat = format!("https://chat.larkhem.example/channels/{}", system.team);
    document.links.push(Link::new(chat, &format!("#{}", system.team), "chat", "chat"));
    document.text("owner", system.team.clone());
    document.text("domain", domain.name.clone());
    document.text("type", if domain.division == "technology" { "platform" } else { "product" });
    document
}

fn component_document(domain: &Domain, system: &System, plan: &ComponentPlan, habits: &Habits) -> Document {
    let name = plan.name.clone();
    let mut dice = Dice::new(&format!("{name}/document"));
    let language = match plan.kind {
        "website" => "typescript",
        _ => habits.language,
    };
    let mut document = Document {
        kind: "Component",
        title: component_title(system, plan),
        description: describe(plan.role, domain, system, &name),
        labels: habits.labels(),
        annotations: annotations(domain, system, plan, habits, &name),
        tags: vec![language.to_owned()],
        ..Document::default()
    };
    if plan.kind == "service" {
        document.labels.push(("larkhem.example/region", habits.region.to_owned()));
    }
    if plan.kind == "job" {
        document.tags.push("scheduled".to_owned());
    }
    document.links.push(Link::new(format!("https://git.larkhem.example/larkhem/{name}"), "Source", "github", "source"));
    if plan.kind == "service" || dice.chance(30) {
        let url = format!("https://grafana.larkhem.example/d/{name}");
        document.links.push(Link::new(url, "Dashboard", "dashboard", "dashboard"));
    }
    if plan.kind == "service" && dice.chance(60) {
        let url = format!("https://runbooks.larkhem.example/{}/{}", system.name, plan.suffix);
        document.links.push(Link::new(url, "Runbook", "book", "runbook"));
    }
    document.text("type", plan.kind);
    document.text("lifecycle", habits.lifecycle);
    document.text("owner", system.team.clone());
    document.text("system", system.name.clone());
    if plan.suffix == "warmer" || plan.suffix == "cleaner" {
        let parent = if system.shape == Shape::ShopFront { "bff" } else { "service" };
        document.text("subcomponentOf", part_name(&system.name, parent));
    }
    document.list("providesApis", plan.provides.clone());
    document.list("consumesApis", plan.consumes.clone());
    document.list("dependsOn", plan.depends_on.clone());
    if habits.tier == 2 && plan.kind == "service" {
        document.spec.push(("dependencies", Value::Items(qualities(plan, &mut dice))));
    }
    document.name = name;
    document
}

/// Says for each dependency whether its failure passes on at once, later, or hardly.
fn qualities(plan: &ComponentPlan, dice: &mut Dice) -> Vec<Vec<(&'static str, String)>> {
    let of = |reference: &String, strength: &str, delay: Option<&str>, note: Option<&str>| {
        let mut quality = vec![("ref", reference.clone()), ("strength", strength.to_owned())];
        quality.extend(delay.map(|delay| ("delay", delay.to_owned())));
        quality.extend(note.map(|note| ("note", note.to_owned())));
        quality
    };
    let apis = plan.consumes.iter().map(|api| format!("api:{api}"));
    let all: Vec<String> = plan.depends_on.iter().cloned().chain(apis).collect();
    let quality = |reference: &String| match reference.as_str() {
        "component:otel-gateway" => None,
        text if text.ends_with("-events") => {
            Some(of(reference, "soft", Some("PT30M"), Some("Catches up from the log")))
        }
        "component:flag-relay" => Some(of(reference, "soft", None, Some("Compiled defaults apply"))),
        text if text.starts_with("resource:kafka") => {
            Some(of(reference, "soft", Some("PT15M"), Some("Works off its backlog")))
        }
        text if text.ends_with("-cache") => Some(of(reference, "soft", None, Some("Slower, not wrong"))),
        text if text.starts_with("resource:") => Some(of(reference, "hard", None, None)),
        _ => Some(match dice.below(4) {
            0 => of(reference, "hard", None, None),
            1 => of(reference, "soft", Some("PT10M"), Some("Answers from its cache for ten minutes")),
            2 => of(reference, "soft", None, Some("Leaves the part out")),
            _ => of(reference, "hard", Some("PT1H"), None),
        }),
    };
    all.iter().filter_map(quality).collect()
}

fn component_title(system: &System, plan: &ComponentPlan) -> String {
    let suffix = match plan.suffix {
        "ui" => "UI".to_owned(),
        "bff" => "Backend".to_owned(),
        "lib" => "Library".to_owned(),
        "job" => return system.title.clone(),
        other => capitalised(other),
    };
    if system.title.ends_with(&suffix) { system.title.clone() } else { format!("{} {suffix}", system.title) }
}

fn annotations(
    domain: &Domain,
    system: &System,
    plan: &ComponentPlan,
    habits: &Habits,
    name: &str,
) -> Vec<(&'static str, String)> {
    let mut dice = Dice::new(&format!("{name}/annotations"));
    let mut found = vec![("github.com/project-slug", format!("larkhem/{name}"))];
    if dice.chance(50) {
        found.push(("backstage.io/techdocs-ref", "dir:.".to_owned()));
    }
    // Some teams of the long tail never set their paging up: that is what the rule on on-call annotations finds.
    if (plan.kind == "service" && dice.chance(90)) || (plan.kind != "library" && dice.chance(35)) {
        if domain.division == "supply-chain" {
            found.push(("opsgenie.com/component-selector", format!("tag:\"{name}\"")));
            found.push(("opsgenie.com/team", system.team.clone()));
        } else if dice.chance(80) {
            found.push(("pagerduty.com/service-id", format!("P{}", dice.code(6))));
        } else {
            found.push(("pagerduty.com/integration-key", dice.code(16).to_lowercase()));
        }
        found.push(("larkhem.example/on-call", format!("https://oncall.larkhem.example/rotas/{}", system.team)));
    }
    if plan.kind != "library" {
        found.push(("backstage.io/kubernetes-id", name.to_owned()));
        if dice.chance(60) {
            found.push(("argocd/app-name", format!("{name}-prod")));
        }
    }
    if plan.kind == "service" && dice.chance(70) {
        found.push(("grafana/dashboard-selector", format!("tags @> '{}'", system.name)));
    }
    if plan.role == Role::ShopFront {
        found.push(("datadoghq.com/dashboard-url", format!("https://rum.larkhem.example/dashboard/{name}")));
    }
    if dice.chance(45) {
        found.push(("sonarqube.org/project-key", format!("larkhem_{name}")));
    }
    if plan.kind != "library" && dice.chance(35) {
        found.push(("sentry.io/project-slug", format!("larkhem/{name}")));
    }
    if plan.consumes.iter().any(|api| api.ends_with("-events")) {
        let cluster = if domain.division == "supply-chain" { "supply-chain" } else { "commerce" };
        found.push(("kafka.apache.org/consumer-groups", format!("{cluster}/{name}")));
    }
    found.push(("jira/project-key", habits.jira.clone()));
    found
}

fn api_document(domain: &Domain, system: &System, plan: &ApiPlan, habits: &Habits) -> Document {
    let (role, suffix) = match plan.language {
        definition::Language::AsyncApi => (Role::EventApi, "Events"),
        definition::Language::GraphQl => (Role::Api, "Graph"),
        definition::Language::OpenApi | definition::Language::Grpc => (Role::Api, "API"),
    };
    let title = format!("{} {suffix}", system.title);
    let text = definition::render(plan.language, &plan.name, &title, domain, system);
    let mut document = Document {
        kind: "API",
        name: plan.name.clone(),
        description: describe(role, domain, system, &plan.name),
        title,
        tags: vec![plan.language.api_type().to_owned()],
        ..Document::default()
    };
    document.text("type", plan.language.api_type());
    document.text("lifecycle", habits.lifecycle);
    document.text("owner", system.team.clone());
    document.text("system", system.name.clone());
    document.spec.push(("definition", Value::Literal(text)));
    document
}

fn resource_document(domain: &Domain, system: &System, plan: &ResourcePlan, habits: &Habits) -> Document {
    let mut dice = Dice::new(&format!("{}/document", plan.name));
    let description = capitalised(&describe(plan.role, domain, system, &plan.name));
    let mut document = Document {
        kind: "Resource",
        name: plan.name.clone(),
        description,
        labels: habits.labels(),
        ..Document::default()
    };
    if plan.external {
        document.namespace = Some("external");
        document.title = wording::camel(&plan.name.replace('-', "- ")).replace('-', "").trim().to_owned();
        document.tags = vec!["third-party".to_owned()];
        let status = format!("https://status.{}.example", plan.name);
        document.links.push(Link::new(status, "Status page", "alert", "status"));
        document.text("type", plan.kind);
        document.text("owner", format!("group:default/{}", system.team));
        document.text("system", format!("system:default/{}", system.name));
        return document;
    }
    let engines: &[&str] = match plan.kind {
        "database" => &["postgresql", "postgresql", "postgresql", "mysql", "mongodb"],
        "key-value-store" => &["redis", "redis", "dynamodb"],
        "cache" => &["redis", "memcached"],
        "queue" => &["rabbitmq", "sqs"],
        "topic" => &["kafka"],
        _ => &["s3"],
    };
    document.title = format!(
        "{} {}",
        system.title,
        capitalised(plan.name.rsplit('-').next().unwrap_or_default()).replace("Db", "Database")
    );
    document.tags = vec![dice.pick(engines).to_owned()];
    if dice.chance(40) {
        let url = format!("https://grafana.larkhem.example/d/{}", plan.name);
        document.links.push(Link::new(url, "Dashboard", "dashboard", "dashboard"));
    }
    document.text("type", plan.kind);
    document.text("owner", system.team.clone());
    document.text("system", system.name.clone());
    if plan.kind == "topic" {
        let cluster = if domain.division == "supply-chain" { "kafka-supply-chain" } else { "kafka-commerce" };
        document.list("dependsOn", vec![format!("resource:{cluster}")]);
    }
    document
}
