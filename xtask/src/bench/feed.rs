//! The change feed: how long a change takes to a thousand listeners, and how many changes a webhook takes a second.

use std::{
    io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::process;
use crate::{
    http,
    server::{Server, pause},
};

/// How many listen.
const LISTENERS: usize = 1_000;
/// How often a change is sent to them.
const ROUNDS: usize = 10;
/// How long a change may take to the last of them.
const LONGEST: Duration = Duration::from_secs(30);
/// How long a webhook is watched at most.
const WATCHED: Duration = Duration::from_secs(10);

/// Receives webhooks and counts the changes in them.
pub struct Receiver {
    /// `127.0.0.1:PORT`, as the configuration names it.
    pub host: String,
    messages: Arc<AtomicU64>,
    changes: Arc<AtomicU64>,
}

impl Receiver {
    /// Starts one that answers 204 at once.
    pub fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let host = listener.local_addr()?.to_string();
        let (messages, changes) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let counts = (Arc::clone(&messages), Arc::clone(&changes));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counts = counts.clone();
                // Ends with the connection.
                std::thread::spawn(move || take_messages(stream, &counts.0, &counts.1));
            }
        });
        Ok(Self { host, messages, changes })
    }
}

fn take_messages(stream: TcpStream, messages: &AtomicU64, changes: &AtomicU64) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(1 << 16, stream);
    let mut line = String::new();
    loop {
        let mut length = 0;
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let text = String::from_utf8_lossy(&body);
        changes.fetch_add(text.matches("\"entityRef\"").count() as u64, Ordering::Relaxed);
        messages.fetch_add(1, Ordering::Relaxed);
        reader.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n")?;
    }
}

/// Measures both. The server's configuration must allow the receiver's host.
pub fn measure(server: &mut Server, receiver: &Receiver) -> anyhow::Result<Value> {
    let fan_out = fan_out(server)?;
    let many = deliver(server, receiver, "callboard")?;
    let single = deliver(server, receiver, "cloudevents")?;
    Ok(json!({ "fanOut": fan_out, "webhookBatched": many, "webhookSingle": single }))
}

/// Removes an entity and watches how its change comes to all listeners.
fn fan_out(server: &mut Server) -> anyhow::Result<Value> {
    let newest = newest(server.port)?;
    let mut listeners: Vec<TcpStream> =
        (0..LISTENERS).map(|_| listen(server.port, newest)).collect::<anyhow::Result<_>>()?;
    let path = "/api/v1/entities?filter=kind=component&limit=100&fields=metadata.uid";
    let items = http::send(server.port, "GET", path, None)?.json()["items"].clone();
    let uids: Vec<&str> =
        items.as_array().into_iter().flatten().filter_map(|e| e["metadata"]["uid"].as_str()).collect();
    ensure!(uids.len() >= ROUNDS, "the estate has too few components");
    let cpu = process::cpu_seconds(server.pid());
    let (mut all, mut last) = (Vec::new(), Vec::new());
    for uid in uids.iter().take(ROUNDS) {
        let begun = Instant::now();
        let answer = http::send(server.port, "DELETE", &format!("/api/catalog/entities/by-uid/{uid}"), None)?;
        ensure!(answer.status == 204, "an entity cannot be removed: {}", answer.status);
        let times = hear(&mut listeners, begun)?;
        last.push(times.iter().copied().fold(0.0, f64::max));
        all.extend(times);
    }
    let cpu_ms = (process::cpu_seconds(server.pid()) - cpu) * 1_000.0 / ROUNDS as f64;
    let (memory, _) = process::memory_mb(server.pid());
    let (p50, p95, slowest) = (at(&mut all, 0.5), at(&mut all, 0.95), at(&mut last, 0.5));
    println!("  {LISTENERS} listeners: p50 {p50:.1} ms, p95 {p95:.1} ms, the last {slowest:.1} ms, CPU {cpu_ms:.0} ms");
    Ok(json!({
        "listeners": LISTENERS, "p50": p50, "p95": p95, "last": slowest, "cpu": cpu_ms, "memory": memory,
    }))
}

fn newest(port: u16) -> anyhow::Result<u64> {
    let page = http::send(port, "GET", "/api/v1/status", None)?.json();
    page["catalog"]["seq"].as_u64().context("the server does not say how far its catalog goes")
}

/// Opens a stream that has told everything.
fn listen(port: u16, after: u64) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let head = format!(
        "GET /api/v1/changes?after={after}&happened=removed HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept: text/event-stream\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.set_read_timeout(Some(LONGEST))?;
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        seen.push(byte[0]);
    }
    ensure!(seen.starts_with(b"HTTP/1.1 200"), "a stream cannot be opened: {}", String::from_utf8_lossy(&seen));
    stream.set_nonblocking(true)?;
    Ok(stream)
}

/// Milliseconds until each listener has heard of a removal.
fn hear(listeners: &mut [TcpStream], begun: Instant) -> anyhow::Result<Vec<f64>> {
    let mut times: Vec<Option<f64>> = vec![None; listeners.len()];
    let mut buffer = [0; 4096];
    while times.iter().any(Option::is_none) {
        ensure!(begun.elapsed() < LONGEST, "a change has not come to every listener");
        for (listener, time) in listeners.iter_mut().zip(&mut times).filter(|(_, time)| time.is_none()) {
            match listener.read(&mut buffer) {
                Ok(0) => anyhow::bail!("a stream has ended"),
                Ok(n) if buffer[..n].windows(14).any(|part| part == b"event: removed") => {
                    *time = Some(begun.elapsed().as_secs_f64() * 1_000.0);
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(times.into_iter().flatten().collect())
}

/// Has a webhook told of the whole history, and counts.
fn deliver(server: &mut Server, receiver: &Receiver, form: &str) -> anyhow::Result<Value> {
    let draft = json!({
        "name": format!("bench {form}"), "url": format!("http://{}/in", receiver.host), "form": { "type": form }, "after": 0,
    });
    receiver.messages.store(0, Ordering::Relaxed);
    receiver.changes.store(0, Ordering::Relaxed);
    let newest = newest(server.port)?;
    let (cpu, begun) = (process::cpu_seconds(server.pid()), Instant::now());
    let created = http::send(server.port, "POST", "/api/v1/webhooks", Some(&draft.to_string()))?;
    ensure!(created.status == 201, "a webhook cannot be made: {}", String::from_utf8_lossy(&created.body));
    while receiver.changes.load(Ordering::Relaxed) < newest && begun.elapsed() < WATCHED {
        pause();
    }
    let seconds = begun.elapsed().as_secs_f64();
    let changes = receiver.changes.load(Ordering::Relaxed) as f64;
    let messages = receiver.messages.load(Ordering::Relaxed) as f64;
    let cpu = process::cpu_seconds(server.pid()) - cpu;
    let id = created.json()["id"].as_str().unwrap_or_default().to_owned();
    http::send(server.port, "DELETE", &format!("/api/v1/webhooks/{id}"), None)?;
    println!("  webhook, {form}: {:.0} changes/s in {:.0} messages/s", changes / seconds, messages / seconds);
    Ok(json!({
        "changes": changes, "changesPerSecond": changes / seconds, "messagesPerSecond": messages / seconds,
        "cpu": if changes > 0.0 { cpu * 1_000.0 / changes } else { 0.0 },
    }))
}

/// A part of some values in order.
fn at(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(((values.len().saturating_sub(1)) as f64 * share) as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_receiver_counts_changes_and_messages() {
        let receiver = Receiver::start().unwrap();
        let mut stream = TcpStream::connect(&receiver.host).unwrap();
        let body = r#"[{"entityRef":"a"},{"entityRef":"b"}]"#;
        for _ in 0..2 {
            let head = format!("POST /in HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(head.as_bytes()).unwrap();
            let mut answer = [0; 27];
            stream.read_exact(&mut answer).unwrap();
            assert!(answer.starts_with(b"HTTP/1.1 204"));
        }
        assert_eq!((receiver.messages.load(Ordering::Relaxed), receiver.changes.load(Ordering::Relaxed)), (2, 4));
    }
}
