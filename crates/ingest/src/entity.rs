//! One document with an envelope -> what is known and wrong about the entity in it.

use model::{EntityRef, ErrorChain, Presence};

use crate::{
    NestedTargets,
    check::{
        BuiltinKind, Dependent, KindStage, Metadata, Relations, Root, check_builtin_spec, check_formats,
        check_metadata, check_qualities, check_root, find_warnings, unknown_kind,
    },
    codes,
    kinds::{Kinds, Known},
    report::{Finding, Report},
    yaml::NodeRef,
};

/// Checks everything behind the envelope and collects the relations. The problems come in Backstage's order:
/// policies, kind, references.
pub(crate) fn check_entity(
    root: &Root<'_>,
    metadata: &Metadata<'_>,
    entity_ref: Option<&EntityRef>,
    kinds: &Kinds,
    report: &mut Report<'_>,
) -> Relations {
    let name = entity_ref.map_or("", EntityRef::as_str);
    let policy = |message: String| {
        ErrorChain::caused_by(
            "InputError",
            &format!("Policy check failed for {name}"),
            ErrorChain::new("Error", message),
        )
    };
    check_root(root, &policy, report);
    check_metadata(metadata, &policy, report);
    check_spec_type(root, &policy, report);
    check_formats(root, metadata, &policy, report);
    let mut relations = Relations::new();
    let (Some(kind), Some(api_version)) = (root.kind_text(), root.api_version_text()) else { return relations };
    let spec = root.spec.map(|(_, spec)| spec).filter(|spec| spec.is_map());
    let (builtin, rules) = match kinds.find(kind, api_version) {
        Known::Builtin(builtin, rules) => {
            if root.spec.is_none() || spec.is_some() {
                let stage = KindStage { processor: builtin.processor, entity_ref: name };
                check_builtin_spec(builtin, root, &stage, report);
            }
            (Some(builtin), rules)
        }
        Known::Own(own) => (None, own.references.as_slice()),
        Known::No => {
            unknown_kind(root, name, kinds.versions(), report);
            (None, &[][..])
        }
    };
    if let Some(spec) = spec {
        for rule in rules {
            relations.collect(rule, spec, metadata.namespace_text(), report);
        }
    }
    warn(root, metadata, builtin, report);
    if let Some(spec) = spec {
        let namespace = metadata.namespace_text();
        check_qualities(&Dependent { kind, namespace, relations: &relations.list }, spec, report);
    }
    relations
}

/// `spec` is a map wherever it stands; that is a matter of the policies, not of the kind.
fn check_spec_type(root: &Root<'_>, policy: &dyn Fn(String) -> ErrorChain, report: &mut Report<'_>) {
    if let Some((key, spec)) = root.spec.filter(|(_, spec)| !spec.is_map()) {
        report.add(
            Finding::new(codes::FIELD_TYPE, "`spec` must be a map")
                .at(if spec.is_null() { key } else { spec })
                .field("spec")
                .help("write the fields of the kind below `spec:`, indented by two spaces")
                .error(policy("Malformed envelope, /spec must be object".to_owned())),
        );
    }
}

fn warn(root: &Root<'_>, metadata: &Metadata<'_>, builtin: Option<&BuiltinKind>, report: &mut Report<'_>) {
    find_warnings(root, metadata, builtin, report);
}

/// What a Location wants read; `None` for other kinds.
pub(crate) fn nested_targets(root: &Root<'_>) -> Option<NestedTargets> {
    if root.kind_text() != Some("Location") {
        return None;
    }
    let (_, spec) = root.spec?;
    let text = |key: &str| spec.get(key).and_then(NodeRef::as_str).map(str::to_owned);
    let list = spec.get("targets").into_iter().flat_map(NodeRef::items).filter_map(NodeRef::as_str).map(str::to_owned);
    Some(NestedTargets {
        location_type: text("type"),
        targets: text("target").into_iter().chain(list).collect(),
        presence: if text("presence").as_deref() == Some("optional") { Presence::Optional } else { Presence::Required },
    })
}
