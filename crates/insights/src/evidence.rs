//! Evidence: which descriptors declare an edge, where and since when.

use model::{Change, EntityRef, Seq, Timestamp};

use crate::Channel;

/// An edge between two entities.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// What needs the other.
    pub dependent: EntityRef,
    /// What is needed.
    pub dependency: EntityRef,
    /// Through which relation.
    pub channel: Channel,
}

/// Where an edge is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The entity whose descriptor declares it.
    pub by: EntityRef,
    /// The file, as a location reference.
    pub location: Option<String>,
    /// The line of the file; that of the document when the line of the relation is not known.
    pub line: Option<u32>,
    /// The commit of the file in which this form of the entity was read, where the host says so.
    pub commit: Option<String>,
    /// Who wrote that commit, where the host says so.
    pub author: Option<String>,
    /// When this form of the entity was read.
    pub at: Timestamp,
    /// The number of that change.
    pub seq: Seq,
}

/// Finds the declarations of an edge among the newest changes of entities. An edge may be declared from both sides.
#[must_use]
pub fn declarations<'c>(edge: &Edge, newest_of: impl Fn(&EntityRef) -> Option<&'c Change>) -> Vec<Declaration> {
    let sides = [
        (&edge.dependent, edge.channel.forward(), &edge.dependency),
        (&edge.dependency, edge.channel.reverse(), &edge.dependent),
    ];
    let declared = sides.into_iter().filter_map(|(by, relation, other)| {
        let change = newest_of(by)?;
        let entity = change.entity.as_deref()?;
        let found = entity.relations.iter().find(|found| *found.forward == *relation && found.other == *other)?;
        let line = match (entity.line, found.line) {
            (0, _) => None,
            (document, 0) => Some(document),
            (document, line) => Some(document + line - 1),
        };
        Some(Declaration {
            by: by.clone(),
            location: change.cause.location.as_deref().map(str::to_owned),
            line,
            commit: change.cause.commit.as_deref().map(str::to_owned),
            author: change.cause.author.as_deref().map(str::to_owned),
            at: change.at,
            seq: change.seq,
        })
    });
    declared.collect()
}
