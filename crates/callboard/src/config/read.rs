//! Value tree -> settings.

mod access;
mod call_sheets;
mod catalog;
mod database;
mod integrations;
mod tools;
mod webhooks;

use std::{cell::RefCell, path::PathBuf, time::Duration};

use super::{Config, Fault, Listen, PackConfig, Request, section::Section, tree::Node};

const DEFAULT_PORT: u16 = 7007;
/// How long events are kept where nothing is said.
const EVENTS_RETENTION: Duration = Duration::from_secs(90 * 86_400);
/// The shortest secret of a receiver, in characters.
const SHORTEST_SECRET: usize = 8;

/// Reads all settings. What is at fault gets its default, so that every fault is found in one go.
pub fn config(root: &Node, request: &Request, faults: &mut Vec<Fault>, warnings: &mut Vec<Fault>) -> Config {
    let (collected, milder) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let root = Section::root(root, &collected, &milder);
    let config = Config {
        title: root.at("app.title").text().unwrap_or_else(|| "Callboard".to_owned()),
        app_base_url: root.at("app.baseUrl").web_address_if_good(),
        organization: root.at("organization.name").text(),
        base_url: root.at("backend.baseUrl").web_address(),
        listen: listen(&root.at("backend.listen")),
        database: database::read(&root.at("backend.database"), request),
        standby: database::read_standby(&root.at("callboard.standby")),
        data: root.at("callboard.data").text().map(|path| resolve(request, &root.at("callboard.data"), &path)),
        cors: cors(&root),
        limits: limits(&root.at("callboard.limits")),
        reader: integrations::read(&root),
        access: access::read(&root),
        catalog: catalog::read(&root.at("catalog"), request),
        model: model(&root.at("callboard.model"), request),
        tools: tools::read(&root),
        call_sheets: call_sheets::read(&root.at("callboard.callSheets")),
        pack: pack(&root.at("callboard.pack"), request),
        webhooks: webhooks::read(&root.at("callboard.webhooks")),
        history_retention: match root.at("callboard.history.retention") {
            forever if forever.text_is("forever") => None,
            section => section.duration(),
        },
        events_retention: match root.at("callboard.events.retention") {
            forever if forever.text_is("forever") => None,
            section => Some(section.duration().unwrap_or(EVENTS_RETENTION)),
        },
        receivers: receivers(&root.at("callboard.receivers")),
    };
    drop(root);
    faults.append(&mut collected.into_inner());
    warnings.append(&mut milder.into_inner());
    config
}

/// Our own paths start at the file that they are written in.
fn resolve(request: &Request, section: &Section<'_>, path: &str) -> PathBuf {
    let file = PathBuf::from(section.spot().origin.as_ref());
    let folder = if section.spot().line == 0 { request.folder.clone() } else { parent_of(&file) };
    request.folder.join(folder).join(path)
}

fn parent_of(file: &std::path::Path) -> PathBuf {
    file.parent().map(PathBuf::from).unwrap_or_default()
}

fn model(section: &Section<'_>, request: &Request) -> Vec<PathBuf> {
    let paths: Vec<PathBuf> =
        section.texts().unwrap_or_default().iter().map(|path| resolve(request, section, path)).collect();
    for path in paths.iter().filter(|path| !path.exists()) {
        section.fault(
            &format!("names `{}`, which does not exist", path.display()),
            "paths start at the configuration file",
        );
    }
    paths
}

/// The shortest time between two packs; each is made of the whole catalog.
const SHORTEST_PACK_PERIOD: Duration = Duration::from_secs(60);

fn pack(section: &Section<'_>, request: &Request) -> Option<PackConfig> {
    let directory = section.at("directory");
    let every = section.at("every").duration();
    if every.is_some_and(|every| every < SHORTEST_PACK_PERIOD) {
        section.at("every").fault("is shorter than a minute", "write `1 minute` or more");
    }
    let keep = section.at("keep").integer(0..=100_000);
    let path = directory.text().filter(|path| !path.is_empty())?;
    Some(PackConfig {
        directory: resolve(request, &directory, &path),
        every: every.unwrap_or(Duration::from_secs(3600)),
        keep: keep.map_or(24, |keep| keep as usize),
    })
}

/// `7007`, `:7007`, `host:7007`, `[::1]:7007`, or a map of host and port.
fn listen(section: &Section<'_>) -> Listen {
    if section.is_map() {
        let port = section.at("port").integer(0..=65_535).unwrap_or(u64::from(DEFAULT_PORT));
        return Listen { host: section.at("host").text().filter(|host| !host.is_empty()), port: port as u16 };
    }
    let Some(text) = section.text() else { return Listen { host: None, port: DEFAULT_PORT } };
    match parse_listen(&text) {
        Some(listen) => listen,
        None => {
            section.fault(
                &format!("is no address: `{text}`"),
                "write `:7007`, `127.0.0.1:7007` or `{ host: ..., port: ... }`",
            );
            Listen { host: None, port: DEFAULT_PORT }
        }
    }
}

/// Reads `port`, `:port` or `host:port`; the host of an IPv6 address stands in brackets.
pub fn parse_listen(text: &str) -> Option<Listen> {
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Some(Listen { host: (!host.is_empty()).then(|| host.to_owned()), port: port.parse().ok()? })
}

fn cors(root: &Section<'_>) -> Option<web::CorsSettings> {
    let section = root.at("backend.cors");
    let origin = section.at("origin");
    if !section.is_map() || origin.is_false() {
        return None;
    }
    let list = |key: &str| {
        let texts = section.at(key).texts().unwrap_or_default();
        texts.iter().flat_map(|text| text.split(',')).map(|text| text.trim().to_owned()).collect::<Vec<_>>()
    };
    let methods = list("methods");
    let usual = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"];
    let origins = match origin.is_set() {
        true => origin.texts().unwrap_or_default(),
        false => vec!["*".to_owned()],
    };
    Some(web::CorsSettings {
        origins: origins.iter().map(|origin| origin.trim_end_matches('/').to_owned()).collect(),
        methods: if methods.is_empty() { usual.map(str::to_owned).to_vec() } else { methods },
        allowed_headers: list("allowedHeaders"),
        exposed_headers: list("exposedHeaders"),
        credentials: section.at("credentials").flag().unwrap_or(false),
        max_age_seconds: section.at("maxAge").integer(0..=31_536_000),
    })
}

fn receivers(section: &Section<'_>) -> web::ReceiverSettings {
    let secret = |name: &str| {
        let section = section.at(name).at("secret");
        let text = section.text()?;
        if text.chars().count() < SHORTEST_SECRET {
            section.fault(&format!("is shorter than {SHORTEST_SECRET} characters"), "use a long random text");
            return None;
        }
        Some(web::ReceiverSecret::new(text))
    };
    web::ReceiverSettings {
        github: secret("github"),
        gitlab: secret("gitlab"),
        azure_devops: secret("azureDevOps"),
        argocd: secret("argocd"),
    }
}

fn limits(section: &Section<'_>) -> web::Limits {
    let usual = web::Limits::default();
    web::Limits {
        body_bytes: section.at("bodyBytes").integer(1024..=1 << 30).map_or(usual.body_bytes, |n| n as usize),
        request_timeout: section.at("requestTimeout").duration().unwrap_or(usual.request_timeout),
        concurrent_requests: section
            .at("concurrentRequests")
            .integer(1..=1_000_000)
            .map_or(usual.concurrent_requests, |n| n as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_spellings_of_an_address() {
        let of = |text| parse_listen(text).map(|l| (l.host, l.port));
        assert_eq!(of(":7007"), Some((None, 7007)));
        assert_eq!(of("80"), Some((None, 80)));
        assert_eq!(of("0.0.0.0:80"), Some((Some("0.0.0.0".to_owned()), 80)));
        assert_eq!(of("[::1]:80"), Some((Some("::1".to_owned()), 80)));
        assert_eq!(of("host:99999"), None);
        assert_eq!(of("host"), None);
    }
}
