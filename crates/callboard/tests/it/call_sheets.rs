//! Call sheets of the real server: messages that go out over the network, and sheets that survive a restart.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};

use crate::support::{Server, Setup, component, databases, write};

/// Takes one POST and answers with a status; gives its headers and body.
async fn hear(listener: &TcpListener, status: &str) -> (String, Value) {
    let (stream, _) = listener.accept().await.expect("somebody sends");
    let mut stream = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("a line");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("the body");
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.expect("answered");
    stream.shutdown().await.expect("closed");
    (head, serde_json::from_slice(&body).expect("JSON"))
}

async fn open(server: &Server) -> String {
    server.until_entity("component", "shop").await;
    let draft = json!({ "title": "Shop is down", "roots": [{ "ref": "component:default/shop" }] });
    let (status, opened) = server.ask("POST", "/api/v1/call-sheets", Some(draft)).await;
    assert_eq!(status, 201, "{opened}");
    format!("/api/v1/call-sheets/{}", opened["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_message_is_sent_by_the_senders_template_and_marks_teams_as_told() {
    let (data, estate) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let group = "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: { name: team-a }\nspec: { type: team, children: [], profile: { email: a@x.example } }\n";
    write(&estate.path().join("catalog-info.yaml"), &format!("{}{group}", component("shop", "team-a")));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = format!(
        "callboard:\n  callSheets:\n    senders: [{{ name: Relay, url: 'http://{address}/hook', authorization: Bearer hush }}]\n"
    );
    std::fs::write(data.path().join("app-config.yaml"), config).unwrap();
    let config = data.path().join("app-config.yaml").display().to_string();
    let server = Setup::new(data.path(), &[estate.path()]).with(&["--config", &config]).start().await;
    server.until_entity("group", "team-a").await;
    let api = open(&server).await;
    let entries = format!("{api}/entries");
    let send = json!({ "kind": "send", "sender": "Relay" });

    let (refused, (_, sheet)) =
        tokio::join!(hear(&listener, "500 Broken"), server.ask("POST", &entries, Some(send.clone())));
    assert_eq!(refused.1["title"], "Shop is down");
    assert_eq!(sheet["teams"][0]["standing"], "waiting", "{sheet}");

    let ((head, message), (status, sheet)) =
        tokio::join!(hear(&listener, "204 No Content"), server.ask("POST", &entries, Some(send)));
    assert_eq!((status, &sheet["teams"][0]["standing"]), (200, &json!("told")), "{sheet}");
    assert!(head.starts_with("POST /hook ") && head.to_lowercase().contains("authorization: bearer hush"), "{head}");
    assert_eq!(
        (&message["to"], &message["teams"][0]["team"]),
        (&json!(["a@x.example"]), &json!("group:default/team-a"))
    );
    let timeline = server.get(&format!("{api}/timeline")).await.to_string();
    assert!(timeline.contains("not sent through Relay: the other side answered 500"), "{timeline}");
    assert!(!timeline.contains("hush") && !timeline.contains(&address.to_string()), "addresses are secrets");
}

#[tokio::test]
async fn a_sheet_survives_a_restart() {
    for database in databases() {
        let (data, estate) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(&estate.path().join("catalog-info.yaml"), &component("shop", "team-a"));
        let setup = Setup::new(data.path(), &[estate.path()]).on(database);
        let server = setup.start().await;
        let api = open(&server).await;
        let before = server.get(&api).await;
        server.stop().await;
        let server = setup.start().await;
        let after = server.get(&api).await;
        assert_eq!(
            (&after["teams"], &after["revision"], &after["impact"]),
            (&before["teams"], &before["revision"], &before["impact"])
        );
    }
}
