//! The checks that one document can fail, in the order in which Backstage makes them.

mod builtin;
mod envelope;
mod fault;
mod formats;
mod metadata;
mod path;
mod placeholders;
mod qualities;
mod references;
mod shape;
mod spec;
mod suggest;
mod warnings;

pub(crate) use builtin::{BUILTIN, BuiltinKind, Reference, SORTED_FIELDS};
pub(crate) use envelope::{Root, check_envelope, check_root};
pub(crate) use metadata::{Metadata, check_formats, check_metadata};
pub(crate) use placeholders::{find_placeholders, holds_placeholder, resolve_placeholders};
pub(crate) use qualities::{Dependent, check_qualities};
pub(crate) use references::{ReferenceRule, Relations};
pub(crate) use spec::{KindStage, check_builtin_spec, unknown_kind};
pub(crate) use warnings::{find_warnings, warn_about_tags};
