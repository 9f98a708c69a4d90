//! All groups of a catalog as a forest, with who is in them and what they own.

use std::collections::{BTreeSet, HashMap, HashSet};

use index::{Filter, Order, PageQuery, Start, View};

use crate::pages::link::EntityLink;

/// All groups, each below its parent.
pub(super) struct Forest {
    /// In the order of their titles.
    groups: Vec<Group>,
    roots: Vec<usize>,
}

/// A group of the forest.
pub(super) struct Group {
    pub(super) link: EntityLink,
    /// Places of the groups below it, in the order of their titles.
    children: Vec<usize>,
    parent: Option<usize>,
    /// References of its own members.
    members: Vec<String>,
    /// What it owns itself.
    owned: u64,
}

/// What a group has, its own and with all below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) members: usize,
    pub(super) members_below: usize,
    pub(super) owned: u64,
    pub(super) owned_below: u64,
    /// Groups below it, at any depth.
    pub(super) groups_below: usize,
}

impl Forest {
    /// Reads all groups.
    pub(super) fn of(view: &View) -> Self {
        let docs = list_groups(view);
        let owned = owned_counts(view);
        let places: HashMap<String, usize> =
            docs.iter().enumerate().map(|(place, (_, doc))| (doc.entity_ref().to_owned(), place)).collect();
        let read = |(link, doc): (EntityLink, index::Doc)| {
            let all = |wanted: &str| {
                let mut others: Vec<String> = Vec::new();
                doc.visit_related(wanted, |other| others.push(other.to_owned()));
                others
            };
            Group {
                parent: all("childOf").iter().find_map(|other| places.get(other).copied()),
                members: all("hasMember"),
                owned: owned.get(doc.entity_ref()).copied().unwrap_or(0),
                children: Vec::new(),
                link,
            }
        };
        let mut groups: Vec<Group> = docs.into_iter().map(read).collect();
        cut_circles(&mut groups);
        for place in 0..groups.len() {
            if let Some(parent) = groups[place].parent {
                groups[parent].children.push(place);
            }
        }
        let roots = (0..groups.len()).filter(|place| groups[*place].parent.is_none()).collect();
        Self { groups, roots }
    }

    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    /// The groups that are below none.
    pub(super) fn roots(&self) -> &[usize] {
        &self.roots
    }

    /// A group by its place.
    pub(super) fn group(&self, place: usize) -> &Group {
        &self.groups[place]
    }

    /// The places of the groups right below one.
    pub(super) fn children(&self, place: usize) -> &[usize] {
        &self.groups[place].children
    }

    /// The place of a group.
    pub(super) fn find(&self, entity_ref: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.link.entity_ref.as_str() == entity_ref)
    }

    /// The groups whose title, name or type holds a text, and all above them.
    pub(super) fn matching(&self, text: &str) -> (HashSet<usize>, HashSet<usize>) {
        let wanted = text.to_lowercase();
        let holds = |group: &Group| {
            let texts = [
                group.link.title.as_str(),
                group.link.entity_ref.name(),
                group.link.entity_type.as_deref().unwrap_or(""),
            ];
            texts.iter().any(|text| text.to_lowercase().contains(&wanted))
        };
        let found: HashSet<usize> = (0..self.groups.len()).filter(|place| holds(&self.groups[*place])).collect();
        let mut above = HashSet::new();
        for place in &found {
            let mut at = self.groups[*place].parent;
            while let Some(parent) = at.filter(|parent| above.insert(*parent)) {
                at = self.groups[parent].parent;
            }
        }
        (found, above)
    }

    /// What each group has, by its place.
    pub(super) fn totals(&self) -> Vec<Totals> {
        let mut totals = vec![Totals::default(); self.groups.len()];
        for root in &self.roots {
            self.count(*root, &mut totals);
        }
        totals
    }

    /// Counts a group and all below it; gives its members and those below.
    fn count(&self, place: usize, totals: &mut [Totals]) -> BTreeSet<&str> {
        let group = &self.groups[place];
        let mut people: BTreeSet<&str> = group.members.iter().map(String::as_str).collect();
        let mut sum =
            Totals { members: people.len(), owned: group.owned, owned_below: group.owned, ..Totals::default() };
        for child in &group.children {
            people.extend(self.count(*child, totals));
            sum.owned_below += totals[*child].owned_below;
            sum.groups_below += totals[*child].groups_below + 1;
        }
        sum.members_below = people.len();
        totals[place] = sum;
        people
    }
}

/// How deep an organisation is shown. What counts and draws it goes down level by level on the stack.
const MOST_LEVELS: usize = 64;

/// Groups that are their own ancestors are cut loose where the way up comes back, so that each is below a root; so are those
/// at the end of every [`MOST_LEVELS`] levels. Each group is visited once.
fn cut_circles(groups: &mut [Group]) {
    // The level of a group, counting from 1 at a root; 0 while it is not known.
    let mut levels = vec![0usize; groups.len()];
    for start in 0..groups.len() {
        let mut way = Vec::new();
        let mut on_way = HashSet::new();
        let mut at = start;
        let mut level = loop {
            if levels[at] > 0 {
                break levels[at];
            }
            way.push(at);
            on_way.insert(at);
            match groups[at].parent {
                Some(parent) if on_way.contains(&parent) => {
                    groups[at].parent = None;
                    break 0;
                }
                Some(parent) => at = parent,
                None => break 0,
            }
        };
        for place in way.into_iter().rev() {
            if level == MOST_LEVELS {
                groups[place].parent = None;
                level = 0;
            }
            level += 1;
            levels[place] = level;
        }
    }
}

fn list_groups(view: &View) -> Vec<(EntityLink, index::Doc)> {
    let page = view.page(&PageQuery {
        filter: Filter::Equals("kind".to_owned(), "group".to_owned()),
        order: Order::EntityRef,
        start: Start::Offset(0),
        limit: None,
        count: false,
    });
    let mut groups: Vec<_> = page.rows.into_iter().map(|row| (EntityLink::to_doc(&row.doc), row.doc)).collect();
    groups.sort_by_cached_key(|(link, _)| link.title.to_lowercase());
    groups
}

/// How many entities each owner owns.
fn owned_counts(view: &View) -> HashMap<String, u64> {
    let owners = view.facets(&["relations.ownedby".to_owned()], &Filter::All).pop().unwrap_or_default();
    owners.into_iter().map(|owner| (owner.value.to_lowercase(), owner.count)).collect()
}

#[cfg(test)]
mod tests {
    use model::EntityRef;

    use super::*;

    fn group(name: &str, parent: Option<usize>, members: &[&str], owned: u64) -> Group {
        Group {
            link: EntityLink::plain(&EntityRef::new("group", "default", name)),
            children: Vec::new(),
            parent,
            members: members.iter().map(|&member| member.to_owned()).collect(),
            owned,
        }
    }

    fn forest(mut groups: Vec<Group>) -> Forest {
        cut_circles(&mut groups);
        for place in 0..groups.len() {
            if let Some(parent) = groups[place].parent {
                groups[parent].children.push(place);
            }
        }
        let roots = (0..groups.len()).filter(|place| groups[*place].parent.is_none()).collect();
        Forest { groups, roots }
    }

    #[test]
    fn people_in_two_teams_are_counted_once_above_them() {
        let forest = forest(vec![
            group("company", None, &[], 1),
            group("a", Some(0), &["ada", "joe"], 2),
            group("b", Some(0), &["ada"], 4),
        ]);
        let totals = forest.totals();
        let want = Totals { members: 0, members_below: 2, owned: 1, owned_below: 7, groups_below: 2 };
        assert_eq!(totals[0], want);
        assert_eq!((totals[1].members, totals[1].owned_below), (2, 2));
    }

    #[test]
    fn groups_that_are_their_own_ancestors_are_shown_nevertheless() {
        let forest =
            forest(vec![group("a", Some(1), &[], 0), group("b", Some(0), &[], 0), group("c", Some(2), &[], 0)]);
        assert_eq!(forest.totals().iter().map(|totals| totals.groups_below).max(), Some(1));
        assert_eq!(forest.roots().len(), 2);
    }

    #[test]
    fn what_is_found_is_shown_with_the_way_to_it() {
        let forest = forest(vec![
            group("company", None, &[], 0),
            group("bags", Some(0), &[], 0),
            group("shoes", Some(0), &[], 0),
        ]);
        let (found, above) = forest.matching("BAG");
        assert_eq!((found, above), (HashSet::from([1]), HashSet::from([0])));
    }
}
