//! The main content of pages, as it was last looked at. What differs by chance (moments, names of static files) is left out.

use regex::Regex;

use crate::world::World;

/// Pages of the small catalog that most tests have.
const OF_THE_CATALOG: &[(&str, &str)] = &[
    ("home", "/"),
    ("catalog", "/catalog"),
    ("catalog-nothing", "/catalog?filters%5Btext%5D=nothing-of-the-kind"),
    ("component", "/catalog/default/component/shop"),
    ("component-without-owner", "/catalog/default/component/ghost"),
    ("component-dependencies", "/catalog/default/component/shop/dependencies"),
    ("component-apis", "/catalog/default/component/shop/api"),
    ("component-problems", "/catalog/default/component/bag/problems"),
    ("component-unregister", "/catalog/default/component/shop/unregister"),
    ("component-history", "/catalog/default/component/shop/history"),
    ("group-history", "/catalog/default/group/team-a/history"),
    ("component-in-the-past", "/catalog/default/component/shop?at=3"),
    ("changes", "/changes"),
    ("compare", "/changes/compare?from=1&to=4"),
    ("peek", "/catalog/default/component/shop/peek"),
    ("inspect-overview", "/catalog/default/component/shop?inspect=overview"),
    ("inspect-ancestry", "/catalog/default/component/shop?inspect=ancestry"),
    ("inspect-colocated", "/catalog/default/component/shop?inspect=colocated"),
    ("inspect-json", "/catalog/default/component/shop?inspect=json"),
    ("inspect-yaml", "/catalog/default/component/shop?inspect=yaml"),
    ("group-problems", "/catalog/default/group/team-a/problems"),
    ("group", "/catalog/default/group/team-a"),
    ("missing", "/catalog/default/component/shpo"),
    ("missing-page", "/nothing/is/here"),
    ("problems", "/problems"),
    ("problems-by-owner", "/problems?group=owner"),
    ("impact-nothing", "/impact?ref=component:default/shop"),
    ("impact-ask", "/impact?alert=shop%20is%20down"),
    ("search", "/search?query=shop"),
    ("search-nothing", "/search?query=qqqqzzzz"),
    ("palette", "/palette?q=sho"),
    ("register", "/catalog-import"),
    ("register-looked-at", "/catalog-import?target=https%3A%2F%2Fexample.org%2Fother.yaml"),
    ("locations", "/locations"),
    ("operations", "/operations"),
    ("settings", "/settings?name=nobody"),
    ("keyboard", "/keyboard"),
    ("call-sheets", "/call-sheets?root=component:default/shop"),
];

/// Pages of systems, domains and graphs.
const OF_SYSTEMS: &[(&str, &str)] = &[
    ("system", "/catalog/default/system/checkout"),
    ("system-diagram", "/catalog/default/system/checkout/diagram"),
    ("domain", "/catalog/default/domain/retail"),
    ("resource", "/catalog/default/resource/cart-db"),
    ("component-graph", "/catalog/default/component/cart/graph"),
    ("graph", "/catalog-graph?rootEntityRefs%5B%5D=component:default/cart"),
    ("graph-table", "/catalog-graph?rootEntityRefs%5B%5D=component:default/cart&view=table"),
];

/// Pages of a company with teams and people.
const OF_TEAMS: &[(&str, &str)] = &[
    ("teams", "/teams"),
    ("teams-found", "/teams?text=shoe"),
    ("group-of-groups", "/catalog/default/group/company?members=all&owned=all"),
    ("user", "/catalog/default/user/ada"),
];

/// Pages of APIs.
const OF_APIS: &[(&str, &str)] = &[
    ("api-docs", "/api-docs"),
    ("api", "/catalog/default/api/orders"),
    ("definition-openapi", "/catalog/default/api/orders/definition"),
    ("definition-asyncapi", "/catalog/default/api/events/definition"),
    ("definition-graphql", "/catalog/default/api/graph/definition"),
    ("definition-grpc", "/catalog/default/api/rpc/definition"),
    ("definition-broken", "/catalog/default/api/odd/definition"),
    ("definition-of-another-type", "/catalog/default/api/evil/definition"),
    ("definition-source", "/catalog/default/api/rpc/definition?view=source"),
];

/// Pages of impact.
const OF_IMPACT: &[(&str, &str)] = &[
    ("impact", "/impact?ref=resource:default/db"),
    ("impact-by-journey", "/impact?ref=resource:default/db&state=slow&show=journey"),
    ("impact-by-team", "/impact?ref=resource:default/db&for=change&show=team"),
    ("impact-causes", "/impact?ref=component:default/web&ref=component:default/orders&show=causes"),
    ("impact-alert", "/impact?alert=orders%20and%20web%20are%20down"),
    ("dependencies-with-quality", "/catalog/default/component/web/dependencies"),
];

/// The main content, one element to a line; all of what is but a part of a page.
fn main_of(html: &str) -> String {
    let main = html.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap_or(html);
    // YAML writes a value that might be a number with quotes.
    let replacements = [
        (r"<time [^>]*>[^<]*</time>", "<time>"),
        (r"(&quot;)?\b[0-9a-f]{40}\b(&quot;)?", "(etag)"),
        // Pictures have tests of their own.
        (r#"(?s)(<div class="diagram-scroll"[^>]*>).*?</svg>"#, "$1<picture>"),
        (r"/static/([a-z]+)\.[0-9a-f]{12}\.", "/static/$1."),
        (r"(&quot;)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(&quot;)?", "(uid)"),
        (r">\s*<", ">\n<"),
    ];
    replacements.iter().fold(main.to_owned(), |text, (pattern, with)| {
        Regex::new(pattern).expect("the pattern is good").replace_all(&text, *with).into_owned()
    })
}

async fn assert_pages(world: &World, pages: &[(&str, &str)]) {
    for (name, path) in pages {
        let page = world.get_with(path, "accept", "text/html").await;
        insta::assert_snapshot!(*name, main_of(page.text()));
    }
}

#[tokio::test]
async fn pages_of_the_catalog_show_what_was_looked_at() {
    let world = World::open().await.fill().await;
    // The board of problems is made when it is first asked for.
    assert_eq!(world.get("/problems").await.status, 200);
    assert_pages(&world, OF_THE_CATALOG).await;
}

#[tokio::test]
async fn pages_of_systems_show_what_was_looked_at() {
    assert_pages(&crate::graph::world().await, OF_SYSTEMS).await;
}

#[tokio::test]
async fn pages_of_teams_show_what_was_looked_at() {
    assert_pages(&crate::teams::company().await, OF_TEAMS).await;
}

#[tokio::test]
async fn pages_of_apis_show_what_was_looked_at() {
    assert_pages(&crate::definition::world().await, OF_APIS).await;
}

#[tokio::test]
async fn pages_of_impact_show_what_was_looked_at() {
    assert_pages(&crate::impact::world().await, OF_IMPACT).await;
}
