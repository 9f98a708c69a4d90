//! The plan of a system: which components, APIs and resources it is made of, and what hangs on what.

use super::{
    definition::Language,
    dice::Dice,
    growing::Growing,
    sentences::Role,
    vocabulary::{Domain, Shape, System},
};

/// A component before it is written down.
pub(super) struct ComponentPlan {
    pub(super) name: String,
    /// What it is to its system: `service`, `ui`, `worker`.
    pub(super) suffix: &'static str,
    pub(super) kind: &'static str,
    pub(super) role: Role,
    pub(super) provides: Vec<String>,
    pub(super) consumes: Vec<String>,
    /// References with their kind.
    pub(super) depends_on: Vec<String>,
}

/// An API before it is written down.
pub(super) struct ApiPlan {
    pub(super) name: String,
    pub(super) language: Language,
}

/// A resource before it is written down.
pub(super) struct ResourcePlan {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) role: Role,
    pub(super) external: bool,
}

/// Everything that a system is made of.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) components: Vec<ComponentPlan>,
    pub(super) apis: Vec<ApiPlan>,
    pub(super) resources: Vec<ResourcePlan>,
}

/// Companies outside, in the order in which adapters meet them.
const VENDORS: [&str; 34] = [
    "pebblewire",
    "ostrava-link",
    "kinetix-harbour",
    "mosswood",
    "tallybridge",
    "quorvia",
    "blueferry",
    "sandpiper-data",
    "orrery",
    "fennelworks",
    "northlamp",
    "civitas-gate",
    "hexaport",
    "marrowfield",
    "silverkite",
    "dovetail-exchange",
    "lumenary",
    "krokus",
    "wattleby",
    "palisado",
    "verdigris",
    "terralune",
    "cobblecast",
    "juniperus",
    "strandline",
    "ferrolux",
    "amberway",
    "tindrel",
    "okavia",
    "plumeria-systems",
    "rookery",
    "saltmarsh",
    "umbrafield",
    "zephyrine",
];

/// Plans `system`, the `number`th of all, with the names of `earlier` APIs of the same domain.
pub(super) fn plan(domain: &Domain, system: &System, adapters_before: usize, earlier: &[String]) -> Plan {
    let mut planner = Planner { domain, system, dice: Dice::new(&system.name), plan: Plan::default(), earlier };
    match system.shape {
        Shape::BackOffice => planner.back_office(),
        Shape::ShopFront => planner.shop_front(),
        Shape::Service => planner.service(),
        Shape::GraphQl => planner.graphql(),
        Shape::Grpc => planner.grpc(),
        Shape::Stream => planner.stream(),
        Shape::Job => planner.job(),
        Shape::Library => planner.library(),
        Shape::Adapter => planner.adapter(adapters_before),
        Shape::Model => planner.model(),
    }
    planner.plan
}

struct Planner<'a> {
    domain: &'a Domain,
    system: &'a System,
    dice: Dice,
    plan: Plan,
    earlier: &'a [String],
}

impl Planner<'_> {
    fn back_office(&mut self) {
        let api = self.api(Language::OpenApi, "api");
        let database = self.resource_with_chance(70, "db", "database", Role::Database);
        self.component("service", "service", Role::Service)
            .provides(&api)
            .owns(database)
            .platform()
            .upstream(2)
            .flagged(20);
        self.component("ui", "website", Role::BackOffice).consumes(&api).consumes("token-api").flagged(10);
        self.helper(62, Role::Exporter, &api);
        self.helper(28, Role::Cleaner, &api);
    }

    fn shop_front(&mut self) {
        let api = self.api(Language::OpenApi, "api");
        let cache = self.resource_with_chance(40, "cache", "cache", Role::Cache);
        self.component("bff", "service", Role::Backend).provides(&api).owns(cache).platform().upstream(3).flagged(60);
        self.component("web", "website", Role::ShopFront)
            .consumes(&api)
            .needs("component:storefront-shell")
            .flagged(30);
        self.helper(25, Role::Loader, &api);
    }

    fn service(&mut self) {
        let api = self.api(Language::OpenApi, "api");
        let database = self.resource_with_chance(52, "db", "database", Role::Database);
        self.component("service", "service", Role::Service)
            .provides(&api)
            .owns(database)
            .platform()
            .upstream(2)
            .flagged(38);
        if self.dice.chance(14) {
            let events = self.api(Language::AsyncApi, "events");
            let cluster = self.cluster();
            self.component("publisher", "service", Role::Notifier).provides(&events).consumes(&api).needs(&cluster);
        }
        for (percent, role) in [
            (42, Role::Sync),
            (45, Role::Importer),
            (36, Role::Cleaner),
            (34, Role::Client),
            (38, Role::Notifier),
            (20, Role::Report),
        ] {
            self.helper(percent, role, &api);
        }
    }

    fn graphql(&mut self) {
        let api = self.api(Language::GraphQl, "graphql");
        let cache = self.resource_with_chance(60, "cache", "cache", Role::Cache);
        self.component("service", "service", Role::GraphQl).provides(&api).owns(cache.clone()).platform().upstream(3);
        if let Some(cache) = cache {
            self.component("loader", "service", Role::Loader).owns(Some(cache)).follows();
        }
    }

    fn grpc(&mut self) {
        let api = self.api(Language::Grpc, "api");
        let store = self.resource_with_chance(60, "store", "key-value-store", Role::Database);
        self.component("service", "service", Role::Fast)
            .provides(&api)
            .owns(store.clone())
            .platform()
            .upstream(1)
            .flagged(30);
        if store.is_some() {
            self.component("loader", "service", Role::Loader).owns(store).follows();
        }
        self.helper(45, Role::Client, &api);
    }

    fn stream(&mut self) {
        let events = self.api(Language::AsyncApi, "events");
        let state = self.resource_with_chance(35, "state", "key-value-store", Role::Cache);
        let topic = self.resource_with_chance(25, "topic", "topic", Role::Topic);
        let processor =
            self.component("processor", "service", Role::Stream).provides(&events).owns(state.clone()).owns(topic);
        processor.follows().platform();
        self.helper(55, Role::Replayer, &events);
        self.helper(40, Role::Notifier, &events);
        self.helper(30, Role::Report, &events);
    }

    fn job(&mut self) {
        let bucket = self.resource_with_chance(45, "files", "bucket", Role::Bucket);
        let reads_the_lake = matches!(self.domain.name.as_str(), "data" | "corporate" | "buying");
        let job = self.component("job", "job", Role::Job).owns(bucket.clone()).upstream(2);
        if reads_the_lake {
            job.needs("resource:lakehouse");
        }
        if self.dice.chance(45) {
            self.component("report", "website", Role::Report).owns(bucket).consumes("token-api");
        }
        if self.dice.chance(30) {
            self.component("replay", "job", Role::Replayer).upstream(1);
        }
    }

    fn library(&mut self) {
        self.component("lib", "library", Role::Library);
        if self.dice.chance(45) {
            self.component("docs", "website", Role::Showcase).needs("resource:cdn-edge");
        }
    }

    fn adapter(&mut self, adapters_before: usize) {
        let vendor = VENDORS[adapters_before % VENDORS.len()].to_owned();
        let external = format!("resource:external/{vendor}");
        self.plan.resources.push(ResourcePlan {
            name: vendor,
            kind: "third-party",
            role: Role::ThirdParty,
            external: true,
        });
        let api = self.dice.chance(75).then(|| self.api(Language::OpenApi, "api"));
        let queue = self.resource_with_chance(30, "queue", "queue", Role::Queue);
        let adapter = self
            .component("adapter", "service", Role::Adapter)
            .needs(&external)
            .owns(queue.clone())
            .platform()
            .upstream(1);
        if let Some(api) = &api {
            adapter.provides(api);
        }
        if self.dice.chance(55) {
            self.component("poller", "job", Role::Poller).needs(&external).owns(queue);
        }
    }

    fn model(&mut self) {
        let language = if self.dice.chance(50) { Language::Grpc } else { Language::OpenApi };
        let api = self.dice.chance(72).then(|| self.api(language, "api"));
        let models = self.resource_with_chance(60, "models", "bucket", Role::Bucket);
        let scoring =
            self.component("scoring", "service", Role::Scoring).owns(models.clone()).platform().upstream(1).flagged(35);
        if let Some(api) = &api {
            scoring.provides(api);
        }
        self.component("trainer", "job", Role::Training)
            .owns(models)
            .needs("resource:lakehouse")
            .needs("resource:gpu-pool");
        if self.dice.chance(45) {
            self.component("evaluation", "job", Role::Evaluation).needs("resource:lakehouse").consumes("dataset-api");
        }
    }

    fn api(&mut self, language: Language, suffix: &str) -> String {
        let name = part_name(&self.system.name, suffix);
        self.plan.apis.push(ApiPlan { name: name.clone(), language });
        name
    }

    fn resource_with_chance(&mut self, percent: usize, suffix: &str, kind: &'static str, role: Role) -> Option<String> {
        let name = part_name(&self.system.name, suffix);
        self.dice.chance(percent).then(|| {
            self.plan.resources.push(ResourcePlan { name: name.clone(), kind, role, external: false });
            name
        })
    }

    /// Adds one of the small things that grow around a service.
    fn helper(&mut self, percent: usize, role: Role, api: &str) {
        if !self.dice.chance(percent) {
            return;
        }
        let (suffix, kind) = match role {
            Role::Sync => ("sync", "service"),
            Role::Importer => ("importer", "job"),
            Role::Cleaner => ("cleaner", "job"),
            Role::Client => ("client", "library"),
            Role::Exporter => ("exporter", "job"),
            Role::Replayer => ("replay", "job"),
            Role::Loader => ("warmer", "job"),
            Role::Report => ("report", "website"),
            _ => ("notifier", "service"),
        };
        let cluster = self.cluster();
        let component = self.component(suffix, kind, role).consumes(api);
        match role {
            Role::Notifier => {
                component.consumes("messaging-api");
            }
            Role::Sync => {
                component.needs("resource:lakehouse");
            }
            Role::Replayer => {
                component.needs(&cluster);
            }
            _ => {}
        }
    }

    fn cluster(&self) -> String {
        let cluster = if self.domain.division == "supply-chain" { "kafka-supply-chain" } else { "kafka-commerce" };
        format!("resource:{cluster}")
    }

    fn component(&mut self, suffix: &'static str, kind: &'static str, role: Role) -> Growing<'_> {
        self.plan.components.push(ComponentPlan {
            name: part_name(&self.system.name, suffix),
            suffix,
            kind,
            role,
            provides: Vec::new(),
            consumes: Vec::new(),
            depends_on: Vec::new(),
        });
        let index = self.plan.components.len() - 1;
        Growing {
            domain: self.domain,
            dice: &mut self.dice,
            earlier: self.earlier,
            component: &mut self.plan.components[index],
        }
    }
}

/// Names a part after its system, without saying a word twice: `facet-service`, not `facet-service-service`.
pub(super) fn part_name(system: &str, suffix: &str) -> String {
    match system.strip_suffix(suffix).and_then(|stem| stem.strip_suffix('-')) {
        Some(_) => system.to_owned(),
        None => format!("{system}-{suffix}"),
    }
}
