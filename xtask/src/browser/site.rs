//! The server that the browser looks at: one that runs already, or the real binary on a copy of the demo estate.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, ensure};

use crate::{
    http,
    server::{Server, Start},
    workspace,
};

/// A server with pages.
pub struct Site {
    base: String,
    /// The server that was started for this, and the descriptors that it harvests; tests may change them.
    own: Option<(Server, PathBuf)>,
}

impl Site {
    /// Uses the server at `base`, or starts one on the demo estate in a scratch folder of that name.
    ///
    /// # Errors
    /// When the server does not start or does not finish its harvest.
    pub fn open(name: &str, base: Option<&str>) -> anyhow::Result<Self> {
        if let Some(base) = base {
            return Ok(Self { base: base.trim_end_matches('/').to_owned(), own: None });
        }
        let scratch = workspace::scratch(name)?;
        fs::remove_dir_all(&scratch)?;
        let demo = scratch.join("demo");
        fs::create_dir_all(&demo)?;
        let binary = workspace::target().join("debug/callboard");
        let unpacked = Command::new(&binary).args(["demo", "--write"]).arg(&demo).output();
        let unpacked = unpacked.with_context(|| format!("`{}` cannot be started", binary.display()))?;
        ensure!(unpacked.status.success(), "the demo estate cannot be written to `{}`", demo.display());
        let start = Start {
            binary: &binary,
            config: &demo.join("app-config.yaml"),
            data: &scratch.join("data"),
            database: None,
            environment: &[],
        };
        let mut server = start.run()?;
        server.wait_for_harvest(Duration::from_secs(120))?;
        Ok(Self { base: server.base(), own: Some((server, demo.join("estate"))) })
    }

    /// Where it is reached.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The descriptors that it harvests, if they are ours to change.
    pub fn estate(&self) -> Option<&Path> {
        self.own.as_ref().map(|(_, estate)| estate.as_path())
    }

    /// How many entities its catalog has.
    ///
    /// # Errors
    /// When it does not say.
    pub fn entities(&self) -> anyhow::Result<u64> {
        let answer = http::send(self.port()?, "GET", "/api/v1/status", None)?;
        answer.json()["catalog"]["entities"].as_u64().context("the status has no number of entities")
    }

    /// Its port on the loopback.
    ///
    /// # Errors
    /// When it is another machine's.
    pub fn port(&self) -> anyhow::Result<u16> {
        let local = self.base.strip_prefix("http://127.0.0.1:").or_else(|| self.base.strip_prefix("http://localhost:"));
        local
            .and_then(|port| port.parse().ok())
            .with_context(|| format!("`{}` is not http://127.0.0.1:PORT", self.base))
    }
}
