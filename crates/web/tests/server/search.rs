//! Searches over the router: Backstage's shape, pages of results, and the cut to what may be seen.

use serde_json::{Value, json};

use crate::world::{World, component};

const QUERY: &str = "/api/search/query";

fn titles(set: &Value) -> Vec<&str> {
    set["results"].as_array().unwrap().iter().map(|result| result["document"]["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_result_has_the_shape_that_the_front_end_reads() {
    let world = World::open().await.fill().await;
    let answer = world.get(&format!("{QUERY}?term=shop&types[0]=software-catalog&types[1]=techdocs")).await;
    let set = answer.json();
    let (pre, post) = ("<6a1f0e2c-5b7d-4f0e-9c39-1d8f6f0b2a44>", "</6a1f0e2c-5b7d-4f0e-9c39-1d8f6f0b2a44>");
    let want = json!({
        "results": [{
            "type": "software-catalog",
            "document": {
                "title": "The Shop, \"best\"",
                "text": "",
                "componentType": "service",
                "type": "service",
                "namespace": "default",
                "kind": "Component",
                "lifecycle": "",
                "owner": "",
                "location": "/catalog/default/component/shop",
            },
            "highlight": {
                "preTag": pre,
                "postTag": post,
                "fields": {
                    "title": format!("The {pre}Shop{post}, \"best\""),
                    "text": "",
                    "location": "/catalog/default/component/shop",
                    "path": "",
                },
            },
            "rank": 1,
        }],
        "numberOfResults": 1,
    });
    assert_eq!(set, want);
    let path = format!("{QUERY}?term=shop&types[0]=software-catalog&types[1]=techdocs");
    assert_eq!(world.get_with(&path, "if-none-match", answer.header("etag")).await.status, 304);
}

#[tokio::test]
async fn results_come_in_pages_with_cursors_of_page_numbers() {
    let world = World::open().await.fill().await;
    let first = world.get(&format!("{QUERY}?term=&pageLimit=2")).await.json();
    assert_eq!(first["numberOfResults"], 4);
    assert_eq!((&first["nextPageCursor"], first.get("previousPageCursor")), (&json!("MQ=="), None));
    let second = world.get(&format!("{QUERY}?term=&pageLimit=2&pageCursor=MQ%3D%3D")).await.json();
    assert_eq!((second.get("nextPageCursor"), &second["previousPageCursor"]), (None, &json!("MA==")));
    assert_eq!(second["results"][0]["rank"], 3);
    let mut all: Vec<&str> = titles(&first).into_iter().chain(titles(&second)).collect();
    all.sort_unstable();
    assert_eq!(all, ["=evil", "Ghost", "Team A", "The Shop, \"best\""]);
    assert_eq!(
        titles(&world.get(&format!("{QUERY}?term=&pageLimit=0")).await.json()).len(),
        4,
        "0 is the usual number"
    );
}

#[tokio::test]
async fn filters_are_fields_of_documents_and_unknown_ones_match_nothing() {
    let world = World::open().await.fill().await;
    for (query, want) in [
        ("filters[kind]=Group", 1),
        ("filters[kind][0]=Group&filters[kind][1]=Component", 4),
        ("filters[kind]=Component&filters[owner]=group:default/team-a", 2),
        ("filters[owner]=team-a", 2),
        ("filters[lifecycle]=production", 0),
        ("filters[path]=x", 0),
        ("types[0]=techdocs&filters[kind]=Component", 0),
    ] {
        let set = world.get(&format!("{QUERY}?term=&{query}")).await.json();
        assert_eq!(set["numberOfResults"], want, "{query}");
    }
}

#[tokio::test]
async fn bad_questions_are_told_in_the_words_of_the_plugin() {
    let world = World::open().await.fill().await;
    let long = "x".repeat(101);
    for (query, want) in [
        ("types[0]=nonsense", "\"path\": [\n      \"types\",\n      0\n    ]"),
        ("pageLimit=101", "The page limit \\\"101\\\" is greater than \\\"100\\\""),
        (&format!("term={long}"), "The term length \\\"101\\\" is greater than \\\"100\\\""),
        ("pageLimit=many", "request/query/pageLimit must be integer"),
        ("pageCursor=x", "Malformed cursor"),
    ] {
        let answer = world.get(&format!("{QUERY}?{query}")).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), &body["error"]["name"]), (400, &json!("InputError")), "{query}");
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.contains(want), "{query}: {message}");
    }
}

#[tokio::test]
async fn what_is_harvested_is_found_at_once() {
    let world = World::open().await.fill().await;
    assert_eq!(world.get(&format!("{QUERY}?term=newcomer")).await.json()["numberOfResults"], 0);
    world.harvest(vec![component("newcomer-api", "group:default/team-a", "A new one")], vec![]).await;
    assert_eq!(titles(&world.get(&format!("{QUERY}?term=newcomer")).await.json()), ["A new one"]);
    assert_eq!(titles(&world.get(&format!("{QUERY}?term=necwomer")).await.json()), ["A new one"], "also when mistyped");
    let gone = world.get(&format!("{QUERY}?term=ghost")).await.json();
    assert_eq!(gone["numberOfResults"], 0, "the file does not define it any more");
}

#[tokio::test]
async fn the_search_page_shows_hits_with_marks_and_facets() {
    let world = World::open().await.fill().await;
    let page = world.get("/search?query=shop").await;
    let html = page.text();
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    for part in [
        "The <mark>Shop</mark>, &#34;best&#34;",
        "component:default/<mark>shop</mark>",
        "href=\"/catalog/default/component/shop\"",
        "href=\"/search?query=shop&#38;filters[owner][]=group:default/team-a\"",
        "<input id=\"search-text\" type=\"search\" name=\"query\" value=\"shop\"",
        "All 1 result",
    ] {
        assert!(html.contains(part), "{part} is in {html}");
    }
    assert!(!html.contains("Ghost"), "{html}");
}

#[tokio::test]
async fn the_search_page_keeps_what_backstage_writes_into_addresses() {
    let world = World::open().await.fill().await;
    let page = world.get("/search?query=&types[]=software-catalog&filters[kind]=Group&pageCursor=MA%3D%3D").await;
    let html = page.text();
    assert!(html.contains("Team A") && !html.contains("Ghost"), "{html}");
    assert!(html.contains("Kind: Group"), "{html}");
    let behind = world.get("/search?query=&pageCursor=NQ%3D%3D").await;
    assert_eq!(behind.status, 200, "a page behind the last one is empty");
}

#[tokio::test]
async fn a_search_without_hits_offers_what_is_near() {
    let world = World::open().await.fill().await;
    let mistyped = world.get("/search?query=gohst").await;
    assert!(mistyped.text().contains("spelled nearly so") && mistyped.text().contains("Ghost"), "{}", mistyped.text());
    let far = world.get("/search?query=the+gohst+of+nothing").await;
    assert!(far.text().contains("Nothing matches"), "{}", far.text());
    let narrowed = world.get("/search?query=shop&filters[kind]=api").await;
    assert!(narrowed.text().contains("Take away a choice"), "{}", narrowed.text());
    let odd = world.get("/search?query=%3Cscript%3E").await;
    assert!(!odd.text().contains("<script>&"), "{}", odd.text());
    assert!(odd.text().contains("&#60;script&#62;"), "{}", odd.text());
}

#[tokio::test]
async fn the_palette_lists_what_was_meant_first() {
    let world = World::open().await.fill().await;
    let html = world.get("/palette?q=shp").await.text().to_owned();
    assert!(html.starts_with("<div id=\"palette-list\" role=\"listbox\""), "{html}");
    let first = html.find("id=\"palette-option-0\"").unwrap();
    assert!(
        html[first..].starts_with(
            "id=\"palette-option-0\" aria-selected=\"false\" tabindex=\"-1\" href=\"/catalog/default/component/shop\""
        ),
        "{html}"
    );
    assert!(html.contains("href=\"/search?query=shp\""), "searching is always possible: {html}");
    let team = world.get("/palette?q=team-a").await.text().to_owned();
    assert!(team.find("Teams and people").unwrap() < team.find("Actions").unwrap(), "{team}");
    let pages = world.get("/palette?q=catal").await.text().to_owned();
    assert!(pages.contains("<mark>Catal</mark>og"), "{pages}");
}

#[tokio::test]
async fn the_palette_begins_with_what_was_opened_lately() {
    let world = World::open().await.fill().await;
    let recent = "recent=component%3Adefault%2Fghost%7Ccomponent%3Adefault%2Fgone";
    let html = world.get_with("/palette?q=", "cookie", recent).await.text().to_owned();
    assert!(html.contains("Recently opened") && html.contains("Ghost"), "{html}");
    assert!(!html.contains("gone"), "what is no longer there is left out: {html}");
    let nobody = world.get("/palette").await.text().to_owned();
    assert!(!nobody.contains("Recently opened") && nobody.contains("Pages"), "{nobody}");
}
