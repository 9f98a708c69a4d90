//! Backstage's own kinds: what their `spec` must hold and which fields are references. Source: the schemas of
//! `@backstage/catalog-model` 1.10 and `@backstage/plugin-scaffolder-common` 2.3, and `BuiltinKindsEntityProcessor`.

use super::shape::{MapShape, Shape};

/// A kind that is known without any definition.
pub(crate) struct BuiltinKind {
    pub(crate) name: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) columns: &'static [&'static str],
    pub(crate) api_versions: &'static [&'static str],
    /// The Backstage processor in whose name problems are reported.
    pub(crate) processor: &'static str,
    pub(crate) spec: MapShape,
    /// In the order in which Backstage emits them.
    pub(crate) references: &'static [Reference],
}

/// A field of `spec` that refers to other entities.
pub(crate) struct Reference {
    pub(crate) field: &'static str,
    /// The kind of a reference that names none; `None` makes that an error.
    pub(crate) default_kind: Option<&'static str>,
    pub(crate) forward: &'static str,
    pub(crate) reverse: &'static str,
}

/// Fields of `spec` whose strings Backstage sorts, whatever the kind.
pub(crate) const SORTED_FIELDS: &[&str] =
    &["providesApis", "consumesApis", "dependsOn", "dependencyOf", "memberOf", "children", "members"];

const CORE: &[&str] = &["backstage.io/v1alpha1", "backstage.io/v1beta1"];
const CORE_PROCESSOR: &str = "BuiltinKindsEntityProcessor";
const TEXTS: Shape = Shape::ListOf(&Shape::Text);
const ANY_TEXTS: Shape = Shape::ListOf(&Shape::AnyText);

const fn spec(required: &'static [&'static str], fields: &'static [(&'static str, Shape)]) -> MapShape {
    MapShape { required, fields, others: None }
}

const fn to(
    field: &'static str,
    default_kind: Option<&'static str>,
    forward: &'static str,
    reverse: &'static str,
) -> Reference {
    Reference { field, default_kind, forward, reverse }
}

const OWNER: Reference = to("owner", Some("Group"), "ownedBy", "ownerOf");
const SYSTEM: Reference = to("system", Some("System"), "partOf", "hasPart");
const DEPENDS_ON: Reference = to("dependsOn", None, "dependsOn", "dependencyOf");
const DEPENDENCY_OF: Reference = to("dependencyOf", None, "dependencyOf", "dependsOn");

static PROFILE: MapShape = spec(&[], &[("displayName", Shape::Text), ("email", Shape::Text), ("picture", Shape::Text)]);

/// All built-in kinds.
pub(crate) static BUILTIN: &[BuiltinKind] = &[
    BuiltinKind {
        name: "Component",
        plural: "Components",
        icon: "component",
        columns: &["spec.type", "spec.lifecycle", "spec.owner", "spec.system"],
        api_versions: CORE,
        processor: CORE_PROCESSOR,
        spec: spec(
            &["type", "lifecycle", "owner"],
            &[
                ("type", Shape::Text),
                ("lifecycle", Shape::Text),
                ("owner", Shape::Text),
                ("system", Shape::Text),
                ("subcomponentOf", Shape::Text),
                ("providesApis", TEXTS),
                ("consumesApis", TEXTS),
                ("dependsOn", TEXTS),
            ],
        ),
        references: &[
            OWNER,
            to("subcomponentOf", Some("Component"), "partOf", "hasPart"),
            to("providesApis", Some("API"), "providesApi", "apiProvidedBy"),
            to("consumesApis", Some("API"), "consumesApi", "apiConsumedBy"),
            DEPENDS_ON,
            DEPENDENCY_OF,
            SYSTEM,
        ],
    },
    BuiltinKind {
        name: "API",
        plural: "APIs",
        icon: "api",
        columns: &["spec.type", "spec.lifecycle", "spec.owner", "spec.system"],
        api_versions: CORE,
        processor: CORE_PROCESSOR,
        spec: spec(
            &["type", "lifecycle", "owner", "definition"],
            &[
                ("type", Shape::Text),
                ("lifecycle", Shape::Text),
                ("owner", Shape::Text),
                ("system", Shape::Text),
                ("definition", Shape::Text),
            ],
        ),
        references: &[OWNER, SYSTEM],
    },
    BuiltinKind {
        name: "Resource",
        plural: "Resources",
        icon: "resource",
        columns: &["spec.type", "spec.owner", "spec.system"],
        api_versions: CORE,
        processor: CORE_PROCESSOR,
        spec: spec(
            &["type", "owner"],
            &[("type", Shape::Text), ("owner", Shape::Text), ("dependsOn", TEXTS), ("system", Shape::Text)],
        ),
        references: &[OWNER, DEPENDS_ON, DEPENDENCY_OF, SYSTEM],
    },
    BuiltinKind {
        name: "System",
        plural: "Systems",
        icon: "system",
        columns: &["spec.type", "spec.owner", "spec.domain"],
        api_versions: CORE,
        processor: CORE_PROCESSOR,
        spec: spec(&["owner"], &[("owner", Shape::Text), ("domain", Shape::Text), ("type", Shape::Text)]),
        references: &[OWNER, to("domain", Some("Domain"), "partOf", "hasPart")],
    },
    BuiltinKind {
        name: "Domain",
        plural: "Domains",
        icon: "domain",
        columns: &["spec.type", "spec.owner", "spec.subdomainOf"],
        api_versions: CORE,
        processor: CORE_PROCESSOR,
        spec: spec(&["owner"], &[("owner", Shape::Text), ("subdomainOf", Shape::Text), ("type", Shape::Text)]),
        references: &[OWNER, to("subdomainOf", Some("Domain"), "partOf", "hasPart")],
    },
    BuiltinKind {
        name: "Group",
        plural: "Groups",
        icon: "group",
        columns: &["spec.type", "spec.parent", "spec.profile.email"],
        api_versions: CORE,
        processor: CORE_PROCESSOR,
        spec: spec(
            &["type", "children"],
            &[
                ("type", Shape::Text),
                ("profile", Shape::Map(&PROFILE)),
                ("parent", Shape::Text),
                ("children", TEXTS),
                ("members", TEXTS),
            ],
        ),
        references: &[
            to("parent", Some("Group"), "childOf", "parentOf"),
            to("children", Some("Group"), "parentOf", "childOf"),
            to("members", Some("User"), "hasMember", "memberOf"),
        ],
    },
    BuiltinKind {
        name: "User",
        plural: "Users",
        icon: "user",
        columns: &["spec.profile.displayName", "spec.profile.email", "spec.memberOf"],
        api_versions: CORE,
        processor: CORE_PROCESSOR,
        spec: spec(&["memberOf"], &[("profile", Shape::Map(&PROFILE)), ("memberOf", TEXTS)]),
        references: &[to("memberOf", Some("Group"), "memberOf", "hasMember")],
    },
    BuiltinKind {
        name: "Location",
        plural: "Locations",
        icon: "location",
        columns: &["spec.type", "spec.target", "spec.targets"],
        api_versions: CORE,
        processor: CORE_PROCESSOR,
        spec: spec(
            &[],
            &[
                ("type", Shape::Text),
                ("target", Shape::Text),
                ("targets", TEXTS),
                ("presence", Shape::OneOf(&["required", "optional"])),
            ],
        ),
        references: &[],
    },
    BuiltinKind {
        name: "Template",
        plural: "Templates",
        icon: "template",
        columns: &["spec.type", "spec.owner"],
        api_versions: &["scaffolder.backstage.io/v1beta3"],
        processor: "ScaffolderEntitiesProcessor",
        spec: spec(
            &["type", "steps"],
            &[
                ("type", Shape::Text),
                ("owner", Shape::Text),
                ("lifecycle", Shape::Text),
                ("parameters", Shape::MapOrListOf(&PARAMETERS)),
                ("secrets", Shape::Map(&SECRETS)),
                ("presentation", Shape::Map(&PRESENTATION)),
                ("EXPERIMENTAL_recovery", Shape::Map(&RECOVERY)),
                ("formDecorators", Shape::ListOf(&Shape::Map(&DECORATOR))),
                ("EXPERIMENTAL_formDecorators", Shape::ListOf(&Shape::Map(&DECORATOR))),
                ("steps", Shape::ListOf(&Shape::Map(&STEP))),
                ("output", Shape::Map(&OUTPUT)),
            ],
        ),
        references: &[OWNER],
    },
];

static FREE_MAP: MapShape = spec(&[], &[]);
static PERMISSIONS: MapShape = spec(&[], &[("tags", ANY_TEXTS)]);
static PARAMETERS: MapShape = spec(&[], &[("backstage:permissions", Shape::Map(&PERMISSIONS))]);
static SECRETS: MapShape = spec(&[], &[("schema", Shape::Map(&FREE_MAP))]);
static BUTTONS: MapShape = spec(
    &[],
    &[("backButtonText", Shape::AnyText), ("createButtonText", Shape::AnyText), ("reviewButtonText", Shape::AnyText)],
);
static PRESENTATION: MapShape = spec(&[], &[("buttonLabels", Shape::Map(&BUTTONS))]);
static RECOVERY: MapShape = spec(&[], &[("EXPERIMENTAL_strategy", Shape::AnyText)]);
static DECORATOR: MapShape = spec(&[], &[("id", Shape::AnyText), ("input", Shape::Map(&FREE_MAP))]);
static STEP: MapShape = spec(
    &["action"],
    &[
        ("id", Shape::AnyText),
        ("name", Shape::AnyText),
        ("action", Shape::AnyText),
        ("input", Shape::Map(&FREE_MAP)),
        ("if", Shape::TextOrBool),
        ("backstage:permissions", Shape::Map(&PERMISSIONS)),
    ],
);
static OUTPUT: MapShape = MapShape {
    required: &[],
    fields: &[("links", Shape::ListOf(&Shape::Map(&OUTPUT_LINK))), ("text", Shape::ListOf(&Shape::Map(&OUTPUT_TEXT)))],
    others: Some(&Shape::AnyText),
};
static OUTPUT_LINK: MapShape = spec(
    &[],
    &[
        ("if", Shape::TextOrBool),
        ("url", Shape::Text),
        ("entityRef", Shape::Text),
        ("title", Shape::Text),
        ("icon", Shape::Text),
    ],
);
static OUTPUT_TEXT: MapShape =
    spec(&[], &[("if", Shape::TextOrBool), ("title", Shape::Text), ("icon", Shape::Text), ("content", Shape::AnyText)]);
