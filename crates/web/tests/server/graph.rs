//! The graph, the pictures of systems and domains, and the small pictures on the pages of entities, through the real router.

use model::{DeclaredRelation, EntityRef};
use store::NewEntity;

use crate::world::{World, entity};

fn relation(forward: &str, reverse: &str, other: &str) -> DeclaredRelation {
    let other = EntityRef::parse(other).unwrap();
    DeclaredRelation { forward: forward.into(), reverse: reverse.into(), other, line: 0 }
}

fn part_of(other: &str) -> DeclaredRelation {
    relation("partOf", "hasPart", other)
}

fn owned_by(team: &str) -> DeclaredRelation {
    relation("ownedBy", "ownerOf", &format!("group:default/{team}"))
}

fn depends_on(other: &str) -> DeclaredRelation {
    relation("dependsOn", "dependencyOf", other)
}

fn component(name: &str, system: &str, mut relations: Vec<DeclaredRelation>) -> NewEntity {
    relations.extend([part_of(&format!("system:default/{system}")), owned_by("team-a")]);
    entity("Component", name, name, relations)
}

/// Two systems of one domain and one outside of it.
fn estate() -> Vec<NewEntity> {
    vec![
        entity("Group", "team-a", "Team A", Vec::new()),
        entity("Domain", "retail", "Retail", vec![owned_by("team-a")]),
        entity("System", "checkout", "Checkout", vec![part_of("domain:default/retail"), owned_by("team-a")]),
        entity("System", "search", "Search", vec![part_of("domain:default/retail")]),
        entity("System", "billing", "Billing", vec![]),
        component(
            "cart",
            "checkout",
            vec![depends_on("resource:default/cart-db"), depends_on("component:default/index")],
        ),
        component(
            "pay",
            "checkout",
            vec![depends_on("component:default/cart"), depends_on("component:default/ledger")],
        ),
        entity("Resource", "cart-db", "cart-db", vec![part_of("system:default/checkout")]),
        component("index", "search", vec![]),
        component("ledger", "billing", vec![depends_on("component:default/gone")]),
    ]
}

pub(crate) async fn world() -> World {
    let world = World::open().await;
    world.harvest(estate(), Vec::new()).await;
    world
}

async fn page(world: &World, path: &str) -> String {
    let answer = world.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text().to_owned()
}

/// The references of the nodes in a picture.
fn nodes(html: &str) -> Vec<&str> {
    let mut nodes: Vec<&str> =
        html.split("data-node=\"").skip(1).map(|rest| &rest[..rest.find('"').unwrap()]).collect();
    nodes.sort_unstable();
    nodes
}

#[tokio::test]
async fn without_a_start_the_graph_offers_systems() {
    let world = world().await;
    let html = page(&world, "/catalog-graph").await;
    assert!(html.contains("Systems with most relations"), "{html}");
    assert!(html.contains("/catalog-graph?rootEntityRefs[]=system:default/checkout"), "{html}");
    assert_eq!(nodes(&html), Vec::<&str>::new());
}

#[tokio::test]
async fn the_graph_shows_one_step_and_says_what_it_leaves_out() {
    let world = world().await;
    let html = page(&world, "/catalog-graph?rootEntityRefs[]=component:default/pay").await;
    assert_eq!(
        nodes(&html),
        [
            "component:default/cart",
            "component:default/ledger",
            "component:default/pay",
            "group:default/team-a",
            "system:default/checkout"
        ]
    );
    // The team owns all four, and the system has two of them as parts.
    assert!(html.contains("8 of 8 relations between 5 entities."), "{html}");
    assert!(html.contains("relations lead further than 1 step from the start."), "{html}");
    assert!(html.contains("href=\"/catalog/default/component/cart\""), "a click goes to the entity");
    assert!(!html.contains(" style=\"") && !html.contains("<style"), "the content policy forbids styles in pages");
}

#[tokio::test]
async fn kinds_and_relations_are_left_out_and_counted() {
    let world = world().await;
    let path =
        "/catalog-graph?rootEntityRefs[]=component:default/pay&selectedKinds[]=component&selectedRelations[]=dependsOn";
    let html = page(&world, path).await;
    assert_eq!(nodes(&html), ["component:default/cart", "component:default/ledger", "component:default/pay"]);
    assert!(html.contains("2 of "), "{html}");
    assert!(html.contains("left out by the choice of kinds and relations."), "{html}");
}

#[tokio::test]
async fn what_is_missing_is_drawn_as_missing() {
    let world = world().await;
    let html =
        page(&world, "/catalog-graph?rootEntityRefs[]=component:default/ledger&rootEntityRefs[]=api:default/no").await;
    assert!(nodes(&html).contains(&"component:default/gone"));
    assert_eq!(html.matches("dg-missing").count(), 2, "{html}");
    assert!(html.contains("component · not in the catalog"));
}

#[tokio::test]
async fn a_name_is_enough_to_start_from() {
    let world = world().await;
    let html = page(&world, "/catalog-graph?rootEntityRefs[]=Checkout").await;
    assert!(nodes(&html).contains(&"system:default/checkout"));
    let unknown = page(&world, "/catalog-graph?rootEntityRefs[]=no+such+thing").await;
    assert!(unknown.contains("Nothing in the catalog is called “no such thing”"), "{unknown}");
    assert!(unknown.contains("Systems with most relations"));
}

#[tokio::test]
async fn the_table_has_the_facts_of_the_picture() {
    let world = world().await;
    let html = page(&world, "/catalog-graph?rootEntityRefs[]=component:default/pay&view=table").await;
    assert!(html.contains("8 of 8 relations between 5 entities."));
    assert_eq!(html.matches("<tr>").count(), 1 + 8, "{html}");
    assert_eq!(nodes(&html), Vec::<&str>::new());
}

#[tokio::test]
async fn the_picture_can_be_taken_away() {
    let world = world().await;
    let answer = world.get("/catalog-graph.svg?rootEntityRefs[]=component:default/pay").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "image/svg+xml; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"graph-component-pay.svg\"");
    assert!(answer.text().starts_with("<svg xmlns=") && answer.text().contains("<style>"));
    assert!(answer.text().contains("href=\"http://localhost:7007/catalog/default/component/cart\""));
    assert_eq!(world.get("/catalog-graph.svg").await.status, 400);
}

#[tokio::test]
async fn a_thousand_neighbours_are_folded_and_unfold() {
    let world = World::open().await;
    let mut entities = vec![entity("System", "platform", "Platform", Vec::new())];
    entities.extend((0..1000).map(|n| component(&format!("c{n:03}"), "platform", Vec::new())));
    world.harvest(entities, Vec::new()).await;
    let path = "/catalog-graph?rootEntityRefs[]=system:default/platform";
    let html = page(&world, path).await;
    assert_eq!(nodes(&html).len(), 2, "the system and one group");
    assert!(html.contains("1000 of 1000 relations between 1001 entities."), "{html}");
    assert!(html.contains("1000 entities folded into 1 group."), "{html}");
    let group = *nodes(&html).iter().find(|node| node.starts_with("fold-")).unwrap();
    assert!(
        html.contains(&format!("{path}&amp;unfold[]={group}"))
            || html.contains(&format!("{path}&#38;unfold[]={group}"))
    );
    let parts = page(&world, &format!("{path}&unfold[]={group}")).await;
    assert_eq!(nodes(&parts).len(), 21, "the system and twenty smaller groups");
    let system = page(&world, "/catalog/default/system/platform/diagram").await;
    assert!(nodes(&system).len() <= 60);
}

#[tokio::test]
async fn a_system_shows_its_inside_and_its_border() {
    let world = world().await;
    let html = page(&world, "/catalog/default/system/checkout/diagram").await;
    assert_eq!(
        nodes(&html),
        [
            "component:default/cart",
            "component:default/index",
            "component:default/ledger",
            "component:default/pay",
            "resource:default/cart-db"
        ]
    );
    assert!(html.contains("3 parts with 2 relations between them; 2 relations cross the border."), "{html}");
    for frame in ["system:default/checkout", "inside service components", "inside service resources"] {
        assert!(html.contains(&format!("data-frame=\"{frame}\"")), "{frame}: {html}");
    }
    assert!(html.contains("component in Search") && html.contains("component in Billing"), "{html}");
    assert!(html.contains("What crosses the border <span class=\"count\">2</span>"), "{html}");
}

#[tokio::test]
async fn a_domain_shows_its_systems_and_theirs_around() {
    let world = world().await;
    let html = page(&world, "/catalog/default/domain/retail/diagram").await;
    assert_eq!(nodes(&html), ["system:default/billing", "system:default/checkout", "system:default/search"]);
    assert!(html.contains("2 relations stay inside of one system."), "{html}");
    assert_eq!(world.get("/catalog/default/system/nothing/diagram").await.status, 404);
}

#[tokio::test]
async fn the_page_of_an_entity_has_a_small_picture() {
    let world = world().await;
    let html = page(&world, "/catalog/default/component/pay").await;
    assert_eq!(
        nodes(&html),
        ["component:default/cart", "component:default/ledger", "component:default/pay", "system:default/checkout"]
    );
    let graph = page(&world, "/catalog/default/component/pay/graph").await;
    assert!(nodes(&graph).contains(&"domain:default/retail"), "two steps away");
}
