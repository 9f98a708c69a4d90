//! Which hosts may be read: `backend.reading.allow`. Source of the rules: Backstage's `FetchUrlReader`.

use url::Url;

use crate::settings::ReadingAllow;

/// The allowed hosts beside the integrations.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowList {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    host: HostPattern,
    ports: Option<(u16, u16)>,
    paths: Vec<String>,
}

/// A host, or all hosts below a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HostPattern {
    /// One host, named in full.
    Exact(String),
    /// All hosts that end with this, which starts with a dot.
    Below(String),
}

impl AllowList {
    /// Makes the list ready. An entry whose port is no port or range allows nothing and is reported to the log.
    pub(crate) fn new(entries: &[ReadingAllow]) -> Self {
        Self { rules: entries.iter().filter_map(parse_rule).collect() }
    }

    /// Tells whether an address may be read.
    pub(crate) fn allows(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        self.rules.iter().any(|rule| rule.host.matches(host) && rule.allows_port(url) && rule.allows_path(url))
    }

    /// The hosts that are named in full; their addresses may be private.
    pub(crate) fn named_hosts(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().filter_map(|rule| match &rule.host {
            HostPattern::Exact(host) => Some(host.as_str()),
            HostPattern::Below(_) => None,
        })
    }
}

impl HostPattern {
    fn matches(&self, host: &str) -> bool {
        match self {
            Self::Exact(name) => name == host,
            Self::Below(suffix) => host.ends_with(suffix.as_str()),
        }
    }
}

impl Rule {
    fn allows_port(&self, url: &Url) -> bool {
        match self.ports {
            None => url.port().is_none(),
            Some((from, to)) => url.port_or_known_default().is_some_and(|port| (from..=to).contains(&port)),
        }
    }

    fn allows_path(&self, url: &Url) -> bool {
        // `Url` has already taken out dot segments, written plainly or as %2e. An encoded slash could hide more of them
        // from us but not from every server, so such a path matches no prefix.
        let path = url.path();
        let is_plain = !path.to_ascii_lowercase().contains("%2f") && !path.contains('\\');
        self.paths.is_empty() || (is_plain && self.paths.iter().any(|prefix| path.starts_with(prefix.as_str())))
    }
}

fn parse_rule(entry: &ReadingAllow) -> Option<Rule> {
    let (host, port) = split_port(&entry.host);
    let ports = match port.map(parse_ports) {
        None => None,
        Some(Some(range)) => Some(range),
        Some(None) => {
            tracing::error!(host = entry.host, "entry of backend.reading.allow has no valid port and allows nothing");
            return None;
        }
    };
    let host = host.to_ascii_lowercase();
    let host = match host.strip_prefix('*') {
        Some(suffix) if suffix.starts_with('.') => HostPattern::Below(suffix.to_owned()),
        _ => HostPattern::Exact(host),
    };
    Some(Rule { host, ports, paths: entry.paths.clone() })
}

/// Splits `host:port`, where the host may be an IPv6 address in brackets.
fn split_port(host: &str) -> (&str, Option<&str>) {
    let after_bracket = host.rfind(']').map_or(0, |end| end + 1);
    match host[after_bracket..].split_once(':') {
        Some((rest, port)) => (&host[..after_bracket + rest.len()], Some(port)),
        None => (host, None),
    }
}

fn parse_ports(text: &str) -> Option<(u16, u16)> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from > 0 && from <= to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(host: &str, paths: &[&str], url: &str) -> bool {
        let entry = ReadingAllow { host: host.to_owned(), paths: paths.iter().map(|&path| path.to_owned()).collect() };
        AllowList::new(&[entry]).allows(&Url::parse(url).unwrap())
    }

    #[test]
    fn follows_backstages_rules() {
        for (host, paths, url, expected) in [
            ("example.com", &[][..], "https://example.com/a.yaml", true),
            ("example.com", &[], "https://EXAMPLE.com/a.yaml", true),
            ("example.com", &[], "https://example.com:8443/a.yaml", false),
            ("example.com", &[], "https://www.example.com/a.yaml", false),
            ("example.com:8443", &[], "https://example.com:8443/a.yaml", true),
            ("example.com:443", &[], "https://example.com/a.yaml", true),
            ("example.com:8000-9000", &[], "http://example.com:8443/a.yaml", true),
            ("example.com:8000-9000", &[], "http://example.com:9001/a.yaml", false),
            ("example.com:web", &[], "http://example.com/a.yaml", false),
            ("*.example.com", &[], "https://deep.www.example.com/a.yaml", true),
            ("*.example.com", &[], "https://example.com/a.yaml", false),
            ("*.example.com", &[], "https://badexample.com/a.yaml", false),
            ("*example.com", &[], "https://badexample.com/a.yaml", false),
            ("[::1]:80", &[], "http://[::1]/a.yaml", true),
            ("example.com", &["/catalog/"], "https://example.com/catalog/a.yaml", true),
            ("example.com", &["/catalog/"], "https://example.com/catalog/../a.yaml", false),
            ("example.com", &["/catalog/"], "https://example.com/catalog/%2e%2e/a.yaml", false),
            ("example.com", &["/catalog/"], "https://example.com/catalog/..%2Fa.yaml", false),
        ] {
            assert_eq!(allows(host, paths, url), expected, "{host} {paths:?} {url}");
        }
    }
}
