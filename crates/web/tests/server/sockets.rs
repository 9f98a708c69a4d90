//! Slow, many and rude clients, over real sockets.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use web::ServeSettings;

use crate::world::{World, component};

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    done: JoinHandle<std::io::Result<()>>,
}

async fn start(world: &World, settings: ServeSettings) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let router = world.router.clone();
    let done = tokio::spawn(web::serve(listener, router, settings, async {
        let _ = stopped.await;
    }));
    Running { address, stop, done }
}

fn quick() -> ServeSettings {
    let short = Duration::from_millis(200);
    ServeSettings { head_timeout: short, write_stall: short, grace: Duration::from_secs(5), ..ServeSettings::default() }
}

/// Sends text and reads until the server closes.
async fn talk(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

const GET: &str = "GET /.backstage/health/v1/liveness HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn answers_over_a_socket_and_stops_in_good_order() {
    let world = World::open().await.fill().await;
    let server = start(&world, quick()).await;
    assert!(talk(server.address, GET).await.starts_with("HTTP/1.1 200"));
    server.stop.send(()).unwrap();
    server.done.await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_request_under_way_is_finished_after_the_signal() {
    let world = World::open().await.fill().await;
    let server = start(&world, ServeSettings { head_timeout: Duration::from_secs(15), ..quick() }).await;
    let after = world.live.snapshot().seq().0;
    let poll = format!("GET /api/v1/changes?after={after}&wait=30s HTTP/1.1\r\nHost: x\r\n\r\n");
    let polling = tokio::spawn(async move { talk(server.address, &poll).await });
    until_in_flight(&world).await;
    server.stop.send(()).unwrap();
    world.harvest(vec![component("late", "group:default/team-a", "Late")], Vec::new()).await;
    let answer = polling.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("component:default/late"), "{answer}");
    server.done.await.unwrap().unwrap();
}

/// Waits until somebody waits for the next snapshot.
async fn until_in_flight(world: &World) {
    while world.live.waiting() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_slow_head_is_given_up() {
    let world = World::open().await;
    let server = start(&world, quick()).await;
    let answer = talk(server.address, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    let silent = talk(server.address, "").await;
    assert!(silent.is_empty());
}

#[tokio::test]
async fn a_body_that_never_comes_ends_with_the_request() {
    let limits = web::Limits { request_timeout: Duration::from_millis(100), ..web::Limits::default() };
    let settings = web::WebSettings { limits, ..crate::world::settings() };
    let world = World::new(auth::AccessSettings::open("http://localhost"), settings).await;
    let server = start(&world, quick()).await;
    let head = "POST /api/permission/authorize HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Content-Length: 100\r\nConnection: close\r\n\r\n{";
    assert!(talk(server.address, head).await.starts_with("HTTP/1.1 503"));
}

#[tokio::test]
async fn too_large_and_too_many_headers_are_refused() {
    let world = World::open().await;
    let server = start(&world, quick()).await;
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "x".repeat(20_000));
    assert!(talk(server.address, &long).await.starts_with("HTTP/1.1 431"));
    let many: String = (0..200).map(|i| format!("X-{i}: 1\r\n")).collect();
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n");
    assert!(talk(server.address, &many).await.starts_with("HTTP/1.1 431"));
    let endless = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Fat: {}", "x".repeat(100_000));
    let answer = talk(server.address, &endless).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn a_client_that_reads_nothing_loses_its_connection_and_others_do_not_notice() {
    let world = World::open().await;
    let title = "long ".repeat(2000);
    let many = (0..3000).map(|i| component(&format!("c{i}"), "group:default/team-a", &title)).collect();
    world.harvest(many, Vec::new()).await;
    let server = start(&world, ServeSettings { max_connections: 1, ..quick() }).await;
    let mut greedy = TcpStream::connect(server.address).await.unwrap();
    greedy.write_all(b"GET /api/v1/export HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    // There is one place only: the next client is served because the greedy one is thrown out.
    assert!(talk(server.address, GET).await.starts_with("HTTP/1.1 200"));
    let mut rest = Vec::new();
    let _ = greedy.read_to_end(&mut rest).await;
    assert!(rest.len() < 30_000_000, "the answer was cut off: {}", rest.len());
}

#[tokio::test]
async fn more_clients_than_places_wait_for_their_turn() {
    let world = World::open().await;
    let server = start(&world, ServeSettings { max_connections: 4, ..quick() }).await;
    let talks = (0..100).map(|_| talk(server.address, GET));
    let answers = futures::future::join_all(talks).await;
    assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 200")));
}
