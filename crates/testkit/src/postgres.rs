//! Throw-away PostgreSQL servers. They live in a temporary folder, listen on a Unix socket only, and are gone when the
//! process that started them is, however it ends.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// What to do about a missing PostgreSQL.
const INSTALL: &str = "PostgreSQL is not installed, but tests need its server. Install it with\n    \
    apt-get install -y postgresql\n\
    or leave these tests out with CALLBOARD_TEST_POSTGRES=skip";

/// Runs as long as its standard input is open, which is as long as the process lives that holds the other end.
/// Nothing but the end of that process has to be noticed, so a killed test leaves no server behind.
const WATCHDOG: &str = r#"
dir=$1; bin=$2; primary=$4
if [ -z "$primary" ]
then
    make() { "$bin/initdb" -D "$dir/data" -U callboard -A trust -E UTF8 --locale=C --no-sync; }
else
    make() { "$bin/pg_basebackup" -D "$dir/data" -h "$primary" -U callboard -R -X stream -c fast --no-sync; }
fi
if make > "$dir/log" 2>&1 &&
    "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -o "$3" start > "$dir/start" 2>&1
then
    echo ready
    cat > /dev/null
else
    cat "$dir/log"
fi
"$bin/pg_ctl" -D "$dir/data" -m immediate stop > /dev/null 2>&1
rm -rf "$dir"
"#;

/// Makes a fresh, empty database on the one server of this process, and returns its address.
/// Returns `None`, after a line that says so, when `CALLBOARD_TEST_POSTGRES=skip`.
///
/// # Panics
/// When PostgreSQL is not installed or does not start.
#[must_use]
pub fn postgres() -> Option<String> {
    static SERVER: OnceLock<PostgresServer> = OnceLock::new();
    if is_skipped() {
        return None;
    }
    Some(SERVER.get_or_init(PostgresServer::start).create_database())
}

/// Says whether tests on PostgreSQL are left out, and tells the reader of the test's output.
#[must_use]
pub fn is_skipped() -> bool {
    let skipped = std::env::var("CALLBOARD_TEST_POSTGRES").is_ok_and(|value| value == "skip");
    if skipped {
        eprintln!("skipped on PostgreSQL: CALLBOARD_TEST_POSTGRES=skip");
    }
    skipped
}

/// A server of its own, for tests that stop it.
pub struct PostgresServer {
    bin: PathBuf,
    dir: PathBuf,
    user: Option<User>,
    databases: AtomicU32,
    /// Closed when this value is dropped or the process ends; then the watchdog cleans up.
    stdin: Option<ChildStdin>,
    watchdog: Child,
}

/// The user who runs the server, when that is another one than ours.
#[derive(Clone, Copy)]
struct User {
    uid: u32,
    gid: u32,
}

impl PostgresServer {
    /// Starts a server.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_as_copy_of("")
    }

    /// Starts a standby of this server, which has its databases and follows it.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_standby(&self) -> Self {
        Self::start_as_copy_of(path_text(&self.dir))
    }

    /// Says where a database of the server that this one is a standby of is to be found here.
    ///
    /// # Panics
    /// When the address is none of `create_database`.
    #[must_use]
    pub fn address_of_copy(&self, address: &str) -> String {
        let (database, _) = address.split_once("?host=").expect("an address of ours");
        format!("{database}?host={}", path_text(&self.dir))
    }

    /// Makes a standby stand still, or follow again.
    ///
    /// # Panics
    /// When it is no running standby.
    pub fn follow(&self, follows: bool) {
        let word = if follows { "resume" } else { "pause" };
        let text = format!("SELECT pg_wal_replay_{word}()");
        self.run("psql", &["-h", path_text(&self.dir), "-U", "callboard", "-c", &text, "postgres"]);
    }

    /// Starts a server: an empty one, or a copy of the one whose socket is in a folder.
    fn start_as_copy_of(primary: &str) -> Self {
        let bin = find_binaries().unwrap_or_else(|| panic!("{INSTALL}"));
        let user = unprivileged_user();
        // Short, because the path of a Unix socket has at most 107 bytes.
        let dir = tempfile::Builder::new().prefix("cb-pg-").tempdir_in("/tmp").expect("/tmp can be written").keep();
        if let Some(User { uid, gid }) = user {
            chown(&dir, Some(uid), Some(gid)).expect("root may give a folder away");
        }
        let mut command = Command::new("sh");
        command.args(["-c", WATCHDOG, "watchdog"]).arg(&dir).arg(&bin).arg(server_options(&dir)).arg(primary);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut watchdog = as_user(&mut command, user).spawn().expect("sh starts");
        let stdin = watchdog.stdin.take();
        let stdout = watchdog.stdout.take().expect("it is a pipe");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let first = lines.next().unwrap_or_default();
        if first != "ready" {
            let log: Vec<String> = std::iter::once(first).chain(lines).collect();
            panic!("PostgreSQL in {} does not start:\n{}", bin.display(), log.join("\n"));
        }
        Self { bin, dir, user, databases: AtomicU32::new(0), stdin, watchdog }
    }

    /// Makes a fresh, empty database and returns its address.
    ///
    /// # Panics
    /// When the server does not run.
    #[must_use]
    pub fn create_database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run("createdb", &["-h", path_text(&self.dir), "-U", "callboard", &name]);
        format!("postgres://callboard@localhost/{name}?host={}", path_text(&self.dir))
    }

    /// Stops the server at once, as a crash would. Its databases stay.
    ///
    /// # Panics
    /// When the server does not run.
    pub fn stop(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "stop"]);
    }

    /// Starts the server again after `stop`.
    ///
    /// # Panics
    /// When the server does not start.
    pub fn restart(&self) {
        let log = format!("{}/log", path_text(&self.dir));
        self.run("pg_ctl", &["-D", &self.data(), "-l", &log, "-w", "-o", &server_options(&self.dir), "start"]);
    }

    fn data(&self) -> String {
        format!("{}/data", path_text(&self.dir))
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(self.bin.join(program));
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = as_user(&mut command, self.user).status().expect("the program is there");
        assert!(status.success(), "{program} {arguments:?} failed; the server's log is in {}", path_text(&self.dir));
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // The watchdog needs nobody to wait for it, but a test that goes on should find the server gone.
        let _gone = self.watchdog.wait();
    }
}

/// Options that make a server quick instead of safe.
fn server_options(dir: &Path) -> String {
    let mut options = format!("-k {}", path_text(dir));
    let settings = [
        "listen_addresses=''",
        "fsync=off",
        "full_page_writes=off",
        "max_connections=60",
        "shared_buffers=32MB",
        "max_wal_size=256MB",
    ];
    for setting in settings {
        write!(options, " -c {setting}").expect("a String takes all");
    }
    options
}

fn path_text(path: &Path) -> &str {
    path.to_str().expect("made of ASCII by us")
}

/// Finds the folder with the newest server's programs.
fn find_binaries() -> Option<PathBuf> {
    let packaged = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = packaged
        .filter_map(|version| Some((version.file_name().to_str()?.parse().ok()?, version.path().join("bin"))))
        .collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = versions.into_iter().rev().map(|(_, folder)| folder).chain(std::env::split_paths(&path));
    let programs = ["initdb", "pg_ctl", "postgres", "createdb", "psql", "pg_basebackup"];
    folders.into_iter().find(|folder| programs.iter().all(|program| folder.join(program).is_file()))
}

/// Finds a user to run the server as when we are root, which the server refuses to be.
fn unprivileged_user() -> Option<User> {
    use std::os::unix::fs::MetadataExt;
    let ours = std::fs::metadata("/proc/self").ok()?.uid();
    if ours != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("every system has users");
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some(User { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    };
    Some(find("postgres").or_else(|| find("nobody")).expect("there is a user `postgres` or `nobody`"))
}

fn as_user(command: &mut Command, user: Option<User>) -> &mut Command {
    // A folder that the user may not read is no place to start in.
    command.current_dir("/");
    match user {
        Some(User { uid, gid }) => command.uid(uid).gid(gid),
        None => command,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_server_leaves_nothing_behind() {
        if is_skipped() {
            return;
        }
        let server = PostgresServer::start();
        let dir = server.dir.clone();
        let address = server.create_database();
        assert!(dir.join("data").is_dir() && address.contains(path_text(&dir)));
        drop(server);
        assert!(!dir.exists());
    }
}
