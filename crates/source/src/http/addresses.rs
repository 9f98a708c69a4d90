//! The guard against reading what only this machine can reach. It is the resolver of the HTTP client, so the address that
//! was checked is the address that is connected to: a name that answers differently the second time gains nothing.

use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Knows the hosts whose addresses may be private.
#[derive(Clone, Debug)]
pub(crate) struct AddressGuard {
    trusted: Arc<HashSet<String>>,
    /// The key of the configuration that names trusted hosts.
    key: &'static str,
}

/// A name that leads to an address which may not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{host}' leads to {address}, which is not a public address. To use it nevertheless name the host in full at '{key}'"
)]
pub(crate) struct AddressRefused {
    /// The name, or the address as it was written.
    pub(crate) host: String,
    /// Where it leads.
    pub(crate) address: IpAddr,
    /// The key of the configuration that helps.
    pub(crate) key: &'static str,
}

impl AddressGuard {
    /// Trusts the hosts that the configuration names in full.
    pub(crate) fn new(hosts: impl IntoIterator<Item = String>) -> Self {
        Self::for_key(hosts, "backend.reading.allow")
    }

    /// Trusts the hosts that a key of the configuration names in full.
    pub(crate) fn for_key(hosts: impl IntoIterator<Item = String>, key: &'static str) -> Self {
        Self { trusted: Arc::new(hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect()), key }
    }

    /// Checks an address whose host is written as numbers, which no resolver sees.
    ///
    /// # Errors
    /// When the address is not public and its host is not trusted.
    pub(crate) fn check_literal(&self, url: &Url) -> Result<(), AddressRefused> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        self.check(url.host_str().unwrap_or_default(), address)
    }

    fn check(&self, host: &str, address: IpAddr) -> Result<(), AddressRefused> {
        if is_public(address) || self.trusted.contains(host.trim_end_matches('.')) {
            return Ok(());
        }
        Err(AddressRefused { host: host.to_owned(), address, key: self.key })
    }

    /// Keeps the addresses that may be used.
    ///
    /// # Errors
    /// When there is none.
    fn select(&self, host: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, AddressRefused> {
        let mut refused = None;
        let mut kept = Vec::with_capacity(found.len());
        for address in found {
            match self.check(host, address.ip()) {
                Ok(()) => kept.push(address),
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            Some(error) if kept.is_empty() => Err(error),
            _ => Ok(kept),
        }
    }
}

impl Resolve for AddressGuard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_ascii_lowercase();
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let kept: Addrs = Box::new(guard.select(&host, found)?.into_iter());
            Ok(kept)
        })
    }
}

/// Tells whether an address is one of the public internet. Source: the special-purpose registries of IANA.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = embedded_v4(address) {
        return is_public_v4(inner);
    }
    let first = address.segments()[0];
    // Everything public lies in 2000::/3; inside of it are documentation and other special ranges.
    let is_global = first & 0xe000 == 0x2000;
    let is_special = match first {
        0x2001 => address.segments()[1] < 0x0200 || address.segments()[1] == 0x0db8,
        0x3fff => address.segments()[1] < 0x1000,
        _ => false,
    };
    is_global && !is_special
}

/// Finds the IPv4 address inside of a mapped, translated (64:ff9b::/96) or 6to4 address.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Some(mapped);
    }
    let parts = address.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match parts {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_public_from_private() {
        for text in ["1.1.1.1", "140.82.121.4", "100.63.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "2002:0101:0101::1"]
        {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "203.0.113.9",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::1",
            "::127.0.0.1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn keeps_public_addresses_and_trusts_named_hosts_only() {
        let private: SocketAddr = "10.0.0.1:0".parse().unwrap();
        let public: SocketAddr = "1.1.1.1:0".parse().unwrap();
        let guard = AddressGuard::new(["intranet.example".to_owned()]);
        assert_eq!(guard.select("other.example", vec![private, public]).unwrap(), vec![public]);
        assert_eq!(guard.select("intranet.example", vec![private]).unwrap(), vec![private]);
        let error = guard.select("other.example", vec![private]).unwrap_err();
        assert!(error.to_string().contains("'other.example' leads to 10.0.0.1"), "{error}");
    }

    #[test]
    fn checks_numbers_in_every_spelling() {
        let guard = AddressGuard::new([]);
        for url in
            ["http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/"]
        {
            assert!(guard.check_literal(&Url::parse(url).unwrap()).is_err(), "{url}");
        }
        assert!(guard.check_literal(&Url::parse("http://1.1.1.1/").unwrap()).is_ok());
    }
}
