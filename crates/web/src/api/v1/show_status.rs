//! `GET /status`: the server at a glance: version, catalog, loops, hosts and locations.

use std::time::Duration;

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use serde::Serialize;

use super::{
    list_loops::LoopWire,
    parameters::{Parameters, rfc3339},
};
use crate::{App, FirstReading, Gate, HostStatus, LocationStatus, Problem, ReplicaStatus, View, answer};

/// How long an answer waits for readers to see what it tells of. When they are later than that, it is for a reason that the
/// status shows.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusAnswer {
    version: String,
    ready: bool,
    catalog: CatalogWire,
    first_reading: Option<FirstReadingWire>,
    loops: Vec<LoopWire>,
    hosts: Vec<HostWire>,
    locations: Vec<LocationWire>,
    replicas: Vec<ReplicaWire>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReplicaWire {
    id: String,
    name: String,
    is_this: bool,
    started_ms_ago: u64,
    seen_ms_ago: u64,
    seq: u64,
    leases: Vec<String>,
}

/// Locations that are being read for the first time.
#[derive(Serialize)]
struct FirstReadingWire {
    locations: usize,
    files: usize,
    of: usize,
}

#[derive(Serialize)]
struct CatalogWire {
    seq: u64,
    entities: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HostWire {
    host: String,
    limit: Option<u64>,
    remaining: Option<u64>,
    resets_at: Option<String>,
    paused_until: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationWire {
    id: String,
    location: String,
    from_config: bool,
    due_at: String,
    last_ok_at: Option<String>,
    last_tried_at: Option<String>,
    last_error: Option<String>,
    entities: u64,
}

/// Shows the status. Locations are left out for a caller without `catalog.location.read`.
pub(super) async fn show_status(
    State(app): State<App>,
    view: View,
    gate: Gate,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    Parameters::parse(raw.as_deref(), &[])?;
    gate.require("catalog.ingestion.read")?;
    let status = app.workshop().status().await;
    // Whoever is told that a location was read finds what was in it.
    app.live().wait_at_most(status.seq, LONGEST_WAIT).await;
    let may_see_locations = gate.require("catalog.location.read").is_ok();
    let locations = if may_see_locations { status.locations } else { Vec::new() };
    let answer = StatusAnswer {
        version: app.settings().version.clone(),
        ready: app.live().is_loaded(),
        catalog: CatalogWire { seq: view.seq().0, entities: view.count(&index::Filter::All) },
        first_reading: app.workshop().first_reading().map(|FirstReading { locations, files, of }| FirstReadingWire {
            locations,
            files,
            of,
        }),
        loops: status.loops.into_iter().map(LoopWire::from).collect(),
        hosts: status.hosts.into_iter().map(host_wire).collect(),
        locations: locations.into_iter().map(location_wire).collect(),
        replicas: status.replicas.into_iter().map(replica_wire).collect(),
    };
    Ok(answer::json_value(StatusCode::OK, &answer))
}

fn replica_wire(replica: ReplicaStatus) -> ReplicaWire {
    let ReplicaStatus { id, name, is_this, started_ms_ago, seen_ms_ago, seq, leases } = replica;
    ReplicaWire { id, name, is_this, started_ms_ago, seen_ms_ago, seq, leases }
}

fn host_wire(host: HostStatus) -> HostWire {
    HostWire {
        host: host.host,
        limit: host.limit,
        remaining: host.remaining,
        resets_at: host.resets_at.map(rfc3339),
        paused_until: host.paused_until.map(rfc3339),
    }
}

fn location_wire(location: LocationStatus) -> LocationWire {
    LocationWire {
        id: location.id.to_string(),
        location: location.location.to_string(),
        from_config: location.from_config,
        due_at: rfc3339(location.due_at),
        last_ok_at: location.last_ok_at.map(rfc3339),
        last_tried_at: location.last_tried_at.map(rfc3339),
        last_error: location.last_error,
        entities: location.entities,
    }
}
