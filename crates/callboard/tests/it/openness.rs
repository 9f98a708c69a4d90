//! Who may reach the server.

use crate::support::{Setup, component, write};

#[tokio::test]
async fn refuses_to_open_to_a_network_without_tokens() {
    let data = tempfile::tempdir().expect("a folder");
    let ended =
        Setup::new(data.path(), &[]).with(&["--listen", "0.0.0.0:0"]).command().output().await.expect("it runs");
    assert!(!ended.status.success());
    let text = String::from_utf8_lossy(&ended.stderr);
    assert!(text.contains("--open-to-network") && text.contains("externalAccess"), "{text}");
}

#[tokio::test]
async fn with_tokens_only_those_who_have_one_come_in() {
    let data = tempfile::tempdir().expect("a folder");
    let estate = tempfile::tempdir().expect("a folder");
    write(&estate.path().join("catalog-info.yaml"), &component("shop", "team-a"));
    let config = data.path().join("app-config.yaml");
    let text = "backend:\n  auth:\n    externalAccess:\n      - type: static\n        options: { token: a-long-enough-token, subject: ci }\n";
    std::fs::write(&config, text).expect("written");
    let server = Setup::new(data.path(), &[estate.path()])
        .with(&["--config", &config.display().to_string(), "--listen", "0.0.0.0:0"])
        .start()
        .await;
    let port = server.base.rsplit(':').next().expect("a port").to_owned();
    let ask = async |token: Option<&str>| {
        let mut request = reqwest::Client::new().get(format!("http://127.0.0.1:{port}/api/catalog/entities?limit=1"));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.expect("it answers").status().as_u16()
    };
    assert_eq!(ask(None).await, 401);
    assert_eq!(ask(Some("wrong-token-of-some-length")).await, 401);
    assert_eq!(ask(Some("a-long-enough-token")).await, 200);
}
