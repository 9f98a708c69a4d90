//! The pages of registering, locations, problems, operations, and what people do to entities.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use index::Visibility;
use model::EntityRef;

use crate::world::{Answer, READER, World, closed, component, request, settings};

async fn post(world: &World, path: &str, form: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = request(Method::POST, path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.send(request.body(Body::from(form.to_owned())).unwrap()).await
}

fn has(answer: &Answer, parts: &[&str]) {
    for part in parts {
        assert!(answer.text().contains(part), "{part}\n{}", answer.text());
    }
}

#[tokio::test]
async fn problems_are_listed_with_place_cure_and_owner() {
    let world = World::open().await.fill().await;
    let page = world.get("/problems").await;
    assert_eq!(page.status, StatusCode::OK);
    has(
        &page,
        &[
            "<span class=\"total\">3</span>",
            "E0103",
            "`spec.owner` is missing",
            "catalog-info.yaml:7:3",
            "add `owner: group:default/&lt;team&gt;`".replace("&lt;", "&#60;").replace("&gt;", "&#62;").as_str(),
            "the owner `group:default/nobody` is no known group or user",
            "/problems?severity=error",
            "/problems?owner=group:default/nobody",
        ],
    );
    let mine = world.get("/problems?owner=team-a").await;
    has(
        &mine,
        &["<span class=\"total\">1</span>", "W1001", "http://localhost:7007/problems?owner=group:default/team-a"],
    );
    let none = world.get("/problems?owner=team-a&severity=error").await;
    has(&none, &["No such problem", "Show all problems"]);
    assert_eq!(world.get("/problems?severity=bad").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn problems_can_be_put_together_and_taken_away() {
    let world = World::open().await.fill().await;
    let by_owner = world.get("/problems?group=owner").await;
    has(&by_owner, &["No owner known", "href=\"/problems?owner=-\"", "href=\"/problems?owner=group:default/nobody\""]);
    let by_code = world.get("/problems?group=code&severity=error").await;
    has(&by_code, &["href=\"/problems?severity=error&#38;code=E0103\""]);
    has(&world.get("/problems?group=source").await, &["example.org/catalog-info.yaml"]);
    let csv = world.get("/problems/export?format=csv&severity=error").await;
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"problems.csv\"");
    let lines: Vec<_> = csv.text().lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].starts_with("error,E0103,`spec.owner` is missing,"), "{lines:?}");
    let ndjson = world.get("/problems/export?format=ndjson").await;
    assert_eq!(ndjson.text().lines().count(), 3);
    assert_eq!(world.get("/problems/export?format=xml").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn counts_over_time_become_a_chart_with_a_table() {
    let world = World::open().await.fill().await;
    let page = world.get("/problems").await;
    assert!(!page.text().contains("<figure"), "nothing was counted yet");
    world.record_problem_counts().await;
    let page = world.get("/problems").await;
    has(&page, &["<figure class=\"chart\"", "aria-label=\"Over time: errors from 1 to 1", "As a table"]);
    assert!(!page.text().contains("style=\""), "the policy of the server allows no style in a page");
    assert!(!world.get("/problems?severity=error").await.text().contains("<figure"), "it counts all, not these");
}

#[tokio::test]
async fn an_entity_has_its_problems_on_a_tab() {
    let world = World::open().await.fill().await;
    let ghost = world.get("/catalog/default/component/ghost/problems").await;
    has(&ghost, &["W1007", "aria-current=\"page\">Problems<span class=\"count\">1</span>"]);
    let shop = world.get("/catalog/default/component/shop/problems").await;
    has(&shop, &["Nothing is wrong with it"]);
    let team = world.get("/catalog/default/group/team-a/problems").await;
    has(&team, &["In what it owns", "W1001", "/problems?owner=group:default/team-a"]);
    assert_eq!(world.get("/catalog/default/component/none/problems").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_guest_stars_an_entity_and_takes_the_star_off() {
    let world = World::open().await.fill().await;
    let page = "/catalog/default/component/shop";
    let starred = post(&world, &format!("{page}/star"), "on=true&back=%2Fcatalog", &[]).await;
    assert_eq!((starred.status, starred.header("location")), (StatusCode::SEE_OTHER, "/catalog"));
    let cookie = starred.header("set-cookie").to_owned();
    assert!(cookie.starts_with("browser=") && cookie.contains("HttpOnly"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    has(&world.get_with(page, "cookie", &cookie).await, &["Starred", "aria-pressed=\"true\""]);
    has(&world.get_with("/catalog?filters[user]=starred", "cookie", &cookie).await, &["The Shop"]);
    has(&world.get(page).await, &["aria-pressed=\"false\""]);
    let off = post(&world, &format!("{page}/star"), "on=false", &[("cookie", &cookie)]).await;
    assert_eq!(off.header("location"), page);
    has(&world.get_with(page, "cookie", &cookie).await, &["aria-pressed=\"false\""]);
    let missing = post(&world, "/catalog/default/component/none/star", "on=true", &[]).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let world = World::open().await.fill().await;
    let id = world.root.id;
    for path in [
        "/catalog/default/component/shop/star".to_owned(),
        "/catalog/default/component/shop/refresh".to_owned(),
        "/catalog/default/component/shop/unregister".to_owned(),
        "/catalog-import".to_owned(),
        format!("/locations/{id}/refresh"),
        format!("/locations/{id}/remove"),
    ] {
        let form = "on=true&location=&targets=https%3A%2F%2Fx.example%2Fa";
        let refused = post(&world, &path, form, &[("sec-fetch-site", "cross-site")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        has(&refused, &["sent from another site"]);
    }
    assert_eq!(world.live.snapshot().len(), 4);
}

#[tokio::test]
async fn an_address_is_looked_at_before_it_is_registered() {
    let world = World::open().await.fill().await;
    has(&world.get("/catalog-import?target=https%3A%2F%2Fx.example%2Fa").await, &["https://x.example/a</textarea>"]);
    let looked = post(&world, "/catalog-import", "targets=https%3A%2F%2Fx.example%2Fa.yaml&what=look", &[]).await;
    has(
        &looked,
        &[
            "2 entities in 1 file, 1 error",
            "there from example.org/catalog-info.yaml",
            "new</td>",
            "<mark>ownr</mark>",
            "<span class=\"line-number\">6</span><span>spec:</span>",
            "value=\"register\"",
        ],
    );
    for (form, why) in [
        ("targets=", "one to a line"),
        ("targets=file%3A%2F%2F%2Fetc%2Fpasswd", "Files of this machine"),
        ("targets=https%3A%2F%2Fx.example%2Fa+nonsense&what=register", "no web address"),
    ] {
        let refused = post(&world, "/catalog-import", form, &[]).await;
        has(&refused, &[why]);
        assert!(!refused.text().contains("value=\"register\""), "{form}");
    }
}

#[tokio::test]
async fn a_registered_address_has_a_page_that_waits_for_its_entities() {
    let world = World::open().await.fill().await;
    let form = "targets=https%3A%2F%2Fx.example%2Fa.yaml&what=register";
    let registered = post(&world, "/catalog-import", form, &[]).await;
    assert_eq!(registered.status, StatusCode::SEE_OTHER);
    let address = registered.header("location").to_owned();
    assert!(address.starts_with("/locations/"), "{address}");
    let page = world.get(&address).await;
    has(&page, &["It is being read for the first time", "https://x.example/a.yaml"]);
    assert_eq!(page.header("refresh"), "2");
    let twice = post(&world, "/catalog-import", form, &[]).await;
    has(&twice, &["It is registered already", &address]);
    let form = "targets=https%3A%2F%2Fx.example%2Fb+https%3A%2F%2Fx.example%2Fc&what=register";
    let several = post(&world, "/catalog-import", form, &[]).await;
    assert!(several.header("location").starts_with("/locations?new="), "{}", several.header("location"));
    let list = world.get(several.header("location")).await;
    assert_eq!(list.text().matches("class=\"selected\"").count(), 2);
    let again = post(&world, &format!("{address}/refresh"), "", &[]).await;
    assert_eq!(again.header("location"), address);
    has(&world.get(&format!("{address}/remove")).await, &["Remove this location", "0 entities"]);
    let removed = post(&world, &format!("{address}/remove"), "", &[]).await;
    assert_eq!(removed.header("location"), "/locations");
    assert_eq!(world.get(&address).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get("/locations/nonsense").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn unregistering_removes_what_was_shown_and_nothing_else() {
    let world = World::open().await.fill().await;
    let path = "/catalog/default/component/shop/unregister";
    let page = world.get(path).await;
    has(&page, &["takes 4 entities out of the catalog", &world.root.id.to_string(), "The Shop"]);
    let other = post(&world, path, "location=", &[]).await;
    assert_eq!(other.header("location"), path, "the plan was another one");
    assert_eq!(world.live.snapshot().len(), 4);
    let gone = post(&world, path, &format!("location={}", world.root.id), &[]).await;
    assert_eq!((gone.status, gone.header("location")), (StatusCode::SEE_OTHER, "/catalog?filters[kind]=component"));
    let view = world.live.snapshot().view(Visibility::Everything);
    assert!(view.find(EntityRef::new("component", "default", "shop").as_str()).is_none());
}

#[tokio::test]
async fn a_readonly_catalog_says_so_and_takes_nothing() {
    let readonly = web::WebSettings { catalog_readonly: true, ..settings() };
    let world = World::new(auth::AccessSettings::open("http://localhost:7007"), readonly).await.fill().await;
    has(&world.get("/catalog-import").await, &["This catalog is read-only"]);
    has(&world.get("/catalog/default/component/shop/unregister").await, &["This catalog is read-only"]);
    let form = "targets=https%3A%2F%2Fx.example%2Fa.yaml&what=register";
    assert_eq!(post(&world, "/catalog-import", form, &[]).await.status, StatusCode::FORBIDDEN);
    let location = format!("location={}", world.root.id);
    let kept = post(&world, "/catalog/default/component/shop/unregister", &location, &[]).await;
    assert_eq!(kept.status, StatusCode::FORBIDDEN);
    assert_eq!(world.live.snapshot().len(), 4);
}

#[tokio::test]
async fn operators_see_loops_and_store_and_configuration() {
    let world = World::open().await.fill().await;
    let page = world.get("/operations").await;
    has(&page, &["refresh", "PostgreSQL", "1.5 kB", "token: &#39;***&#39;"]);
    let closed = World::new(closed(), settings()).await.fill().await;
    let bearer = format!("Bearer {READER}");
    let refused = closed.get_with("/operations", "authorization", &bearer).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    has(&refused, &["This is not open to you", "catalog.ingestion.read"]);
    let form = closed.get_with("/catalog-import", "authorization", &bearer).await;
    has(&form, &["Registering is not open to you"]);
}

#[tokio::test]
async fn problems_of_an_entity_that_changed_show_at_once() {
    let world = World::open().await.fill().await;
    has(&world.get("/problems").await, &["component:default/ghost"]);
    world.harvest(vec![component("ghost", "group:default/ghosts", "Ghost")], Vec::new()).await;
    has(&world.get("/problems").await, &["the owner `group:default/ghosts` is no known group or user"]);
}
