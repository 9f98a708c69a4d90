//! `callboard reference NAME`: the pages of the reference, made from the tables in the code.

use std::{fmt::Write as _, process::ExitCode};

use clap::{Args, CommandFactory as _, ValueEnum};

use crate::config::keys;

/// Arguments of `reference`.
#[derive(Debug, Clone, Args)]
pub struct ReferenceArgs {
    /// Which page.
    #[arg(value_enum)]
    pub page: Page,
}

/// The pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Page {
    /// Configuration keys.
    Configuration,
    /// Command line.
    Cli,
    /// Diagnostic codes.
    Diagnostics,
    /// Permissions.
    Permissions,
    /// Metrics.
    Metrics,
}

/// Prints the page.
///
/// # Errors
/// Never; the signature is that of all subcommands.
pub fn run(args: &ReferenceArgs) -> anyhow::Result<ExitCode> {
    super::print_out(&render(args.page))?;
    Ok(ExitCode::SUCCESS)
}

/// Renders the page as Markdown.
pub fn render(page: Page) -> String {
    let mut out = String::from("<!-- Made by `cargo xtask docs` from the tables in the code; edit those. -->\n\n");
    match page {
        Page::Configuration => configuration(&mut out),
        Page::Cli => command_line(&mut out),
        Page::Diagnostics => diagnostics(&mut out),
        Page::Permissions => permissions(&mut out),
        Page::Metrics => metrics(&mut out),
    }
    out
}

/// A text inside a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn configuration(out: &mut String) {
    out.push_str(
        "# Configuration keys\n\nCallboard reads Backstage's `app-config.yaml`; the guide \
         [Bring your Backstage configuration](../guides/backstage-configuration.md) tells how files are found and merged. These keys \
         have an effect. Other keys are accepted and listed once at the start as not used; unknown keys below `callboard` are \
         errors. `[]` stands for each item of a list. Durations are written `5m`, `PT5M` or `{ minutes: 5 }`.\n",
    );
    let mut section = "";
    for key in keys::USED {
        let top = key.path.split('.').next().unwrap_or_default();
        if top != section {
            section = top;
            let _ = write!(out, "\n## {top}\n\n| Key | Type | Default | Meaning |\n| --- | --- | --- | --- |\n");
        }
        let default = if key.default.is_empty() { String::new() } else { format!("`{}`", key.default) };
        let secret = if key.secret { " Never shown." } else { "" };
        let (kind, meaning) = (cell(key.kind), cell(key.meaning));
        let _ = writeln!(out, "| `{}` | {kind} | {default} | {meaning}{secret} |", key.path);
    }
    let names: Vec<String> =
        keys::OTHER_INTEGRATIONS.iter().map(|(key, name)| format!("`integrations.{key}` ({name})")).collect();
    let _ = writeln!(
        out,
        "\n## Hosts that cannot be read yet\n\nLocations on the hosts of these integrations give an error that says so: {}.",
        names.join(", ")
    );
}

fn command_line(out: &mut String) {
    out.push_str("# Command line\n");
    let mut command = super::Cli::command().term_width(100);
    command.build();
    command_help(&command, out);
}

fn command_help(command: &clap::Command, out: &mut String) {
    let name = command.get_bin_name().unwrap_or("callboard").to_owned();
    let help = command.clone().term_width(100).render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(out, "\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim_end());
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        command_help(sub, out);
    }
}

fn diagnostics(out: &mut String) {
    out.push_str(
        "# Diagnostic codes\n\nEvery problem of a descriptor has a code, a place, and a sentence that says what to write instead. \
         A code never changes its meaning. An error keeps the document out of the catalog, or its last good form in it; a warning \
         does neither.\n",
    );
    for entry in ingest::codes::TABLE {
        let severity = match entry.severity {
            model::Severity::Error => "Error",
            model::Severity::Warning => "Warning",
            model::Severity::Info => "Information",
        };
        let _ = write!(
            out,
            "\n## {}: {}\n\n{severity}. {}\n\n{}\n",
            entry.code, entry.title, entry.explanation, entry.mending
        );
    }
}

fn permissions(out: &mut String) {
    out.push_str(
        "# Permissions\n\nThe names are Backstage's; access restrictions of tokens name them. \
         See the guide [Access tokens](../guides/access-tokens.md).\n\n| Permission | Action | Resource | Meaning |\n\
         | --- | --- | --- | --- |\n",
    );
    for permission in auth::permissions() {
        let action = permission.action.map_or("", auth::Action::as_str);
        let resource = permission.resource_type.unwrap_or_default();
        let _ = writeln!(out, "| `{}` | {action} | {resource} | {} |", permission.name, cell(permission.meaning));
    }
}

fn metrics(out: &mut String) {
    out.push_str(
        "# Metrics\n\n`GET /metrics` gives them in the text format of Prometheus.\n\n| Metric | Kind | Labels | Meaning |\n\
         | --- | --- | --- | --- |\n",
    );
    for metric in web::metric_table() {
        let kind = match metric.kind {
            web::MetricKind::Counter => "counter",
            web::MetricKind::Gauge => "gauge",
            web::MetricKind::Histogram => "histogram",
        };
        let _ =
            writeln!(out, "| `{}` | {kind} | {} | {} |", metric.name, metric.labels.join(", "), cell(metric.meaning));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_hold_what_the_tables_hold() {
        assert!(render(Page::Configuration).contains("| `backend.listen.port` | number | `7007` |"));
        assert!(render(Page::Cli).contains("## callboard config check"));
        assert!(!render(Page::Cli).contains("callboard reference"));
        assert!(render(Page::Diagnostics).contains("## E0101: "));
        assert!(render(Page::Permissions).contains("`catalog.entity.read`"));
        assert!(render(Page::Metrics).contains("| `callboard_http_requests_total` | counter |"));
    }
}
