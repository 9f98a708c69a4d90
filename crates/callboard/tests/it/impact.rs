//! Impact from a descriptor on disk to the terminal.

use tokio::process::Command;

use crate::support::{Setup, databases, write};

const DATABASE: &str = "apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: { name: orders-db }
spec: { type: database, owner: team-a }
";

const SHOP: &str = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: shop }
spec:
  type: service
  lifecycle: production
  owner: team-a
  dependsOn:
    - resource:orders-db
  dependencies:
    - { ref: resource:orders-db, delay: PT6H }
";

#[tokio::test]
async fn the_command_line_tells_who_is_hit_and_which_line_says_so() {
    for database in databases() {
        let data = tempfile::tempdir().expect("a folder");
        let estate = tempfile::tempdir().expect("a folder");
        let file = estate.path().join("catalog-info.yaml");
        write(&file, &format!("{DATABASE}---\n{SHOP}"));
        let server = Setup::new(data.path(), &[estate.path()]).on(database).start().await;
        server.until_entity("component", "shop").await;

        let ask = async |format: &str| {
            let output = Command::new(env!("CARGO_BIN_EXE_callboard"))
                .args(["impact", "resource:default/orders-db", "--format", format, "--server", &server.base])
                .output()
                .await
                .expect("the binary starts");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("text")
        };
        let table = ask("table").await;
        assert!(table.contains("1 hit: 1 down, 0 degraded, 0 slow"), "{table}");
        assert!(table.contains("PT6H"), "{table}");
        let answer: serde_json::Value = serde_json::from_str(&ask("json").await).expect("JSON");
        let declared = &answer["edges"][0]["declared"][0];
        let text = std::fs::read_to_string(&file).expect("it is there");
        let line = text.lines().position(|line| line.contains("- resource:orders-db")).expect("a line") + 1;
        assert_eq!(declared["line"], line);
        assert!(declared["location"].as_str().expect("a location").ends_with("catalog-info.yaml"));
        assert!(ask("csv").await.starts_with("severity,delay,ref"));
    }
}

#[tokio::test]
async fn the_command_line_says_what_is_not_in_the_catalog() {
    let data = tempfile::tempdir().expect("a folder");
    let estate = tempfile::tempdir().expect("a folder");
    write(&estate.path().join("catalog-info.yaml"), DATABASE);
    let server = Setup::new(data.path(), &[estate.path()]).start().await;
    server.until_entity("resource", "orders-db").await;
    let args = ["impact", "resource:default/none", "--server", &server.base];
    let output = Command::new(env!("CARGO_BIN_EXE_callboard")).args(args).output().await.expect("the binary starts");
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("Nothing in the catalog is `resource:default/none`"), "{told}");
}
