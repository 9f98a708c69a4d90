//! What operators see: metrics, the log, traces.

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{
    receiver::{HOLD, Receiver},
    support::{PATIENCE, Setup, component, write},
};

#[tokio::test]
async fn metrics_count_requests_and_entities() {
    let data = tempfile::tempdir().expect("a folder");
    let estate = tempfile::tempdir().expect("a folder");
    write(&estate.path().join("catalog-info.yaml"), &component("shop", "team-a"));
    let server = Setup::new(data.path(), &[estate.path()]).start().await;
    server.until_entity("component", "shop").await;
    let text =
        reqwest::get(format!("{}/metrics", server.base)).await.expect("it answers").text().await.expect("a text");
    let value = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in\n{text}"));
        line.rsplit(' ').next().and_then(|number| number.parse::<f64>().ok()).expect("a number")
    };
    assert!(value("callboard_http_requests_total{") >= 1.0);
    assert!(value("callboard_snapshot_entities") >= 2.0, "the shop and its location");
}

#[tokio::test]
async fn json_logs_carry_the_request_id_of_the_answer() {
    let data = tempfile::tempdir().expect("a folder");
    let mut server = Setup::new(data.path(), &[]).with(&["--log-format", "json"]).start().await;
    let request = reqwest::Client::new().get(format!("{}/api/catalog/entities", server.base));
    let answer = request.header("x-request-id", "look-for-me-1").send().await.expect("it answers");
    assert_eq!(answer.headers()["x-request-id"], "look-for-me-1");
    let line = server.line_with("look-for-me-1").await;
    let line: Value = serde_json::from_str(&line).expect("each line is JSON");
    assert_eq!((&line["method"], &line["status"]), (&Value::from("GET"), &Value::from(200)));
}

#[tokio::test]
async fn while_a_location_is_read_for_the_first_time_pages_and_the_status_say_so() {
    let data = tempfile::tempdir().expect("a folder");
    let mut source = Receiver::start(HOLD).await;
    let config = data.path().join("app-config.yaml");
    let text = format!(
        "backend: {{reading: {{allow: [{{host: '{}'}}]}}}}\ncatalog: {{locations: [{{type: url, target: '{}'}}]}}\n",
        source.host, source.url
    );
    std::fs::write(&config, text).expect("written");
    let server = Setup::new(data.path(), &[]).with(&["--config", &config.display().to_string()]).start().await;
    source.next().await;
    assert_eq!(server.get("/api/v1/status").await["firstReading"]["locations"], 1);
    assert!(server.text("/").await.contains("1 location is being read for the first time"));
    // What it answers matters not: it has been read, and the location says what is wrong with it.
    source.answer(404);
    server
        .until("the end of the first reading", async |server| {
            server.get("/api/v1/status").await["firstReading"].is_null().then_some(())
        })
        .await;
    assert!(!server.text("/").await.contains("for the first time"));
}

#[tokio::test]
async fn a_change_names_commit_and_author_as_the_git_host_tells_them() {
    let git = testkit::git_host::GitHost::start().await;
    let (repository, path, commit) = ("shop/checkout", "catalog-info.yaml", "0123456789abcdef0123456789abcdef01234567");
    git.accept_token("ghp_1");
    git.put_file(repository, "main", path, &component("checkout", "team-a"));
    git.put_commit(repository, "main", path, (commit, "octocat"));
    let data = tempfile::tempdir().expect("a folder");
    let config = data.path().join("app-config.yaml");
    let text = format!(
        "integrations: {{github: [{{host: '{}', apiBaseUrl: '{}', token: ghp_1}}]}}\n\
         catalog: {{locations: [{{type: url, target: '{}'}}]}}\n",
        git.host(),
        git.api_base_url(),
        git.web_url(repository, "main", path)
    );
    std::fs::write(&config, text).expect("written");
    let server = Setup::new(data.path(), &[]).with(&["--config", &config.display().to_string()]).start().await;
    server.until_entity("component", "checkout").await;
    let told = server.get("/api/v1/history?ref=component:default/checkout&actor=octocat").await;
    assert_eq!(told["items"][0]["cause"]["author"], "octocat", "{told}");
    assert_eq!(told["items"][0]["cause"]["commit"], commit, "{told}");
    let page = server.text("/catalog/default/component/checkout").await;
    assert!(page.contains("at <code>0123456789</code> by octocat"), "{page}");
    let other = server.get("/api/v1/history?ref=component:default/checkout&actor=somebody").await;
    assert_eq!(other["items"].as_array().map(Vec::len), Some(0), "{other}");
}

#[cfg(feature = "otel")]
#[tokio::test]
async fn traces_go_to_the_collector_that_the_environment_names() {
    let collector = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", collector.local_addr().expect("an address"));
    let data = tempfile::tempdir().expect("a folder");
    let mut setup = Setup::new(data.path(), &[]);
    setup.environment.push(("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), endpoint));
    let server = setup.start().await;
    server.get("/api/catalog/entities").await;
    let receive = async {
        let (mut stream, _) = collector.accept().await.expect("the exporter comes");
        let mut head = vec![0; 24];
        stream.read_exact(&mut head).await.expect("a request");
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.expect("an answer");
        String::from_utf8_lossy(&head).into_owned()
    };
    // Stopping sends what is waiting; until then the batch would wait some seconds.
    let (head, code) = tokio::join!(tokio::time::timeout(PATIENCE, receive), server.stop());
    assert!(head.expect("in time").starts_with("POST /v1/traces"));
    assert_eq!(code, Some(0));
}

#[tokio::test]
async fn the_bare_address_is_a_page_with_its_style_and_scripts() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Setup::new(data.path(), &[]).start().await;
    let page = reqwest::get(&server.base).await.expect("it answers");
    assert_eq!(
        (page.status().as_u16(), page.headers()["content-type"].to_str().unwrap()),
        (200, "text/html; charset=utf-8")
    );
    let text = page.text().await.expect("a text");
    let quoted = text.split('"').filter(|part| part.starts_with("/static/"));
    let files: std::collections::BTreeSet<&str> = quoted.map(|part| part.split('#').next().unwrap_or(part)).collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let status = reqwest::get(format!("{}{file}", server.base)).await.expect("it answers").status();
        assert_eq!(status, 200, "{file}");
    }
}
