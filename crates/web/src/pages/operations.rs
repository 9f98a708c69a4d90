//! `/operations`: the portal itself, for those who run it: loops, hosts, the database, the configuration in force.

use askama::Template;
use axum::{extract::State, response::Response};
use model::Timestamp;

use super::{
    Frame,
    frame::Section,
    icon::Icon,
    moment::Moment,
    parts::{Cell, Head, Table},
    render, words,
};
use crate::{App, Gate, HostStatus, LoopStatus, Operations, Problem, ReplicaStatus, StoreFacts, View};

#[derive(Template)]
#[template(path = "operations.html")]
struct OperationsPage {
    frame: Frame,
    version: String,
    uptime: Option<Moment>,
    memory: Option<String>,
    entities: usize,
    seq: u64,
    failing: Vec<(String, String)>,
    loops: Table,
    hosts: Option<Table>,
    /// The replicas, where there can be several.
    replicas: Option<Table>,
    store: Option<Vec<(&'static str, String)>>,
    /// How many locations there are; `None` when the caller may not see them.
    locations: Option<usize>,
    /// How many of them fail, if any.
    failing_locations: Option<usize>,
    config: String,
    config_files: Vec<String>,
}

/// Shows how the server is doing.
pub(super) async fn show_operations(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
) -> Result<Response, Problem> {
    gate.require("catalog.ingestion.read")?;
    let status = app.workshop().status().await;
    let operations = app.workshop().operations().await;
    let Operations { version, started_at, memory_bytes, store, config, config_files } = operations;
    let may_see_locations = gate.require("catalog.location.read").is_ok();
    let failing = status.locations.iter().filter(|location| location.last_error.is_some()).count();
    let error_of = |state: &LoopStatus| Some((state.name.clone(), state.last_error.clone()?));
    let page = OperationsPage {
        version: if version.is_empty() { app.settings().version.clone() } else { version },
        uptime: started_at.map(|at| Moment { at, now: frame.now }),
        memory: memory_bytes.map(bytes),
        entities: view.snapshot().len(),
        seq: view.seq().0,
        failing: status.loops.iter().filter_map(error_of).collect(),
        loops: loops(&status.loops, frame.now),
        replicas: (!status.replicas.is_empty()).then(|| replicas(&status.replicas)),
        hosts: (!status.hosts.is_empty()).then(|| hosts(&status.hosts, frame.now)),
        store: store.map(|facts| store_facts(&facts)),
        locations: may_see_locations.then_some(status.locations.len()),
        failing_locations: (failing > 0).then_some(failing),
        config,
        config_files,
        frame: frame.titled("Operations", Section::Operations),
    };
    render(&page)
}

fn loops(loops: &[LoopStatus], now: Timestamp) -> Table {
    let row = |state: &LoopStatus| {
        vec![
            Cell::Text(state.name.clone()),
            Cell::Text(if state.last_error.is_some() {
                "failing".to_owned()
            } else if state.running {
                "running".to_owned()
            } else {
                "waiting".to_owned()
            }),
            Cell::Text(format!("each {}", span(state.period_ms))),
            Cell::Number(state.rounds),
            state.last_started_at.map_or(Cell::Empty, |at| Cell::Moment(Moment { at, now })),
            state.last_duration_ms.map_or(Cell::Empty, |ms| Cell::Text(span(ms))),
            state.note.as_ref().map_or(Cell::Empty, |note| Cell::Sentence(note.clone())),
        ]
    };
    Table {
        caption: "How the loops are doing".to_owned(),
        heads: vec![
            Head::plain("Loop"),
            Head::plain("State"),
            Head::plain("Comes round"),
            Head::number("Rounds"),
            Head::plain("Last began"),
            Head::plain("Took"),
            Head::wide("Note"),
        ],
        rows: loops.iter().map(row).collect(),
        swaps: None,
    }
}

fn replicas(replicas: &[ReplicaStatus]) -> Table {
    let row = |replica: &ReplicaStatus| {
        let runs = if replica.leases.is_empty() { "reads only".to_owned() } else { replica.leases.join(", ") };
        let name = if replica.is_this { format!("{}, this one", replica.name) } else { replica.name.clone() };
        vec![
            Cell::Text(name),
            Cell::Text(runs),
            Cell::Number(replica.seq),
            Cell::Text(format!("{} ago", span(replica.seen_ms_ago))),
            Cell::Text(format!("{} ago", span(replica.started_ms_ago))),
        ]
    };
    Table {
        caption: "The replicas on this database".to_owned(),
        heads: vec![
            Head::plain("Replica"),
            Head::plain("Runs"),
            Head::number("Shows change"),
            Head::plain("Last seen"),
            Head::plain("Started"),
        ],
        rows: replicas.iter().map(row).collect(),
        swaps: None,
    }
}

fn hosts(hosts: &[HostStatus], now: Timestamp) -> Table {
    let moment = |at: Option<Timestamp>| at.map_or(Cell::Empty, |at| Cell::Moment(Moment { at, now }));
    let number = |n: Option<u64>| n.map_or(Cell::Empty, Cell::Number);
    let row = |host: &HostStatus| {
        vec![
            Cell::Text(host.host.clone()),
            number(host.remaining),
            number(host.limit),
            moment(host.resets_at),
            moment(host.paused_until),
        ]
    };
    Table {
        caption: "What hosts still allow".to_owned(),
        heads: vec![
            Head::plain("Host"),
            Head::number("Requests left"),
            Head::number("Of"),
            Head::plain("Starts anew"),
            Head::plain("Left alone until"),
        ],
        rows: hosts.iter().map(row).collect(),
        swaps: None,
    }
}

fn store_facts(facts: &StoreFacts) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("Database", facts.dialect.to_owned()),
        ("Size", bytes(facts.bytes)),
        ("Newest change", facts.newest_seq.0.to_string()),
        ("History from change", facts.oldest_seq.0.to_string()),
        ("Changes kept", facts.changes.to_string()),
        ("Locations", facts.roots.to_string()),
        ("Files", facts.files.to_string()),
        ("Entities", facts.entities.to_string()),
        ("Waiting behind another file", facts.waiting.to_string()),
        ("Problems of files", facts.problems.to_string()),
    ];
    if let Some(standby) = &facts.standby {
        rows.insert(1, ("Standby", standby.clone()));
    }
    rows
}

/// A size in the largest unit that keeps it above one.
fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 || value >= 100.0 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// A span of time in one unit.
fn span(ms: u64) -> String {
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..120_000 => words::counted(usize::try_from(ms / 1_000).unwrap_or(usize::MAX), "second", "seconds"),
        120_000..7_200_000 => words::counted(usize::try_from(ms / 60_000).unwrap_or(usize::MAX), "minute", "minutes"),
        _ => words::counted(usize::try_from(ms / 3_600_000).unwrap_or(usize::MAX), "hour", "hours"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_spans_have_one_unit() {
        assert_eq!((bytes(12), bytes(1_500), bytes(250_000_000)), ("12 B".into(), "1.5 kB".into(), "250 MB".into()));
        assert_eq!((span(5), span(1_000), span(3_600_000)), ("5 ms".into(), "1 second".into(), "60 minutes".into()));
    }
}
