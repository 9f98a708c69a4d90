//! The pack: from a running server, from the database alone, and on a schedule.

use std::path::Path;

use crate::support::{Setup, component, write};

/// What every whole pack ends with.
const END: &str = "</script>\n</body>\n</html>\n";

fn is_whole(path: &Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|html| html.starts_with("<!doctype html>") && html.ends_with(END))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A data folder, an estate with one component, and a configuration that writes packs into `packs` of the data folder.
struct World {
    data: tempfile::TempDir,
    estate: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { data: tempfile::tempdir().unwrap(), estate: tempfile::tempdir().unwrap() };
        write(&world.estate.path().join("catalog-info.yaml"), &component("shop", "team-a"));
        let config = "callboard:\n  pack: { directory: packs, every: 1m, keep: 2 }\n";
        std::fs::write(world.data.path().join("app-config.yaml"), config).unwrap();
        world
    }

    fn setup(&self) -> Setup {
        let config = self.data.path().join("app-config.yaml").display().to_string();
        Setup::new(self.data.path(), &[self.estate.path()]).with(&["--config", &config])
    }

    fn packs(&self) -> std::path::PathBuf {
        self.data.path().join("packs")
    }

    /// Runs `callboard pack`.
    async fn pack(&self, args: &[&str]) -> std::process::Output {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.arg("pack").args(args).current_dir(self.data.path()).output().await.unwrap()
    }
}

#[tokio::test]
async fn a_pack_is_fetched_from_a_server_or_made_of_its_database_when_it_is_gone() {
    let world = World::new();
    let server = world.setup().start().await;
    server.until_entity("component", "shop").await;
    let online = world.data.path().join("online.html").display().to_string();
    let told = world.pack(&["--server", &server.base, "--output", &online]).await;
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(is_whole(Path::new(&online)));
    let base = server.base.clone();
    server.stop().await;

    let refused = world.pack(&["--server", &base]).await;
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && text.contains("--offline"), "{text}");

    let data = world.data.path().display().to_string();
    let told = world.pack(&["--offline", "--data", &data]).await;
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let names = names(world.data.path());
    let made = names.iter().find(|name| name.starts_with("callboard-pack-")).expect("it is named after its change");
    assert!(is_whole(&world.data.path().join(made)));
    let out = world.pack(&["--offline", "--data", &data, "--output", "-"]).await.stdout;
    assert!(String::from_utf8(out).unwrap().ends_with(END));
}

#[tokio::test]
async fn a_pack_is_written_on_a_schedule() {
    let world = World::new();
    let server = world.setup().start().await;
    server.until("a pack is there", async |_| is_whole(&world.packs().join("callboard-pack.html")).then_some(())).await;
    let (state, _) = server
        .until("the loop says what it did", async |server| {
            let loops = server.get("/api/v1/loops").await;
            let found = loops["items"].as_array().unwrap().iter().find(|state| state["name"] == "pack").cloned();
            found.filter(|state| state["note"].is_string())
        })
        .await;
    assert!(state["note"].as_str().unwrap().contains("callboard-pack.html as of change"), "{state}");
    assert_eq!(names(&world.packs()).len(), 2, "one under its time, one as the newest");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told_and_harms_nothing() {
    let world = World::new();
    // Not even the administrator makes a folder below a file.
    std::fs::write(world.packs(), "").unwrap();
    let server = world.setup().start().await;
    server
        .until("the failure shows to operators", async |server| {
            let page = server.text("/operations").await;
            page.contains("the pack could not be written to").then_some(())
        })
        .await;
    assert!(server.entity("component", "shop").await.is_some());
    let (answer, _) = server.ask("GET", "/.backstage/health/v1/readiness", None).await;
    assert_eq!(answer, 200);
}

#[tokio::test]
async fn a_full_disk_leaves_the_last_pack_as_it_was() {
    let world = World::new();
    let newest = world.packs().join("callboard-pack.html");
    let server = world.setup().start().await;
    server.until("a pack is there", async |_| is_whole(&newest).then_some(())).await;
    server.stop().await;
    let before = (names(&world.packs()), std::fs::read(&newest).unwrap());

    // No file may grow beyond 16 KiB, which no pack is shorter than; the database is in memory.
    let setup = world.setup().with(&["--database", "sqlite::memory:"]);
    let server = setup.start_with_file_size_limit(16).await;
    server
        .until("the failure shows", async |server| {
            let loops = server.get("/api/v1/loops").await.to_string();
            loops.contains("the pack could not be written to").then_some(())
        })
        .await;
    assert!(server.entity("component", "shop").await.is_some());
    assert_eq!((names(&world.packs()), std::fs::read(&newest).unwrap()), before);
}
