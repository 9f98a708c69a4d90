//! Prepares the static files: style sheets and scripts in one piece each, the icons as one sprite, all of them compressed
//! ahead and named after their content, so that a browser may keep them for ever.

use std::{
    fmt::Write as _,
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

/// A file as it will be served.
struct Asset {
    /// The name that code asks for: `app.css`.
    name: String,
    content: Vec<u8>,
    /// Its compressed form, where that is what the repository keeps.
    brotli: Option<Vec<u8>>,
}

impl Asset {
    fn new(name: impl Into<String>, content: Vec<u8>) -> Self {
        Self { name: name.into(), content, brotli: None }
    }

    /// A file of somebody else's that is kept compressed, as it is large: `viewer.js.br` is served as `viewer.js`.
    fn unpacked(path: &Path) -> Self {
        let brotli = read(path);
        let mut content = Vec::new();
        brotli::Decompressor::new(brotli.as_slice(), 64 * 1024)
            .read_to_end(&mut content)
            .expect("the file is brotli's");
        let name = file_name(path).trim_end_matches(".br").to_owned();
        Self { name, content, brotli: Some(brotli) }
    }
}

fn main() {
    println!("cargo::rerun-if-changed=assets");
    println!("cargo::rerun-if-changed=build.rs");
    let assets = Path::new("assets");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let mut all = vec![
        Asset::new("app.css", join(&list(&assets.join("css")))),
        Asset::new("app.js", join(&list(&assets.join("js/app")))),
        Asset::new("icons.svg", sprite(&list(&assets.join("icons"))).into_bytes()),
    ];
    let single = list(&assets.join("js/single")).into_iter().chain(list(&assets.join("files")));
    all.extend(single.map(|path| Asset::new(file_name(&path), read(&path))));
    let packed =
        list(&assets.join("viewer")).into_iter().filter(|path| path.extension().is_some_and(|end| end == "br"));
    all.extend(packed.map(|path| Asset::unpacked(&path)));
    let mut table = String::from("pub(crate) static TABLE: &[Asset] = &[\n");
    for asset in &all {
        write_asset(asset, &out, &mut table);
    }
    table.push_str("];\n");
    fs::write(out.join("assets.rs"), table).expect("the output folder can be written");
}

/// The files below a folder, in order of path, so that numbers in front of names decide.
fn list(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder can be listed").path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { list(&path) } else { vec![path] }).collect()
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("a file has a name").to_string_lossy().into_owned()
}

fn join(paths: &[PathBuf]) -> Vec<u8> {
    let mut joined = Vec::new();
    for path in paths {
        joined.extend_from_slice(&read(path));
        joined.push(b'\n');
    }
    joined
}

/// One `<symbol>` for each icon; what was the attributes of its `<svg>` comes from the style sheet.
fn sprite(paths: &[PathBuf]) -> String {
    let mut sprite = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\">");
    for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "svg")) {
        let text = String::from_utf8(read(path)).expect("icons are UTF-8");
        let start = text.find("<svg").and_then(|at| text[at..].find('>').map(|end| at + end + 1));
        let start = start.unwrap_or_else(|| panic!("{} has no <svg>", path.display()));
        let end = text.rfind("</svg>").unwrap_or_else(|| panic!("{} has no </svg>", path.display()));
        let inner: String = text[start..end].lines().map(str::trim).collect();
        let name = path.file_stem().expect("a file has a name").to_string_lossy();
        write!(sprite, "<symbol id=\"{name}\" viewBox=\"0 0 24 24\">{inner}</symbol>").expect("a string takes all");
    }
    sprite.push_str("</svg>");
    sprite
}

fn write_asset(asset: &Asset, out: &Path, table: &mut String) {
    let (stem, extension) = asset.name.rsplit_once('.').expect("an asset has an extension");
    let hash = format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&asset.content));
    let path = out.join(&asset.name);
    fs::write(&path, &asset.content).expect("the output folder can be written");
    let brotli = out.join(format!("{}.br", asset.name));
    fs::write(&brotli, asset.brotli.clone().unwrap_or_else(|| compress_brotli(&asset.content)))
        .expect("the output folder can be written");
    let gzip = out.join(format!("{}.gz", asset.name));
    fs::write(&gzip, compress_gzip(&asset.content)).expect("the output folder can be written");
    writeln!(
        table,
        "    Asset {{ name: {:?}, path: \"/static/{stem}.{}.{extension}\", plain: include_bytes!({path:?}), \
         brotli: include_bytes!({brotli:?}), gzip: include_bytes!({gzip:?}) }},",
        asset.name,
        &hash[..12],
    )
    .expect("a string takes all");
}

fn compress_brotli(content: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 64 * 1024, 11, 22);
    writer.write_all(content).expect("memory takes all");
    drop(writer);
    compressed
}

fn compress_gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}
