//! The one table of configuration keys: what Callboard uses, what it takes from Backstage without effect.
//!
//! The reading code may only ask for keys that stand here; `docs/reference/configuration.md` is made from it.

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Dotted path; `[]` stands for each item of a list.
    pub path: &'static str,
    /// The type, in words for the reference page.
    pub kind: &'static str,
    /// What is taken when the key is absent; empty when there is nothing to take.
    pub default: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// Whether the value must never be shown.
    pub secret: bool,
}

const fn key(path: &'static str, kind: &'static str, default: &'static str, meaning: &'static str) -> Key {
    Key { path, kind, default, meaning, secret: false }
}

const fn secret(path: &'static str, meaning: &'static str) -> Key {
    Key { path, kind: "text", default: "", meaning, secret: true }
}

/// The keys that have an effect.
pub static USED: &[Key] = &[
    key("app.title", "text", "Callboard", "Name of the portal."),
    key(
        "app.baseUrl",
        "web address",
        "",
        "Where the front end is; its origin is allowed by CORS when `backend.cors` says nothing.",
    ),
    key("organization.name", "text", "", "Name of the company."),
    key(
        "backend.baseUrl",
        "web address",
        "http://localhost:7007",
        "Where the world reaches this server; issuer of its tokens.",
    ),
    key(
        "backend.listen",
        "`host:port`, `:port`, or a map",
        "127.0.0.1:7007",
        "Address to listen at. Without a host it is the loopback address, unlike Backstage: open the server on purpose.",
    ),
    key("backend.listen.host", "text", "127.0.0.1", "Address to listen at; `0.0.0.0` for all."),
    key("backend.listen.port", "number", "7007", "Port to listen at."),
    key(
        "backend.cors.origin",
        "text or list",
        "",
        "Origins that may call from a browser; `*` is a wildcard, `false` switches CORS off.",
    ),
    key("backend.cors.methods", "text or list", "GET, HEAD, PUT, PATCH, POST, DELETE", "Methods that they may use."),
    key(
        "backend.cors.allowedHeaders",
        "text or list",
        "",
        "Request headers that they may send; absent: whatever they ask for.",
    ),
    key("backend.cors.exposedHeaders", "text or list", "", "Response headers that scripts may read."),
    key("backend.cors.credentials", "boolean", "false", "Whether cookies may be sent."),
    key("backend.cors.maxAge", "number", "", "Seconds for which a preflight may be remembered."),
    key("backend.database.client", "`better-sqlite3` or `pg`", "better-sqlite3", "Kind of database."),
    secret("backend.database.connection", "Connection string, or a map. For SQLite `:memory:`, or a file."),
    key("backend.database.connection.host", "text", "localhost", "Host of PostgreSQL."),
    key("backend.database.connection.port", "number", "5432", "Port of PostgreSQL."),
    key("backend.database.connection.user", "text", "", "User of PostgreSQL."),
    secret("backend.database.connection.password", "Password of PostgreSQL."),
    key("backend.database.connection.database", "text", "callboard", "Name of the database on PostgreSQL."),
    key("backend.database.connection.ssl", "boolean or a map", "false", "Encrypt the connection to PostgreSQL."),
    secret("backend.database.connection.ssl.ca", "Certificate of the authority to trust, in PEM form."),
    key(
        "backend.database.connection.ssl.rejectUnauthorized",
        "boolean",
        "true",
        "Whether the server's certificate is checked.",
    ),
    key("backend.database.connection.directory", "text", "", "Folder of the SQLite file."),
    key("backend.database.connection.filename", "text", "", "The SQLite file."),
    secret("backend.database.connection.connectionString", "Connection string of PostgreSQL."),
    key(
        "backend.reading.allow[].host",
        "text",
        "",
        "A host that `url:` locations may name: `host`, `host:port`, `*.domain`.",
    ),
    key("backend.reading.allow[].paths", "list", "", "Prefixes of paths that may be read there; absent: all."),
    key(
        "backend.auth.externalAccess[].type",
        "`static`, `legacy` or `jwks`",
        "",
        "Kind of token. `jwks` is not used yet.",
    ),
    secret("backend.auth.externalAccess[].options.token", "The static token, at least 8 characters."),
    secret("backend.auth.externalAccess[].options.secret", "The shared secret in base64, for `legacy`."),
    key("backend.auth.externalAccess[].options.subject", "text", "", "Who the token speaks for."),
    key("backend.auth.externalAccess[].accessRestrictions[].plugin", "text", "", "Plugin that the token may use."),
    key(
        "backend.auth.externalAccess[].accessRestrictions[].permission",
        "text or list",
        "",
        "Permissions that it may use there; absent: all.",
    ),
    key(
        "backend.auth.externalAccess[].accessRestrictions[].permissionAttribute.action",
        "text or list",
        "",
        "Actions that it may do there; absent: all.",
    ),
    secret("backend.auth.keys[].secret", "Older form of a `legacy` key."),
    key("backend.auth.dangerouslyDisableDefaultAuthPolicy", "boolean", "false", "Everybody may do everything."),
    key("integrations.github[].host", "text", "github.com", "Host of GitHub or GitHub Enterprise."),
    key("integrations.github[].apiBaseUrl", "web address", "", "Address of its REST API."),
    key("integrations.github[].rawBaseUrl", "web address", "", "Address of its raw files."),
    secret("integrations.github[].token", "Personal access token."),
    key("integrations.github[].apps[].appId", "number", "", "Number of a GitHub App."),
    key("integrations.github[].apps[].clientId", "text", "", "OAuth client of the app."),
    secret("integrations.github[].apps[].clientSecret", "OAuth secret of the app."),
    secret("integrations.github[].apps[].webhookSecret", "With what the app signs its webhooks."),
    secret("integrations.github[].apps[].privateKey", "Private key of the app, in PEM form."),
    key(
        "integrations.github[].apps[].allowedInstallationOwners",
        "list",
        "",
        "Owners for which the app is used; absent: all.",
    ),
    key(
        "auth.backstageTokenExpiration",
        "duration",
        "1 hour",
        "Life of a user's token, between 10 minutes and 24 hours.",
    ),
    key("auth.providers.guest", "map", "", "Lets guests sign in."),
    key("auth.providers.guest.userEntityRef", "entity reference", "user:development/guest", "Who guests are."),
    key("auth.providers.guest.ownershipEntityRefs", "list", "", "What guests own things as."),
    key(
        "auth.providers.guest.dangerouslyAllowOutsideDevelopment",
        "boolean",
        "false",
        "Guests may sign in although the server is not open to everybody.",
    ),
    key("permission.enabled", "boolean", "false", "Shown in the status; decisions are the same either way."),
    key("catalog.locations[].type", "`file` or `url`", "", "Kind of location."),
    key(
        "catalog.locations[].target",
        "text",
        "",
        "Path or web address, globs allowed. Relative paths start where the program runs, or else at the configuration file, or else at `packages/backend` beside it.",
    ),
    key(
        "catalog.locations[].rules[].allow",
        "list",
        "",
        "Kinds that this location may hold, beside those of `catalog.rules`.",
    ),
    key("catalog.locations[].rules[].allow[].kind", "text", "", "A kind that is allowed."),
    key("catalog.locations[].rules[].allow[].spec.type", "text", "", "Only with this `spec.type`."),
    key("catalog.rules[].allow", "list", "Component, API, Location", "Kinds that are allowed."),
    key("catalog.rules[].allow[].kind", "text", "", "A kind that is allowed."),
    key("catalog.rules[].allow[].spec.type", "text", "", "Only with this `spec.type`."),
    key("catalog.rules[].locations[].type", "text", "", "Only from locations of this type."),
    key("catalog.rules[].locations[].exact", "text", "", "Only from this target."),
    key("catalog.rules[].locations[].pattern", "glob", "", "Only from targets that match."),
    key("catalog.readonly", "boolean", "false", "Nobody registers or removes locations."),
    key(
        "catalog.processingInterval",
        "duration or `false`",
        "100 seconds",
        "How often a location is looked at again; up to one and a half times as long. `false`: only when asked.",
    ),
    key(
        "catalog.orphanStrategy",
        "`delete` or `keep`",
        "delete",
        "What becomes of entities that nothing refers to any more.",
    ),
    key(
        "catalog.defaultLocationConflictStrategy",
        "`reject` or `refresh`",
        "reject",
        "What registering a known location does.",
    ),
    key("callboard.data", "path", "", "Folder for the database and keys."),
    secret(
        "callboard.standby",
        "A standby of PostgreSQL that the whole catalog and history are read from: a connection string, or a map.",
    ),
    key("callboard.standby.host", "text", "localhost", "Host of the standby."),
    key("callboard.standby.port", "number", "5432", "Port of the standby."),
    key("callboard.standby.user", "text", "", "User of the standby."),
    secret("callboard.standby.password", "Password of the standby."),
    key("callboard.standby.database", "text", "callboard", "Name of the database on the standby."),
    key("callboard.standby.ssl", "boolean or a map", "false", "Encrypt the connection to the standby."),
    secret("callboard.standby.ssl.ca", "Certificate of the authority to trust, in PEM form."),
    key("callboard.standby.ssl.rejectUnauthorized", "boolean", "true", "Whether the standby's certificate is checked."),
    secret("callboard.standby.connectionString", "Connection string of the standby."),
    key(
        "callboard.model",
        "path or list",
        "",
        "YAML files, or folders of them, that declare own kinds, extra schemas and rules.",
    ),
    key(
        "callboard.history.retention",
        "duration or `forever`",
        "forever",
        "For how long old versions of entities are kept.",
    ),
    key(
        "callboard.pack.directory",
        "path",
        "",
        "Folder that packs of the catalog are written to; absent: none are written. Who can read it sees the whole catalog.",
    ),
    key("callboard.pack.every", "duration", "1 hour", "How often a pack is written."),
    key("callboard.pack.keep", "number", "24", "How many packs are kept beside the newest one."),
    key("callboard.callSheets.senders[].name", "text", "", "What people call a way to send messages from call sheets."),
    secret("callboard.callSheets.senders[].url", "Where its messages are posted to."),
    key(
        "callboard.callSheets.senders[].template",
        "`slack`, `teams` or `generic`",
        "generic",
        "The form of its messages: Slack's, a card for Microsoft Teams, or all facts as JSON for relays to mail.",
    ),
    secret("callboard.callSheets.senders[].authorization", "Value of the `Authorization` header that it is sent with."),
    key("callboard.callSheets.links[].title", "text", "", "Name of a link that every call sheet has."),
    key(
        "callboard.callSheets.links[].url",
        "text",
        "",
        "Its address, in which `{id}`, `{title}` and `{roots}` stand for those of the call sheet.",
    ),
    key("callboard.events.retention", "duration or `forever`", "90 days", "For how long events from outside are kept."),
    secret("callboard.receivers.github.secret", "Secret of GitHub's webhooks; without it they are refused."),
    secret("callboard.receivers.gitlab.secret", "Secret token of GitLab's webhooks; without it they are refused."),
    secret(
        "callboard.receivers.azureDevOps.secret",
        "Password with which service hooks of Azure DevOps authenticate; without it they are refused.",
    ),
    secret(
        "callboard.receivers.argocd.secret",
        "Bearer token of Argo CD's notifications; without it they are refused.",
    ),
    key(
        "callboard.webhooks.allow",
        "list",
        "",
        "Hosts to which webhooks may go although their address is private or they have no TLS: `host`, `host:port`.",
    ),
    key("callboard.webhooks.timeout", "duration", "15 seconds", "How long a receiver may take to answer."),
    key(
        "callboard.webhooks.firstRetry",
        "duration",
        "5 seconds",
        "How long after a failure a message is tried again; each further pause is three times as long, up to two hours.",
    ),
    key(
        "callboard.webhooks.giveUpAfter",
        "duration",
        "1 day",
        "For how long a message is tried before it becomes a dead letter.",
    ),
    key("callboard.limits.fileBytes", "number", "10485760", "Largest file that is read from a source."),
    key("callboard.limits.bodyBytes", "number", "102400", "Largest body of a request."),
    key("callboard.limits.requestTimeout", "duration", "60 seconds", "How long answering one request may take."),
    key("callboard.limits.concurrentRequests", "number", "4096", "Requests that are answered at the same time."),
    key("callboard.limits.requestsPerHost", "number", "5", "Requests at the same time to one source host."),
    key("callboard.tools[].annotation", "text", "", "An annotation that points to a tool."),
    key("callboard.tools[].name", "text", "", "What people call the tool; absent: the annotation."),
    key("callboard.tools[].icon", "text", "", "An icon, by a word such as `dashboard`, `chat` or `on-call`."),
    key(
        "callboard.tools[].url",
        "text",
        "",
        "The tool's address, with `{value}` where the annotation's value belongs.",
    ),
    key("sonarqube.baseUrl", "web address", "", "Where SonarQube is, for links from `sonarqube.org/project-key`."),
    key("jenkins.baseUrl", "web address", "", "Where Jenkins is, for links from `jenkins.io/job-full-name`."),
    key("argocd.baseUrl", "web address", "", "Where Argo CD is, for links from `argocd/app-name`."),
    key("opsgenie.domain", "web address", "", "Where Opsgenie is, for links from `opsgenie.com/team`."),
    key("grafana.domain", "web address", "", "Where Grafana is, for links from `grafana/overview-dashboard`."),
    key("sentry.organization", "text", "", "Organisation at Sentry, for links from `sentry.io/project-slug`."),
];

/// Kinds of integration that Backstage knows and that cannot be read yet, with the name that a person uses.
pub static OTHER_INTEGRATIONS: &[(&str, &str)] = &[
    ("gitlab", "GitLab"),
    ("bitbucketCloud", "Bitbucket Cloud"),
    ("bitbucketServer", "Bitbucket Server"),
    ("bitbucket", "Bitbucket"),
    ("azure", "Azure DevOps"),
    ("gerrit", "Gerrit"),
    ("gitea", "Gitea"),
    ("harness", "Harness"),
];

/// Takes list positions out of a path: `a[3].b` -> `a[].b`.
pub fn pattern_of(path: &str) -> String {
    let mut pattern = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '[' => {
                inside = true;
                pattern.push_str("[]");
            }
            ']' => inside = false,
            c if !inside => pattern.push(c),
            _ => {}
        }
    }
    pattern
}

/// Tells whether the path stands in the table, or something below it.
pub fn is_known(path: &str) -> bool {
    let pattern = pattern_of(path);
    is_used(&pattern)
        || has_below(&pattern)
        || OTHER_INTEGRATIONS.iter().any(|(name, _)| pattern.starts_with(&format!("integrations.{name}")))
}

/// Tells whether the pattern is a row of the table.
pub fn is_used(pattern: &str) -> bool {
    USED.iter().any(|key| key.path == pattern)
}

/// Tells whether rows of the table lie below the pattern.
pub fn has_below(pattern: &str) -> bool {
    USED.iter().any(|key| key.path.strip_prefix(pattern).is_some_and(|rest| rest.starts_with(['.', '['])))
}

/// The row at a path.
pub fn find(path: &str) -> Option<&'static Key> {
    let pattern = pattern_of(path);
    USED.iter().find(|key| key.path == pattern)
}

/// The known keys directly below a pattern.
pub fn names_below(pattern: &str) -> Vec<&'static str> {
    let mut names: Vec<&str> = USED
        .iter()
        .filter_map(|key| match pattern {
            "" => Some(key.path),
            _ => key.path.strip_prefix(pattern)?.strip_prefix('.'),
        })
        .filter_map(|rest| rest.split(['.', '[']).next())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_stands_once_and_says_what_it_does() {
        for (i, key) in USED.iter().enumerate() {
            assert!(!USED[..i].iter().any(|other| other.path == key.path), "`{}` stands twice", key.path);
            assert!(key.meaning.ends_with('.'), "`{}`: {}", key.path, key.meaning);
            assert!(!key.kind.is_empty());
        }
    }

    #[test]
    fn finds_keys_in_lists() {
        assert!(is_known("catalog.locations[12].target"));
        assert!(is_known("catalog"));
        assert!(!is_known("catalog.location"));
        assert!(find("integrations.github[0].token").unwrap().secret);
        assert_eq!(names_below("callboard.history"), ["retention"]);
    }
}
