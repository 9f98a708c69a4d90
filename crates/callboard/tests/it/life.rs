//! The life of descriptors in a folder that is being served.

use crate::support::{Setup, component, databases, write};

#[tokio::test]
async fn a_folder_is_harvested_and_followed() {
    for database in databases() {
        let data = tempfile::tempdir().expect("a folder");
        let estate = tempfile::tempdir().expect("a folder");
        let file = estate.path().join("shop/catalog-info.yaml");
        write(&file, &component("shop", "team-a"));
        let server = Setup::new(data.path(), &[estate.path()]).on(database).start().await;

        let shop = server.until_entity("component", "shop").await;
        assert_eq!(shop["relations"][0]["targetRef"], "group:default/team-a");

        write(&file, &component("shop", "team-b"));
        let (_, took) = server
            .until("the new owner shows", async |server| {
                let shop = server.entity("component", "shop").await?;
                (shop["spec"]["owner"] == "team-b").then_some(())
            })
            .await;
        eprintln!("a change on disk showed after {took:?}");

        write(&estate.path().join("bag/catalog-info.yml"), &component("bag", "team-a"));
        server.until_entity("component", "bag").await;

        std::fs::remove_file(&file).expect("removed");
        server
            .until("the shop is gone", async |server| server.entity("component", "shop").await.is_none().then_some(()))
            .await;
        assert!(server.entity("component", "bag").await.is_some());
        assert_eq!(server.stop().await, Some(0));
    }
}

#[tokio::test]
async fn an_entity_that_turns_bad_keeps_its_last_good_form() {
    let data = tempfile::tempdir().expect("a folder");
    let estate = tempfile::tempdir().expect("a folder");
    let file = estate.path().join("catalog-info.yaml");
    let both = format!("{}---\n{}", component("left", "team-a"), component("right", "team-a"));
    write(&file, &both);
    let server = Setup::new(data.path(), &[estate.path()]).start().await;
    let before = server.until_entity("component", "left").await;

    write(&file, &both.replacen("owner: team-a", "nothing: x", 1));
    let (bad, _) = server
        .until("the status shows", async |server| {
            let left = server.entity("component", "left").await?;
            left.get("status").is_some().then_some(left)
        })
        .await;
    assert_eq!(bad["spec"], before["spec"]);
    assert_eq!(bad["metadata"]["uid"], before["metadata"]["uid"]);
    assert_eq!(bad["status"]["items"][0]["level"], "error");
    assert!(server.entity("component", "right").await.expect("there").get("status").is_none());
    let problems = server.get("/api/v1/problems?entity=component:default/left").await;
    let text = problems.to_string();
    assert!(text.contains("\"line\"") && text.contains("spec.owner"), "{text}");

    write(&file, &both);
    server
        .until("it is good again", async |server| {
            server.entity("component", "left").await?.get("status").is_none().then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_sick_document_does_not_harm_its_neighbours() {
    let data = tempfile::tempdir().expect("a folder");
    let estate = tempfile::tempdir().expect("a folder");
    let text =
        format!("{}---\nkind: [unclosed\n---\n{}---\njust text\n", component("first", "a"), component("third", "a"));
    write(&estate.path().join("catalog-info.yaml"), &text);
    let server = Setup::new(data.path(), &[estate.path()]).start().await;
    server.until_entity("component", "first").await;
    server.until_entity("component", "third").await;
    let problems = server.get("/api/v1/problems").await.to_string();
    assert!(problems.contains("catalog-info.yaml"), "{problems}");
}

#[tokio::test]
async fn every_location_that_names_a_broken_file_says_so_until_it_is_mended() {
    for database in databases() {
        let data = tempfile::tempdir().expect("a folder");
        let estate = tempfile::tempdir().expect("a folder");
        let at = |name: &str| estate.path().join(name);
        let location = |name: &str, targets: &str| {
            let head = "apiVersion: backstage.io/v1alpha1\nkind: Location\n";
            format!("{head}metadata: {{ name: {name} }}\nspec: {{ targets: [{targets}] }}\n")
        };
        write(&at("all.yaml"), &location("all", "./shop.yaml, ./inner.yaml, ./marker.yaml"));
        write(&at("inner.yaml"), &location("inner", "./shop.yaml"));
        write(&at("shop.yaml"), &component("shop", "team-a"));
        write(&at("marker.yaml"), &component("marker-1", "team-a"));
        let server = Setup::new(data.path(), &[&at("all.yaml")]).on(database).start().await;
        server.until_entity("component", "shop").await;
        server.until_entity("location", "inner").await;

        write(&at("shop.yaml"), "kind: [unclosed\n");
        let is_told = async |name: &str| server.entity("location", name).await.expect("there").get("status").is_some();
        server.until("both say so", async |_| (is_told("all").await && is_told("inner").await).then_some(())).await;
        // Each marker shows that there was another reading; the second one, that the first has ended.
        for marker in ["marker-2", "marker-3"] {
            write(&at("marker.yaml"), &component(marker, "team-a"));
            server.until_entity("component", marker).await;
        }
        assert!(is_told("all").await, "nobody mended it");
        assert!(is_told("inner").await, "nobody mended it");

        write(&at("shop.yaml"), &component("shop", "team-a"));
        server
            .until("it is well again", async |_| (!is_told("all").await && !is_told("inner").await).then_some(()))
            .await;
    }
}

#[tokio::test]
async fn a_restart_serves_what_was_there_and_goes_on() {
    for database in databases() {
        let data = tempfile::tempdir().expect("a folder");
        let estate = tempfile::tempdir().expect("a folder");
        write(&estate.path().join("catalog-info.yaml"), &component("shop", "team-a"));
        let setup = Setup::new(data.path(), &[estate.path()]).on(database);
        let server = setup.start().await;
        let first = server.until_entity("component", "shop").await;
        server.stop().await;
        write(&estate.path().join("later.yaml"), &component("later", "team-a"));
        let server = setup.start().await;
        assert_eq!(server.entity("component", "shop").await.as_ref(), Some(&first), "served from the first moment on");
        server.until_entity("component", "later").await;
        assert_eq!(server.entity("component", "shop").await, Some(first));
    }
}
