//! Starting the real binary.

use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::http;

/// A running server, killed when the value is dropped.
pub struct Server {
    child: Child,
    /// The port on loopback.
    pub port: u16,
    /// Where it logs.
    pub log: PathBuf,
}

/// What to start.
pub struct Start<'a> {
    /// The binary.
    pub binary: &'a Path,
    /// `app-config.yaml`
    pub config: &'a Path,
    /// Data folder.
    pub data: &'a Path,
    /// PostgreSQL; `None` for SQLite in the data folder.
    pub database: Option<&'a str>,
    /// Environment variables beside those of this process.
    pub environment: &'a [(&'a str, &'a str)],
}

impl Start<'_> {
    /// Starts it and waits until it says that it is alive.
    ///
    /// # Errors
    /// When it ends, or is silent for 60 seconds.
    pub fn run(&self) -> anyhow::Result<Server> {
        let mut server = self.spawn()?;
        server.wait_for("an answer", Duration::from_secs(60), |server| {
            http::send(server.port, "GET", "/.backstage/health/v1/liveness", None)
                .is_ok_and(|answer| answer.status == 200)
        })?;
        Ok(server)
    }

    /// Starts it without waiting.
    ///
    /// # Errors
    /// When the binary cannot be started.
    pub fn spawn(&self) -> anyhow::Result<Server> {
        std::fs::create_dir_all(self.data)?;
        let port = free_port()?;
        let log = self.data.join("server.log");
        let mut command = Command::new(self.binary);
        command.arg("serve").arg("--config").arg(self.config).arg("--data").arg(self.data);
        command.args(["--listen", &format!("127.0.0.1:{port}")]);
        if let Some(url) = self.database {
            command.args(["--database", url]);
        }
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("APP_CONFIG_") || name.starts_with("CALLBOARD_")) {
                command.env_remove(name);
            }
        }
        command.env("APP_CONFIG_backend_baseUrl", format!("\"http://127.0.0.1:{port}\""));
        command.envs(self.environment.iter().copied());
        let out = File::create(&log).with_context(|| format!("`{}` cannot be written", log.display()))?;
        command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
        let child = command.spawn().with_context(|| format!("`{}` cannot be started", self.binary.display()))?;
        Ok(Server { child, port, log })
    }
}

impl Server {
    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it is reached.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits until every root location has been tried once and the catalog shows the result.
    ///
    /// # Errors
    /// When that takes longer than `limit`, or the server ends.
    pub fn wait_for_harvest(&mut self, limit: Duration) -> anyhow::Result<()> {
        let started = Instant::now();
        self.wait_for("the first harvest", limit, |server| {
            let ready =
                http::send(server.port, "GET", "/.backstage/health/v1/readiness", None).is_ok_and(|a| a.status == 200);
            let Ok(answer) = http::send(server.port, "GET", "/api/v1/status", None) else { return false };
            let status = answer.json();
            let locations = status["locations"].as_array().cloned().unwrap_or_default();
            let tried = |row: &serde_json::Value| !row["lastTriedAt"].is_null();
            ready
                && !locations.is_empty()
                && locations.iter().all(tried)
                && started.elapsed() > Duration::from_millis(100)
        })
    }

    /// Polls until `fact` holds.
    ///
    /// # Errors
    /// When it does not hold within `limit`, or the server ends.
    pub fn wait_for(&mut self, what: &str, limit: Duration, fact: impl Fn(&Self) -> bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + limit;
        while !fact(self) {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}; its log is {}", self.log.display());
            }
            if Instant::now() > deadline {
                bail!("{what} did not come within {} s; the server's log is {}", limit.as_secs(), self.log.display());
            }
            pause();
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}

/// The step of polling a server that cannot ring.
pub fn pause() {
    std::thread::park_timeout(Duration::from_millis(10));
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
