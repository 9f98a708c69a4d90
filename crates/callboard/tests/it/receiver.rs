//! A receiver of webhooks on this machine, which answers as a test wants it to.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
};

use crate::support::PATIENCE;

/// The status that means: never answer.
pub const HANG: u16 = 0;
/// The status that means: wait for another one.
pub const HOLD: u16 = 1;

/// A message that arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// Headers, in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body, byte for byte.
    pub body: String,
}

impl Received {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a body in JSON")
    }

    /// One header.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// A receiver; it ends with this value.
pub struct Receiver {
    /// `http://127.0.0.1:PORT/in`.
    pub url: String,
    /// The host as the configuration names it.
    pub host: String,
    status: watch::Sender<u16>,
    open: Arc<AtomicUsize>,
    received: mpsc::UnboundedReceiver<Received>,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    /// Starts one that answers with a status.
    pub async fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let host = listener.local_addr().expect("an address").to_string();
        let (send, received) = mpsc::unbounded_channel();
        let (status, answers) = watch::channel(status);
        let open = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&open);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (send, answers, counted) = (send.clone(), answers.clone(), Arc::clone(&counted));
                tokio::spawn(async move {
                    counted.fetch_add(1, Ordering::AcqRel);
                    // A client that goes away in the middle is what some tests are about.
                    let _ended = serve(stream, &send, answers).await;
                    counted.fetch_sub(1, Ordering::AcqRel);
                });
            }
        });
        Self { url: format!("http://{host}/in"), host, status, open, received, task }
    }

    /// Answers with another status from now on.
    pub fn answer(&self, status: u16) {
        self.status.send_replace(status);
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    /// Waits for the next message.
    pub async fn next(&mut self) -> Received {
        tokio::time::timeout(PATIENCE, self.received.recv()).await.expect("a message arrives").expect("it runs")
    }

    /// Takes messages until one fits.
    pub async fn next_where(&mut self, fits: impl Fn(&Received) -> bool) -> Received {
        loop {
            let received = self.next().await;
            if fits(&received) {
                return received;
            }
        }
    }

    /// What has arrived and was not taken yet.
    pub fn rest(&mut self) -> Vec<Received> {
        std::iter::from_fn(|| self.received.try_recv().ok()).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    stream: TcpStream,
    send: &mpsc::UnboundedSender<Received>,
    mut answers: watch::Receiver<u16>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut headers = BTreeMap::new();
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        loop {
            line.clear();
            stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let body = String::from_utf8(body).expect("messages are UTF-8");
        let mut status = *answers.borrow();
        let _test_is_over = send.send(Received { headers, body });
        if status == HANG {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
        }
        if status == HOLD {
            let Ok(other) = answers.wait_for(|status| *status != HOLD).await else { return Ok(()) };
            status = *other;
        }
        let answer = format!(
            "HTTP/1.1 {status} Some\r\nlocation: http://127.0.0.1:9/elsewhere\r\ncontent-length: 5\r\n\r\nsorry"
        );
        stream.write_all(answer.as_bytes()).await?;
    }
}
