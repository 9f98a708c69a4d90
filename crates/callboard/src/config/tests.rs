//! Tests of the whole way from files to settings.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;

use super::*;

/// A folder with these files, and the request that reads it.
fn folder(files: &[(&str, &str)], environment: &[(&str, &str)]) -> (TempDir, Request) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let request = Request { files: Vec::new(), folder: dir.path().to_owned(), environment };
    (dir, request)
}

fn good(text: &str, environment: &[(&str, &str)]) -> Loaded {
    let (_dir, request) = folder(&[("app-config.yaml", text)], environment);
    load(&request).unwrap()
}

/// The faults of one file, with the folder's name cut off.
fn bad(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
    let (dir, request) = folder(&[("app-config.yaml", text)], environment);
    let prefix = format!("{}/", dir.path().display());
    load(&request).unwrap_err().iter().map(|fault| fault.to_string().replace(&prefix, "")).collect()
}

#[test]
fn without_files_everything_has_its_default() {
    let (_dir, request) = folder(&[], &[]);
    let config = load(&request).unwrap().config;
    assert_eq!(config.title, "Callboard");
    assert_eq!(config.listen, Listen { host: None, port: 7007 });
    assert!(config.catalog.rules.is_none() && config.cors.is_none() && config.access.guest.is_none());
    assert_eq!(config.catalog.interval, ProcessingInterval::Every(Duration::from_secs(100)));
    assert_eq!(config.catalog.orphans, OrphanStrategy::Delete);
}

#[test]
fn layers_follow_backstage_env() {
    let files = [
        ("app-config.yaml", "app: {title: base}\norganization: {name: base}\nbackend: {baseUrl: 'http://a:1'}\n"),
        ("app-config.stage.yaml", "app: {title: stage}\n"),
        ("app-config.local.yaml", "app: {title: local}\norganization: null\n"),
        ("app-config.stage.local.yaml", "app: {title: stage-local}\n"),
    ];
    let (_dir, mut request) = folder(&files, &[]);
    assert_eq!(load(&request).unwrap().config.title, "local");
    request.environment.insert("BACKSTAGE_ENV".to_owned(), "stage, other".to_owned());
    let loaded = load(&request).unwrap();
    assert_eq!(loaded.config.title, "stage-local");
    assert_eq!(loaded.config.organization, None, "null hides what an earlier file says");
    assert_eq!(loaded.files.len(), 4);
    request.files = vec![PathBuf::from("app-config.yaml")];
    assert_eq!(load(&request).unwrap().config.title, "base", "--config reads only what it names");
}

#[test]
fn the_environment_wins_over_files() {
    let environment = [
        ("APP_CONFIG_app_title", "\"env\""),
        ("APP_CONFIG_backend_listen", ":8080"),
        ("APP_CONFIG_catalog_readonly", "true"),
    ];
    let config = good("app: {title: file}\n", &environment).config;
    assert_eq!(config.title, "env");
    assert_eq!(config.listen.port, 8080);
    assert!(config.catalog.readonly);
    assert!(bad("", &[("APP_CONFIG_app_", "1")])[0].starts_with("environment variable APP_CONFIG_app_: "));
}

#[test]
fn variables_are_put_in() {
    let text = "app:\n  title: a-${ X }-${Y:-why}-$${Z}\norganization:\n  name: ${NOT_SET}\nbackend:\n  listen:\n    port: ${PORT}\n";
    let config = good(text, &[("X", " ex "), ("PORT", "81")]).config;
    assert_eq!(config.title, "a-ex-why-${Z}");
    assert_eq!(config.organization, None);
    assert_eq!(config.listen.port, 81);
}

#[test]
fn predicates_are_no_placeholders() {
    assert!(good("app: {extensions: [{if: {$not: {kind: api}, $all: []}}]}", &[]).warnings.is_empty());
}

#[test]
fn an_absent_value_does_not_hide_an_earlier_one() {
    let files = [("app-config.yaml", "app: {title: base}"), ("app-config.local.yaml", "app: {title: '${NOT_SET}'}")];
    let (_dir, request) = folder(&files, &[]);
    assert_eq!(load(&request).unwrap().config.title, "base");
}

#[test]
fn files_are_included() {
    let files = [
        (
            "app-config.yaml",
            "app:\n  title:\n    $file: texts/title.txt\norganization:\n  $include: texts/org.yaml#deep.er\n",
        ),
        ("texts/title.txt", "From a file\n\n"),
        ("texts/org.yaml", "deep:\n  er:\n    name: {$env: WHO}\n"),
    ];
    let (_dir, request) = folder(&files, &[("WHO", "env")]);
    let config = load(&request).unwrap().config;
    assert_eq!((config.title.as_str(), config.organization.as_deref()), ("From a file", Some("env")));
}

#[test]
fn all_faults_are_reported_at_once_with_their_places() {
    let text = "\
app:
  title: [1]
backend:
  listen: somewhere
  database: {client: mysql}
  auth:
    externalAccess:
      - type: static
        options: {token: short, subject: ci}
      - type: static
        options: {token: '${CI_TOKEN}', subject: ci}
catalog:
  processingInterval: soon
  locations:
    - type: file
callboard:
  hystory: {}
  limits: {bodyBytes: 12}
x:
  $file: missing.pem
  $other: 1
";
    let faults = bad(text, &[]);
    let starts = [
        "app-config.yaml:2:3: `app.title` must be text, this is a list",
        "app-config.yaml:4:11: `backend.listen` is no address",
        "app-config.yaml:5:22: `backend.database.client` must be `better-sqlite3` or",
        "app-config.yaml:9:26: `backend.auth.externalAccess[0].options.token` must have at least 8 characters",
        "app-config.yaml:11:26: `backend.auth.externalAccess[1].options.token` is missing, because the environment variable CI_TOKEN is not set",
        "app-config.yaml:13:23: `catalog.processingInterval` is no duration",
        "app-config.yaml:15:7: `catalog.locations[0].target` is missing",
        "app-config.yaml:17:3: `callboard.hystory` is no key of Callboard\n    help: did you mean `callboard.history`?",
        "app-config.yaml:18:23: `callboard.limits.bodyBytes` must be a whole number from 1024 to 1073741824, not `12`",
        "app-config.yaml:19:1: `$file` must be the only key",
    ];
    for (fault, start) in faults.iter().zip(starts) {
        assert!(fault.starts_with(start), "{fault}\nshould start with\n{start}");
    }
    assert_eq!(faults.len(), starts.len(), "{faults:#?}");
}

#[test]
fn includes_that_lead_nowhere_are_faults() {
    assert!(bad("app: {title: {$file: none.txt}}", &[])[0].contains("none.txt` cannot be read"));
    assert!(bad("app: {$include: app-config.yaml}", &[])[0].contains("more than 10 deep"));
    assert!(bad("- a\n", &[])[0].contains("a configuration is a map, this is a list"));
}

#[test]
fn keys_without_effect_are_listed_once() {
    let text = "techdocs: {builder: local}\nbackend: {csp: {a: [b]}, baseurl: 'http://x'}\ncatalog:\n  locations:\n    - {type: url, target: 'https://x/y', note: 1}\n    - {type: url, target: 'https://x/z', note: 1}\n";
    let not_used: Vec<String> = good(text, &[]).not_used.iter().map(ToString::to_string).collect();
    let want =
        ["techdocs", "backend.csp", "backend.baseurl (did you mean `backend.baseUrl`?)", "catalog.locations[0].note"];
    assert_eq!(not_used, want);
}

#[test]
fn an_address_that_only_their_front_end_needs_is_a_warning() {
    let loaded = good("app: {baseUrl: portal.example.com}", &[]);
    assert_eq!(loaded.config.app_base_url, None);
    assert!(loaded.warnings[0].message.starts_with("`app.baseUrl` is no web address"));
    assert!(bad("backend: {baseUrl: portal.example.com}", &[])[0].contains("`backend.baseUrl` is no web address"));
}

#[test]
fn settings_of_every_room_are_read() {
    let text = "\
backend:
  baseUrl: https://api.example.com/
  database:
    client: pg
    connection: {host: db, port: '6432', user: u, password: hush-one, ssl: {rejectUnauthorized: false}}
  cors: {origin: 'https://portal.example.com/', methods: [GET, PUT], credentials: true}
  reading: {allow: [{host: '*.example.com', paths: [/a/]}]}
  auth:
    externalAccess:
      - type: static
        options: {token: hush-two-long, subject: ci}
        accessRestrictions:
          - {plugin: catalog, permission: catalog.entity.read, permissionAttribute: {action: [read]}}
      - {type: legacy, options: {secret: aHVzaC10aHJlZQ==, subject: old}}
auth:
  backstageTokenExpiration: 2h
  providers: {guest: {userEntityRef: user:default/visitor, dangerouslyAllowOutsideDevelopment: true}}
integrations:
  github: [{host: ghe.example.com, apiBaseUrl: 'https://ghe.example.com/api/v3', token: hush-four}]
  gitlab: [{host: gitlab.example.com, token: hush-five}]
catalog:
  rules: [{allow: [Component, {kind: API, spec.type: openapi}], locations: [{type: url, pattern: 'https://*/**'}]}]
  locations: [{type: file, target: ./all.yaml, rules: [{allow: [User]}]}]
  processingInterval: false
  orphanStrategy: keep
callboard:
  data: var
  history: {retention: P90D}
  callSheets:
    senders: [{name: Ops, url: 'https://hooks.example/hush', template: slack, authorization: Bearer hush}]
    links: [{title: War room, url: 'https://meet.example/{id}'}]
  pack: {directory: packs, every: 30m, keep: 3}
  events: {retention: 30d}
  receivers: {github: {secret: hush-six-long}, gitlab: {secret: hush-seven}, azureDevOps: {secret: hush-eight}, argocd: {secret: hush-nine}}
  limits: {fileBytes: 2048, requestTimeout: 5s}
  webhooks: {allow: [hooks.internal], timeout: 3s, firstRetry: 1s, giveUpAfter: 2h}
  tools: [{annotation: acme.example/rota, name: Rota, icon: on-call, url: 'https://rota.example/{value}'}]
sonarqube: {baseUrl: https://sonar.example/}
sentry: {organization: acme}
";
    let (dir, request) = folder(&[("app-config.yaml", text), ("all.yaml", "")], &[]);
    let loaded = load(&request).unwrap();
    let config = &loaded.config;
    assert_eq!(config.base_url.as_deref(), Some("https://api.example.com"));
    let DatabaseConfig::Postgres(PgConfig::Parts { host, port, tls: PgTls::Unchecked, .. }) = &config.database else {
        panic!("{:?}", config.database)
    };
    assert_eq!((host.as_str(), *port), ("db", 6432));
    let cors = config.cors.as_ref().unwrap();
    assert_eq!(
        (cors.origins.as_slice(), cors.credentials),
        (["https://portal.example.com".to_owned()].as_slice(), true)
    );
    assert_eq!(config.reader.reading_allow[0].paths, ["/a/"]);
    assert_eq!(config.access.static_tokens[0].restrictions[0].permissions, ["catalog.entity.read"]);
    assert_eq!(config.access.legacy_keys[0].subject, "old");
    assert_eq!(config.access.token_lifetime, Duration::from_secs(7200));
    assert_eq!(config.reader.integrations.github[0].token.as_ref().unwrap().reveal(), "hush-four");
    assert_eq!(config.reader.integrations.unsupported[0].family, "GitLab");
    let rule = &config.catalog.rules.as_ref().unwrap()[0];
    assert_eq!(rule.allow[1], AllowedKind { kind: "API".to_owned(), spec_type: Some("openapi".to_owned()) });
    assert_eq!(rule.locations[0].pattern.as_deref(), Some("https://*/**"));
    assert_eq!(config.catalog.locations[0].target, dir.path().join("all.yaml").display().to_string());
    assert_eq!(config.catalog.interval, ProcessingInterval::Never);
    assert_eq!(config.data.as_deref(), Some(dir.path().join("var").as_path()));
    assert_eq!(config.reader.limits.max_file_bytes, 2048);
    let sender = &config.call_sheets.senders[0];
    assert_eq!((sender.name.as_str(), sender.template), ("Ops", sheets::messages::Template::Slack));
    assert_eq!(sender.url.reveal(), "https://hooks.example/hush");
    assert_eq!(config.call_sheets.links[0].title, "War room");
    let pack = PackConfig { directory: dir.path().join("packs"), every: Duration::from_secs(1800), keep: 3 };
    assert_eq!(config.pack, Some(pack));
    assert_eq!(
        (config.webhooks.sender.allow.as_slice(), config.webhooks.sender.timeout.as_secs()),
        (&["hooks.internal".to_owned()][..], 3)
    );
    let schedule = config.webhooks.schedule;
    assert_eq!((schedule.first_retry.as_secs(), schedule.give_up_after.as_secs()), (1, 7200));
    assert_eq!(config.history_retention, Some(Duration::from_secs(90 * 86_400)));
    assert_eq!(config.events_retention, Some(Duration::from_secs(30 * 86_400)));
    assert_eq!(config.receivers.argocd, Some(web::ReceiverSecret::new("hush-nine")));

    assert!(loaded.not_used.is_empty(), "{:?}", loaded.not_used);
    let shown = format!("{}{config:?}", render_masked(&loaded.merged));
    assert!(!shown.contains("hush") && !shown.contains("aHVza"), "{shown}");
    assert!(render_masked(&loaded.merged).contains("      password: '***'\n"), "{}", render_masked(&loaded.merged));
}

#[test]
fn relative_targets_are_found_where_backstage_users_have_them() {
    let text = "catalog:\n  locations:\n    - {type: file, target: ../../examples/entities.yaml}\n    - {type: file, target: ../../examples/*.yaml}\n    - {type: file, target: nowhere.yaml}\n";
    let (dir, mut request) = folder(&[("repo/app-config.yaml", text), ("repo/examples/entities.yaml", "")], &[]);
    fs::create_dir_all(dir.path().join("repo/packages/backend")).unwrap();
    request.folder = dir.path().join("repo");
    let config = load(&request).unwrap().config;
    let targets: Vec<&str> = config.catalog.locations.iter().map(|l| l.target.as_str()).collect();
    let at = |path: &str| dir.path().join("repo").join(path).display().to_string();
    assert_eq!(targets, [at("examples/entities.yaml"), at("examples/*.yaml"), at("nowhere.yaml")]);
}

#[test]
fn masked_output_is_yaml_with_the_same_meaning() {
    let text = "app: {title: 'x: y'}\norganization: {name: 'yes'}\nbackend: {cors: {methods: [GET, 'on']}}\n\
                proxy: {'/x': {headers: {x-api-key: hush}}}\ntokens: [hush]\nsonarqube: {baseUrl: 'https://hush@h/x?k=hush'}\n\
                db: postgres://u:hush@h/d\n";
    let loaded = good(text, &[]);
    let shown = render_masked(&loaded.merged);
    assert!(!shown.contains("hush"), "{shown}");
    let again = yaml::read(&shown, &"shown".into()).unwrap().unwrap();
    let text = |node: &Node| node.value.clone();
    assert_eq!(text(again.get("app").unwrap().get("title").unwrap()), Value::Text("x: y".into()));
    assert_eq!(text(again.get("organization").unwrap().get("name").unwrap()), Value::Text("yes".into()));
    let methods = again.get("backend").unwrap().get("cors").unwrap().get("methods").unwrap();
    assert!(matches!(&methods.value, Value::List(items) if items[1].value == Value::Text("on".into())), "{shown}");
}

/// Files that public repositories hold. With every variable set to a plausible text they load without a fault; without
/// any variable the only faults are those that keep Backstage from starting as well.
#[test]
fn real_configurations_load() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/app-config");
    if !corpus.parent().and_then(Path::parent).is_some_and(Path::is_dir) {
        println!("skipped: ../shared is not there, so the corpus of app-config files is not read");
        return;
    }
    let files = files_below(&corpus);
    assert!(files.len() > 50, "only {} files below {}", files.len(), corpus.display());
    for file in files {
        let names = variables_of(&fs::read_to_string(&file).unwrap());
        let full: BTreeMap<String, String> = names.iter().map(|name| (name.clone(), plausible(name))).collect();
        for environment in [full, BTreeMap::new()] {
            let nothing_set = environment.is_empty();
            let request = Request { files: vec![file.clone()], folder: file.parent().unwrap().to_owned(), environment };
            let Err(faults) = load(&request) else { continue };
            for fault in faults.iter() {
                let missing_file = fault.message.contains("cannot be read: No such file");
                let missing_variable = nothing_set && fault.message.contains("because the environment variable");
                // One file is a form to be filled in; its address is the text `<url>`.
                let blank_form = fault.message.ends_with("is no web address: `<url>`");
                assert!(missing_file || missing_variable || blank_form, "{fault}");
            }
        }
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

fn variables_of(text: &str) -> BTreeSet<String> {
    let braces = text.split("${").skip(1).filter_map(|rest| rest.split(['}', ':']).next());
    let includes = text.split("$env:").skip(1).filter_map(|rest| rest.lines().next());
    braces.chain(includes).map(|name| name.trim().to_owned()).collect()
}

fn plausible(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match () {
        () if ["port", "interval", "limit"].iter().any(|word| name.contains(word)) || name.contains("app_id") => {
            "5432".to_owned()
        }
        () if ["enabled", "disable", "allow"].iter().any(|word| name.contains(word)) => "true".to_owned(),
        () if name.contains("database_client") => "pg".to_owned(),
        () if name.contains("url") => "https://example.com".to_owned(),
        () => "plausible-text".to_owned(),
    }
}
