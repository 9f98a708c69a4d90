//! Starting the binary and asking it things.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::mpsc,
};

/// How long a test waits for a fact before it gives up. Far beyond what is promised, for slow machines.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Which database a test runs on.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file in the data folder of the server.
    Sqlite,
    /// A database of the throw-away PostgreSQL server.
    Postgres(String),
}

/// A running server; it ends with this value.
pub struct Server {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    client: reqwest::Client,
}

/// Everything that a server is started with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Arguments after `serve`.
    pub args: Vec<String>,
    /// The data folder.
    pub data: PathBuf,
    /// The database.
    pub database: Database,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
}

impl Setup {
    /// Serves these locations from a data folder.
    pub fn new(data: &Path, locations: &[&Path]) -> Self {
        let args = locations.iter().map(|location| location.display().to_string()).collect();
        Self { args, data: data.to_path_buf(), database: Database::Sqlite, environment: Vec::new() }
    }

    /// Adds arguments.
    pub fn with(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().map(|arg| (*arg).to_owned()));
        self
    }

    /// Chooses the database.
    pub fn on(mut self, database: Database) -> Self {
        self.database = database;
        self
    }

    /// The command that starts it.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.arg("serve").args(&self.args).arg("--data").arg(&self.data);
        command.envs(self.environment.iter().cloned());
        if let Database::Postgres(url) = &self.database {
            command.args(["--database", url]);
        }
        if !self.args.iter().any(|arg| arg == "--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command
            .current_dir(&self.data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Starts it and waits until it is open.
    pub async fn start(&self) -> Server {
        Self::watch(self.command()).await
    }

    /// Starts it and kills it after a while, whether it is open by then or not.
    pub async fn start_and_kill_after(&self, moment: Duration) {
        let mut command = self.command();
        // Nobody reads what it says, so it must not wait for a reader.
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
        tokio::time::sleep(moment).await;
        child.kill().await.expect("it can be killed");
    }

    /// Starts it so that no file that it writes can grow beyond so many KiB.
    pub async fn start_with_file_size_limit(&self, kib: u64) -> Server {
        let plain = self.command();
        let mut command = Command::new("bash");
        // Bash counts in KiB; the signal that comes with the limit would end the process before it could tell.
        command.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\""));
        command.arg(plain.as_std().get_program()).args(plain.as_std().get_args()).current_dir(&self.data);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        Self::watch(command).await
    }

    async fn watch(mut command: Command) -> Server {
        let mut child = command.spawn().expect("the binary starts");
        let (send, lines) = mpsc::unbounded_channel();
        forward(child.stdout.take().expect("piped"), send.clone());
        forward(child.stderr.take().expect("piped"), send);
        let mut server = Server { child, lines, base: String::new(), client: reqwest_client() };
        let line = server.line_with("open at http://").await;
        let start = line.find("http://").expect("it holds the address");
        server.base = line[start..].split_whitespace().next().expect("an address").trim_end_matches('/').to_owned();
        server
    }
}

fn reqwest_client() -> reqwest::Client {
    // The provider may be installed already by another test of this process.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().timeout(PATIENCE).build().expect("a client")
}

fn forward(from: impl tokio::io::AsyncRead + Unpin + Send + 'static, to: mpsc::UnboundedSender<String>) {
    tokio::spawn(async move {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if to.send(line).is_err() {
                return;
            }
        }
    });
}

impl Server {
    /// Waits for a line of its output that holds a text.
    pub async fn line_with(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            match tokio::time::timeout_at(deadline, self.lines.recv()).await {
                Ok(Some(line)) if line.contains(text) => return line,
                Ok(Some(line)) => seen.push(line),
                Ok(None) => panic!("the server ended without saying {text:?}:\n{}", seen.join("\n")),
                Err(_) => panic!("the server never said {text:?}:\n{}", seen.join("\n")),
            }
        }
    }

    /// Asks; gives status and body (`Null` when it is no JSON).
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        self.try_ask(method, path, body).await.expect("the server answers")
    }

    /// Asks; fails when the server is not there.
    pub async fn try_ask(&self, method: &str, path: &str, body: Option<Value>) -> Result<(u16, Value), reqwest::Error> {
        let method = method.parse().expect("a method");
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    /// Gets a path that must answer 200.
    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Gets a page that must answer 200, as its text.
    pub async fn text(&self, path: &str) -> String {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.expect("the server answers");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.text().await.expect("a body")
    }

    /// Looks an entity up.
    pub async fn entity(&self, kind: &str, name: &str) -> Option<Value> {
        let (status, body) =
            self.ask("GET", &format!("/api/catalog/entities/by-name/{kind}/default/{name}"), None).await;
        (status == 200).then_some(body)
    }

    /// Waits until `fact` gives something; says how long it took.
    pub async fn until<T>(&self, what: &str, mut fact: impl AsyncFnMut(&Server) -> Option<T>) -> (T, Duration) {
        let started = Instant::now();
        loop {
            if let Some(found) = fact(self).await {
                return (found, started.elapsed());
            }
            assert!(started.elapsed() < PATIENCE, "never came true: {what}");
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for an entity to be there.
    pub async fn until_entity(&self, kind: &str, name: &str) -> Value {
        self.until(&format!("{kind} {name} is there"), async |server| server.entity(kind, name).await).await.0
    }

    /// Kills it without a warning (SIGKILL).
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it can be killed");
    }

    /// Asks it to end (SIGTERM) and waits; gives the exit code.
    pub async fn stop(mut self) -> Option<i32> {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill runs");
        assert!(sent.success());
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends in time");
        ended.expect("it can be waited for").code()
    }
}

/// A component's document.
pub fn component(name: &str, owner: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{ name: {name} }}\nspec: {{ type: service, lifecycle: production, owner: {owner} }}\n"
    )
}

/// Writes a file as editors do: beside it, then renamed over it.
pub fn write(path: &Path, text: &str) {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).expect("a folder");
    }
    let draft = path.with_extension("draft");
    std::fs::write(&draft, text).expect("written");
    std::fs::rename(&draft, path).expect("renamed");
}

/// The databases to run a test on. PostgreSQL is left out only when it is told to be.
pub fn databases() -> Vec<Database> {
    let mut databases = vec![Database::Sqlite];
    if let Some(url) = testkit::postgres() {
        databases.push(Database::Postgres(url));
    }
    databases
}
