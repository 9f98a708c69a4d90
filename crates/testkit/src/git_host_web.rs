//! A plain web host that answers as it is told, also badly: slowly, without end, or not at all.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What a [`WebHost`] does with one request.
#[derive(Clone, Debug)]
pub enum WebReply {
    /// A whole answer: status, headers, body.
    Answer(u16, Vec<(String, String)>, Vec<u8>),
    /// A file with an ETag; asked for by this ETag it answers 304.
    File(String, String),
    /// The connection ends without an answer.
    Reset,
    /// A head that promises more than ever comes.
    Stall,
    /// A body that comes byte by byte, one in fifty milliseconds, without end.
    Drip,
    /// A body without end.
    Endless,
    /// No answer and no end.
    Silence,
}

impl WebReply {
    /// Status 200 with a body.
    #[must_use]
    pub fn text(body: &str) -> Self {
        Self::Answer(200, Vec::new(), body.as_bytes().to_vec())
    }

    /// A status without a body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new(), Vec::new())
    }

    /// Adds a header to an [`WebReply::Answer`].
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer(_, headers, _) = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// A redirect.
    #[must_use]
    pub fn redirect(target: &str) -> Self {
        Self::status(302).with_header("location", target)
    }
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct WebRequest {
    /// Path with query.
    pub path: String,
    /// Headers; names in lower case.
    pub headers: HashMap<String, String>,
}

#[derive(Default)]
struct State {
    replies: Mutex<HashMap<String, VecDeque<WebReply>>>,
    requests: Mutex<Vec<WebRequest>>,
}

/// A web host on a free port of one loopback address. It ends when it is dropped.
pub struct WebHost {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl WebHost {
    /// Starts at 127.0.0.1.
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1").await
    }

    /// Starts at another loopback address.
    pub async fn start_at(address: &str) -> Self {
        let listener = TcpListener::bind((address, 0)).await.expect("loopback addresses have free ports");
        let address = listener.local_addr().expect("a listener has an address");
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                // A connection that breaks is the other side's matter.
                tokio::spawn(async move { serve(stream, &state).await.ok() });
            }
        });
        Self { address, state, task }
    }

    /// `127.0.0.1:<port>`.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The address of a path, which begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers a path with `replies` in turn; the last one stays.
    pub fn reply(&self, path: &str, replies: impl IntoIterator<Item = WebReply>) {
        lock(&self.state.replies).insert(path.to_owned(), replies.into_iter().collect());
    }

    /// The requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<WebRequest> {
        lock(&self.state.requests).clone()
    }
}

impl Drop for WebHost {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, state: &State) -> std::io::Result<()> {
    let Some(request) = read_request(&mut stream).await? else { return Ok(()) };
    let reply = next_reply(state, &request.path);
    let condition = request.headers.get("if-none-match").cloned();
    lock(&state.requests).push(request);
    match reply {
        WebReply::Answer(status, headers, body) => write_answer(&mut stream, status, &headers, &body).await,
        WebReply::File(body, etag) => {
            let headers = [("etag".to_owned(), etag.clone())];
            match condition == Some(etag) {
                true => write_answer(&mut stream, 304, &headers, b"").await,
                false => write_answer(&mut stream, 200, &headers, body.as_bytes()).await,
            }
        }
        WebReply::Reset => Ok(()),
        WebReply::Stall => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nkind:").await?;
            wait_for_end(&mut stream).await
        }
        WebReply::Drip => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await?;
            let mut ticks = tokio::time::interval(std::time::Duration::from_millis(50));
            loop {
                ticks.tick().await;
                stream.write_all(b"x").await?;
            }
        }
        WebReply::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await?;
            loop {
                stream.write_all(&[b'x'; 4096]).await?;
            }
        }
        WebReply::Silence => wait_for_end(&mut stream).await,
    }
}

async fn read_request(stream: &mut TcpStream) -> std::io::Result<Option<WebRequest>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await? == 0 {
            return Ok(None);
        }
        // What is no HTTP (the beginning of TLS) has no lines; it is answered as such a server would.
        if head.first() == Some(&0x16) {
            write_answer(stream, 400, &[], b"this is HTTP").await?;
            return Ok(None);
        }
        head.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&head);
    let mut lines = text.lines();
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Ok(Some(WebRequest { path, headers }))
}

fn next_reply(state: &State, path: &str) -> WebReply {
    let mut replies = lock(&state.replies);
    let Some(queue) = replies.get_mut(path) else { return WebReply::status(404) };
    if queue.len() > 1 {
        return queue.pop_front().expect("the queue was just seen to hold something");
    }
    queue.front().cloned().unwrap_or_else(|| WebReply::status(404))
}

async fn write_answer(
    stream: &mut TcpStream,
    status: u16,
    headers: &[(String, String)],
    body: &[u8],
) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\n");
    if status != 304 {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.shutdown().await
}

/// Waits until the other side gives up.
async fn wait_for_end(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.map(|_| ())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
