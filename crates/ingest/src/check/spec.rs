//! `spec` against the kind's table.

use model::ErrorChain;

use super::{
    builtin::BuiltinKind,
    envelope::Root,
    fault::{Fault, mend_type},
    path::Path,
    suggest::closest,
};
use crate::{
    codes,
    report::{Finding, Report},
    yaml::NodeRef,
};

/// In whose name a kind's problems are reported.
pub(crate) struct KindStage<'a> {
    pub(crate) processor: &'a str,
    pub(crate) entity_ref: &'a str,
}

impl KindStage<'_> {
    pub(crate) fn error(&self, message: String) -> ErrorChain {
        ErrorChain::caused_by(
            "InputError",
            &format!("Processor {} threw an error while validating the entity {}", self.processor, self.entity_ref),
            ErrorChain::new("TypeError", message),
        )
    }
}

/// Checks `spec` of a built-in kind.
pub(crate) fn check_builtin_spec(kind: &BuiltinKind, root: &Root<'_>, stage: &KindStage<'_>, report: &mut Report<'_>) {
    let top = Path::ROOT;
    let Some((key, spec)) = root.spec else {
        let fields = kind.spec.required.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ");
        let help = match (closest("spec", root.foreign.iter().map(|(key, _)| key.key())), fields.as_str()) {
            (Some(near), _) => format!("did you mean `spec` where `{near}` stands?"),
            (None, "") => "add `spec:` with the fields of the kind".to_owned(),
            (None, fields) => format!("add `spec:` with {fields} below it"),
        };
        let at = root.kind.map_or(root.node.span(), |(key, _)| key.span());
        return report.add(
            Finding::new(codes::SPEC_MISSING, "`spec` is missing")
                .at_span(at)
                .field("spec")
                .help(help)
                .error(stage.error(Fault::Missing("spec").ajv_message_with_params(&top))),
        );
    };
    let mut sink = |fault: Fault<'_>, path: &Path<'_>, node: NodeRef<'_>| {
        let finding = Finding::new(code_of(fault), fault.message(path, node));
        let span = if matches!(fault, Fault::Missing(_)) { path.span.unwrap_or(node.span()) } else { node.span() };
        report.add(
            finding
                .at_span(span)
                .field(fault.field(path))
                .help_if(help_for(kind, fault, node))
                .error(stage.error(fault.ajv_message_with_params(path))),
        );
    };
    kind.spec.check(spec, &top.key("spec", key.span()), &mut sink);
}

fn code_of(fault: Fault<'_>) -> &'static str {
    match fault {
        Fault::Missing(_) => codes::FIELD_MISSING,
        Fault::Type(_) => codes::FIELD_TYPE,
        Fault::Empty => codes::FIELD_EMPTY,
        Fault::NotOneOf(_) => codes::FIELD_VALUE,
    }
}

fn help_for(kind: &BuiltinKind, fault: Fault<'_>, node: NodeRef<'_>) -> Option<String> {
    match fault {
        Fault::Missing(field) => {
            let known = |key: &str| kind.spec.fields.iter().any(|(name, _)| *name == key);
            let strangers = node.entries().map(|(key, _)| key.key()).filter(|key| !known(key));
            Some(match closest(field, strangers) {
                Some(near) => format!("did you mean `{field}` where `{near}` stands?"),
                None => example_of(kind.name, field),
            })
        }
        Fault::Type(wanted) => mend_type(wanted, node),
        Fault::Empty => Some("fill it in, or leave the field out if it is not required".to_owned()),
        Fault::NotOneOf(values) => Some(match node.as_str().and_then(|text| closest(text, values.iter().copied())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write `{}`", values.join("` or `")),
        }),
    }
}

fn example_of(kind: &str, field: &str) -> String {
    match (kind, field) {
        (_, "owner") => "add `owner: group:default/<team>`".to_owned(),
        (_, "lifecycle") => "add `lifecycle: production`, `experimental` or `deprecated`".to_owned(),
        ("Component", "type") => "add `type: service`, `website` or `library`".to_owned(),
        ("API", "type") => "add `type: openapi`, `asyncapi`, `graphql` or `grpc`".to_owned(),
        ("API", "definition") => "add `definition: {$text: ./openapi.yaml}`, or the text itself".to_owned(),
        ("Group", "type") => "add `type: team`".to_owned(),
        ("Group", "children") => "add `children: []`, or the names of the groups below".to_owned(),
        ("User", "memberOf") => "add `memberOf: []`, or the names of the user's groups".to_owned(),
        (_, "steps") => "add `steps:` with the actions of the template".to_owned(),
        (_, "action") => "add `action:` with the name of an action, such as `fetch:template`".to_owned(),
        _ => format!("add `{field}: ...`"),
    }
}

/// Nobody knows the kind, or nobody knows it in this version. `known` are the kinds and their versions.
pub(crate) fn unknown_kind<'k>(
    root: &Root<'_>,
    entity_ref: &str,
    known: impl Iterator<Item = (&'k str, Vec<&'k str>)>,
    report: &mut Report<'_>,
) {
    let known: Vec<_> = known.collect();
    let error = ErrorChain::new(
        "InputError",
        format!(
            "No processor recognized the entity {entity_ref} as valid, possibly caused by a foreign kind or apiVersion"
        ),
    );
    let kind = root.kind_text().unwrap_or_default();
    let api_version = root.api_version_text().unwrap_or_default();
    let finding = match known.iter().find(|(name, _)| *name == kind) {
        Some((name, versions)) => Finding::new(
            codes::UNKNOWN_API_VERSION,
            format!("`{api_version}` is no known apiVersion of the kind `{name}`"),
        )
        .at(root.api_version.map_or(root.node, |(_, value)| value))
        .field("apiVersion")
        .help(format!("write `apiVersion: {}`", versions.first().copied().unwrap_or_default())),
        None => Finding::new(codes::UNKNOWN_KIND, format!("`{kind}` is no known kind"))
            .at(root.kind.map_or(root.node, |(_, value)| value))
            .field("kind")
            .help(match closest(kind, known.iter().map(|(name, _)| *name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("declare it with a KindDefinition, or use one of {}", names(&known)),
            }),
    };
    report.add(finding.error(error));
}

fn names(known: &[(&str, Vec<&str>)]) -> String {
    known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}
