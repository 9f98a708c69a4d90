//! Diagnostics that other rooms find, worded here so that all of them read alike.

use model::{Diagnostic, EntityRef, ErrorChain, LocationRef};

use super::diagnostic;

/// An entity refers to one that does not exist. `field` is the dotted path of the referring field, if known.
#[must_use]
pub fn dangling_reference(field: Option<&str>, target: &EntityRef) -> Diagnostic {
    let message = match field {
        Some(field) => format!("`{field}` refers to `{target}`, which is not in the catalog"),
        None => format!("the reference to `{target}` leads nowhere: it is not in the catalog"),
    };
    Diagnostic {
        help: Some("check the spelling, kind and namespace, or register the file that defines it".to_owned()),
        field: field.map(str::to_owned),
        ..diagnostic(super::DANGLING_REFERENCE, message)
    }
}

/// The owner is not in the catalog, or is neither a group nor a user.
#[must_use]
pub fn owner_is_no_group(owner: &EntityRef) -> Diagnostic {
    Diagnostic {
        help: Some("name a group that exists, for example `owner: group:default/<team>`".to_owned()),
        field: Some("spec.owner".to_owned()),
        ..diagnostic(super::OWNER_UNKNOWN, format!("the owner `{owner}` is no known group or user"))
    }
}

/// Two files define the same entity; made once for each of the two sides. `here` says whether this side is the one shown.
#[must_use]
pub fn duplicate_entity(entity: &EntityRef, other: &LocationRef, here: Shown) -> Diagnostic {
    let (message, help) = match here {
        Shown::This => (
            format!("`{entity}` is also defined in `{other}`; the definition here is the one in the catalog"),
            "remove one of the two, or give one another name or namespace",
        ),
        Shown::Other => (
            format!("`{entity}` is already defined in `{other}`; the definition here is not in the catalog"),
            "give this one another name or namespace, or remove the other",
        ),
    };
    Diagnostic { help: Some(help.to_owned()), ..diagnostic(super::DUPLICATE_ENTITY, message) }
}

/// Which of two definitions of an entity is in the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The one that the diagnostic is about.
    This,
    /// The other one.
    Other,
}

/// A location is of a type that may not be used here. `allowed` are the types that may.
#[must_use]
pub fn location_type_not_allowed(location: &LocationRef, allowed: &[String]) -> Diagnostic {
    let list = serde_json::to_string(allowed).unwrap_or_default();
    Diagnostic {
        help: Some(format!("use a location of type {}", allowed.join(" or "))),
        field: Some("spec.type".to_owned()),
        error: Some(ErrorChain::new("InputError", format!("Registered locations must be of an allowed type {list}"))),
        ..diagnostic(
            super::LOCATION_TYPE_NOT_ALLOWED,
            format!("locations of type `{}` are not allowed here", location.location_type()),
        )
    }
}

/// A target could not be read. `error` is what Backstage's API would report.
#[must_use]
pub fn target_unreadable(target: &LocationRef, reason: &str, error: ErrorChain) -> Diagnostic {
    Diagnostic {
        help: Some("check the address, and that the configured credentials may read it".to_owned()),
        error: Some(error),
        ..diagnostic(super::TARGET_UNREADABLE, format!("`{target}` could not be read: {reason}"))
    }
}

/// A required target does not exist, or its pattern matches nothing.
#[must_use]
pub fn target_not_found(target: &LocationRef, error: ErrorChain) -> Diagnostic {
    Diagnostic {
        help: Some("correct the target, or write `presence: optional` when it may be absent".to_owned()),
        error: Some(error),
        ..diagnostic(super::TARGET_NOT_FOUND, format!("`{target}` does not exist"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_the_findings_of_other_rooms() {
        let shop = EntityRef::new("component", "default", "shop");
        let there = LocationRef::new("url", "https://example.org/a.yaml");
        assert!(dangling_reference(Some("spec.system"), &shop).message.contains("`spec.system` refers to"));
        assert!(dangling_reference(None, &shop).message.contains("leads nowhere"));
        assert_eq!(owner_is_no_group(&shop).code.0, "W1007");
        assert!(duplicate_entity(&shop, &there, Shown::This).message.contains("is the one in the catalog"));
        assert!(duplicate_entity(&shop, &there, Shown::Other).message.contains("is not in the catalog"));
        let refused = location_type_not_allowed(&there, &["url".to_owned()]);
        assert_eq!(refused.error.unwrap().message, "Registered locations must be of an allowed type [\"url\"]");
        let gone = ErrorChain::new("NotFoundError", "gone");
        assert_eq!(target_unreadable(&there, "status 500", gone.clone()).code.0, "E0703");
        assert_eq!(target_not_found(&there, gone).code.0, "E0704");
    }
}
