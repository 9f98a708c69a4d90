//! Questions for pages, and their answers.

use model::Uid;

use crate::{Filter, snapshot::Doc};

/// Direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// How a list is ordered.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// By uid.
    Uid,
    /// By entity reference.
    EntityRef,
    /// By the lower-cased value of one key, ties by uid in the same direction. Entities without a comparable value are left out;
    /// an entity with several values appears once for each.
    Field(String, Direction),
    /// By several keys, ties by uid ascending; entities without a value come last in both directions and all appear once. Of
    /// several values the first in the direction counts.
    Fields(Vec<(String, Direction)>),
}

/// Where a page starts.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// So many rows from the beginning.
    Offset(u64),
    /// After this position in the order, going forwards. `value` is `None` in uid order. The entity need not exist any more,
    /// except in [`Order::Fields`], where it tells the position (without it the page is empty).
    After {
        /** lower-cased value of the order key; in [`Order::EntityRef`] the reference */
        value: Option<String>,
        /** uid */
        uid: Uid,
    },
    /// Before this position, going backwards; rows still come in the forward order.
    Before {
        /** lower-cased value of the order key; in [`Order::EntityRef`] the reference */
        value: Option<String>,
        /** uid */
        uid: Uid,
    },
}

/// A question for a page of entities.
#[derive(Clone, Debug)]
pub struct PageQuery {
    /// Which entities.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// From where.
    pub start: Start,
    /// How many rows at most; `None` for all.
    pub limit: Option<usize>,
    /// Whether to count all rows.
    pub count: bool,
}

/// One row of a page.
#[derive(Clone, Debug)]
pub struct Row {
    /// The entity.
    pub doc: Doc,
    /// The lower-cased value of the order key for this row, for cursors; the reference in [`Order::EntityRef`], `None` in the
    /// orders by uid and by several keys.
    pub value: Option<String>,
}

/// A page of entities.
#[derive(Clone, Debug)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many entities match and have a value for the order key (entities, not rows); `None` when not asked.
    pub total: Option<u64>,
    /// Whether rows follow the last one.
    pub more: bool,
    /// Whether rows precede the first one.
    pub earlier: bool,
}
