//! Clients on kept connections, each asking as fast as it gets answers. Every answer is timed and read to its end.
//!
//! Times of answers are those of one client alone. CPU time is that of a server with enough to do: with one client it falls
//! asleep after each answer, and what the kernel takes to wake it would be most of what a small answer costs.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use super::process;

/// How many clients keep the server busy while its CPU time is taken.
pub const CLIENTS: usize = 8;

/// A request to repeat.
#[derive(Debug, Clone)]
pub struct Request {
    /// What the report calls it.
    pub name: &'static str,
    /// Method, path and query.
    pub line: String,
    /// Body of a POST.
    pub body: Option<String>,
}

/// What was measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Load {
    /// Answers.
    pub requests: usize,
    /// Median, in milliseconds.
    pub p50_ms: f64,
    /// 95th percentile, in milliseconds.
    pub p95_ms: f64,
    /// Answers per second.
    pub per_second: f64,
    /// CPU time of the server for one request of [`CLIENTS`] clients, in milliseconds.
    pub cpu_ms: f64,
    /// Bytes of one body.
    pub bytes: usize,
}

/// Asks for about `seconds`, after a tenth of that to warm up.
pub fn run(port: u16, pid: u32, request: &Request, seconds: u64) -> anyhow::Result<Load> {
    let mut connection = Connection::open(port, request)?;
    let warm = Instant::now() + Duration::from_millis(seconds * 100);
    let bytes = loop {
        let bytes = connection.ask()?;
        if Instant::now() > warm {
            break bytes;
        }
    };
    let started = Instant::now();
    let mut times = Vec::new();
    while started.elapsed() < Duration::from_secs(seconds) {
        let begun = Instant::now();
        connection.ask()?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let elapsed = started.elapsed().as_secs_f64();
    let cpu_ms = cpu_of_one(port, pid, request, seconds)?;
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    Ok(Load {
        requests: times.len(),
        p50_ms: at(0.5),
        p95_ms: at(0.95),
        per_second: times.len() as f64 / elapsed,
        cpu_ms,
        bytes,
    })
}

/// CPU milliseconds of one request, with all clients at work for half of `seconds`.
fn cpu_of_one(port: u16, pid: u32, request: &Request, seconds: u64) -> anyhow::Result<f64> {
    let connections: Vec<_> = (0..CLIENTS).map(|_| Connection::open(port, request)).collect::<Result<_, _>>()?;
    let (cpu, started) = (process::cpu_seconds(pid), Instant::now());
    let ask = |mut connection: Connection| {
        let mut asked = 0u64;
        while started.elapsed() < Duration::from_millis(seconds * 500) {
            connection.ask()?;
            asked += 1;
        }
        anyhow::Ok(asked)
    };
    let asked = std::thread::scope(|scope| {
        let clients: Vec<_> = connections.into_iter().map(|connection| scope.spawn(move || ask(connection))).collect();
        clients.into_iter().map(|client| client.join().expect("a client does not panic")).sum::<anyhow::Result<u64>>()
    })?;
    Ok((process::cpu_seconds(pid) - cpu) * 1000.0 / asked as f64)
}

struct Connection {
    reader: BufReader<TcpStream>,
    text: String,
    body: Vec<u8>,
}

impl Connection {
    fn open(port: u16, request: &Request) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        let mut text = format!("{} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n", request.line);
        if let Some(body) = &request.body {
            text.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
        } else {
            text.push_str("\r\n");
        }
        Ok(Self { reader: BufReader::with_capacity(1 << 16, stream), text, body: Vec::new() })
    }

    /// Sends the request and reads the answer; gives the size of the body.
    fn ask(&mut self) -> anyhow::Result<usize> {
        self.reader.get_mut().write_all(self.text.as_bytes())?;
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        ensure!(line.contains(" 200 "), "{}: {line}", self.text.lines().next().unwrap_or_default());
        let (mut length, mut chunked) = (None, false);
        loop {
            line.clear();
            self.reader.read_line(&mut line)?;
            let lower = line.trim().to_ascii_lowercase();
            if lower.is_empty() {
                break;
            }
            if let Some(text) = lower.strip_prefix("content-length:") {
                length = Some(text.trim().parse::<usize>()?);
            }
            chunked |= lower.starts_with("transfer-encoding:");
        }
        if !chunked {
            return self.skip(length.context("the answer has no length")?);
        }
        let mut total = 0;
        loop {
            line.clear();
            self.reader.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim(), 16)?;
            self.skip(size + 2)?;
            total += size;
            if size == 0 {
                return Ok(total);
            }
        }
    }

    fn skip(&mut self, length: usize) -> anyhow::Result<usize> {
        self.body.resize(length, 0);
        self.reader.read_exact(&mut self.body)?;
        Ok(length)
    }
}
