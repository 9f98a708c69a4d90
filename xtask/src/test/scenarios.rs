//! Plays `scenarios.jsonl`, the life of one registered location, against the real binary.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{Count, fixture_host::FixtureHost, replay};
use crate::{
    http,
    server::{self, Server, Start},
    workspace,
};

/// How much longer than Backstage each step may take: the pace of our own polling.
const GRACE: Duration = Duration::from_secs(2);

/// `HOST` becomes the address of the files.
const CONFIG: &str = "\
backend:
  auth: { dangerouslyDisableDefaultAuthPolicy: true }
  reading: { allow: [{ host: 'HOST' }] }
catalog:
  rules: [{ allow: [Component, System, API, Resource, Location, Domain, Group, User, Template] }]
";

/// Plays all steps, on SQLite and then on PostgreSQL.
pub fn run() -> anyhow::Result<Count> {
    let mut count = play("scenarios-sqlite", None)?;
    let postgres = testkit::PostgresServer::start();
    let second = play("scenarios-postgres", Some(&postgres.create_database()))?;
    count.passed += second.passed;
    count.failed += second.failed;
    Ok(count)
}

fn play(name: &str, database: Option<&str>) -> anyhow::Result<Count> {
    let steps = fs::read_to_string(replay::folder()?.join("scenarios.jsonl"))?;
    let scratch = workspace::scratch(name)?;
    fs::remove_dir_all(&scratch)?;
    let served = scratch.join("served");
    fs::create_dir_all(&served)?;
    let config = scratch.join("app-config.yaml");
    let host = FixtureHost::start(&served)?;
    let address = format!("127.0.0.1:{}", host.port);
    fs::write(&config, CONFIG.replace("HOST", &address))?;
    let binary = workspace::target().join("debug/callboard");
    let data = scratch.join("data");
    let server = Start { binary: &binary, config: &config, data: &data, database, environment: &[] }.run()?;
    let mut count = Count::default();
    let mut known = Known { files: format!("http://{address}"), ..Known::default() };
    for line in steps.lines() {
        let step: Value = serde_json::from_str(line).context("a step is no JSON")?;
        match play_step(&step, &server, &served, &mut known)? {
            None => count.passed += 1,
            Some(why) => {
                println!("{name}: {} differs: {why}", step["step"]);
                count.failed += 1;
            }
        }
    }
    ensure!(count.passed + count.failed > 20, "only {} steps were played", count.passed + count.failed);
    Ok(count)
}

/// What later requests name: the address of the files, and ids that earlier answers gave.
#[derive(Default)]
struct Known {
    files: String,
    location: String,
    entity: String,
}

fn play_step(step: &Value, server: &Server, served: &Path, known: &mut Known) -> anyhow::Result<Option<String>> {
    if let Some(file) = step.get("file_before") {
        let path = served.join("flaky.yaml");
        match file.as_str() {
            Some(text) => fs::write(path, text)?,
            None => fs::remove_file(path)?,
        }
    }
    let request = &step["request"];
    let method = request["method"].as_str().context("a step has no method")?;
    let path = fill(request["path"].as_str().context("a step has no path")?, known)?;
    let body = (!request["body"].is_null()).then(|| fill(&request["body"].to_string(), known)).transpose()?;
    let want = normal(&serde_json::from_str(&fill(&step["response"]["body"].to_string(), known)?)?, "");
    let deadline = Instant::now() + GRACE + Duration::from_secs_f64(step["waited_s"].as_f64().unwrap_or_default());
    loop {
        let answer = http::send(server.port, method, &path, body.as_deref())?;
        let got = match answer.json() {
            Value::Null => Value::String(String::from_utf8_lossy(&answer.body).into_owned()),
            json => json,
        };
        known.learn(&got);
        let status = u64::from(answer.status);
        if status == step["response"]["status"] && normal(&got, "") == want {
            return Ok(None);
        }
        // A write is sent once; only questions are asked again.
        if method != "GET" || Instant::now() > deadline {
            return Ok(Some(format!("{status} {}\n    want {} {want}", normal(&got, ""), step["response"]["status"])));
        }
        server::pause();
    }
}

impl Known {
    fn learn(&mut self, body: &Value) {
        if let Some(id) = body["location"]["id"].as_str() {
            id.clone_into(&mut self.location);
        }
        if let (Some("flaky-a"), Some(uid)) = (body["metadata"]["name"].as_str(), body["metadata"]["uid"].as_str()) {
            uid.clone_into(&mut self.entity);
        }
    }
}

/// Puts the real values in: the address of the files, hashes, and in paths the ids that were learnt.
fn fill(text: &str, known: &Known) -> anyhow::Result<String> {
    let mut text = text.replace("{{fixture_url}}", &known.files);
    if text.starts_with("/api/catalog/locations/") {
        text = text.replace("{{uuid}}", &known.location);
    } else if text.starts_with("/api/catalog/entities/by-uid/") {
        text = text.replace("{{uuid}}", &known.entity);
    }
    while let Some(start) = text.find("[[sha1:") {
        let len = text[start..].find("]]").context("a `[[sha1:` has no end")?;
        let hash = sha1_hex(&text[start + 7..start + len]);
        text.replace_range(start..start + len + 2, &hash);
    }
    Ok(text)
}

fn sha1_hex(text: &str) -> String {
    use sha1::Digest as _;
    sha1::Sha1::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Removes what differs between two runs of the same server: ids, hashes, stacks, and the texts of errors.
fn normal(value: &Value, key: &str) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| *key != "stack");
            // Sorted, because the order of keys has no meaning.
            let sorted: std::collections::BTreeMap<&String, Value> = kept.map(|(k, v)| (k, normal(v, k))).collect();
            sorted.into_iter().map(|(key, value)| (key.clone(), value)).collect()
        }
        Value::Array(items) => items.iter().map(|item| normal(item, key)).collect(),
        Value::String(text) => match key {
            "etag" => "<etag>".into(),
            "message" => "<message>".into(),
            _ if text == "{{uuid}}" || is_uuid(text) => "<uuid>".into(),
            _ => text.clone().into(),
        },
        other => other.clone(),
    }
}

fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    text.split('-').count() == lengths.len()
        && text
            .split('-')
            .zip(lengths)
            .all(|(part, len)| part.len() == len && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_filled_in() {
        let known = Known { files: "http://files".to_owned(), ..Known::default() };
        let filled = fill("x [[sha1:url:{{fixture_url}}/a]] {{uuid}}", &known).unwrap();
        assert_eq!(filled, format!("x {} {{{{uuid}}}}", sha1_hex("url:http://files/a")));
        assert_eq!(sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    }

    #[test]
    fn volatile_values_compare_by_their_form() {
        let got = serde_json::json!({"uid": "0b0b7a3e-0000-4000-8000-123456789abc", "etag": "x", "stack": "s"});
        let want = serde_json::json!({"etag": "y", "uid": "{{uuid}}"});
        assert_eq!(normal(&got, ""), normal(&want, ""));
        assert_ne!(normal(&serde_json::json!({"uid": "no"}), ""), normal(&serde_json::json!({"uid": "{{uuid}}"}), ""));
    }
}
