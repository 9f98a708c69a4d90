//! Packs the demo estate into one compressed blob, so that the binary needs nothing beside it.
//!
//! The layout of the blob is read back by `src/demo.rs`: for each file, in the order of its path, the length of the path
//! and the path, the length of the text and the text. Lengths are 32 bits, little-endian.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// What of `demo/` goes into the binary.
const PARTS: [&str; 4] = ["README.md", "app-config.yaml", "estate", "model"];

fn main() -> io::Result<()> {
    let manifest_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the package's folder"));
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names the output folder"));
    let demo = manifest_dir.join("../../demo");

    let mut paths = Vec::new();
    for part in PARTS {
        let path = demo.join(part);
        println!("cargo::rerun-if-changed={}", path.display());
        list_files(&path, &mut paths)?;
    }
    println!("cargo::rerun-if-changed=build.rs");
    paths.sort();

    fs::write(out_dir.join("demo.lz4"), lz4_flex::compress_prepend_size(&pack(&demo, &paths)?))
}

fn list_files(path: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        found.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        list_files(&entry?.path(), found)?;
    }
    Ok(())
}

fn pack(demo: &Path, paths: &[PathBuf]) -> io::Result<Vec<u8>> {
    let mut blob = Vec::new();
    for path in paths {
        let relative = path.strip_prefix(demo).expect("every file was found below the folder");
        let name = relative.to_str().ok_or_else(|| io::Error::other("a demo file's name is not UTF-8"))?;
        push_chunk(&mut blob, name.replace('\\', "/").as_bytes());
        push_chunk(&mut blob, &fs::read(path)?);
    }
    Ok(blob)
}

fn push_chunk(blob: &mut Vec<u8>, chunk: &[u8]) {
    let length = u32::try_from(chunk.len()).expect("demo files are far below 4 GB");
    blob.extend_from_slice(&length.to_le_bytes());
    blob.extend_from_slice(chunk);
}
