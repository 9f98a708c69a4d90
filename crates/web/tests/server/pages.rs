//! Pages as a browser asks for them: what they show, what they remember, and what they refuse.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};

use crate::world::{Answer, World, closed, request, settings};

async fn post_form(world: &World, path: &str, form: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = request(Method::POST, path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.send(request.body(Body::from(form.to_owned())).unwrap()).await
}

async fn html(world: &World, path: &str) -> String {
    let answer = world.get_with(path, "accept", "text/html").await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
    answer.text().to_owned()
}

/// The texts of the first cells of the table's rows.
fn row_names(html: &str) -> Vec<&str> {
    let body = html.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next()).unwrap_or_default();
    let rows = body.split("<tr>").skip(1);
    rows.filter_map(|row| row.split("entity-name\">").nth(1)?.split('<').next()).collect()
}

#[tokio::test]
async fn the_catalog_lists_a_kind_and_narrows_it_by_its_address() {
    let world = World::open().await.fill().await;
    let all = html(&world, "/catalog").await;
    assert_eq!(
        row_names(&all),
        ["bag", "Ghost", "The Shop, &#34;best&#34;"].map(|n| if n == "bag" { "=evil" } else { n })
    );
    let owned =
        html(&world, "/catalog?filters%5Bkind%5D=component&filters%5Bowners%5D%5B0%5D=group:default/team-a").await;
    assert_eq!(row_names(&owned), ["=evil", "The Shop, &#34;best&#34;"]);
    let text = html(&world, "/catalog?filters%5Btext%5D=sho").await;
    assert_eq!(row_names(&text), ["The Shop, &#34;best&#34;"]);
    let descending = html(&world, "/catalog?sort=-name").await;
    assert_eq!(row_names(&descending), ["The Shop, &#34;best&#34;", "Ghost", "=evil"]);
    let second = html(&world, "/catalog?limit=2&offset=2").await;
    assert!(second.contains("3–3 of 3"), "{second}");
    assert!(second.contains("rel=\"prev\"") && !second.contains("rel=\"next\""), "{second}");
    let none = html(&world, "/catalog?filters%5Btext%5D=nothing-of-the-kind").await;
    assert!(none.contains("No entities of kind component match") && none.contains("Show all"), "{none}");
}

#[tokio::test]
async fn the_list_that_is_shown_can_be_taken_along() {
    let world = World::open().await.fill().await;
    let csv = world.get("/catalog/export?filters%5Btext%5D=sho&format=csv").await;
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"component.csv\"");
    let lines: Vec<&str> = csv.text().lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].starts_with("component:default/shop,"), "{lines:?}");
    let wrong = world.get_with("/catalog/export?format=pdf", "accept", "text/html").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text().contains("must be csv, ndjson or yaml"), "{}", wrong.text());
}

#[tokio::test]
async fn the_page_of_an_entity_says_what_it_is_whose_and_where_it_was_read() {
    let world = World::open().await.fill().await;
    let shop = html(&world, "/catalog/Default/COMPONENT/shop").await;
    assert!(shop.contains("<title>The Shop, &#34;best&#34;"), "{shop}");
    assert!(shop.contains("Who to call") && shop.contains("href=\"/catalog/default/group/team-a\""), "{shop}");
    assert!(shop.contains("catalog-info.yaml:12") && shop.contains("c0ffee"), "{shop}");
    let ghost = html(&world, "/catalog/default/component/ghost").await;
    assert!(ghost.contains("<code>group:default/nobody</code> is not in the catalog"), "{ghost}");
    let peek = html(&world, "/catalog/default/component/shop/peek").await;
    assert!(peek.contains("Team A") && !peek.contains("<html"), "{peek}");
}

#[tokio::test]
async fn a_mistyped_entity_offers_the_nearest_ones() {
    let world = World::open().await.fill().await;
    let answer = world.get_with("/catalog/default/component/shpo", "accept", "text/html").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.text().contains("Did you mean"), "{}", answer.text());
    assert!(answer.text().contains("href=\"/catalog/default/component/shop\""), "{}", answer.text());
}

#[tokio::test]
async fn an_unknown_address_is_a_page_for_people_and_a_status_for_programs() {
    let world = World::open().await.fill().await;
    let person = world.get_with("/no/such/page", "accept", "text/html,*/*").await;
    assert_eq!((person.status, person.header("content-type")), (StatusCode::NOT_FOUND, "text/html; charset=utf-8"));
    assert!(person.text().contains("There is no page at /no/such/page"), "{}", person.text());
    let program = world.get("/no/such/page").await;
    assert_eq!((program.status, program.body.len()), (StatusCode::NOT_FOUND, 0));
}

#[tokio::test]
async fn a_closed_server_shows_its_pages_to_nobody_without_a_token() {
    let world = World::new(closed(), settings()).await.fill().await;
    let answer = world.get_with("/catalog", "accept", "text/html").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.text().contains("wants to know who you are"), "{}", answer.text());
    assert!(!answer.text().contains("The Shop"), "nothing of the catalog");
}

#[tokio::test]
async fn what_is_written_in_a_descriptor_never_becomes_markup() {
    let world = World::open().await;
    world.harvest(vec![crate::world::component("x", "group:default/a", "<script>alert(1)</script>")], Vec::new()).await;
    for path in ["/catalog", "/catalog/default/component/x", "/catalog/default/component/x/peek"] {
        let page = html(&world, path).await;
        assert!(!page.contains("<script>alert"), "{path}");
        assert!(page.contains("&#60;script&#62;alert(1)"), "{path}: {page}");
    }
}

#[tokio::test]
async fn preferences_are_remembered_and_lead_back_to_this_server_only() {
    let world = World::open().await.fill().await;
    let set = post_form(&world, "/preferences", "theme=dark&back=%2Fcatalog", &[]).await;
    assert_eq!((set.status, set.header("location")), (StatusCode::SEE_OTHER, "/catalog"));
    assert!(set.header("set-cookie").starts_with("theme=dark;"), "{}", set.header("set-cookie"));
    let page = world.get_with("/catalog", "cookie", "theme=dark").await;
    assert!(page.text().contains("data-theme=\"dark\""), "{}", page.text());
    let away = post_form(&world, "/preferences", "theme=dark&back=%2F%2Fevil.example", &[]).await;
    assert_eq!(away.header("location"), "/");
    let wrong = post_form(&world, "/preferences", "theme=pink", &[]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let person = post_form(&world, "/preferences", "person=group:default/x", &[]).await;
    assert!(person.text().contains("is no user"), "{}", person.text());
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let world = World::open().await.fill().await;
    let headers = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("accept", "text/html")];
    let refused = post_form(&world, "/preferences", "theme=dark", &headers).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("sent from another site"), "{}", refused.text());
    assert_eq!(refused.header("set-cookie"), "");
    let own = [("sec-fetch-site", "same-origin")];
    assert_eq!(post_form(&world, "/preferences", "theme=dark", &own).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn static_files_are_kept_for_ever_and_sent_compressed() {
    let world = World::open().await.fill().await;
    let page = html(&world, "/").await;
    let css =
        page.split("href=\"").map(|rest| rest.split('"').next().unwrap()).find(|href| href.ends_with(".css")).unwrap();
    let plain = world.get(css).await;
    assert_eq!((plain.status, plain.header("content-type")), (StatusCode::OK, "text/css; charset=utf-8"));
    assert!(plain.header("cache-control").contains("immutable"));
    let brotli = world.get_with(css, "accept-encoding", "gzip, br").await;
    assert_eq!(brotli.header("content-encoding"), "br");
    assert!(brotli.body.len() < plain.body.len() / 2);
    assert_eq!(world.get("/static/app.000000000000.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_load_nothing_from_elsewhere_and_run_no_script_of_their_own() {
    let world = World::open().await.fill().await;
    for path in ["/", "/catalog", "/catalog/default/component/shop", "/settings", "/keyboard"] {
        let answer = world.get_with(path, "accept", "text/html").await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe-inline"), "{path}: {policy}");
        let text = answer.text();
        assert!(!text.contains(" style=\"") && !text.contains(" onclick="), "{path}");
        assert!(!text.contains("<script>") && !text.contains("src=\"http"), "{path}");
    }
}
