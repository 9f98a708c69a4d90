//! Which file systems tell nothing when another machine, or the host of a container, changes a file.

use std::path::Path;

/// File systems whose changes may come from elsewhere.
const WITHOUT_EVENTS: [&str; 12] =
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "vboxsf", "prl_fs", "ceph", "afs", "fuse"];

/// Tells whether the file system at `path` is known to lack events. Where that cannot be told, it has them.
pub(super) fn lacks_events(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    std::fs::read_to_string("/proc/self/mountinfo").is_ok_and(|mounts| is_without_events(&mounts, &path))
}

fn is_without_events(mountinfo: &str, path: &Path) -> bool {
    let mounts = mountinfo.lines().filter_map(|line| {
        let (place, kind) = line.split_once(" - ")?;
        Some((place.split(' ').nth(4)?.replace("\\040", " "), kind.split(' ').next()?))
    });
    // Of mounts at the same place the later one lies on top.
    let innermost = mounts.filter(|(place, _)| path.starts_with(place)).max_by_key(|(place, _)| place.len());
    innermost.is_some_and(|(_, kind)| WITHOUT_EVENTS.contains(&kind.split('.').next().unwrap_or(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_shares_by_their_mount() {
        let mounts = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
            30 22 0:31 / /srv/team\\040files rw,relatime shared:7 - nfs4 server:/x rw\n\
            31 22 0:32 / /home/me/remote rw - fuse.sshfs me@host: rw\n";
        assert!(!is_without_events(mounts, Path::new("/srv/other")));
        assert!(is_without_events(mounts, Path::new("/srv/team files/catalog")));
        assert!(is_without_events(mounts, Path::new("/home/me/remote/x")));
    }
}
