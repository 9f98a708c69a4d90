//! The pages of the organisation.

use model::{DeclaredRelation, EntityRef};
use store::NewEntity;

use crate::world::{World, component, entity};

fn relation(forward: &str, reverse: &str, other: &str) -> DeclaredRelation {
    DeclaredRelation {
        forward: forward.into(),
        reverse: reverse.into(),
        other: EntityRef::parse(other).expect("a reference"),
        line: 0,
    }
}

fn group(name: &str, title: &str, parent: Option<&str>) -> NewEntity {
    let parent = parent.map(|parent| relation("childOf", "parentOf", parent));
    entity("Group", name, title, parent.into_iter().collect())
}

fn user(name: &str, title: &str, team: &str) -> NewEntity {
    entity("User", name, title, vec![relation("memberOf", "hasMember", team)])
}

/// A company with two teams, two people, and something that each team owns.
pub(crate) async fn company() -> World {
    let world = World::open().await;
    let entities = vec![
        group("company", "The company", None),
        group("bags", "Bags & belts", Some("group:default/company")),
        group("shoes", "Shoes", Some("group:default/company")),
        user("ada", "Ada", "group:default/bags"),
        user("joe", "Joe", "group:default/shoes"),
        component("bag-shop", "group:default/bags", "Bag shop"),
        component("shoe-shop", "group:default/shoes", "Shoe shop"),
        component("company-site", "group:default/company", "Company site"),
    ];
    world.harvest(entities, Vec::new()).await;
    world
}

async fn page(world: &World, path: &str) -> String {
    let answer = world.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.text().to_owned()
}

#[tokio::test]
async fn all_teams_are_a_tree_with_what_is_below_each() {
    let world = company().await;
    let all = page(&world, "/teams").await;
    assert!(all.contains("3 teams and 2 people"), "{all}");
    assert!(all.contains("owns 3") && all.contains("2 teams"), "{all}");
    assert!(all.contains("Bags &#38; belts"), "names are escaped: {all}");
    let found = page(&world, "/teams?text=SHOES").await;
    assert!(found.contains("<mark>") && found.contains("The company") && !found.contains("belts"), "{found}");
    let nothing = page(&world, "/teams?text=hats").await;
    assert!(nothing.contains("No team is called “hats”"), "{nothing}");
    let part = page(&world, "/teams?part=group:default/shoes").await;
    assert!(part.contains("Shoes") && !part.contains("belts"), "{part}");
}

#[tokio::test]
async fn a_group_shows_its_people_and_what_it_owns_with_or_without_the_teams_below() {
    let world = company().await;
    let own = page(&world, "/catalog/default/group/company").await;
    assert!(own.contains("Nobody is a member of this team itself"), "{own}");
    assert!(own.contains("<h2 id=\"owns\">Ownership <span class=\"count\">1</span>"), "{own}");
    assert!(own.contains("filters[owners][]=group:default/company"), "it leads to the catalog: {own}");
    let all = page(&world, "/catalog/default/group/company?members=all&owned=all").await;
    assert!(all.contains("Ada") && all.contains("Joe"), "{all}");
    assert!(all.contains("<h2 id=\"owns\">Ownership <span class=\"count\">3</span>"), "{all}");
    assert!(
        all.contains("href=\"/catalog/default/group/company?owned=all#members\""),
        "each switch keeps the other: {all}"
    );
    let leaf = page(&world, "/catalog/default/group/bags").await;
    assert!(leaf.contains("Place in the organisation") && leaf.contains("The company"), "{leaf}");
    assert!(!leaf.contains("With teams below"), "there is nothing to switch: {leaf}");
}

#[tokio::test]
async fn a_user_shows_what_their_teams_own() {
    let world = company().await;
    let with_teams = page(&world, "/catalog/default/user/ada").await;
    assert!(with_teams.contains("<h2 id=\"owns\">Owns <span class=\"count\">1</span>"), "{with_teams}");
    assert!(with_teams.contains("owner=group:default/bags"), "problems of what they own: {with_teams}");
    let alone = page(&world, "/catalog/default/user/ada?owned=own").await;
    assert!(alone.contains("Nothing in the catalog names this person as its owner"), "{alone}");
}
