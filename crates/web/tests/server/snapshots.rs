//! The main content of pages, as it was last looked at. What differs by chance (moments, names of static files) is left out.

use regex::Regex;

use crate::world::World;

const PAGES: [(&str, &str); 12] = [
    ("home", "/"),
    ("catalog", "/catalog"),
    ("catalog-nothing", "/catalog?filters%5Btext%5D=nothing-of-the-kind"),
    ("component", "/catalog/default/component/shop"),
    ("component-without-owner", "/catalog/default/component/ghost"),
    ("component-dependencies", "/catalog/default/component/shop/dependencies"),
    ("group", "/catalog/default/group/team-a"),
    ("missing", "/catalog/default/component/shpo"),
    ("problems-by-owner", "/problems?group=owner"),
    ("search", "/search?query=shop"),
    ("settings", "/settings?name=nobody"),
    ("keyboard", "/keyboard"),
];

/// The main content, one element to a line.
fn main_of(html: &str) -> String {
    let main =
        html.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).expect("a page has a main part");
    let replacements = [
        (r"<time [^>]*>[^<]*</time>", "<time>"),
        (r"/static/([a-z]+)\.[0-9a-f]{12}\.", "/static/$1."),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uid>"),
        (r">\s*<", ">\n<"),
    ];
    replacements.iter().fold(main.to_owned(), |text, (pattern, with)| {
        Regex::new(pattern).expect("the pattern is good").replace_all(&text, *with).into_owned()
    })
}

#[tokio::test]
async fn pages_show_what_was_looked_at() {
    let world = World::open().await.fill().await;
    // The board of problems is made when it is first asked for.
    assert_eq!(world.get("/problems").await.status, 200);
    for (name, path) in PAGES {
        let page = world.get_with(path, "accept", "text/html").await;
        insta::assert_snapshot!(name, main_of(page.text()));
    }
}
