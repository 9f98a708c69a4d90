//! Channels: the relations over which failure travels, and which way.

use index::LinkKind;

/// A relation over which failure travels from a dependency to its dependent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// The dependent consumes the API.
    ConsumesApi,
    /// The dependent says `dependsOn`.
    DependsOn,
    /// The dependent is the component that the dependency is a part of.
    HasPart,
    /// The dependent is an API that the dependency provides.
    ProvidedBy,
    /// The dependent is a part of the container that fails as a whole.
    Inside,
}

impl Channel {
    /// What leads from something that fails to what it hits, by the relation of the former and the kind of the latter.
    pub(crate) fn to_dependent(relation: &str, to_kind: &str, from_container: bool) -> Option<Self> {
        match relation {
            "dependencyOf" => Some(Self::DependsOn),
            "apiConsumedBy" => Some(Self::ConsumesApi),
            "providesApi" => Some(Self::ProvidedBy),
            "partOf" if !is_container(to_kind) => Some(Self::HasPart),
            "hasPart" if from_container => Some(Self::Inside),
            _ => None,
        }
    }

    /// What leads from something that is hit to what it needs, by the relation of the former and the kind of the latter.
    pub(crate) fn to_dependency(relation: &str, to_kind: &str, from_container: bool) -> Option<Self> {
        match relation {
            "dependsOn" => Some(Self::DependsOn),
            "consumesApi" => Some(Self::ConsumesApi),
            "apiProvidedBy" => Some(Self::ProvidedBy),
            "hasPart" if !from_container && !is_container(to_kind) => Some(Self::HasPart),
            _ => None,
        }
    }

    /// The relation on the dependent's side.
    #[must_use]
    pub fn forward(self) -> &'static str {
        match self {
            Self::ConsumesApi => "consumesApi",
            Self::DependsOn => "dependsOn",
            Self::HasPart => "hasPart",
            Self::ProvidedBy => "apiProvidedBy",
            Self::Inside => "partOf",
        }
    }

    /// The relation on the dependency's side.
    #[must_use]
    pub fn reverse(self) -> &'static str {
        match self {
            Self::ConsumesApi => "apiConsumedBy",
            Self::DependsOn => "dependencyOf",
            Self::HasPart => "partOf",
            Self::ProvidedBy => "providesApi",
            Self::Inside => "hasPart",
        }
    }

    /// What the dependent does with the dependency, as the middle of a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ConsumesApi => "consumes",
            Self::DependsOn => "depends on",
            Self::HasPart => "has the part",
            Self::ProvidedBy => "is provided by",
            Self::Inside => "is a part of",
        }
    }
}

/// The first relation, in their order, of those that lead to containers.
pub(crate) const FIRST_UP: &str = "partOf";

/// Whether a relation leads from something to a container that carries it: to what it is a part of, or to what touches it, as
/// journeys of an own kind do with the pair `touches` and `touchedBy`.
#[must_use]
pub fn leads_to_container(link: &LinkKind) -> bool {
    matches!(link.relation.as_ref(), FIRST_UP | "touchedBy") && is_container(&link.to_kind)
}

/// The kind of a canonical reference.
pub(crate) fn kind_of(entity_ref: &str) -> &str {
    entity_ref.split_once(':').map_or("", |(kind, _)| kind)
}

/// Whether entities of a kind hold others without running themselves. Own kinds do: what is a part of one makes it carry,
/// not fail.
pub(crate) fn is_container(kind: &str) -> bool {
    !matches!(kind, "component" | "api" | "resource")
}
