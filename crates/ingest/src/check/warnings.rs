//! What Backstage does not mind, but the owners of the file should.

use model::{QUALITY_FIELD, is_script_url};

use super::{
    builtin::BuiltinKind,
    envelope::Root,
    metadata::{KNOWN_FIELDS, Metadata},
    references::check_reference_text,
    suggest::closest,
};
use crate::{
    codes,
    report::{Finding, Report},
    yaml::NodeRef,
};

/// Annotations that today's plugins no longer read, and what to use instead.
const DEPRECATED_ANNOTATIONS: &[(&str, &str)] = &[
    ("backstage.io/github-actions-id", "use `github.com/project-slug`"),
    ("backstage.io/definition-at-location", "use `definition: {$text: ...}`"),
    ("jenkins.io/github-folder", "use `jenkins.io/job-full-name`"),
    ("jenkins.io/job-slug", "use `jenkins.io/job-full-name`"),
];

/// Annotations without a domain that well-known tools read.
const BARE_ANNOTATIONS: &[&str] = &["docs"];

const OLD_API_VERSION: &str = "backstage.io/v1beta1";

/// Looks for everything that is legal but hardly meant.
pub(crate) fn find_warnings(
    root: &Root<'_>,
    metadata: &Metadata<'_>,
    kind: Option<&BuiltinKind>,
    report: &mut Report<'_>,
) {
    if let Some((_, value)) = root.api_version.filter(|(_, value)| value.as_str() == Some(OLD_API_VERSION)) {
        report.add(
            Finding::new(codes::DEPRECATED_API_VERSION, format!("`{OLD_API_VERSION}` is outdated"))
                .at(value)
                .field("apiVersion")
                .help("write `apiVersion: backstage.io/v1alpha1`"),
        );
    }
    if let Some((_, node)) = root.metadata {
        find_misspelt(node, "metadata", |name| KNOWN_FIELDS.contains(&name), KNOWN_FIELDS.iter().copied(), report);
    }
    if let Some((_, annotations)) = metadata.annotations {
        for (key, value) in annotations.entries() {
            look_at_annotation(key, value, report);
        }
    }
    let (Some(kind), Some((_, spec))) = (kind, root.spec) else { return };
    let fields = || {
        let references = kind.references.iter().map(|reference| reference.field);
        kind.spec.fields.iter().map(|(name, _)| *name).chain(references)
    };
    let is_known = |name: &str| name == QUALITY_FIELD || fields().any(|field| field == name);
    find_misspelt(spec, "spec", is_known, fields(), report);
    look_at_references(kind, spec, report);
}

fn find_misspelt<'k>(
    map: NodeRef<'_>,
    parent: &str,
    is_known: impl Fn(&str) -> bool,
    known: impl Iterator<Item = &'k str> + Clone,
    report: &mut Report<'_>,
) {
    for (key, _) in map.entries() {
        if is_known(key.key()) {
            continue;
        }
        let free = known.clone().filter(|name| map.get(name).is_none());
        if let Some(near) = closest(key.key(), free) {
            report.add(
                Finding::new(codes::MISSPELT_FIELD, format!("`{parent}.{}` is no well-known field", key.key()))
                    .at(key)
                    .field(format!("{parent}.{}", key.key()))
                    .help(format!("did you mean `{parent}.{near}`?")),
            );
        }
    }
}

fn look_at_annotation(key: NodeRef<'_>, value: NodeRef<'_>, report: &mut Report<'_>) {
    let name = key.key();
    let field = || format!("metadata.annotations.{name}");
    if !name.contains('/') && !BARE_ANNOTATIONS.contains(&name) {
        report.add(
            Finding::new(codes::ANNOTATION_WITHOUT_PREFIX, format!("the annotation `{name}` has no prefix"))
                .at(key)
                .field(field())
                .help(format!("write `<your domain>/{name}`, so that it cannot collide with another tool's")),
        );
    }
    if let Some((_, instead)) = DEPRECATED_ANNOTATIONS.iter().find(|(old, _)| *old == name) {
        report.add(
            Finding::new(codes::DEPRECATED_ANNOTATION, format!("the annotation `{name}` is outdated"))
                .at(key)
                .field(field())
                .help(*instead),
        );
    }
    let is_link = matches!(name, "backstage.io/view-url" | "backstage.io/edit-url");
    if is_link && value.as_str().is_some_and(is_script_url) {
        report.add(
            Finding::new(codes::SCRIPT_URL, format!("the address of `{name}` would run a script and is not shown"))
                .at(value)
                .field(field())
                .help("write a web address"),
        );
    }
}

fn look_at_references(kind: &BuiltinKind, spec: NodeRef<'_>, report: &mut Report<'_>) {
    for (key, value) in spec.entries() {
        if !kind.references.iter().any(|reference| reference.field == key.key()) {
            continue;
        }
        for node in std::iter::once(value).chain(value.items()) {
            let Some(text) = node.as_str().filter(|text| !check_reference_text(text)) else { continue };
            let help = if text.contains('@') {
                "write the name of a group or user of the catalog, not an e-mail address or handle: `group:default/<team>`"
            } else {
                "write `[kind:][namespace/]name`; names have letters, digits, `-`, `_` and `.` only"
            };
            report.add(
                Finding::new(codes::ODD_REFERENCE, format!("no entity can be called `{text}`"))
                    .at(node)
                    .field(format!("spec.{}", key.key()))
                    .help(help),
            );
        }
    }
}

/// Warns about YAML tags that the core schema does not know.
pub(crate) fn warn_about_tags(tags: &[(u32, u32)], report: &mut Report<'_>) {
    for span in tags {
        report.add(
            Finding::new(codes::UNKNOWN_TAG, "this YAML tag means nothing here; the value is read without it")
                .at_span(*span)
                .help("remove the tag, or put quotes round a text that starts with `!`"),
        );
    }
}
