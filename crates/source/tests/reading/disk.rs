//! Reading, expanding and discovering files on disk.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use model::LocationRef;
use source::{Limits, ReadError, Reader, ReaderSettings};

use crate::common::{error, full, is_unchanged, text};

fn file(path: &Path) -> LocationRef {
    LocationRef::new("file", path.to_str().unwrap())
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    (folder, path)
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Lets a file look as if it had been written long ago, so that its stamp is trusted.
fn age(path: &Path) {
    let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
    fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
}

#[tokio::test]
async fn reads_a_file_once_and_again_only_when_it_changed() {
    let (_guard, root) = folder();
    let path = root.join("a.yaml");
    fs::write(&path, "kind: A").unwrap();
    age(&path);
    let reader = Reader::new(ReaderSettings::default());
    let first = full(reader.observe(&file(&path), None).await);
    assert_eq!(&*first.content, b"kind: A");
    assert!(is_unchanged(reader.observe(&file(&path), Some(&first.version)).await));
    fs::write(&path, "kind: B").unwrap();
    assert_eq!(text(reader.observe(&file(&path), Some(&first.version)).await), "kind: B");
    fs::write(&path, "kind: A").unwrap();
    assert!(is_unchanged(reader.observe(&file(&path), Some(&first.version)).await), "equal content, another time");
}

#[tokio::test]
async fn never_trusts_the_stamp_of_a_file_that_was_just_written() {
    let (_guard, root) = folder();
    let path = root.join("a.yaml");
    fs::write(&path, "kind: A").unwrap();
    let ahead = std::time::SystemTime::now() + std::time::Duration::from_secs(3_600);
    let set_ahead = || fs::File::options().write(true).open(&path).unwrap().set_modified(ahead).unwrap();
    set_ahead();
    let reader = Reader::new(ReaderSettings::default());
    let first = full(reader.observe(&file(&path), None).await);
    fs::write(&path, "kind: B").unwrap();
    set_ahead();
    assert_eq!(text(reader.observe(&file(&path), Some(&first.version)).await), "kind: B", "same size, time and inode");
}

#[tokio::test]
async fn names_what_is_wrong_with_a_file() {
    let (_guard, root) = folder();
    let limits = Limits { max_file_bytes: 1_024, ..Limits::default() };
    let reader = Reader::new(ReaderSettings { limits, ..ReaderSettings::default() });
    let message = |path: PathBuf| {
        let reader = reader.clone();
        async move {
            let location = file(&path);
            error(reader.observe(&location, None).await)
                .to_chain(&location)
                .message
                .replace(path.to_str().unwrap(), "X")
        }
    };
    assert_eq!(message(root.join("none.yaml")).await, "file X does not exist");
    assert_eq!(
        message(root.clone()).await,
        "file X could not be read, Error: EISDIR: illegal operation on a directory, read 'X'"
    );
    write(&root, "large.yaml", &"x".repeat(1_025));
    assert_eq!(
        message(root.join("large.yaml")).await,
        "file X could not be read, Error: 'X' is larger than the limit of 1 KB"
    );
    symlink(root.join("loop"), root.join("loop")).unwrap();
    let looped = message(root.join("loop")).await;
    assert!(looped.starts_with("file X could not be read, Error: Too many levels of symbolic links"), "{looped}");
    assert_eq!(message(PathBuf::from("/dev/zero")).await, "file X could not be read, Error: 'X' is not a regular file");
    write(&root, "a-file", "");
    assert_eq!(message(root.join("a-file/below.yaml")).await, "file X does not exist");
}

#[tokio::test]
async fn names_a_file_that_may_not_be_read() {
    let (_guard, root) = folder();
    let path = root.join("secret.yaml");
    fs::write(&path, "a: 1").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let answer = Reader::new(ReaderSettings::default()).observe(&file(&path), None).await;
    // Root may read everything, so there the file is simply read.
    match fs::read(&path) {
        Ok(_) => assert_eq!(text(answer), "a: 1"),
        Err(_) => assert!(error(answer).to_string().starts_with("EACCES: permission denied, open '")),
    }
}

#[tokio::test]
async fn a_vanished_file_is_not_found_and_comes_back() {
    let (_guard, root) = folder();
    let path = root.join("a.yaml");
    fs::write(&path, "kind: A").unwrap();
    let reader = Reader::new(ReaderSettings::default());
    let first = full(reader.observe(&file(&path), None).await);
    fs::remove_file(&path).unwrap();
    assert!(matches!(reader.observe(&file(&path), Some(&first.version)).await, Err(ReadError::NotFound(_))));
    fs::write(&path, "kind: A2").unwrap();
    assert_eq!(text(reader.observe(&file(&path), Some(&first.version)).await), "kind: A2");
}

#[tokio::test]
async fn stays_within_the_file_roots() {
    let (_guard, root) = folder();
    write(&root, "in/a.yaml", "a: 1");
    write(&root, "out/b.yaml", "b: 1");
    symlink(root.join("out/b.yaml"), root.join("in/link.yaml")).unwrap();
    let reader = Reader::new(ReaderSettings { file_roots: vec![root.join("in")], ..ReaderSettings::default() });
    assert_eq!(text(reader.observe(&file(&root.join("in/a.yaml")), None).await), "a: 1");
    for outside in ["out/b.yaml", "in/../out/b.yaml", "in/link.yaml"] {
        let answer = reader.observe(&file(&root.join(outside)), None).await;
        assert!(matches!(answer, Err(ReadError::NotAllowed(_))), "{outside}: {answer:?}");
    }
    assert!(matches!(reader.discover(&root).await, Err(ReadError::NotAllowed(_))));
}

#[tokio::test]
async fn expands_patterns_in_order() {
    let (_guard, root) = folder();
    for path in
        ["s/b/catalog-info.yaml", "s/a/catalog-info.yaml", "s/a/x.yml", "s/.h/catalog-info.yaml", "s/a/deep/x.yaml"]
    {
        write(&root, path, "");
    }
    symlink(&root, root.join("s/a/deep/loop")).unwrap();
    let reader = Reader::new(ReaderSettings::default());
    let expand = |pattern: &'static str| {
        let (reader, root) = (reader.clone(), root.clone());
        async move {
            let found = reader.expand(&file(&root.join(pattern))).await.unwrap();
            let prefix = format!("{}/", root.display());
            found.iter().map(|one| one.target().replace(&prefix, "")).collect::<Vec<_>>().join(" ")
        }
    };
    assert_eq!(expand("s/*/catalog-info.yaml").await, "s/a/catalog-info.yaml s/b/catalog-info.yaml");
    assert_eq!(expand("**/*.yaml").await, "s/a/catalog-info.yaml s/a/deep/x.yaml s/b/catalog-info.yaml");
    assert_eq!(expand("s/{b,a}/*.{yml,yaml}").await, "s/a/catalog-info.yaml s/a/x.yml s/b/catalog-info.yaml");
    assert_eq!(expand("s/?/x.yml").await, "s/a/x.yml");
    assert_eq!(expand("s/a/x.yml").await, "s/a/x.yml");
    assert_eq!(expand("not/there.yaml").await, "not/there.yaml", "a plain path gives itself");
    let nothing = file(&root.join("s/*/nothing.yaml"));
    let gone = error(reader.expand(&nothing).await);
    assert_eq!(gone.to_chain(&nothing).message, format!("file {} does not exist", nothing.target()));
}

#[tokio::test]
async fn discovers_descriptors() {
    let (_guard, root) = folder();
    let component = "# header\napiVersion: backstage.io/v1alpha1\nkind: Component\n";
    for path in [
        "a/service.yaml",
        ".backstage/anything.yml",
        "target/x.yaml",
        "node_modules/y.yaml",
        ".git/z.yaml",
        ".x/w.yaml",
    ] {
        write(&root, path, component);
    }
    write(&root, "b/catalog-info.yaml", "not: known");
    write(&root, "b/catalog-info.yml", "");
    write(&root, "b/deployment.yaml", "apiVersion: apps/v1\n");
    write(&root, "b/own.yaml", "apiVersion: shop.example/v1\n");
    write(&root, "b/readme.md", component);
    write(&root, "b/large.yaml", &format!("{component}{}", "#".repeat(5_000)));
    symlink(&root, root.join("a/loop")).unwrap();
    symlink(root.join("b/own.yaml"), root.join("a/linked.yaml")).unwrap();
    let reader = Reader::new(ReaderSettings {
        limits: Limits { max_file_bytes: 4_096, ..Limits::default() },
        known_api_groups: vec!["shop.example".to_owned()],
        ..ReaderSettings::default()
    });
    let found = reader.discover(&root).await.unwrap();
    let prefix = format!("file:{}/", root.display());
    let found: Vec<_> = found.iter().map(|one| one.as_str().replace(&prefix, "")).collect();
    assert_eq!(
        found,
        [
            ".backstage/anything.yml",
            "a/linked.yaml",
            "a/service.yaml",
            "b/catalog-info.yaml",
            "b/catalog-info.yml",
            "b/own.yaml"
        ]
    );
    assert!(matches!(reader.discover(&root.join("none")).await, Err(ReadError::NotFound(_))));
}

#[tokio::test]
async fn discovers_every_published_descriptor() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !shared.exists() {
        println!("skipped: there is no folder ../shared beside the workspace");
        return;
    }
    let shared = shared.canonicalize().unwrap();
    let reader = Reader::new(ReaderSettings::default());
    let found = reader.discover(&shared.join("corpus/descriptors")).await.unwrap();
    let found: std::collections::HashSet<_> = found.iter().map(LocationRef::target).collect();
    let verdicts = fs::read_to_string(shared.join("corpus/verdicts.jsonl")).unwrap();
    let mut missed = Vec::new();
    for line in verdicts.lines() {
        let verdict: serde_json::Value = serde_json::from_str(line).unwrap();
        let path = shared.join("corpus").join(verdict["file"].as_str().unwrap());
        let is_first = verdict["docIndex"] == 0 && verdict["set"] == "descriptors";
        if is_first && !found.contains(path.to_str().unwrap()) {
            missed.push(path);
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(found.len() > 300, "{}", found.len());
}
