//! A small HTTP/1.1 client, for talking to servers on loopback without another dependency.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context as _, bail};

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// Body, unpacked from chunks.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Sends one request to `127.0.0.1:port` and reads the whole answer.
///
/// # Errors
/// When nobody answers, or what answers is no HTTP.
pub fn send(port: u16, method: &str, path: &str, body: Option<&str>) -> anyhow::Result<Answer> {
    Connection::open(port)?.ask(method, path, body, "close")
}

/// A connection that is kept from one request to the next.
pub struct Connection {
    reader: BufReader<TcpStream>,
    port: u16,
}

impl Connection {
    /// Connects to `127.0.0.1:port`.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Self { reader: BufReader::new(stream), port })
    }

    /// Gets a page.
    ///
    /// # Errors
    /// When the connection has ended, or what answers is no HTTP.
    pub fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        self.ask("GET", path, None, "keep-alive")
    }

    fn ask(&mut self, method: &str, path: &str, body: Option<&str>, keeping: &str) -> anyhow::Result<Answer> {
        let port = self.port;
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: {keeping}\r\n");
        if let Some(body) = body {
            head.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
        }
        self.reader.get_mut().write_all(format!("{head}\r\n{}", body.unwrap_or_default()).as_bytes())?;
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).context("the answer is no HTTP")?;
        let headers = self.read_headers()?;
        let mut answer = Answer { status, headers, body: Vec::new() };
        if answer.header("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            answer.body = self.read_chunks()?;
        } else if let Some(length) = answer.header("content-length") {
            answer.body.resize(length.parse().context("the length of the answer is no number")?, 0);
            self.reader.read_exact(&mut answer.body)?;
        } else if ![204, 304].contains(&status) {
            self.reader.read_to_end(&mut answer.body)?;
        }
        Ok(answer)
    }

    fn read_headers(&mut self) -> anyhow::Result<Vec<(String, String)>> {
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim().split_once(':') else { return Ok(headers) };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }

    fn read_chunks(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            let Ok(size) = usize::from_str_radix(line.trim(), 16) else { bail!("a chunk has no size") };
            let start = body.len();
            body.resize(start + size + 2, 0);
            self.reader.read_exact(&mut body[start..])?;
            body.truncate(start + size);
            if size == 0 {
                return Ok(body);
            }
        }
    }
}

/// Serves pages on a free port until the process ends; what is no page is a 404.
#[cfg(test)]
pub fn serve_for_test(pages: fn(&str) -> Option<&'static str>) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
                    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
                    while line.trim() != "" {
                        line.clear();
                        reader.read_line(&mut line).expect("a whole head");
                    }
                    let (status, body) = pages(&path).map_or(("404 Not Found", ""), |body| ("200 OK", body));
                    let length = body.len();
                    let head =
                        format!("HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\r\n");
                    reader.get_mut().write_all(format!("{head}{body}").as_bytes()).expect("somebody listens");
                    line.clear();
                }
            });
        }
    });
    port
}
