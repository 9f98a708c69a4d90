//! Which files make the configuration, and reading one of them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Fault, Request, substitute,
    tree::{Node, Spot, Value},
    yaml,
};

/// Lists the files to read, later ones winning: those of `--config`, otherwise `app-config.yaml`, one for each name in
/// `BACKSTAGE_ENV`, `app-config.local.yaml` and the local one of each name, as far as they exist. Source: Backstage's
/// `ConfigSources.default`. Unlike there, `app-config.yaml` may be missing.
pub fn find_files(request: &Request) -> Vec<PathBuf> {
    if !request.files.is_empty() {
        return request.files.iter().map(|file| request.folder.join(file)).collect();
    }
    let names = request.environment.get("BACKSTAGE_ENV").map_or("", String::as_str);
    let names: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let mut files = vec!["app-config.yaml".to_owned()];
    files.extend(names.iter().map(|name| format!("app-config.{name}.yaml")));
    files.push("app-config.local.yaml".to_owned());
    files.extend(names.iter().map(|name| format!("app-config.{name}.local.yaml")));
    files.iter().map(|file| request.folder.join(file)).filter(|path| path.is_file()).collect()
}

/// Reads one file with its substitutions; `None` when there is nothing in it, or when it cannot be read (a fault then).
pub fn read_layer(path: &Path, environment: &BTreeMap<String, String>, faults: &mut Vec<Fault>) -> Option<Node> {
    let origin: Arc<str> = path.display().to_string().into();
    let spot = Spot { origin: origin.clone(), line: 0, column: 0 };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            faults.push(Fault::new(spot, format!("the file cannot be read: {error}")));
            return None;
        }
    };
    match yaml::read(&text, &origin) {
        Err(fault) => {
            faults.push(fault);
            None
        }
        Ok(None) => None,
        Ok(Some(node)) if !matches!(node.value, Value::Map(_)) => {
            faults.push(
                Fault::new(node.spot.clone(), format!("a configuration is a map, this is {}", node.kind()))
                    .help("start with a line such as `app:`"),
            );
            None
        }
        Ok(Some(node)) => {
            let folder = path.parent().unwrap_or(Path::new("."));
            Some(substitute::run(node, folder, environment, faults))
        }
    }
}
