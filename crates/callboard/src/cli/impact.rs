//! `callboard impact`: what else is hit when entities fail, as a running server answers.

use std::{fmt::Write as _, process::ExitCode};

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::client;

/// Arguments of `impact`.
#[derive(Debug, Clone, Args)]
pub struct ImpactArgs {
    /// What fails, as entity references: `resource:default/kafka`.
    #[arg(value_name = "REF", required = true)]
    pub refs: Vec<String>,
    /// How it fails.
    #[arg(long, value_enum, default_value_t)]
    pub state: FailureState,
    /// How many edges to follow; all of them by default.
    #[arg(long, value_name = "N")]
    pub depth: Option<u32>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    pub format: ImpactFormat,
    /// Say for each entity which files declare the dependencies that it is hit through.
    #[arg(long)]
    pub why: bool,
    /// How many entities at most.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub limit: u32,
    #[command(flatten)]
    pub client: super::ClientArgs,
}

/// How something fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FailureState {
    /// It does nothing.
    #[default]
    Down,
    /// It does a part of what it should.
    Degraded,
    /// It answers late.
    Slow,
}

/// The forms of the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ImpactFormat {
    /// For people.
    #[default]
    Table,
    /// The server's answer as it is.
    Json,
    /// A table for spreadsheets.
    Csv,
}

impl FailureState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Degraded => "degraded",
            Self::Slow => "slow",
        }
    }
}

/// Asks and prints.
///
/// # Errors
/// When no server answers, or it refuses: none of the entities is in its catalog, for example.
pub fn run(args: &ImpactArgs) -> anyhow::Result<ExitCode> {
    let (depth, limit) = (args.depth.map(|depth| depth.to_string()), args.limit.to_string());
    let mut query: Vec<(&str, &str)> = args.refs.iter().map(|entity_ref| ("ref", entity_ref.as_str())).collect();
    query.extend([("state", args.state.as_str()), ("limit", &limit)]);
    query.extend(depth.as_deref().map(|depth| ("depth", depth)));
    query.push(("format", if args.format == ImpactFormat::Csv { "csv" } else { "json" }));
    if args.format != ImpactFormat::Json && !args.why {
        query.push(("evidence", "false"));
    }
    let text =
        client::block_on(async { Ok(client::get(&args.client, "/api/v1/impact", &query).await?.text().await?) })?;
    match args.format {
        ImpactFormat::Table => super::print_out(&render(&serde_json::from_str(&text)?, args.why))?,
        ImpactFormat::Json => super::print_out(&format!("{text}\n"))?,
        ImpactFormat::Csv => super::print_out(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn rows<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn render(answer: &Value, why: bool) -> String {
    let mut out = String::new();
    for root in rows(answer, "roots") {
        let _ = writeln!(out, "{} is {}", text(root, "ref"), text(root, "state"));
    }
    for unknown in rows(answer, "unknown").iter().filter_map(Value::as_str) {
        let _ = writeln!(out, "{unknown} is not in the catalog");
    }
    let items = rows(answer, "items");
    let counts = &answer["counts"];
    let _ = writeln!(
        out,
        "{} hit: {} down, {} degraded, {} slow\n",
        answer["total"], counts["down"], counts["degraded"], counts["slow"]
    );
    let lines: Vec<[String; 5]> = items.iter().map(|item| line(answer, item)).collect();
    write_table(&mut out, ["SEVERITY", "WHEN", "ENTITY", "OWNER", "THROUGH"], &lines);
    let left = answer["total"].as_u64().unwrap_or_default().saturating_sub(items.len() as u64);
    if left > 0 {
        let _ = writeln!(out, "and {left} more: give a larger --limit");
    }
    if let Some(beyond) = answer["dependentsBeyondDepth"].as_u64().filter(|beyond| *beyond > 0) {
        let _ = writeln!(out, "{beyond} of them have more dependents beyond --depth");
    }
    let journeys = rows(answer, "carriers").iter().filter(|carrier| carrier["isJourney"] == true);
    let journeys: Vec<String> =
        journeys.map(|journey| format!("{} ({})", text(journey, "title"), text(journey, "severity"))).collect();
    if !journeys.is_empty() {
        let _ = writeln!(out, "\nJourneys touched: {}", journeys.join(", "));
    }
    let carriers = rows(answer, "carriers").iter().filter(|carrier| carrier["isJourney"] != true);
    let carriers: Vec<String> =
        carriers.map(|carrier| format!("{} ({} of its parts)", text(carrier, "title"), carrier["parts"])).collect();
    if !carriers.is_empty() {
        let _ = writeln!(out, "\nSystems and domains with a part that is hit: {}", carriers.join(", "));
    }
    for spared in rows(answer, "spared") {
        let standing: Vec<&str> = rows(spared, "standing").iter().filter_map(Value::as_str).collect();
        let (entity, dependency) = (text(spared, "ref"), text(spared, "dependency"));
        let _ = writeln!(out, "{entity} goes on without {dependency}: {} stands in", standing.join(", "));
    }
    if why {
        write_reasons(&mut out, answer);
    }
    let _ = writeln!(out, "\nWho to call");
    rows(answer, "teams").iter().for_each(|team| write_team(&mut out, team));
    out
}

/// Severity, moment, entity, owner and the way to it.
fn line(answer: &Value, item: &Value) -> [String; 5] {
    let edges = rows(answer, "edges");
    let path =
        rows(item, "path").iter().filter_map(Value::as_u64).filter_map(|at| edges.get(usize::try_from(at).ok()?));
    let path: Vec<&str> = path.map(|edge| text(edge, "from")).collect();
    let others = item["otherWays"].as_u64().filter(|others| *others > 0);
    let others = others.map_or(String::new(), |others| format!(" (+{others})"));
    let when = if item["delaySeconds"] == 0 { "at once" } else { text(item, "delay") };
    [
        text(item, "severity").to_owned(),
        when.to_owned(),
        text(item, "ref").to_owned(),
        item["owner"].as_str().unwrap_or("-").to_owned(),
        format!("{}{others}", path.join(" > ")),
    ]
}

/// The way to each entity, and which files say so.
fn write_reasons(out: &mut String, answer: &Value) {
    let edges = rows(answer, "edges");
    let _ = writeln!(out, "\nWhy");
    for item in rows(answer, "items") {
        let _ = writeln!(out, "  {}", text(item, "ref"));
        let places = rows(item, "path").iter().filter_map(Value::as_u64).filter_map(|at| usize::try_from(at).ok());
        for edge in places.filter_map(|at| edges.get(at)) {
            let (from, to, relation) = (text(edge, "from"), text(edge, "to"), text(edge, "relation"));
            let _ = writeln!(out, "    {to} {relation} {from} ({})", text(edge, "strength"));
            for declared in rows(edge, "declared") {
                let line = declared["line"].as_u64().map_or(String::new(), |line| format!(":{line}"));
                let commit = declared["commit"].as_str().map_or(String::new(), |commit| format!(" at {commit}"));
                let place = declared["location"].as_str().unwrap_or("an unknown file");
                let author = declared["author"].as_str().map_or(String::new(), |author| format!(" by {author}"));
                let _ = writeln!(out, "      {place}{line}{commit}{author}, read {}", text(declared, "at"));
            }
            if rows(edge, "declared").is_empty() {
                let _ = writeln!(out, "      the change that declared it is no longer on record");
            }
        }
    }
}

fn write_table(out: &mut String, heads: [&str; 5], lines: &[[String; 5]]) {
    if lines.is_empty() {
        return;
    }
    let width = |column: usize| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.chain([heads[column].len()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..4).map(width).collect();
    let mut write = |cells: [&str; 5]| {
        for (cell, width) in cells.iter().zip(&widths) {
            let _ = write!(out, "{cell:<width$}  ");
        }
        let _ = writeln!(out, "{}", cells[4]);
    };
    write(heads);
    for line in lines {
        write([&line[0], &line[1], &line[2], &line[3], &line[4]].map(String::as_str));
    }
}

fn write_team(out: &mut String, team: &Value) {
    let title = team["title"].as_str().unwrap_or("Nobody known");
    let mut reach: Vec<String> = team["email"].as_str().map(str::to_owned).into_iter().collect();
    reach.extend(rows(team, "contacts").iter().map(|contact| {
        let target = contact["url"].as_str().or_else(|| contact["value"].as_str()).unwrap_or_default();
        format!("{} {target}", text(contact, "label"))
    }));
    let reach = if reach.is_empty() { "no contact is declared".to_owned() } else { reach.join(", ") };
    let _ = writeln!(out, "  {title}: {reach}");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shows_who_is_hit_through_what_and_whom_to_call() {
        let answer = json!({
            "roots": [{"ref": "resource:default/db", "state": "down"}],
            "unknown": ["resource:default/none"],
            "counts": {"down": 1, "degraded": 1, "slow": 0},
            "total": 3,
            "items": [
                {"ref": "component:default/orders", "severity": "down", "delay": "PT0S", "delaySeconds": 0,
                 "owner": "group:default/a", "path": [0], "otherWays": 0},
                {"ref": "component:default/web", "severity": "degraded", "delay": "PT6H", "delaySeconds": 21600,
                 "owner": null, "path": [0, 1], "otherWays": 2},
            ],
            "edges": [
                {"from": "resource:default/db", "to": "component:default/orders", "relation": "dependsOn", "strength": "hard",
                 "declared": [{"location": "url:https://g/o.yaml", "line": 9, "commit": "abc", "at": "2026-01-01T00:00:00Z"}]},
                {"from": "component:default/orders", "to": "component:default/web", "relation": "dependsOn",
                 "strength": "soft", "declared": []},
            ],
            "carriers": [{"title": "Checkout", "isJourney": true, "severity": "down"},
                {"title": "S", "isJourney": false, "parts": 2}],
            "spared": [{"ref": "component:default/twin", "dependency": "resource:default/db", "standing": ["resource:default/copy"]}],
            "teams": [{"title": "Team A", "email": "a@example.org", "contacts": [{"label": "Pager", "url": "https://p"}]},
                {"title": null, "email": null, "contacts": []}],
            "dependentsBeyondDepth": 1,
        });
        let want = "\
resource:default/db is down
resource:default/none is not in the catalog
3 hit: 1 down, 1 degraded, 0 slow

SEVERITY  WHEN     ENTITY                    OWNER            THROUGH
down      at once  component:default/orders  group:default/a  resource:default/db
degraded  PT6H     component:default/web     -                resource:default/db > component:default/orders (+2)
and 1 more: give a larger --limit
1 of them have more dependents beyond --depth

Journeys touched: Checkout (down)

Systems and domains with a part that is hit: S (2 of its parts)
component:default/twin goes on without resource:default/db: resource:default/copy stands in

Who to call
  Team A: a@example.org, Pager https://p
  Nobody known: no contact is declared
";
        assert_eq!(render(&answer, false), want);
        let why = "
Why
  component:default/orders
    component:default/orders dependsOn resource:default/db (hard)
      url:https://g/o.yaml:9 at abc, read 2026-01-01T00:00:00Z
  component:default/web
    component:default/orders dependsOn resource:default/db (hard)
      url:https://g/o.yaml:9 at abc, read 2026-01-01T00:00:00Z
    component:default/web dependsOn component:default/orders (soft)
      the change that declared it is no longer on record

Who to call
";
        assert!(render(&answer, true).contains(why), "{}", render(&answer, true));
    }
}
