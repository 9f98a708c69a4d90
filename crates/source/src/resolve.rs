//! Targets as written in a file become locations. Source of the rules: Backstage's `toAbsoluteUrl` and `ScmIntegrations.resolveUrl`.

use std::path::Path;

use model::LocationRef;
use url::Url;

use crate::{file::normalise, hosts::Hosts};

/// Resolves the target of a Location entity in the file at `base`.
///
/// # Errors
/// When a relative target and its base give no address.
pub(crate) fn resolve_target(
    hosts: &Hosts,
    base: &LocationRef,
    location_type: &str,
    target: &str,
) -> Result<LocationRef, String> {
    match location_type {
        // Backstage looks for a file of that name; what is meant is clear.
        "file" if is_web_address(target) => Ok(LocationRef::new("url", target)),
        "file" if base.location_type() == "file" => {
            let folder = Path::new(base.target()).parent().unwrap_or(Path::new("/"));
            Ok(LocationRef::new("file", &normalise(&folder.join(target)).to_string_lossy()))
        }
        "url" if base.location_type() == "url" => {
            let url = resolve_url(hosts, base.target(), target).ok_or_else(|| no_url(base, target))?;
            Ok(LocationRef::new("url", &url))
        }
        "url" if !is_web_address(target) => Err(no_url(base, target)),
        _ => Ok(LocationRef::new(location_type, target)),
    }
}

/// Resolves the target of a placeholder in the file at `base`.
///
/// # Errors
/// When there is no address, or it lies in another repository.
pub(crate) fn resolve_attachment(hosts: &Hosts, base: &LocationRef, target: &str) -> Result<LocationRef, String> {
    let url = match base.location_type() {
        "url" => resolve_url(hosts, base.target(), target),
        // A relative path would reach any file of the machine; Backstage refuses it, and so do we.
        _ => is_web_address(target).then(|| target.to_owned()),
    };
    let url = url.ok_or_else(|| no_url(base, target))?;
    if let (Some(ours), Some(theirs)) = (hosts.repository_of(base.target()), hosts.repository_of(&url))
        && base.location_type() == "url"
        && ours != theirs
    {
        return Err(format!(
            "could not form a URL out of {} and {target}, Error: Placeholder may only reference files from the same repository as the entity",
            base.target()
        ));
    }
    Ok(LocationRef::new("url", &url))
}

/// Joins a web address and a target the way the host of the base wants it.
pub(crate) fn resolve_url(hosts: &Hosts, base: &str, target: &str) -> Option<String> {
    let github = hosts.find_github(base);
    let joined = if Url::parse(target).is_ok() {
        target.to_owned()
    } else {
        let base_url = Url::parse(base).ok()?;
        let mut joined = match github.and_then(|_| target.strip_prefix('/')) {
            Some(path) => crate::github::join_repository_root(&base_url, path)?,
            None => base_url.join(target).ok()?,
        };
        joined.set_query(base_url.query());
        joined.to_string()
    };
    Some(match github {
        Some(_) => crate::github::replace_url_type(&joined, "tree"),
        None => joined,
    })
}

fn is_web_address(target: &str) -> bool {
    Url::parse(target).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn no_url(base: &LocationRef, target: &str) -> String {
    format!("could not form a URL out of {} and {target}, TypeError: Invalid URL", base.target())
}
