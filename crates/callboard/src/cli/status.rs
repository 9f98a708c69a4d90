//! `callboard status`: loops, locations and problems of a running server.

use std::{fmt::Write as _, process::ExitCode};

use clap::Args;
use serde_json::Value;

use super::client;

/// Arguments of `status`.
#[derive(Debug, Clone, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    pub client: super::ClientArgs,
    /// Print the server's answers as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Asks and prints. Ends with 1 when a loop or a location has failed last time.
///
/// # Errors
/// When no server answers, or it refuses.
pub fn run(args: &StatusArgs) -> anyhow::Result<ExitCode> {
    let (status, problems) = client::block_on(async {
        let status: Value = client::get(&args.client, "/api/v1/status", &[]).await?.json().await?;
        let problems: Value = client::get(&args.client, "/api/v1/problems", &[("limit", "20")]).await?.json().await?;
        Ok((status, problems))
    })?;
    if args.json {
        super::print_out(&format!("{}\n", serde_json::json!({ "status": status, "problems": problems })))?;
    } else {
        super::print_out(&render(&status, &problems))?;
    }
    Ok(if is_healthy(&status) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn rows<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn is_healthy(status: &Value) -> bool {
    rows(status, "loops").iter().chain(rows(status, "locations")).all(|row| row["lastError"].is_null())
}

/// A time of the API: text as it is, milliseconds since 1970 as RFC 3339, nothing as `never`.
fn time(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(ms) => ms
            .as_i64()
            .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
            .map_or_else(|| ms.to_string(), |time| format!("{time:.0}")),
        _ => "never".to_owned(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The most exact place that is known: a line of a file, a location, or the entity.
fn find_spot(row: &Value) -> Option<String> {
    let place = &row["place"];
    if place.is_object() {
        return Some(format!("{}:{}:{}", text(&place["location"]), place["line"], place["column"]));
    }
    row["location"].as_str().or_else(|| row["entityRef"].as_str()).map(str::to_owned)
}

fn render(status: &Value, problems: &Value) -> String {
    let mut out = String::from("Loops\n");
    for row in rows(status, "loops") {
        let state = if row["lastError"].is_null() { "ok" } else { "FAILED" };
        let _ = write!(out, "  {:<10} {state:<6} last {}", text(&row["name"]), time(&row["lastStartedAt"]));
        for key in ["note", "lastError"] {
            if let Some(note) = row[key].as_str() {
                let _ = write!(out, "  {note}");
            }
        }
        out.push('\n');
    }
    let replicas = rows(status, "replicas");
    if !replicas.is_empty() {
        let _ = writeln!(out, "\nReplicas ({})", replicas.len());
    }
    for row in replicas {
        let leases: Vec<&str> = rows(row, "leases").iter().filter_map(Value::as_str).collect();
        let runs = if leases.is_empty() { "reads only".to_owned() } else { format!("runs {}", leases.join(", ")) };
        let seen = row["seenMsAgo"].as_u64().unwrap_or_default() / 1_000;
        let _ = writeln!(out, "  {}  {runs}, at change {}, seen {seen} s ago", text(&row["name"]), row["seq"]);
    }
    let locations = rows(status, "locations");
    let _ = writeln!(out, "\nLocations ({})", locations.len());
    for row in locations {
        let _ = writeln!(out, "  {}\n      last harvest {}", text(&row["location"]), time(&row["lastOkAt"]));
        if let Some(error) = row["lastError"].as_str() {
            let _ = writeln!(out, "      FAILED at {}: {error}", time(&row["lastTriedAt"]));
        }
    }
    for row in rows(status, "hosts") {
        let _ = writeln!(out, "  host {}{}", text(&row["host"]), render_grant(row));
    }
    let items = rows(problems, "items");
    let total = problems["total"].as_u64().unwrap_or(items.len() as u64);
    let _ = writeln!(out, "\nProblems ({total})");
    for row in items {
        let _ = writeln!(out, "  {} {}", text(&row["code"]), text(&row["message"]));
        if let Some(spot) = find_spot(row) {
            let _ = writeln!(out, "      {spot}");
        }
        if let Some(help) = row["help"].as_str() {
            let _ = writeln!(out, "      help: {help}");
        }
    }
    if total > items.len() as u64 {
        let _ = writeln!(out, "  and {} more: GET /api/v1/problems", total - items.len() as u64);
    }
    out
}

/// What a host still grants, and until when it asked for patience, as far as that is known.
fn render_grant(host: &Value) -> String {
    let mut out = String::new();
    if let (Some(remaining), Some(limit)) = (host["remaining"].as_u64(), host["limit"].as_u64()) {
        let _ = write!(out, ": {remaining} of {limit} requests left");
        if let Some(resets) = host["resetsAt"].as_str() {
            let _ = write!(out, ", all again at {resets}");
        }
    }
    if let Some(until) = host["pausedUntil"].as_str() {
        let _ = write!(out, "; paused until {until}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shows_what_failed() {
        let status = json!({
            "loops": [{"name": "refresh", "lastStartedAt": 0, "lastError": null, "note": "2 locations"}],
            "hosts": [{"host": "github.com", "limit": 60, "remaining": 7, "resetsAt": "2026-01-02T03:04:05Z"},
                {"host": "example.com", "limit": null, "remaining": null, "pausedUntil": "2026-01-02T03:05:00Z"}],
            "replicas": [{"name": "host-1", "leases": ["refresh", "sweep"], "seq": 7, "seenMsAgo": 1500}, {"name": "host-2", "leases": [], "seq": 7, "seenMsAgo": 0}],
            "locations": [{"location": "file:/x/all.yaml", "lastOkAt": null, "lastTriedAt": 1000, "lastError": "gone"}],
        });
        let problems = json!({
            "total": 3,
            "items": [{"code": "E0201", "message": "no kind", "help": "add `kind`", "place": {"location": "file:/x/a.yaml", "line": 3, "column": 1}},
                {"code": "W1007", "message": "no owner", "help": null, "place": null, "location": null, "entityRef": "api:default/x"}],
        });
        let shown = render(&status, &problems);
        assert!(shown.contains("refresh    ok     last 1970-01-01T00:00:00Z  2 locations"), "{shown}");
        assert!(shown.contains("last harvest never\n      FAILED at 1970-01-01T00:00:01Z: gone"), "{shown}");
        assert!(shown.contains("E0201 no kind\n      file:/x/a.yaml:3:1\n      help: add `kind`\n"), "{shown}");
        assert!(shown.contains("W1007 no owner\n      api:default/x\n  and 1 more"), "{shown}");
        assert!(
            shown.contains("host github.com: 7 of 60 requests left, all again at 2026-01-02T03:04:05Z\n"),
            "{shown}"
        );
        assert!(shown.contains("host example.com; paused until 2026-01-02T03:05:00Z\n"), "{shown}");
        assert!(shown.contains("Replicas (2)\n  host-1  runs refresh, sweep, at change 7, seen 1 s ago\n"), "{shown}");
        assert!(shown.contains("  host-2  reads only, at change 7, seen 0 s ago\n"), "{shown}");
        assert!(!is_healthy(&status));
    }
}
