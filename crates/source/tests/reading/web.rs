//! Plain web hosts: conditions, redirects, limits, and everything that can go wrong.

use std::time::{Duration, Instant};

use source::{Limits, ReadError, Reader, ReaderSettings, ReadingAllow};
use testkit::git_host_web::{WebHost, WebReply};

use crate::common::{error, etag, full, is_unchanged, text, url};

/// A gzip stream of 20,000 times `x`, 54 bytes long.
const GZIP_OF_20_000_X: [u8; 54] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 49, 1, 0, 0, 0, 194, 160, 218, 139, 111, 13, 15, 160, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 120, 48, 3, 71, 101, 65, 32, 78, 0, 0,
];

fn limits() -> Limits {
    Limits {
        max_file_bytes: 10_240,
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(20),
        idle_timeout: Duration::from_millis(300),
        retry_pause: Duration::from_millis(1),
        ..Limits::default()
    }
}

fn reader(hosts: &[&str]) -> Reader {
    reader_within(hosts, limits())
}

fn reader_within(hosts: &[&str], limits: Limits) -> Reader {
    let allow = |host: &&str| ReadingAllow { host: (*host).to_owned(), paths: Vec::new() };
    let reading_allow = hosts.iter().map(allow).collect();
    Reader::new(ReaderSettings { reading_allow, limits, ..ReaderSettings::default() })
}

/// The message that Backstage would show for a location with one reply.
async fn message_for(reply: WebReply) -> String {
    let web = WebHost::start().await;
    web.reply("/x.yaml", [reply]);
    let location = url(&web.url("/x.yaml"));
    let problem = error(reader(&[&web.host()]).observe(&location, None).await);
    problem.to_chain(&location).message.replace(location.target(), "X").replace(&web.host(), "HOST")
}

#[tokio::test]
async fn reads_and_asks_by_etag() {
    let web = WebHost::start().await;
    web.reply("/x.yaml", [WebReply::File("kind: A".to_owned(), "\"1\"".to_owned())]);
    let (reader, location) = (reader(&[&web.host()]), url(&web.url("/x.yaml")));
    let first = full(reader.observe(&location, None).await);
    assert_eq!(&*first.content, b"kind: A");
    assert!(is_unchanged(reader.observe(&location, Some(&first.version)).await));
    assert_eq!(web.requests()[1].headers["if-none-match"], "\"1\"");
    web.reply("/x.yaml", [WebReply::File("kind: A".to_owned(), "\"2\"".to_owned())]);
    assert!(is_unchanged(reader.observe(&location, Some(&first.version)).await), "equal content, another ETag");
    assert!(is_unchanged(reader.observe(&location, Some(&first.version)).await));
    assert_eq!(web.requests()[3].headers["if-none-match"], "\"2\"", "the newer ETag is remembered for the caller");
    web.reply("/x.yaml", [WebReply::File("kind: B".to_owned(), "\"3\"".to_owned())]);
    assert_eq!(text(reader.observe(&location, Some(&first.version)).await), "kind: B");
}

#[tokio::test]
async fn asks_by_date_where_there_is_no_etag() {
    let web = WebHost::start().await;
    let date = "Tue, 03 Nov 2026 08:12:31 GMT";
    web.reply("/x.yaml", [WebReply::text("a: 1").with_header("last-modified", date), WebReply::status(304)]);
    let (reader, location) = (reader(&[&web.host()]), url(&web.url("/x.yaml")));
    let first = full(reader.observe(&location, None).await);
    assert!(is_unchanged(reader.observe(&location, Some(&first.version)).await));
    assert_eq!(web.requests()[1].headers["if-modified-since"], date);
}

#[tokio::test]
async fn survives_garbage_etags() {
    let web = WebHost::start().await;
    let long = format!("\"{}\"", "e".repeat(5_000));
    web.reply("/long.yaml", [WebReply::text("a: 1").with_header("etag", &long)]);
    web.reply("/odd.yaml", [WebReply::text("a: 1").with_header("etag", "no quotes, \u{fc}ml\u{e4}ut")]);
    let reader = reader(&[&web.host()]);
    for path in ["/long.yaml", "/odd.yaml"] {
        let location = url(&web.url(path));
        let first = full(reader.observe(&location, None).await);
        assert_eq!(first.version.etag, None, "{path}");
        assert!(is_unchanged(reader.observe(&location, Some(&first.version)).await), "the content is compared");
    }
    let location = url(&web.url("/long.yaml"));
    assert_eq!(text(reader.observe(&location, Some(&etag("line\nbreak"))).await), "a: 1");
}

#[tokio::test]
async fn an_unasked_not_modified_is_a_failure() {
    assert_eq!(message_for(WebReply::status(304)).await, "Unable to read url, could not read X, 304 Not Modified");
}

#[tokio::test]
async fn names_refusals() {
    assert_eq!(message_for(WebReply::status(404)).await, "Unable to read url, no matching files found for X");
    assert_eq!(message_for(WebReply::status(401)).await, "Unable to read url, could not read X, 401 Unauthorized");
    assert_eq!(message_for(WebReply::status(403)).await, "Unable to read url, could not read X, 403 Forbidden");
    assert_eq!(
        message_for(WebReply::status(500)).await,
        "Unable to read url, could not read X, 500 Internal Server Error"
    );
}

#[tokio::test]
async fn refuses_hosts_that_nobody_allowed() {
    let location = url("https://nowhere.example.org/x.yaml");
    let problem = error(reader(&["other.example.org"]).observe(&location, None).await);
    assert!(matches!(problem, ReadError::NotAllowed(_)));
    let chain = problem.to_chain(&location);
    assert_eq!(chain.name, "Error");
    assert_eq!(
        chain.message,
        "Unable to read url, Reading from 'https://nowhere.example.org/x.yaml' is not allowed. You may need to configure an integration for the target host, or add it to the configured list of allowed hosts at 'backend.reading.allow'"
    );
    let with_password = error(reader(&[]).observe(&url("https://me:secret@nowhere.example.org/x.yaml"), None).await);
    assert!(!with_password.to_string().contains("secret"), "{with_password}");
    let other_scheme = error(reader(&["nowhere.example.org"]).observe(&url("ftp://nowhere.example.org/x"), None).await);
    assert!(matches!(other_scheme, ReadError::NotAllowed(_)));
    assert_eq!(error(reader(&[]).observe(&url("not a url"), None).await).to_string(), "Invalid URL");
    let gitlab = error(reader(&[]).observe(&url("https://gitlab.com/o/r/-/blob/main/x.yaml"), None).await);
    assert!(gitlab.to_string().contains("GitLab is not supported"), "{gitlab}");
}

#[tokio::test]
async fn follows_redirects_only_to_allowed_places() {
    let web = WebHost::start().await;
    let other = WebHost::start_at("127.0.0.2").await;
    other.reply("/secret.yaml", [WebReply::text("secret: 1")]);
    web.reply("/here.yaml", [WebReply::redirect("/there.yaml")]);
    web.reply("/there.yaml", [WebReply::text("a: 1")]);
    web.reply("/other.yaml", [WebReply::redirect(&other.url("/secret.yaml"))]);
    let port = web.host().rsplit(':').next().unwrap().to_owned();
    web.reply("/name.yaml", [WebReply::redirect(&format!("http://localhost:{port}/there.yaml"))]);
    web.reply("/file.yaml", [WebReply::redirect("file:///etc/passwd")]);
    web.reply("/void.yaml", [WebReply::status(302)]);
    let reader = reader(&[&web.host()]);
    assert_eq!(text(reader.observe(&url(&web.url("/here.yaml")), None).await), "a: 1");
    for path in ["/other.yaml", "/name.yaml", "/file.yaml"] {
        let answer = reader.observe(&url(&web.url(path)), None).await;
        assert!(matches!(answer, Err(ReadError::NotAllowed(_))), "{path}: {answer:?}");
    }
    assert!(other.requests().is_empty(), "nothing was sent to the other host");
    let void = error(reader.observe(&url(&web.url("/void.yaml")), None).await);
    assert!(void.to_string().ends_with("the redirect names no address"), "{void}");
}

#[tokio::test]
async fn ends_redirect_loops() {
    let message = message_for(WebReply::redirect("/x.yaml")).await;
    assert_eq!(message, "Unable to read url, could not read X, more than 5 redirects");
}

#[tokio::test]
async fn refuses_private_addresses_behind_wildcards() {
    let web = WebHost::start().await;
    web.reply("/x.yaml", [WebReply::text("a: 1")]);
    let port = web.host().rsplit(':').next().unwrap().to_owned();
    // The wildcard allows the host, but only a host that is named in full may have a private address.
    let problem = error(reader(&[&format!("*.0.0.1:{port}")]).observe(&url(&web.url("/x.yaml")), None).await);
    assert!(matches!(problem, ReadError::NotAllowed(_)), "{problem}");
    assert!(problem.to_string().contains("is not a public address"), "{problem}");
    assert!(web.requests().is_empty());
    let named = reader(&[&format!("localhost:{port}")]);
    assert_eq!(text(named.observe(&url(&format!("http://localhost:{port}/x.yaml")), None).await), "a: 1");
}

#[tokio::test]
async fn refuses_large_and_endless_answers() {
    let large = WebReply::text(&"x".repeat(10_241));
    assert_eq!(
        message_for(large).await,
        "Unable to read url, could not read X, the answer is larger than the limit of 10 KB"
    );
    let endless = message_for(WebReply::Endless).await;
    assert_eq!(endless, "Unable to read url, could not read X, the answer is larger than the limit of 10 KB");
    let bomb =
        WebReply::Answer(200, vec![("content-encoding".to_owned(), "gzip".to_owned())], GZIP_OF_20_000_X.to_vec());
    assert_eq!(
        message_for(bomb).await,
        "Unable to read url, could not read X, the answer is larger than the limit of 10 KB"
    );
}

#[tokio::test]
async fn unpacks_gzip() {
    let web = WebHost::start().await;
    let packed =
        WebReply::Answer(200, vec![("content-encoding".to_owned(), "gzip".to_owned())], GZIP_OF_20_000_X.to_vec());
    web.reply("/x.yaml", [packed]);
    let roomy = reader_within(&[&web.host()], Limits { max_file_bytes: 20_000, ..limits() });
    assert_eq!(text(roomy.observe(&url(&web.url("/x.yaml")), None).await), "x".repeat(20_000));
    assert!(web.requests()[0].headers["accept-encoding"].contains("gzip"));
}

#[tokio::test]
async fn gives_up_on_slow_hosts() {
    let start = Instant::now();
    assert_eq!(message_for(WebReply::Stall).await, "Unable to read url, could not read X, silence for 300ms");
    assert_eq!(message_for(WebReply::Silence).await, "Unable to read url, could not read X, silence for 300ms");
    let web = WebHost::start().await;
    web.reply("/x.yaml", [WebReply::Drip]);
    let never_silent =
        Limits { request_timeout: Duration::from_millis(400), idle_timeout: Duration::from_secs(20), ..limits() };
    let drip = error(reader_within(&[&web.host()], never_silent).observe(&url(&web.url("/x.yaml")), None).await);
    assert!(drip.to_string().ends_with(", no complete answer within 400ms"), "{drip}");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn names_broken_connections() {
    let reset = message_for(WebReply::Reset).await;
    assert!(reset.starts_with("Unable to read url, could not read X, connection"), "{reset}");
    // The listener is gone at the end of the statement.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let location = url(&format!("http://{closed}/x.yaml"));
    let refused = error(reader(&[&closed.to_string()]).observe(&location, None).await).to_string();
    assert!(refused.contains("cannot connect: ") && refused.contains("refused"), "{refused}");
}

#[tokio::test]
async fn names_tls_failures() {
    let web = WebHost::start().await;
    let location = url(&format!("https://{}/x.yaml", web.host()));
    let problem = error(reader(&[&web.host()]).observe(&location, None).await).to_string();
    assert!(problem.contains("the TLS connection failed: "), "{problem}");
}

#[tokio::test]
async fn tries_again_after_passing_failures_only() {
    let web = WebHost::start().await;
    let fine = WebReply::text("a: 1");
    web.reply("/flaky.yaml", [WebReply::Reset, WebReply::status(502), fine.clone()]);
    web.reply("/gone.yaml", [WebReply::status(404), fine.clone()]);
    web.reply("/down.yaml", [WebReply::status(500)]);
    let reader = reader(&[&web.host()]);
    assert_eq!(text(reader.observe(&url(&web.url("/flaky.yaml")), None).await), "a: 1");
    assert!(matches!(reader.observe(&url(&web.url("/gone.yaml")), None).await, Err(ReadError::NotFound(_))));
    assert!(reader.observe(&url(&web.url("/down.yaml")), None).await.is_err());
    let count = |path: &str| web.requests().iter().filter(|request| request.path == path).count();
    assert_eq!((count("/flaky.yaml"), count("/gone.yaml"), count("/down.yaml")), (3, 1, 3));
}

#[tokio::test]
async fn leaves_a_failing_host_alone() {
    let web = WebHost::start().await;
    web.reply("/down.yaml", [WebReply::status(500)]);
    let (reader, location) = (reader(&[&web.host()]), url(&web.url("/down.yaml")));
    for _ in 0..5 {
        assert!(reader.observe(&location, None).await.is_err());
    }
    let before = web.requests().len();
    let ReadError::Failed { message, retry_after_ms } = error(reader.observe(&location, None).await) else { panic!() };
    assert!(message.contains("failed several times in a row"), "{message}");
    assert!(retry_after_ms.is_some_and(|pause| pause > 20_000 && pause <= 30_000), "{retry_after_ms:?}");
    assert_eq!(web.requests().len(), before, "nothing was sent");
}

#[tokio::test]
async fn heeds_retry_after() {
    let web = WebHost::start().await;
    web.reply("/x.yaml", [WebReply::status(429).with_header("retry-after", "17"), WebReply::text("a: 1")]);
    let (reader, location) = (reader(&[&web.host()]), url(&web.url("/x.yaml")));
    for _ in 0..2 {
        let ReadError::Failed { retry_after_ms, .. } = error(reader.observe(&location, None).await) else { panic!() };
        assert!(retry_after_ms.is_some_and(|pause| pause > 15_000 && pause <= 17_000), "{retry_after_ms:?}");
    }
    assert_eq!(web.requests().len(), 1, "the host is left alone");
}

#[tokio::test]
async fn bounds_the_requests_to_one_host() {
    let web = WebHost::start().await;
    web.reply("/x.yaml", [WebReply::Silence]);
    let reader = reader_within(
        &[&web.host()],
        Limits { requests_per_host: 2, idle_timeout: Duration::from_secs(20), ..limits() },
    );
    let location = url(&web.url("/x.yaml"));
    let running: Vec<_> = (0..6)
        .map(|_| {
            let (reader, location) = (reader.clone(), location.clone());
            tokio::spawn(async move { reader.observe(&location, None).await })
        })
        .collect();
    // All wait for an answer that does not come; a third request would be seen at once.
    while web.requests().len() < 2 {
        tokio::task::yield_now().await;
    }
    let deadline = Instant::now() + Duration::from_millis(100);
    while Instant::now() < deadline {
        tokio::task::yield_now().await;
    }
    assert_eq!(web.requests().len(), 2);
    running.iter().for_each(tokio::task::JoinHandle::abort);
}
