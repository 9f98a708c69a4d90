//! Things that break around the server.

use serde_json::json;

use crate::support::{Database, Server, Setup, component, write};

#[tokio::test]
async fn a_broken_configuration_is_told_with_file_and_line() {
    let data = tempfile::tempdir().expect("a folder");
    let config = data.path().join("app-config.yaml");
    std::fs::write(&config, "backend:\n  listen: { port: [1] }\ncatalog:\n  rules: 7\n").expect("written");
    let setup = Setup::new(data.path(), &[]).with(&["--config", &config.display().to_string()]);
    let ended = setup.command().output().await.expect("it runs");
    assert!(!ended.status.success());
    let text = String::from_utf8_lossy(&ended.stderr);
    assert!(text.contains("app-config.yaml:2") && text.contains("app-config.yaml:4"), "both faults at once: {text}");
}

#[tokio::test]
async fn a_location_that_vanishes_keeps_its_entities_and_says_so() {
    let data = tempfile::tempdir().expect("a folder");
    let estate = tempfile::tempdir().expect("a folder");
    let root = estate.path().join("root.yaml");
    write(&root, &component("shop", "team-a"));
    let server = Setup::new(data.path(), &[&root]).start().await;
    server.until_entity("component", "shop").await;
    std::fs::remove_file(&root).expect("removed");
    let (problem, _) = server
        .until("the missing file is a problem", async |server| {
            let problems = server.get("/api/v1/problems").await.to_string();
            problems.contains("root.yaml").then_some(problems)
        })
        .await;
    assert!(server.entity("component", "shop").await.is_some(), "{problem}");
}

#[tokio::test]
async fn a_broken_file_is_a_problem_and_no_failure_of_its_location() {
    let data = tempfile::tempdir().expect("a folder");
    let estate = tempfile::tempdir().expect("a folder");
    write(&estate.path().join("shop/catalog-info.yaml"), &component("shop", "team-a"));
    write(&estate.path().join("broken/catalog-info.yaml"), "kind: [Component\nmetadata: 1\n");
    let server = Setup::new(data.path(), &[estate.path()]).start().await;
    server.until_entity("component", "shop").await;
    let (location, _) = server
        .until("the location was read", async |server| {
            let status = server.get("/api/v1/status").await;
            status["locations"][0]["lastTriedAt"].is_string().then(|| status["locations"][0].clone())
        })
        .await;
    assert!(location["lastError"].is_null() && location["lastOkAt"].is_string(), "{location}");
    let problems = server.get("/api/v1/problems").await;
    assert_eq!(problems["items"][0]["code"], "E0101", "{problems}");
}

#[tokio::test]
async fn a_second_server_on_the_same_data_says_why_it_cannot_start() {
    let data = tempfile::tempdir().expect("a folder");
    let setup = Setup::new(data.path(), &[]);
    let first = setup.start().await;
    let second = setup.command().output().await.expect("it runs");
    assert!(!second.status.success());
    let text = String::from_utf8_lossy(&second.stderr).to_lowercase();
    assert!(text.contains("another") || text.contains("in use"), "{text}");
    assert_eq!(first.ask("GET", "/.backstage/health/v1/readiness", None).await, (200, json!({ "status": "ok" })));
}

#[tokio::test]
async fn a_database_of_a_full_disk_is_told_and_reads_go_on() {
    let data = tempfile::tempdir().expect("a folder");
    let estate = tempfile::tempdir().expect("a folder");
    let file = estate.path().join("catalog-info.yaml");
    write(&file, &component("shop", "team-a"));
    let setup = Setup::new(data.path(), &[estate.path()]);
    let server = setup.start().await;
    server.until_entity("component", "shop").await;
    server.stop().await;

    // A limit on the size of files is what a full disk looks like to one process: writing fails.
    let size = std::fs::metadata(data.path().join("callboard.db")).expect("the database").len();
    let many: String = (0..4000).map(|i| format!("{}---\n", component(&format!("filler-{i}"), "team-a"))).collect();
    write(&estate.path().join("many.yaml"), &many);
    let server = setup.start_with_file_size_limit(size.div_ceil(1024) + 64).await;
    assert!(server.entity("component", "shop").await.is_some(), "reads go on");
    server
        .until("the failure shows", async |server| {
            let loops = server.get("/api/v1/loops").await.to_string().to_lowercase();
            (loops.contains("full") || loops.contains("disk") || loops.contains("i/o")).then_some(())
        })
        .await;
    assert!(server.entity("component", "shop").await.is_some());
    server.kill().await;

    let server = setup.start().await;
    server.until_entity("component", "filler-3999").await;
}

#[tokio::test]
async fn a_database_that_goes_away_stops_writes_only_and_comes_back() {
    if testkit::is_skipped() {
        return;
    }
    let postgres = testkit::PostgresServer::start();
    let data = tempfile::tempdir().expect("a folder");
    let estate = tempfile::tempdir().expect("a folder");
    write(&estate.path().join("catalog-info.yaml"), &component("shop", "team-a"));
    let database = Database::Postgres(postgres.create_database());
    let server = Setup::new(data.path(), &[estate.path()]).on(database).start().await;
    server.until_entity("component", "shop").await;

    postgres.stop();
    assert!(server.entity("component", "shop").await.is_some(), "reads go on");
    let body = json!({ "type": "url", "target": "http://127.0.0.1:9/later.yaml" });
    let (status, answer) = server.ask("POST", "/api/catalog/locations", Some(body.clone())).await;
    assert_eq!(status, 503, "{answer}");
    assert!(answer["error"]["message"].as_str().is_some_and(|text| text.contains("database")), "{answer}");
    server
        .until("the loops say so", async |server| {
            let loops = server.get("/api/v1/loops").await.to_string();
            loops.contains("cannot be reached").then_some(())
        })
        .await;

    postgres.restart();
    server
        .until("writes work again", async |server| {
            let (status, _) = server.ask("POST", "/api/catalog/locations", Some(body.clone())).await;
            (status == 201).then_some(())
        })
        .await;
    write(&estate.path().join("later.yaml"), &component("later", "team-a"));
    server.until_entity("component", "later").await;
}

#[tokio::test]
async fn history_is_told_by_a_standby_while_the_database_is_away() {
    if testkit::is_skipped() {
        return;
    }
    let primary = testkit::PostgresServer::start();
    let address = primary.create_database();
    let standby = primary.start_standby();
    let data = tempfile::tempdir().expect("a folder");
    let estate = tempfile::tempdir().expect("a folder");
    let config = data.path().join("standby.yaml");
    let copy = standby.address_of_copy(&address);
    write(&config, &format!("callboard:\n  standby: '{copy}'\n"));
    write(&estate.path().join("catalog-info.yaml"), &component("shop", "team-a"));
    let setup = Setup::new(data.path(), &[estate.path()]).on(Database::Postgres(address));
    let setup = setup.with(&["--config", config.to_str().expect("a path of ours")]);
    let server = setup.start().await;
    server.until_entity("component", "shop").await;
    let answers = async |server: &Server| {
        let history = server.get("/api/v1/history?ref=component:default/shop").await.to_string();
        assert!(history.contains("component:default/shop"), "{history}");
        server.text("/operations").await.contains("<dt>Standby</dt><dd>answers</dd>").then_some(())
    };
    server.until("the standby has caught up", answers).await;

    primary.stop();
    let history = server.get("/api/v1/history?ref=component:default/shop").await.to_string();
    assert!(history.contains("component:default/shop"), "{history}");
    assert!(server.text("/catalog/default/component/shop/history").await.contains("added"), "pages tell it too");

    primary.restart();
    assert_eq!(server.stop().await, Some(0));
    let again = setup.start().await;
    assert!(again.entity("component", "shop").await.is_some(), "it starts from the standby");
    standby.stop();
    assert!(again.get("/api/v1/history?ref=component:default/shop").await.to_string().contains("shop"));
}
