//! Runs the official JavaScript client against the real binary.

use std::process::Command;

use super::{Count, fixture_host::FixtureHost, replay};
use crate::{
    npm::{self, Passed},
    workspace,
};

/// Installs the client at the versions of the lock file, and lets it call every method.
pub fn run() -> anyhow::Result<Count> {
    let conformance = replay::folder()?;
    let installed = workspace::scratch("client-packages")?;
    npm::install(&workspace::root().join("conformance/client"), &installed)?;
    let _host = FixtureHost::start_or_share(&conformance.join("catalog"), "url-root.yaml")?;
    let server = replay::start_on_fixture("client", None)?;
    let mut command = Command::new("node");
    command.arg(conformance.join("client-smoke.mjs"));
    command.env("CLIENT_FROM", installed.join("package.json")).env("BASE_URL", server.base());
    npm::count_checks(&mut command, Passed::Counted)
}
