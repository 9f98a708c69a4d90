//! The one table of permissions, and the values that a decision is made of.

use serde::{Deserialize, Serialize};

/// What a permission lets do, where it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Make a new thing.
    Create,
    /// See a thing.
    Read,
    /// Change a thing.
    Update,
    /// Remove a thing.
    Delete,
}

impl Action {
    /// Returns the word of the configuration: `create`, `read`, `update`, `delete`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// A row of the table of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermissionSpec {
    /// `catalog.entity.read`.
    pub name: &'static str,
    /// The plugin that asks for it.
    pub plugin: &'static str,
    /// What it lets do; some permissions say nothing.
    pub action: Option<Action>,
    /// The type of resource that a decision is about; `None` for permissions without a resource.
    pub resource_type: Option<&'static str>,
    /// What it is for, for the reference page.
    pub meaning: &'static str,
    /// Whether Backstage does not know it.
    pub is_ours: bool,
}

const ENTITY: Option<&str> = Some("catalog-entity");

const fn row(
    name: &'static str,
    action: Option<Action>,
    resource_type: Option<&'static str>,
    meaning: &'static str,
) -> PermissionSpec {
    PermissionSpec { name, plugin: "catalog", action, resource_type, meaning, is_ours: false }
}

/// A permission that Backstage does not have.
const fn own_row(name: &'static str, action: Option<Action>, meaning: &'static str) -> PermissionSpec {
    PermissionSpec { is_ours: true, ..row(name, action, None, meaning) }
}

/// A permission about call sheets, which Backstage does not know.
const fn sheet(name: &'static str, action: Action, meaning: &'static str) -> PermissionSpec {
    PermissionSpec { plugin: "callsheet", ..own_row(name, Some(action), meaning) }
}

/// A permission about webhooks, which Backstage does not know either.
const fn webhook(name: &'static str, action: Action, meaning: &'static str) -> PermissionSpec {
    PermissionSpec { plugin: "callboard", ..own_row(name, Some(action), meaning) }
}

/// Names and order are those of Backstage's catalog plugin; then come our own.
static TABLE: [PermissionSpec; 17] = [
    row("catalog.entity.read", Some(Action::Read), ENTITY, "See entities, and everything that is derived from them."),
    row("catalog.entity.create", Some(Action::Create), None, "Offer the forms that register entities."),
    row(
        "catalog.entity.delete",
        Some(Action::Delete),
        ENTITY,
        "Remove one entity; it comes back while its file is there.",
    ),
    row("catalog.entity.refresh", Some(Action::Update), ENTITY, "Have the files of an entity read again."),
    row("catalog.entity.validate", None, None, "Check an entity without storing it."),
    row("catalog.location.read", Some(Action::Read), None, "See the registered locations."),
    row("catalog.location.create", Some(Action::Create), None, "Register a location, or point one elsewhere."),
    row("catalog.location.delete", Some(Action::Delete), None, "Remove a location with its entities."),
    row("catalog.location.analyze", None, None, "Look what a repository holds before registering it."),
    row("catalog.ingestion.read", Some(Action::Read), None, "See problems and the state of the harvest."),
    row("catalog.ingestion.manage", Some(Action::Update), None, "Have everything read again."),
    sheet("callsheet.read", Action::Read, "See call sheets, with everybody and everything that is on them."),
    sheet("callsheet.open", Action::Create, "Open call sheets, and let alerting tools do so."),
    sheet(
        "callsheet.write",
        Action::Update,
        "Add to call sheets, send messages, close them, answer about the catalog.",
    ),
    own_row("catalog.event.create", Some(Action::Create), "Report events, such as deployments."),
    webhook("callboard.webhook.read", Action::Read, "See webhooks, how they are delivered to, and their dead letters."),
    webhook(
        "callboard.webhook.manage",
        Action::Update,
        "Make, change, test and remove webhooks; to make one takes the right to see every entity besides.",
    ),
];

/// All permissions.
#[must_use]
pub fn permissions() -> &'static [PermissionSpec] {
    &TABLE
}

/// The permissions of one plugin, in the order of the table.
pub fn permissions_of(plugin: &str) -> impl Iterator<Item = &'static PermissionSpec> {
    TABLE.iter().filter(move |spec| spec.plugin == plugin)
}

/// Finds a permission of the table by its name.
#[must_use]
pub fn find_permission(name: &str) -> Option<&'static PermissionSpec> {
    TABLE.iter().find(|spec| spec.name == name)
}

/// A permission that is asked for: one of the table, or one that only the asker knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Its name.
    pub name: String,
    /// What it lets do.
    pub action: Option<String>,
    /// The plugin that it belongs to: the part of the name before the first dot when the table does not know it.
    pub plugin: String,
}

impl Permission {
    /// Describes a permission by its name; `action` is what the asker says about one that the table does not know.
    #[must_use]
    pub fn named(name: &str, action: Option<&str>) -> Self {
        match find_permission(name) {
            Some(spec) => spec.into(),
            None => Self {
                name: name.to_owned(),
                action: action.map(str::to_owned),
                plugin: name.split('.').next().unwrap_or_default().to_owned(),
            },
        }
    }
}

impl From<&PermissionSpec> for Permission {
    fn from(spec: &PermissionSpec) -> Self {
        Self {
            name: spec.name.to_owned(),
            action: spec.action.map(|action| action.as_str().to_owned()),
            plugin: spec.plugin.to_owned(),
        }
    }
}

/// What the rules say.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Yes.
    Allow,
    /// No.
    Deny,
    /// Only for entities that match.
    Conditional(index::Filter),
}
