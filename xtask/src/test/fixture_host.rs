//! A file server on the address that the recordings name.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::Context as _;

use crate::http;

/// The recorded requests and their configuration name this port.
const PORT: u16 = 7099;

/// Serves the files of a folder until it is dropped. Knows neither ETags nor dates: each read is a full one.
pub struct FixtureHost {
    /// Where the files are.
    pub port: u16,
    /// Set when the folder was served by somebody else already.
    shared: bool,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl FixtureHost {
    /// Starts serving on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        Self::serve(TcpListener::bind("127.0.0.1:0")?, folder)
    }

    /// Starts serving on [`PORT`], content with a server that has it and gives the folder's `probe` as it is on disk.
    ///
    /// # Errors
    /// When a server of other files has the port for a minute.
    pub fn start_or_share(folder: &Path, probe: &str) -> anyhow::Result<Self> {
        let want = std::fs::read(folder.join(probe))?;
        let is_served = || http::send(PORT, "GET", &format!("/{probe}"), None).is_ok_and(|answer| answer.body == want);
        if is_served() {
            return Ok(Self { port: PORT, shared: true, stop: Arc::default(), thread: None });
        }
        Self::serve(bind()?, folder)
    }

    fn serve(listener: TcpListener, folder: &Path) -> anyhow::Result<Self> {
        let port = listener.local_addr()?.port();
        let stop = Arc::new(AtomicBool::new(false));
        let (folder, stopped) = (folder.to_owned(), stop.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let folder = folder.clone();
                std::thread::spawn(move || answer(stream, &folder));
            }
        });
        Ok(Self { port, shared: false, stop, thread: Some(thread) })
    }
}

fn bind() -> anyhow::Result<TcpListener> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match TcpListener::bind(("127.0.0.1", PORT)) {
            Ok(listener) => return Ok(listener),
            Err(error) if Instant::now() > deadline => {
                return Err(error)
                    .context(format!("port {PORT}, which the recordings name, is taken; end what has it"));
            }
            Err(_) => crate::server::pause(),
        }
    }
}

fn answer(mut stream: TcpStream, folder: &Path) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut line = String::new();
    while reader.read_line(&mut line).ok()? > 2 {
        line.clear();
    }
    let path = first.split(' ').nth(1)?.split('?').next()?;
    let file: PathBuf = folder.join(path.trim_start_matches('/'));
    let (status, body) = match std::fs::read(&file) {
        Ok(body) if !path.contains("..") => ("200 OK", body),
        _ => ("404 File not found", b"not found".to_vec()),
    };
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&body).ok()
}

impl Drop for FixtureHost {
    fn drop(&mut self) {
        if self.shared {
            return;
        }
        self.stop.store(true, Ordering::Relaxed);
        let _wake = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}
