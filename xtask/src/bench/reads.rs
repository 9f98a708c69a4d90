//! The requests that are measured.

use std::time::Instant;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::{
    estate::{Estate, PUBLIC},
    load::{self, Request},
    process,
};
use crate::http;

/// Measures all requests of an estate.
pub fn measure(port: u16, pid: u32, estate: &Estate, seconds: u64) -> anyhow::Result<Value> {
    // Before all others: no past moment is at hand yet, from which the asked one could be made.
    let mut rows = vec![open_distant_past(port, pid)?];
    for request in requests(port, estate)? {
        let load = load::run(port, pid, &request, seconds)?;
        println!(
            "  {:<22} p50 {:>8.3} ms, CPU {:>8.3} ms, {} bytes",
            request.name, load.p50_ms, load.cpu_ms, load.bytes
        );
        rows.push(json!({
            "name": request.name, "request": request.line, "bytes": load.bytes, "requests": load.requests,
            "p50": load.p50_ms, "p95": load.p95_ms, "perSecond": load.per_second, "cpu": load.cpu_ms,
        }));
    }
    rows.push(open_near_past(port, pid)?);
    if estate.entities != PUBLIC {
        rows.push(take_pack(port, pid)?);
    }
    Ok(rows.into())
}

/// How many moments of the past are opened.
const MOMENTS: u64 = 5;

/// Opens a page of the moment when half of what is on record had happened: the whole catalog of then is built from the log.
fn open_distant_past(port: u16, pid: u32) -> anyhow::Result<Value> {
    let path = format!("/catalog?filters[kind]=component&at={}", newest_seq(port)? / 2);
    ask_once("page past, cold", "GET /catalog?filters[kind]=component&at=..", pid, port, vec![path])
}

fn newest_seq(port: u16) -> anyhow::Result<u64> {
    let answer = http::send(port, "GET", "/api/v1/export?filter=kind=none", None)?;
    answer.header("x-callboard-seq").and_then(|seq| seq.parse().ok()).context("no number")
}

/// Opens pages of moments that nobody has asked for before: each is made from the nearest at hand and the log.
fn open_near_past(port: u16, pid: u32) -> anyhow::Result<Value> {
    let newest = newest_seq(port)?;
    let paths = (1..=MOMENTS.min(newest)).map(|back| format!("/catalog?filters[kind]=component&at={}", newest - back));
    ask_once("page past, first", "GET /catalog?filters[kind]=component&at=..", pid, port, paths.collect())
}

/// Takes the whole catalog as one file, which nobody has asked for before.
fn take_pack(port: u16, pid: u32) -> anyhow::Result<Value> {
    ask_once("pack, first", "GET /pack", pid, port, vec!["/pack".to_owned()])
}

/// Asks for each path once, because a second answer would be a kept one.
fn ask_once(name: &str, request: &str, pid: u32, port: u16, paths: Vec<String>) -> anyhow::Result<Value> {
    let cpu = process::cpu_seconds(pid);
    let (mut times, mut bytes) = (Vec::new(), 0);
    for path in paths {
        let begun = Instant::now();
        let answer = http::send(port, "GET", &path, None)?;
        ensure!(answer.status == 200, "{path} answers {}", answer.status);
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        bytes = answer.body.len();
    }
    ensure!(!times.is_empty(), "there is nothing to ask for `{name}`");
    let cpu = (process::cpu_seconds(pid) - cpu) * 1000.0 / times.len() as f64;
    times.sort_by(f64::total_cmp);
    let (median, longest) = (times[times.len() / 2], times[times.len() - 1]);
    println!("  {name:<22} p50 {median:>8.3} ms, CPU {cpu:>8.3} ms, {bytes} bytes");
    Ok(json!({
        "name": name, "request": request, "bytes": bytes, "requests": times.len(),
        "p50": median, "p95": longest, "perSecond": 1000.0 / median, "cpu": cpu,
    }))
}

fn get(name: &'static str, path: &str) -> Request {
    Request { name, line: format!("GET {path}"), body: None }
}

/// The requests of the peer's measurements, and at the size of the largest catalog the battery of queries besides.
fn requests(port: u16, estate: &Estate) -> anyhow::Result<Vec<Request>> {
    let samples = samples(port)?;
    let first = samples.first().context("the catalog holds no component")?;
    let name = first["metadata"]["name"].as_str().context("a component has no name")?;
    let owner = first["relations"].as_array().into_iter().flatten().find(|r| r["type"] == "ownedBy");
    let owner = owner.and_then(|r| r["targetRef"].as_str()).context("a component has no owner")?;
    let spec_type = first["spec"]["type"].as_str().context("a component has no type")?;
    let refs: Vec<String> = samples
        .iter()
        .filter_map(|entity| entity["metadata"]["name"].as_str())
        .map(|name| format!("component:default/{name}"))
        .collect();
    let query = "/api/catalog/entities/by-query?limit=20&filter=kind=component";
    let sorted = format!("{query}&orderField=metadata.name,asc");
    let fields = "fullTextFilterFields=metadata.name,metadata.title";
    let mut all = vec![
        // What a request costs that asks for nothing: HTTP, the guards, the kernel.
        get("nothing (liveness)", "/.backstage/health/v1/liveness"),
        get("list20-kind-sorted", &sorted),
        get("list20-fulltext", &format!("{sorted}&fullTextFilterTerm=payment&{fields}")),
        get("list20-type-owner", &format!("{query},spec.type={spec_type},relations.ownedBy={owner}")),
        get(
            "facets3",
            "/api/catalog/entity-facets?facet=spec.type&facet=metadata.tags&facet=spec.lifecycle&filter=kind=component",
        ),
        get("by-name", &format!("/api/catalog/entities/by-name/component/default/{name}")),
        Request {
            name: "by-refs-100",
            line: "POST /api/catalog/entities/by-refs".to_owned(),
            body: Some(json!({ "entityRefs": refs }).to_string()),
        },
        get("ancestry", &format!("/api/catalog/entities/by-name/component/default/{name}/ancestry")),
        get("list20-substring", &format!("{sorted}&fullTextFilterTerm=aymen")),
        get("count", "/api/catalog/entities/by-query?limit=0&filter=kind=component"),
        get(
            "a-or-b-ordered",
            "/api/catalog/entities/by-query?limit=20&filter=kind=component,spec.lifecycle=experimental&filter=kind=api,spec.type=grpc&orderField=metadata.name,asc",
        ),
        get("orphans", "/api/catalog/entities/by-query?limit=20&filter=metadata.annotations.backstage.io/orphan=true"),
        get("facet-kind", "/api/catalog/entity-facets?facet=kind"),
        get("page-deep", &format!("{sorted}&offset=5000")),
        get(
            "two-orders",
            "/api/catalog/entities/by-query?limit=20&filter=kind=api&orderField=spec.type,asc&orderField=metadata.name,desc",
        ),
    ];
    all.extend(pages(name, &samples));
    all.extend(impacts(port)?);
    if estate.entities != PUBLIC {
        all.push(get("full-list-kind", "/api/catalog/entities?filter=kind=component"));
    }
    Ok(all)
}

/// The pages that people open most, as their browser asks for them the second time: without styles and scripts, which it has.
fn pages(component: &str, samples: &[Value]) -> Vec<Request> {
    let relations = samples.iter().filter_map(|entity| entity["relations"].as_array()).flatten();
    let mut parts = relations.filter(|relation| relation["type"] == "partOf");
    let system = parts.find_map(|relation| relation["targetRef"].as_str()?.strip_prefix("system:default/"));
    let mut pages = vec![
        get("page home", "/"),
        get("page catalog", "/catalog?filters[kind]=component"),
        get("page entity", &format!("/catalog/default/component/{component}")),
        get("page search", "/search?query=payment"),
        get("page palette", "/palette?q=paysvc"),
        get("page past", "/catalog?filters[kind]=component&at=1000"),
    ];
    pages.extend(system.map(|system| get("page system", &format!("/catalog/default/system/{system}"))));
    pages
}

/// Impact of one and of many resources that fail, over a few edges and over more. The one is the most depended on of a hundred.
fn impacts(port: u16) -> anyhow::Result<Vec<Request>> {
    let path = "/api/catalog/entities/by-query?limit=100&filter=kind=resource&orderField=metadata.name,asc";
    let answer = http::send(port, "GET", path, None)?;
    let mut resources: Vec<(usize, String)> = answer.json()["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entity| {
            let relations = entity["relations"].as_array()?;
            let dependents = relations.iter().filter(|relation| relation["type"] == "dependencyOf").count();
            Some((dependents, format!("resource:default/{}", entity["metadata"]["name"].as_str()?)))
        })
        .collect();
    resources.sort_by(|a, b| b.cmp(a));
    let of = |count: usize, depth: u32| {
        let refs: Vec<&str> = resources.iter().take(count).map(|(_, name)| name.as_str()).collect();
        format!("/api/v1/impact?ref={}&depth={depth}", refs.join(","))
    };
    Ok(vec![
        get("impact 1 root, 2 hops", &of(1, 2)),
        get("impact 1 root, 5 hops", &of(1, 5)),
        get("impact 20 roots, 2 hops", &of(20, 2)),
        get("impact 20 roots, 5 hops", &of(20, 5)),
    ])
}

fn samples(port: u16) -> anyhow::Result<Vec<Value>> {
    let path =
        "/api/catalog/entities/by-query?limit=100&filter=kind=component,spec.type=service&orderField=metadata.name,asc";
    let answer = http::send(port, "GET", path, None)?;
    Ok(answer.json()["items"].as_array().cloned().unwrap_or_default())
}
