//! A git host that speaks as much of GitHub's REST API as reading needs: contents, trees, app installations and their
//! tokens, ETags, rate limits. Repositories are maps of paths.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// The key of the app with which [`GitHost`] checks claims. It protects nothing.
pub const APP_PRIVATE_KEY: &str = include_str!("git_host_app_key.pem");
const APP_PUBLIC_KEY: &str = include_str!("git_host_app_key_public.pem");

/// One request as it came.
#[derive(Clone, Debug)]
pub struct GitRequest {
    /// `GET /api/v3/...?..`.
    pub line: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// The status of the answer.
    pub status: u16,
}

/// A planned answer: status, headers, body.
type Planned = (u16, Vec<(&'static str, String)>, String);

#[derive(Default)]
struct World {
    /// `owner/repo@ref` to the files.
    files: HashMap<String, BTreeMap<String, String>>,
    /// `owner/repo@ref:path` to hash and author of the newest commit.
    commits: HashMap<String, (String, String)>,
    /// When not empty: who shows none of these sees no repository.
    tokens: BTreeSet<String>,
    /// App id and its installations: owner, number, suspended.
    installations: Vec<(String, u64, bool)>,
    app_id: Option<u64>,
    issued: u64,
    token_seconds: u64,
    /// Limit and what is left.
    rate: Option<(u64, u64)>,
    planned: VecDeque<Planned>,
    largest_tree: Option<usize>,
    requests: Vec<GitRequest>,
}

/// A fake GitHub on a free port of 127.0.0.1. It ends when it is dropped.
pub struct GitHost {
    address: SocketAddr,
    world: Arc<Mutex<World>>,
    task: JoinHandle<()>,
}

impl GitHost {
    /// Starts an empty host.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
        let address = listener.local_addr().expect("a listener has an address");
        let world = Arc::new(Mutex::new(World { token_seconds: 3_600, ..World::default() }));
        let app = Router::new().fallback(answer).with_state(Arc::clone(&world));
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("axum serves until it is aborted");
        });
        Self { address, world, task }
    }

    /// `127.0.0.1:<port>`: the host of the web addresses.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Base address of the API.
    #[must_use]
    pub fn api_base_url(&self) -> String {
        format!("http://{}/api/v3", self.address)
    }

    /// Base address of raw files, which need no token.
    #[must_use]
    pub fn raw_base_url(&self) -> String {
        format!("http://{}/raw-files", self.address)
    }

    /// The web address of a file in `owner/repo`.
    #[must_use]
    pub fn web_url(&self, repository: &str, git_ref: &str, path: &str) -> String {
        format!("https://{}/{repository}/blob/{git_ref}/{path}", self.address)
    }

    /// Puts a file into the branch of `owner/repo`.
    pub fn put_file(&self, repository: &str, git_ref: &str, path: &str, text: &str) {
        let mut world = self.world();
        let files = world.files.entry(format!("{repository}@{git_ref}")).or_default();
        files.insert(path.to_owned(), text.to_owned());
    }

    /// Says which commit changed a file last, and which account wrote it.
    pub fn put_commit(&self, repository: &str, git_ref: &str, path: &str, (hash, login): (&str, &str)) {
        let key = format!("{repository}@{git_ref}:{path}");
        self.world().commits.insert(key, (hash.to_owned(), login.to_owned()));
    }

    /// Takes a file out.
    pub fn remove_file(&self, repository: &str, git_ref: &str, path: &str) {
        if let Some(files) = self.world().files.get_mut(&format!("{repository}@{git_ref}")) {
            files.remove(path);
        }
    }

    /// From now on repositories are seen only with one of the accepted tokens.
    pub fn accept_token(&self, token: &str) {
        self.world().tokens.insert(token.to_owned());
    }

    /// Installs the app of [`APP_PRIVATE_KEY`] for an owner. Its tokens are accepted.
    pub fn install_app(&self, app_id: u64, owner: &str, installation: u64) {
        let mut world = self.world();
        world.app_id = Some(app_id);
        world.installations.push((owner.to_owned(), installation, false));
    }

    /// Sets how long the tokens of installations live.
    pub fn set_token_seconds(&self, seconds: u64) {
        self.world().token_seconds = seconds;
    }

    /// Grants this many requests; an answer of 304 costs nothing. The period ends in an hour.
    pub fn set_rate_limit(&self, limit: u64, remaining: u64) {
        self.world().rate = Some((limit, remaining));
    }

    /// Answers the next request with this, whatever it is.
    pub fn plan(&self, status: u16, headers: &[(&'static str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.world().planned.push_back((status, headers, body.to_owned()));
    }

    /// Cuts recursive trees of more entries, as GitHub does at 100,000.
    pub fn set_largest_tree(&self, entries: usize) {
        self.world().largest_tree = Some(entries);
    }

    /// The requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<GitRequest> {
        self.world().requests.clone()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }
}

impl Drop for GitHost {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(world): State<Arc<Mutex<World>>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let mut world = lock(&world);
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let mut response = match world.planned.pop_front() {
        Some(planned) => planned_answer(planned),
        None if world.rate.is_some_and(|(_, remaining)| remaining == 0) && path.starts_with("/api/") => {
            complaint(403, "API rate limit exceeded")
        }
        None => route(&mut world, &path, &query, &parts.headers),
    };
    if path.starts_with("/api/") {
        note_rate(&mut world, &mut response);
    }
    let status = response.status().as_u16();
    world.requests.push(GitRequest { line: format!("{} {}", parts.method, parts.uri), headers: parts.headers, status });
    response
}

fn route(world: &mut World, path: &str, query: &str, headers: &HeaderMap) -> Response {
    let decoded: Vec<String> = path.trim_start_matches('/').split('/').map(decode).collect();
    let parts: Vec<&str> = decoded.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["raw-files", owner, repository, git_ref, rest @ ..] => {
            read(world, &format!("{owner}/{repository}@{git_ref}"), &rest.join("/"), headers)
        }
        ["api", "v3", "app", "installations"] => list_installations(world, query, headers),
        ["api", "v3", "app", "installations", number, "access_tokens"] => issue_token(world, number, headers),
        ["api", "v3", "repos", owner, repository, rest @ ..] => {
            if let Some(refusal) = refuse_stranger(world, headers) {
                return refusal;
            }
            let name = format!("{owner}/{repository}");
            match rest {
                ["contents", path @ ..] => {
                    let git_ref = decode(query.strip_prefix("ref=").unwrap_or("main"));
                    read(world, &format!("{name}@{git_ref}"), &path.join("/"), headers)
                }
                ["commits"] => list_commits(world, &name, query),
                ["git", "trees", sha] => tree(world, &name, sha, query.contains("recursive=1"), headers),
                _ => complaint(404, "Not Found"),
            }
        }
        _ => complaint(404, "Not Found"),
    }
}

fn read(world: &World, key: &str, path: &str, headers: &HeaderMap) -> Response {
    let Some(files) = world.files.get(key) else { return complaint(404, "Not Found") };
    if let Some(text) = files.get(path) {
        return conditional(headers, "application/vnd.github.v3.raw; charset=utf-8", text.clone());
    }
    let folder = format!("{path}/");
    match files.keys().any(|file| file.starts_with(&folder)) {
        true => conditional(headers, "application/json; charset=utf-8", "[]".to_owned()),
        false => complaint(404, "Not Found"),
    }
}

fn list_commits(world: &World, name: &str, query: &str) -> Response {
    let of = |wanted: &str| query.split('&').find_map(|pair| pair.strip_prefix(wanted));
    let of = |wanted: &str| of(wanted).map(|text| decode(&text.replace('+', " "))).unwrap_or_default();
    let found = world.commits.get(&format!("{name}@{}:{}", of("sha="), of("path=")));
    let commit = |(hash, login): &(String, String)| json!({ "sha": hash, "commit": { "author": { "name": "Somebody" } }, "author": { "login": login } });
    axum::Json(found.map(commit).into_iter().collect::<Vec<Value>>()).into_response()
}

fn tree(world: &World, name: &str, sha: &str, recursive: bool, headers: &HeaderMap) -> Response {
    // The number of a tree is its ref and folder, so that nothing has to be remembered.
    let (git_ref, folder) = sha.strip_prefix("tree:").and_then(|rest| rest.split_once(':')).unwrap_or((sha, ""));
    let Some(files) = world.files.get(&format!("{name}@{git_ref}")) else { return complaint(404, "Not Found") };
    let mut entries: BTreeMap<String, Value> = BTreeMap::new();
    for file in files.keys().filter_map(|file| file.strip_prefix(folder)) {
        let folders: Vec<usize> = file.match_indices('/').map(|(at, _)| at).collect();
        for &end in folders.iter().take(if recursive { usize::MAX } else { 1 }) {
            let path = &file[..end];
            entries.insert(
                path.to_owned(),
                json!({"path": path, "type": "tree", "sha": format!("tree:{git_ref}:{folder}{path}/")}),
            );
        }
        if recursive || folders.is_empty() {
            entries.insert(file.to_owned(), json!({"path": file, "type": "blob", "sha": "0", "size": 1}));
        }
    }
    let largest = world.largest_tree.filter(|_| recursive).unwrap_or(usize::MAX);
    let truncated = entries.len() > largest;
    let shown: Vec<_> = entries.into_values().take(largest).collect();
    let body = json!({"sha": format!("tree:{git_ref}:{folder}"), "tree": shown, "truncated": truncated});
    conditional(headers, "application/json; charset=utf-8", body.to_string())
}

fn list_installations(world: &World, query: &str, headers: &HeaderMap) -> Response {
    if !is_claim_of(world.app_id, headers) {
        return complaint(401, "A JSON web token could not be decoded");
    }
    let page: usize = query.split('&').find_map(|pair| pair.strip_prefix("page=")?.parse().ok()).unwrap_or(1);
    let shown = world.installations.iter().skip((page - 1) * 100).take(100);
    let list: Vec<Value> = shown
        .map(|(owner, id, suspended)| {
            json!({"id": id, "account": {"login": owner}, "suspended_at": suspended.then_some("2026-01-01T00:00:00Z")})
        })
        .collect();
    axum::Json(list).into_response()
}

fn issue_token(world: &mut World, number: &str, headers: &HeaderMap) -> Response {
    if !is_claim_of(world.app_id, headers) {
        return complaint(401, "A JSON web token could not be decoded");
    }
    if !world.installations.iter().any(|(_, id, _)| id.to_string() == number) {
        return complaint(404, "Not Found");
    }
    world.issued += 1;
    let token = format!("ghs_{number}_{}", world.issued);
    world.tokens.insert(token.clone());
    let until = show_time(unix_now() + world.token_seconds);
    (StatusCode::CREATED, axum::Json(json!({"token": token, "expires_at": until}))).into_response()
}

fn is_claim_of(app_id: Option<u64>, headers: &HeaderMap) -> bool {
    let Some(claim) = bearer(headers) else { return false };
    let key =
        jsonwebtoken::DecodingKey::from_rsa_pem(APP_PUBLIC_KEY.as_bytes()).expect("the key beside this file is one");
    let validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    let decoded = jsonwebtoken::decode::<Value>(&claim, &key, &validation);
    let Ok(claims) = decoded.map(|decoded| decoded.claims) else { return false };
    let lasts = claims["exp"].as_u64().zip(claims["iat"].as_u64()).map(|(exp, iat)| exp - iat);
    claims["iss"].as_str() == app_id.map(|id| id.to_string()).as_deref() && lasts.is_some_and(|lasts| lasts <= 660)
}

/// Without a token a private repository looks as if it were not there; a wrong token is told.
fn refuse_stranger(world: &World, headers: &HeaderMap) -> Option<Response> {
    match bearer(headers) {
        _ if world.tokens.is_empty() => None,
        Some(token) if world.tokens.contains(&token) => None,
        Some(_) => Some(complaint(401, "Bad credentials")),
        None => Some(complaint(404, "Not Found")),
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ").map(str::to_owned)
}

fn conditional(headers: &HeaderMap, kind: &'static str, body: String) -> Response {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let etag = format!("W/\"{:016x}\"", hasher.finish());
    if headers.get("if-none-match").is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [("etag", etag)]).into_response();
    }
    ([("etag", etag), ("content-type", kind.to_owned())], body).into_response()
}

fn complaint(status: u16, message: &str) -> Response {
    let status = StatusCode::from_u16(status).expect("statuses here are written out");
    (status, axum::Json(json!({"message": message}))).into_response()
}

fn planned_answer((status, headers, body): Planned) -> Response {
    let mut response = (StatusCode::from_u16(status).expect("tests plan real statuses"), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().expect("tests plan real headers"));
    }
    response
}

fn note_rate(world: &mut World, response: &mut Response) {
    let Some((limit, remaining)) = world.rate.as_mut() else { return };
    if response.status() != StatusCode::NOT_MODIFIED {
        *remaining = remaining.saturating_sub(1);
    }
    let reset = unix_now() + 3_600;
    for (name, value) in [("limit", *limit), ("remaining", *remaining), ("reset", reset)] {
        let name = axum::http::HeaderName::try_from(format!("x-ratelimit-{name}")).expect("these are header names");
        response.headers_mut().insert(name, value.into());
    }
}

fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970").as_secs()
}

/// A time as GitHub writes it. Source of the arithmetic: "days from civil" turned round.
fn show_time(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        let pair = (*first == b'%').then(|| others.get(..2)).flatten();
        let value = pair.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        bytes.push(value.unwrap_or(*first));
        rest = if value.is_some() { &others[2..] } else { others };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
