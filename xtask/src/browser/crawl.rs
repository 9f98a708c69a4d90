//! Follows every link of a server, breadth first, and holds each answer and each anchor against what the links promise.
//!
//! Pages without a query are all visited, but of the tabs of entities only some of each sort of tab and kind: what they lead to
//! is on the overviews, too. Of pages with a query, which are as many as there are combinations of filters, orders and pages,
//! a few of each shape are visited: of the same path up to names, with the same parameters; and not more than some of each path.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{BuildHasher as _, RandomState},
    sync::{Condvar, Mutex, PoisonError},
    time::Instant,
};

use crate::{
    browser::links,
    http::{Answer, Connection},
};

/// How many are asked at the same time.
const AT_ONCE: usize = 3;
/// How many addresses of one shape are visited, where they have a query.
const OF_A_SHAPE: usize = 3;
/// How many addresses of one path are visited with a query, whatever the query: combinations of parameters are many, too, and
/// those with few of them are met first.
const OF_A_PATH: usize = 60;
/// How many tabs are visited, for each sort of tab and kind.
const OF_A_TAB: usize = 30;
/// How many answers of the API are looked at, for each shape: they have tests of their own.
const OF_THE_API: usize = 3;
/// After so many faults the rest is of no interest.
const MOST_FAULTS: usize = 100;

/// What a crawl found.
#[derive(Debug)]
pub struct Report {
    /// Answers.
    pub pages: u64,
    /// Distinct addresses that were linked to, visited or not.
    pub links: usize,
    /// What is wrong: the address, why, and a page that leads there.
    pub faults: Vec<String>,
    /// How long it took.
    pub seconds: f64,
}

/// Crawls the server at a port of the loopback, from its root.
///
/// # Errors
/// When it cannot be reached.
pub fn run(port: u16) -> anyhow::Result<Report> {
    let started = Instant::now();
    let crawl = Crawl { state: Mutex::new(State::default()), news: Condvar::new(), hasher: RandomState::new() };
    crawl.lock().meet("/", "");
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(|| crawl.work(port))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker does not panic"))
    })?;
    let mut state = crawl.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.check_anchors();
    state.faults.sort();
    Ok(Report {
        pages: state.visited,
        links: state.met.len(),
        faults: state.faults,
        seconds: started.elapsed().as_secs_f64(),
    })
}

struct Crawl {
    state: Mutex<State>,
    news: Condvar,
    hasher: RandomState,
}

#[derive(Default)]
struct State {
    /// Addresses to visit.
    queue: VecDeque<String>,
    /// Addresses that are being visited.
    running: usize,
    /// Every address, and the page that first led there.
    met: HashMap<String, String>,
    /// How many of each shape, and of each path with any query, are or were in the queue.
    shapes: HashMap<String, usize>,
    /// Hashes of address and anchor of pages that were visited.
    anchors: HashMap<String, HashSet<u64>>,
    /// Promised anchors: address, anchor, hash of the anchor, and the page that promises it.
    promised: HashMap<(String, String), (u64, String)>,
    visited: u64,
    faults: Vec<String>,
}

impl Crawl {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, port: u16) -> anyhow::Result<()> {
        let mut connection = Connection::open(port)?;
        while let Some(address) = self.next() {
            let outcome = connection.get(&address).or_else(|_| {
                // The server may have closed a connection that it found idle.
                connection = Connection::open(port)?;
                connection.get(&address)
            });
            let mut state = self.lock();
            match outcome {
                Ok(answer) => {
                    drop(state);
                    self.look_at(&address, &answer);
                    state = self.lock();
                }
                Err(error) => state.fault(&address, &format!("{error:#}")),
            }
            state.running -= 1;
            state.visited += 1;
            drop(state);
            self.news.notify_all();
        }
        Ok(())
    }

    /// The next address; `None` when nothing is left and nobody can find more.
    fn next(&self) -> Option<String> {
        let mut state = self.lock();
        loop {
            if state.faults.len() >= MOST_FAULTS {
                state.queue.clear();
            }
            if let Some(address) = state.queue.pop_front() {
                state.running += 1;
                return Some(address);
            }
            if state.running == 0 {
                return None;
            }
            state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn look_at(&self, address: &str, answer: &Answer) {
        // At a moment of the past something that a link of now leads to may not have been there yet.
        let was_not_there = answer.status == 404 && address.contains("at=");
        if !(200..400).contains(&answer.status) && !was_not_there {
            self.lock().fault(address, &format!("answers {}", answer.status));
            return;
        }
        if let Some(target) = answer.header("location") {
            self.meet_all(address, std::iter::once(target));
            return;
        }
        let html = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        // What is downloaded is no page of the portal; the pack is HTML with addresses of its own.
        let is_download = answer.header("content-disposition").is_some_and(|kind| kind.starts_with("attachment"));
        if !html || is_download {
            return;
        }
        let found = links::find(&String::from_utf8_lossy(&answer.body));
        let anchors: HashSet<u64> = found.anchors.iter().map(|anchor| self.hasher.hash_one(anchor.as_str())).collect();
        self.lock().anchors.insert(address.to_owned(), anchors);
        self.meet_all(address, found.links.iter().map(String::as_str));
    }

    fn meet_all<'a>(&self, from: &str, links: impl Iterator<Item = &'a str>) {
        let resolved: Vec<(String, Option<String>)> = links.filter_map(|link| resolve(from, link)).collect();
        let mut state = self.lock();
        for (target, fragment) in resolved {
            if let Some(fragment) = fragment {
                let hash = self.hasher.hash_one(fragment.as_str());
                state.promised.entry((target.clone(), fragment)).or_insert_with(|| (hash, from.to_owned()));
            }
            state.meet(&target, from);
        }
        drop(state);
        self.news.notify_all();
    }
}

impl State {
    fn meet(&mut self, address: &str, from: &str) {
        if self.met.contains_key(address) {
            return;
        }
        self.met.insert(address.to_owned(), from.to_owned());
        let most = match address {
            api if api.starts_with("/api/") => OF_THE_API,
            page if page.contains('?') => OF_A_SHAPE,
            tab if tab.matches('/').count() > 4 => OF_A_TAB,
            _ => usize::MAX,
        };
        let shape = shape(address);
        let (path, query) = shape.split_once('?').unwrap_or((shape.as_str(), ""));
        // A shape without parameters ends with the question mark, so the name of a path is none of a shape.
        let of_path = if query.is_empty() { 0 } else { self.shapes.get(path).copied().unwrap_or_default() };
        let of_shape = self.shapes.get(&shape).copied().unwrap_or_default();
        if of_shape < most && of_path < OF_A_PATH {
            if !query.is_empty() {
                self.shapes.insert(path.to_owned(), of_path + 1);
            }
            self.shapes.insert(shape, of_shape + 1);
            self.queue.push_back(address.to_owned());
        }
    }

    fn fault(&mut self, address: &str, what: &str) {
        let from = self.met.get(address).map(String::as_str).unwrap_or_default();
        self.faults.push(format!("{address} {what}; {from} leads there"));
    }

    fn check_anchors(&mut self) {
        let dead = self.promised.iter().filter(|((target, _), (hash, _))| {
            // Nothing is known of what was not visited, or is no page.
            self.anchors.get(target).is_some_and(|anchors| !anchors.contains(hash))
        });
        let faults: Vec<String> = dead
            .map(|((target, fragment), (_, from))| format!("{target} has no anchor #{fragment}; {from} leads there"))
            .collect();
        self.faults.extend(faults);
    }
}

/// The shape of an address: its path with names left out, and the names of its parameters.
fn shape(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut parts: Vec<&str> = path.split('/').collect();
    // `/catalog/:namespace/:kind/:name/...` and its like: what is seen of an entity depends on its kind, not on its name.
    if parts.len() > 4 {
        parts[2] = "";
        parts[4] = "";
    }
    let mut names: Vec<&str> =
        query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name)).collect();
    names.sort_unstable();
    names.dedup();
    format!("{}?{}", parts.join("/"), names.join("&"))
}

/// Resolves a link against the page that holds it: the address to ask, and the anchor in it. `None` for what leads elsewhere.
fn resolve(from: &str, link: &str) -> Option<(String, Option<String>)> {
    let (address, fragment) = match link.split_once('#') {
        Some((address, fragment)) => (address, (!fragment.is_empty()).then(|| fragment.to_owned())),
        None => (link, None),
    };
    let (path, query) = from.split_once('?').map_or((from, ""), |(path, query)| (path, query));
    let target = match address {
        "" if query.is_empty() => path.to_owned(),
        "" => from.to_owned(),
        absolute if absolute.starts_with("//") => return None,
        absolute if absolute.starts_with('/') => absolute.to_owned(),
        asked if asked.starts_with('?') => format!("{path}{asked}"),
        other if has_scheme(other) => return None,
        relative => join(path, relative),
    };
    // Spaces and the like would break the line of the request; the browser encodes them.
    let target = target.replace(' ', "%20");
    Some((target, fragment.map(|fragment| decode_percent(&fragment))))
}

fn has_scheme(link: &str) -> bool {
    link.split_once(':').is_some_and(|(scheme, _)| !scheme.contains(['/', '?']))
}

/// Joins a relative path to that of a page.
fn join(page: &str, relative: &str) -> String {
    let (path, query) = relative.split_at(relative.find('?').unwrap_or(relative.len()));
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    format!("{}{joined}{query}", if joined.starts_with('/') { "" } else { "/" })
}

fn decode_percent(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = (first == b'%').then(|| tail.get(..2)).flatten().and_then(|hex| str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_resolved_as_a_browser_does() {
        let resolve = |link| resolve("/catalog/default/api/x?a=1", link).map(|(address, _)| address);
        assert_eq!(resolve("#top").as_deref(), Some("/catalog/default/api/x?a=1"));
        assert_eq!(resolve("?b=2").as_deref(), Some("/catalog/default/api/x?b=2"));
        assert_eq!(resolve("/teams#x").as_deref(), Some("/teams"));
        assert_eq!(resolve("y/z?c=https://d").as_deref(), Some("/catalog/default/api/y/z?c=https://d"));
        assert_eq!(resolve("../../search").as_deref(), Some("/catalog/search"));
        for elsewhere in ["https://example.com/", "//example.com", "mailto:jane@example.com", "data:,x"] {
            assert_eq!(resolve(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn permutations_of_filters_have_one_shape() {
        assert_eq!(shape("/catalog?sort=a&kind=b"), shape("/catalog?kind=c&sort=d&kind=e"));
        assert_eq!(shape("/catalog/default/api/x/definition"), shape("/catalog/other/api/y/definition"));
        assert_ne!(shape("/catalog/default/api/x/definition"), shape("/catalog/default/system/y/definition"));
    }

    #[test]
    fn dead_links_and_anchors_are_found() {
        let pages = |path: &str| match path {
            "/" => Some("<a href=/a#here>a</a><a href=/a#gone>b</a><a href=/none>c</a><p id=x><a href='#x'>d</a>"),
            "/a" => Some("<h1 id=here>a</h1><a href=/>home</a>"),
            _ => None,
        };
        let port = crate::http::serve_for_test(pages);
        let report = run(port).unwrap();
        assert_eq!((report.pages, report.links), (3, 3));
        assert_eq!(report.faults, ["/a has no anchor #gone; / leads there", "/none answers 404; / leads there"]);
    }
}
