//! The codes of all problems, in one table; the reference page and the fixtures' test read it.
//!
//! A code is stable: it never changes its meaning and is never used again. `E01xx` YAML, `E02xx` envelope, `E03xx` formats of
//! metadata, `E04xx` kinds, `E05xx` references, `E06xx` placeholders, `E07xx` locations and rules, `W1xxx` warnings.

mod others;
mod table;

use std::borrow::Cow;

use model::{Code, Diagnostic, Severity};

pub use others::{
    Shown, dangling_reference, duplicate_entity, location_type_not_allowed, owner_is_no_group, target_not_found,
    target_unreadable,
};
pub use table::TABLE;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: &str = $code;)+
    };
}

codes! {
    /// The text is no YAML.
    YAML_SYNTAX = "E0101";
    /// A key stands twice in a map.
    DUPLICATE_KEY = "E0102";
    /// A document is a list or a single value.
    NOT_AN_OBJECT = "E0103";
    /// `*name` without `&name` before it.
    UNKNOWN_ANCHOR = "E0104";
    /// An alias inside the node that it names.
    CYCLIC_ALIAS = "E0105";
    /// The file is larger than what is read.
    FILE_TOO_LARGE = "E0106";
    /// Lists and maps are nested too deeply.
    TOO_DEEP = "E0107";
    /// The document grows beyond all measure, mostly through aliases.
    TOO_LARGE_EXPANDED = "E0108";
    /// A key goes over several lines.
    MULTILINE_KEY = "E0109";
    /// A tab where only spaces may stand.
    TAB = "E0110";
    /// `apiVersion`, `kind`, `metadata` or `metadata.name` is missing.
    ENVELOPE_MISSING = "E0201";
    /// A part of the envelope has the wrong type.
    ENVELOPE_TYPE = "E0202";
    /// A part of the envelope is empty.
    ENVELOPE_EMPTY = "E0203";
    /// A field beside `apiVersion`, `kind`, `metadata` and `spec`.
    UNKNOWN_ROOT_FIELD = "E0204";
    /// `relations` or `status` in a source file.
    SERVER_FIELD = "E0205";
    /// `metadata.annotations` is no map.
    ANNOTATIONS_TYPE = "E0206";
    /// Keys that differ only in letter case.
    CASE_TWINS = "E0207";
    /// `metadata.name` is malformed.
    NAME_FORMAT = "E0301";
    /// `metadata.namespace` is malformed.
    NAMESPACE_FORMAT = "E0302";
    /// `apiVersion` is malformed.
    API_VERSION_FORMAT = "E0303";
    /// `kind` is malformed.
    KIND_FORMAT = "E0304";
    /// The key of a label is malformed.
    LABEL_KEY = "E0305";
    /// The value of a label is malformed.
    LABEL_VALUE = "E0306";
    /// The key of an annotation is malformed.
    ANNOTATION_KEY = "E0307";
    /// The value of an annotation or label is no string.
    VALUE_NOT_STRING = "E0308";
    /// A tag is malformed.
    TAG_FORMAT = "E0309";
    /// The address of a link is malformed or missing.
    LINK_URL = "E0310";
    /// The title or icon of a link is blank.
    LINK_TEXT = "E0311";
    /// A field of `metadata` has the wrong type.
    METADATA_TYPE = "E0312";
    /// A field of `metadata` is empty.
    METADATA_EMPTY = "E0313";
    /// Nobody knows the kind.
    UNKNOWN_KIND = "E0401";
    /// The kind is known, but not in this version.
    UNKNOWN_API_VERSION = "E0402";
    /// `spec` is missing.
    SPEC_MISSING = "E0403";
    /// A required field is missing.
    FIELD_MISSING = "E0404";
    /// A field has the wrong type.
    FIELD_TYPE = "E0405";
    /// A field is empty.
    FIELD_EMPTY = "E0406";
    /// A field has none of the values that it may have.
    FIELD_VALUE = "E0407";
    /// The schema of an own kind or extension is violated.
    OWN_SCHEMA = "E0408";
    /// A rule of the organisation is violated.
    OWN_RULE = "E0409";
    /// A file of own kinds cannot be read.
    DEFINITION_UNREADABLE = "E0410";
    /// A definition does not fit its own schema.
    DEFINITION_INVALID = "E0411";
    /// Two definitions contradict each other.
    DEFINITION_CONFLICT = "E0412";
    /// A reference does not name the kind where it has to.
    REF_WITHOUT_KIND = "E0501";
    /// A reference is malformed.
    REF_MALFORMED = "E0502";
    /// A reference is empty.
    REF_EMPTY = "E0503";
    /// The target of a placeholder cannot be made into an address.
    PLACEHOLDER_TARGET = "E0601";
    /// The target of a placeholder cannot be read.
    PLACEHOLDER_UNREADABLE = "E0602";
    /// The target of a placeholder holds no JSON or YAML.
    PLACEHOLDER_CONTENT = "E0603";
    /// The value of a placeholder is no string.
    PLACEHOLDER_VALUE = "E0604";
    /// `catalog.rules` do not allow this kind here.
    KIND_NOT_ALLOWED = "E0701";
    /// Locations of this type are not allowed here.
    LOCATION_TYPE_NOT_ALLOWED = "E0702";
    /// A target cannot be read.
    TARGET_UNREADABLE = "E0703";
    /// A target does not exist.
    TARGET_NOT_FOUND = "E0704";
    /// A field that looks like a misspelt one.
    MISSPELT_FIELD = "W1001";
    /// An outdated `apiVersion`.
    DEPRECATED_API_VERSION = "W1002";
    /// An annotation without a prefix.
    ANNOTATION_WITHOUT_PREFIX = "W1003";
    /// An outdated annotation.
    DEPRECATED_ANNOTATION = "W1004";
    /// A reference that is read, but hardly means what was meant.
    ODD_REFERENCE = "W1005";
    /// A reference to an entity that does not exist.
    DANGLING_REFERENCE = "W1006";
    /// The owner is no known group or user.
    OWNER_UNKNOWN = "W1007";
    /// Two files define the same entity.
    DUPLICATE_ENTITY = "W1008";
    /// The schema of an own extension is violated, as a warning.
    OWN_SCHEMA_WARNING = "W1009";
    /// A rule of the organisation is violated, as a warning.
    OWN_RULE_WARNING = "W1010";
    /// An address that would run a script was replaced.
    SCRIPT_URL = "W1011";
    /// A YAML tag that means nothing here.
    UNKNOWN_TAG = "W1012";
    /// The file is not valid UTF-8.
    NOT_UTF8 = "W1013";
    /// `spec.dependencies` says something about an entity that is not depended on.
    QUALITY_WITHOUT_DEPENDENCY = "W1014";
    /// A value in `spec.dependencies` cannot be read and does not count.
    QUALITY_VALUE = "W1015";
    /// A field in `spec.dependencies` that means nothing.
    QUALITY_FIELD = "W1016";
    /// An event showed that the owner is wrong.
    WRONG_OWNER = "W1017";
    /// An event showed that a dependency is none.
    NO_DEPENDENCY = "W1018";
    /// An event showed a dependency that the catalog does not tell.
    UNTOLD_DEPENDENCY = "W1019";
}

/// One kind of problem.
#[derive(Debug)]
pub struct CodeEntry {
    /// The code, such as `E0103`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Who notices it.
    pub found_by: FoundBy,
    /// A few words, for headings.
    pub title: &'static str,
    /// What it means and why it matters.
    pub explanation: &'static str,
    /// How to mend it, by example.
    pub mending: &'static str,
}

/// The part of Callboard that notices a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// The processing of one document; there is a fixture for it in `fixtures/`.
    Ingest,
    /// The loading of own kinds and rules; there is a fixture for it in `fixtures/`.
    Definitions,
    /// The reading of files.
    Source,
    /// The comparison with all other entities.
    Catalog,
}

/// Finds the entry of a code.
#[must_use]
pub fn find(code: &str) -> Option<&'static CodeEntry> {
    TABLE.iter().find(|entry| entry.code == code)
}

/// Makes a diagnostic without a place; its severity is the one of the table.
#[must_use]
pub fn diagnostic(code: &'static str, message: impl Into<String>) -> Diagnostic {
    Diagnostic {
        code: Code(Cow::Borrowed(code)),
        severity: find(code).map_or(Severity::Error, |entry| entry.severity),
        message: message.into(),
        help: None,
        place: None,
        field: None,
        error: None,
    }
}
