//! What is asked of the change log, as it stands in an address.

use auth::ChangeQuery;
use model::{ChangeFilter, ChangeKind, DEFAULT_NAMESPACE, EntityRef, RefDefaults};

use super::{change_wire::Bodies, parameters::Parameters};
use crate::{Problem, problem};

/// The parameters of the filter.
pub(super) const FILTER: [&str; 6] = ["kind", "namespace", "ref", "owner", "relation", "happened"];

/// Reads the filter, and which bodies are wanted.
///
/// # Errors
/// 400 for a reference or word that cannot be understood.
pub(super) fn read_query(parameters: &Parameters) -> Result<(ChangeQuery, Bodies), Problem> {
    let lower = |name: &str| parameters.list(name).into_iter().map(str::to_lowercase).collect();
    let filter = ChangeFilter {
        kinds: lower("kind"),
        namespaces: lower("namespace"),
        refs: read_all(parameters, "ref", parse_ref)?,
        owners: read_all(parameters, "owner", parse_owner)?,
        relations: parameters.list("relation").into_iter().map(str::to_owned).collect(),
        happened: read_all(parameters, "happened", parse_happened)?,
    };
    let mut bodies = Bodies::default();
    for word in parameters.list("include") {
        match word {
            "entity" => bodies.after = true,
            "before" => bodies.before = true,
            _ => return Err(problem::input(format!("`include` must be one of entity, before, not `{word}`"))),
        }
    }
    Ok((ChangeQuery { filter, with_before: bodies.before }, bodies))
}

fn read_all<T>(
    parameters: &Parameters,
    name: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, Problem> {
    let values = parameters.list(name).into_iter();
    values.map(|text| parse(text).map_err(|why| problem::input(format!("`{name}` {why}, not `{text}`")))).collect()
}

/// Reads a reference in full.
pub(crate) fn parse_ref(text: &str) -> Result<EntityRef, String> {
    EntityRef::parse(text).map_err(|_| "must be an entity reference such as component:default/shop".to_owned())
}

/// Reads an owner; `team-a` is short for `group:default/team-a`.
pub(crate) fn parse_owner(text: &str) -> Result<EntityRef, String> {
    EntityRef::parse_with(text, RefDefaults { kind: Some("group"), namespace: DEFAULT_NAMESPACE })
        .map_err(|_| "must be an owner such as team-a or user:default/jane".to_owned())
}

fn parse_happened(text: &str) -> Result<ChangeKind, String> {
    match text {
        "added" => Ok(ChangeKind::Added),
        "changed" => Ok(ChangeKind::Changed),
        "removed" => Ok(ChangeKind::Removed),
        _ => Err("must be one of added, changed, removed".to_owned()),
    }
}
