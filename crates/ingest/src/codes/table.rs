//! The table itself.

use model::Severity;

use super::{CodeEntry, FoundBy};

const fn entry(code: &'static str, severity: Severity, found_by: FoundBy, texts: [&'static str; 3]) -> CodeEntry {
    CodeEntry { code, severity, found_by, title: texts[0], explanation: texts[1], mending: texts[2] }
}

/// All codes, in order.
pub const TABLE: &[CodeEntry] = &[
    entry(
        "E0101",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Text is no YAML",
            "The document cannot be read at all. Other documents of the same file are read nevertheless.",
            "Mend the spot that is shown. Common causes: a missing closing bracket or quote, wrong indentation, text with `: ` or ` #` in it that needs quotes: `title: \"Shop: web\"`.",
        ],
    ),
    entry(
        "E0102",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Key stands twice",
            "YAML does not allow a key twice in one map, and it would be unclear which of the two counts.",
            "Remove one of the two, or merge their values.",
        ],
    ),
    entry(
        "E0103",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Document is no object",
            "A descriptor is a map with `apiVersion`, `kind`, `metadata` and `spec`. A list or a single value is none.",
            "Write each entity as a document of its own, with `---` between them, rather than as items of a list.",
        ],
    ),
    entry(
        "E0104",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Unknown anchor",
            "`*name` repeats the node that `&name` marked before it in the same document; there is no such mark.",
            "Add the anchor, correct its name, or put quotes round a text that starts with `*`: `pattern: \"*.yaml\"`.",
        ],
    ),
    entry(
        "E0105",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Alias inside itself",
            "The alias names a node that it is a part of, so the value would have no end.",
            "Write the inner value out.",
        ],
    ),
    entry(
        "E0106",
        Severity::Error,
        FoundBy::Ingest,
        [
            "File too large",
            "The file is larger than Callboard reads.",
            "Split the file, or keep generated content out of it and refer to it with `$text`.",
        ],
    ),
    entry(
        "E0107",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Nested too deeply",
            "Lists and maps are nested more than 100 deep.",
            "Flatten the value, or keep it in a file of its own and refer to it with `$text`.",
        ],
    ),
    entry(
        "E0108",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Too large when written out",
            "The document has too many values when all aliases are replaced by what they stand for.",
            "Use fewer aliases; aliases of aliases grow fastest.",
        ],
    ),
    entry(
        "E0109",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Key over several lines",
            "A key must stand on one line with its colon. Nearly always the next line is indented too far, or the colon of the line before lacks the space after it, so that both lines became one text.",
            "Start the next key exactly below its neighbours, and write `links: ''` instead of `links:''`.",
        ],
    ),
    entry(
        "E0110",
        Severity::Error,
        FoundBy::Ingest,
        ["Tab as indentation", "YAML is indented with spaces only.", "Replace the tab with spaces."],
    ),
    entry(
        "E0201",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Envelope is incomplete",
            "Every entity needs `apiVersion`, `kind` and `metadata.name`; without them nothing can be told about it.",
            "Add the field: `apiVersion: backstage.io/v1alpha1`, `kind: Component`, `metadata: {name: shop}`.",
        ],
    ),
    entry(
        "E0202",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Envelope has a wrong type",
            "`apiVersion`, `kind`, `metadata.name` and `metadata.namespace` are strings, `metadata` is a map.",
            "Put quotes round a name that looks like a number: `name: \"12345\"`.",
        ],
    ),
    entry(
        "E0203",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Part of the envelope is empty",
            "`apiVersion`, `kind`, `metadata.name` and `metadata.namespace` may not be empty.",
            "Fill it in; an empty `namespace` can simply be left out.",
        ],
    ),
    entry(
        "E0204",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Unknown field at the root",
            "An entity has `apiVersion`, `kind`, `metadata` and `spec`, and nothing beside them.",
            "Move the field into `metadata` or `spec`, where fields of your own are welcome. Often only its indentation is wrong.",
        ],
    ),
    entry(
        "E0205",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Field belongs to the catalog",
            "`relations` and `status` are made by the catalog and may not be written by hand.",
            "Remove it. Relations follow from fields such as `spec.owner`, `spec.system` and `spec.dependsOn`.",
        ],
    ),
    entry(
        "E0206",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Annotations are no map",
            "`metadata.annotations` is a map of strings.",
            "Write `annotations:` with `key: value` lines below it.",
        ],
    ),
    entry(
        "E0207",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Keys differ only in letter case",
            "Search is blind to letter case, so such keys cannot be told apart; Backstage silently never shows such an entity.",
            "Rename or remove one of them.",
        ],
    ),
    entry(
        "E0301",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Malformed name",
            "A name has 1 to 63 letters, digits, `-`, `_` and `.`, and begins and ends with a letter or digit.",
            "Use `name: my-shop` and put the readable form into `title: My Shop`.",
        ],
    ),
    entry(
        "E0302",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Malformed namespace",
            "A namespace has 1 to 63 lower-case letters and digits, with single or repeated `-` between them.",
            "Write it in lower case with dashes: `namespace: payment-team`.",
        ],
    ),
    entry(
        "E0303",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Malformed apiVersion",
            "An apiVersion has the form `<prefix>/<version>`, such as `backstage.io/v1alpha1`; the prefix is a domain name, the version letters and digits.",
            "Use `backstage.io/v1alpha1`.",
        ],
    ),
    entry(
        "E0304",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Malformed kind",
            "A kind has 1 to 63 letters and digits and begins with a letter.",
            "Use one of the known kinds, such as `Component`.",
        ],
    ),
    entry(
        "E0305",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Malformed label key",
            "The key of a label is a name of at most 63 characters, optionally after a domain name and a slash.",
            "Write `example.org/tier: gold`.",
        ],
    ),
    entry(
        "E0306",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Malformed label value",
            "The value of a label is empty or has at most 63 letters, digits, `-`, `_` and `.`.",
            "Shorten it, or use an annotation, whose values are free.",
        ],
    ),
    entry(
        "E0307",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Malformed annotation key",
            "The key of an annotation is a name of at most 63 characters, optionally after a domain name and a slash.",
            "Write `example.org/dashboard: https://...`.",
        ],
    ),
    entry(
        "E0308",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Value is no string",
            "Values of labels and annotations are strings. YAML reads `5`, `true` and an empty value as something else.",
            "Put quotes round it: `\"5\"`.",
        ],
    ),
    entry(
        "E0309",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Malformed tag",
            "A tag has 1 to 63 lower-case letters, digits, `+`, `#`, `:`, with dashes between them.",
            "Write `java`, `c++`, `data-science`: lower case, dashes for blanks.",
        ],
    ),
    entry(
        "E0310",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Link without a good address",
            "Each link has a `url`, and it is a whole address with scheme and host.",
            "Write `url: https://example.org/dashboard`.",
        ],
    ),
    entry(
        "E0311",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Blank title or icon of a link",
            "The title and the icon of a link may be left out, but not blank.",
            "Fill it in or leave it out.",
        ],
    ),
    entry(
        "E0312",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Field of metadata has a wrong type",
            "The well-known fields of `metadata` have fixed types: `title` and `description` are strings, `tags` and `links` are lists, `labels` is a map.",
            "Put quotes round a title that looks like a number, write tags as a list: `tags: [java]`. An empty field is best left out.",
        ],
    ),
    entry(
        "E0313",
        Severity::Error,
        FoundBy::Ingest,
        ["Field of metadata is empty", "The field may be left out, but not be empty.", "Fill it in or leave it out."],
    ),
    entry(
        "E0401",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Unknown kind",
            "No built-in kind has this name, and none was declared. Kinds are sensitive to letter case.",
            "Correct the kind (`Component`, not `component`), or declare your own kind in a KindDefinition.",
        ],
    ),
    entry(
        "E0402",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Unknown apiVersion",
            "The kind is known, but not in this apiVersion.",
            "Use `backstage.io/v1alpha1`, for templates `scaffolder.backstage.io/v1beta3`.",
        ],
    ),
    entry(
        "E0403",
        Severity::Error,
        FoundBy::Ingest,
        ["Spec is missing", "Every built-in kind needs a `spec`.", "Add `spec:` with the fields of the kind."],
    ),
    entry(
        "E0404",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Required field is missing",
            "The kind needs this field.",
            "Add it, for example `owner: group:default/<team>`.",
        ],
    ),
    entry(
        "E0405",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Field has a wrong type",
            "The kind wants another type here.",
            "Write lists as lists (`providesApis: [shop-api]`) and put quotes round numbers that are meant as text.",
        ],
    ),
    entry(
        "E0406",
        Severity::Error,
        FoundBy::Ingest,
        ["Field is empty", "The field may not be empty.", "Fill it in; a field that is not required can be left out."],
    ),
    entry(
        "E0407",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Value is not one of the allowed ones",
            "The field has a closed list of values.",
            "Use one of the values that are listed.",
        ],
    ),
    entry(
        "E0408",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Own schema is violated",
            "A schema that your organisation declared does not accept the entity.",
            "See the message, which comes from the schema.",
        ],
    ),
    entry(
        "E0409",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Own rule is violated",
            "A rule that your organisation declared is not kept.",
            "See the message, which comes from the rule.",
        ],
    ),
    entry(
        "E0410",
        Severity::Error,
        FoundBy::Definitions,
        [
            "Definition cannot be read",
            "A file with own kinds or rules is no YAML or lacks `kind`.",
            "Mend the YAML; the kinds are KindDefinition, SchemaExtension and RuleSet.",
        ],
    ),
    entry(
        "E0411",
        Severity::Error,
        FoundBy::Definitions,
        ["Definition is invalid", "The definition does not fit the schema of definitions.", "See the message."],
    ),
    entry(
        "E0412",
        Severity::Error,
        FoundBy::Definitions,
        [
            "Definitions contradict each other",
            "Two files declare the same kind, or one declares a built-in kind anew.",
            "Keep one of them; built-in kinds are extended with a SchemaExtension.",
        ],
    ),
    entry(
        "E0501",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Reference without a kind",
            "Here entities of every kind may be meant, so the kind has to be named.",
            "Write `resource:till-db` instead of `till-db`.",
        ],
    ),
    entry(
        "E0502",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Malformed reference",
            "A reference has the form `[kind:][namespace/]name`, and none of the parts is empty.",
            "Write `group:default/platform`.",
        ],
    ),
    entry(
        "E0503",
        Severity::Error,
        FoundBy::Ingest,
        ["Empty reference", "A reference names something.", "Remove the empty item."],
    ),
    entry(
        "E0601",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Placeholder leads nowhere",
            "The target of `$text`, `$json` or `$yaml` cannot be made into an address. Relative paths do not work for files that were read from the local disk, and targets must be in the same repository.",
            "Use a path relative to the descriptor, or a whole address.",
        ],
    ),
    entry(
        "E0602",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Placeholder cannot be read",
            "The target of `$text`, `$json` or `$yaml` could not be read.",
            "Check that the file exists and may be read.",
        ],
    ),
    entry(
        "E0603",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Placeholder's content is malformed",
            "The target of `$json` is no JSON, or that of `$yaml` is not exactly one YAML document.",
            "Mend the target, or use `$text` to take it as it is.",
        ],
    ),
    entry(
        "E0604",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Placeholder without a target",
            "The value of `$text`, `$json` and `$yaml` is a string: an address or a relative path.",
            "Write `$text: ./openapi.yaml`.",
        ],
    ),
    entry(
        "E0701",
        Severity::Error,
        FoundBy::Ingest,
        [
            "Kind is not allowed here",
            "`catalog.rules` say which kinds may come from which location. By default only Component, API and Location may.",
            "Ask your operator to allow the kind: `catalog: {rules: [{allow: [Component, API, Location, Group]}]}`.",
        ],
    ),
    entry(
        "E0702",
        Severity::Error,
        FoundBy::Source,
        [
            "Type of location is not allowed",
            "Registered and nested locations may only have the allowed types, `url` by default.",
            "Use a `url` location, or ask your operator.",
        ],
    ),
    entry(
        "E0703",
        Severity::Error,
        FoundBy::Source,
        [
            "Target cannot be read",
            "The file or address could not be read. What was read before stays in the catalog.",
            "Check the address and the credentials.",
        ],
    ),
    entry(
        "E0704",
        Severity::Error,
        FoundBy::Source,
        [
            "Target does not exist",
            "A required target does not exist, or its pattern matches nothing.",
            "Correct the target, or write `presence: optional`.",
        ],
    ),
    entry(
        "W1001",
        Severity::Warning,
        FoundBy::Ingest,
        [
            "Field looks misspelt",
            "Unknown fields are legal, but this one is nearly spelled like a well-known one.",
            "Correct the spelling.",
        ],
    ),
    entry(
        "W1002",
        Severity::Warning,
        FoundBy::Ingest,
        [
            "Outdated apiVersion",
            "The version still works, but the current one is `backstage.io/v1alpha1`.",
            "Write `apiVersion: backstage.io/v1alpha1`.",
        ],
    ),
    entry(
        "W1003",
        Severity::Info,
        FoundBy::Ingest,
        [
            "Annotation without a prefix",
            "Annotations are shared by all tools; a domain name in front keeps them apart.",
            "Write `example.org/dashboard` instead of `dashboard`.",
        ],
    ),
    entry(
        "W1004",
        Severity::Warning,
        FoundBy::Ingest,
        [
            "Outdated annotation",
            "Today's plugins no longer read this annotation.",
            "Use the annotation that the help names.",
        ],
    ),
    entry(
        "W1005",
        Severity::Warning,
        FoundBy::Ingest,
        [
            "Odd reference",
            "The reference can be read, but has characters that no entity's name can have, so nothing can ever match it.",
            "Name a group or entity: `group:default/<team>`, not an e-mail address or a CODEOWNERS handle.",
        ],
    ),
    entry(
        "W1006",
        Severity::Warning,
        FoundBy::Catalog,
        [
            "Dangling reference",
            "The entity that is referred to is not in the catalog.",
            "Check the spelling, kind and namespace, or register the file that defines it.",
        ],
    ),
    entry(
        "W1007",
        Severity::Warning,
        FoundBy::Catalog,
        [
            "Owner is unknown",
            "The owner is no group or user of the catalog, so nobody is told about problems.",
            "Name a group that exists.",
        ],
    ),
    entry(
        "W1008",
        Severity::Warning,
        FoundBy::Catalog,
        [
            "Entity is defined twice",
            "Two files define the same entity; the first one stays.",
            "Remove one of them, or give one another name or namespace.",
        ],
    ),
    entry(
        "W1009",
        Severity::Warning,
        FoundBy::Ingest,
        [
            "Own schema is violated",
            "A schema that your organisation declared as advice does not accept the entity.",
            "See the message, which comes from the schema.",
        ],
    ),
    entry(
        "W1010",
        Severity::Warning,
        FoundBy::Ingest,
        [
            "Own rule is violated",
            "A rule that your organisation declared as advice is not kept.",
            "See the message, which comes from the rule.",
        ],
    ),
    entry(
        "W1011",
        Severity::Warning,
        FoundBy::Ingest,
        [
            "Script address was replaced",
            "An address that starts with `javascript:` would run in the reader's browser; it is not shown.",
            "Use a web address.",
        ],
    ),
    entry(
        "W1012",
        Severity::Warning,
        FoundBy::Ingest,
        [
            "Unknown YAML tag",
            "The tag means nothing here; the value is read as text.",
            "Remove the tag, or put quotes round a text that starts with `!`.",
        ],
    ),
    entry(
        "W1013",
        Severity::Warning,
        FoundBy::Ingest,
        ["File is not UTF-8", "Bytes that are no UTF-8 were replaced.", "Save the file as UTF-8."],
    ),
    entry(
        "W1014",
        Severity::Warning,
        FoundBy::Ingest,
        [
            "Quality without a dependency",
            "An item of `spec.dependencies` is about an entity, or names a stand-in, that the descriptor does not depend on, so it has no effect on what a failure hits.",
            "Name the entity in `spec.dependsOn` or `spec.consumesApis` as well, or correct the reference.",
        ],
    ),
    entry(
        "W1015",
        Severity::Warning,
        FoundBy::Ingest,
        [
            "Quality cannot be read",
            "A value in `spec.dependencies` is none that can stand there. What cannot be read counts as not written: the dependency is then hard, without delay, and nothing stands in for it.",
            "`ref: resource:default/orders-db` with its kind, `strength: hard` or `soft`, `delay: PT6H` (ISO 8601, of weeks, days, hours, minutes and seconds), `redundantWith: [resource:default/orders-replica]`, `note:` a text.",
        ],
    ),
    entry(
        "W1016",
        Severity::Warning,
        FoundBy::Ingest,
        [
            "Unknown field of a quality",
            "An item of `spec.dependencies` has a field that means nothing there.",
            "Use `ref`, `strength`, `delay`, `redundantWith` and `note`.",
        ],
    ),
    entry(
        "W1017",
        Severity::Warning,
        FoundBy::Catalog,
        [
            "Owner was wrong in an event",
            "When something failed, the team that the catalog names turned out not to answer for it. The answer was given on a call sheet and holds until the entity changes or somebody settles it there.",
            "Name the team that answers for it in `spec.owner`.",
        ],
    ),
    entry(
        "W1018",
        Severity::Warning,
        FoundBy::Catalog,
        [
            "Dependency was none in an event",
            "When a dependency failed, the entity turned out not to need it. The answer was given on a call sheet and holds until the entity changes or somebody settles it there.",
            "Take the dependency out of the descriptor, or say in `spec.dependencies` that it is soft, delayed or redundant.",
        ],
    ),
    entry(
        "W1019",
        Severity::Warning,
        FoundBy::Catalog,
        [
            "Dependency was missing in an event",
            "Something failed and the entity was hit, though its descriptor does not say that it needs it. The answer was given on a call sheet and holds until the entity changes or somebody settles it there.",
            "Name what it needs in `spec.dependsOn` or `spec.consumesApis`.",
        ],
    ),
];
