//! The estates: the peer's own shape from `../shared/bench/gen.py`, and the shape of the largest public catalog.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};

use crate::workspace;

/// Entities of the largest public catalog.
pub const PUBLIC: u64 = 739_000;

/// Files to harvest.
pub struct Estate {
    /// How many entities they hold, Locations not counted.
    pub entities: u64,
    /// The Location that names all files.
    pub root: PathBuf,
    /// A file to change.
    pub some_file: PathBuf,
}

/// Gives the estate of that size, making it if it is not there from an earlier run.
pub fn provide(entities: u64) -> anyhow::Result<Estate> {
    let folder = workspace::scratch("bench")?.join(format!("estate-{entities}"));
    let estate = |folder: &Path| -> anyhow::Result<Estate> {
        let files = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
        let parts = files.filter(|path| path.extension().is_some_and(|e| e == "yaml") && !path.ends_with("all.yaml"));
        let some_file = parts.min().context("the estate has no files")?;
        Ok(Estate { entities, root: folder.join("all.yaml"), some_file })
    };
    // The Location is written last, so that an estate that was cut off is made again.
    let done = folder.join("done");
    if done.is_file() {
        return estate(&folder);
    }
    println!("making {entities} entities");
    if entities == PUBLIC {
        fs::create_dir_all(&folder)?;
        write_public(&folder)?;
    } else {
        let shared =
            workspace::shared().context("the generator of the peer's estates is in ../shared, which is not there")?;
        let per_file = if entities >= 50_000 { "200" } else { "100" };
        let mut command = Command::new("python3");
        command.arg(shared.join("bench/gen.py")).arg(entities.to_string()).arg(&folder).args(["--per-file", per_file]);
        ensure!(command.status()?.success(), "the generator failed");
    }
    fs::write(done, "")?;
    estate(&folder)
}

const COMPONENTS: u64 = 46_036;
const APIS: u64 = 202_704;
const SUBCOMPONENTS: u64 = 257_064;
const RESOURCES: u64 = 150_000;
const USERS: u64 = 60_000;
const SYSTEMS: u64 = 18_000;
const GROUPS: u64 = 4_000;
const DOMAINS: u64 = PUBLIC - COMPONENTS - APIS - SUBCOMPONENTS - RESOURCES - USERS - SYSTEMS - GROUPS;
const PER_FILE: u64 = 500;

const NOUNS: [&str; 24] = [
    "payment", "order", "invoice", "customer", "shipping", "stock", "search", "profile", "pricing", "basket", "ledger",
    "refund", "session", "audit", "billing", "media", "report", "review", "loyalty", "coupon", "tax", "vendor",
    "route", "claim",
];
const ROLES: [&str; 8] = ["api", "gateway", "worker", "store", "sync", "portal", "index", "cache"];
const TAGS: [&str; 10] = ["java", "go", "rust", "python", "kafka", "postgres", "pci", "public", "tier1", "mobile"];
const LIFECYCLES: [&str; 4] = ["production", "production", "experimental", "deprecated"];
const TYPES: [&str; 4] = ["service", "website", "library", "service"];

/// The same numbers in every run: a multiplication and a shift scatter a counter well enough for names and edges.
fn scatter(seed: u64, salt: u64) -> u64 {
    let mixed = (seed ^ salt.rotate_left(32)).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 17
}

fn pick<'a>(list: &[&'a str], seed: u64, salt: u64) -> &'a str {
    list[(scatter(seed, salt) % list.len() as u64) as usize]
}

fn name(role: &str, i: u64) -> String {
    format!("{}-{}-{role}-{i}", pick(&NOUNS, i, 1), pick(&ROLES, i, 2))
}

fn write_public(folder: &Path) -> anyhow::Result<()> {
    let mut files = Files { folder, open: None, files: 0, written: 0 };
    let kinds: [(u64, WriteEntity); 8] = [
        (COMPONENTS, write_component),
        (SUBCOMPONENTS, write_subcomponent),
        (APIS, write_api),
        (RESOURCES, write_resource),
        (USERS, write_user),
        (SYSTEMS, write_system),
        (GROUPS, write_group),
        (DOMAINS, write_domain),
    ];
    for (count, write) in kinds {
        for i in 0..count {
            write(files.next()?, i)?;
        }
    }
    files.finish()
}

/// Writes the entity of that number of its kind.
type WriteEntity = fn(&mut dyn Write, u64) -> std::io::Result<()>;

/// Streams documents into files of [`PER_FILE`] each.
struct Files<'a> {
    folder: &'a Path,
    open: Option<BufWriter<File>>,
    files: u64,
    written: u64,
}

impl Files<'_> {
    fn next(&mut self) -> anyhow::Result<&mut dyn Write> {
        if self.written.is_multiple_of(PER_FILE) {
            self.flush()?;
            self.files += 1;
            self.open = Some(BufWriter::new(File::create(self.folder.join(format!("part-{:04}.yaml", self.files)))?));
        }
        self.written += 1;
        let file = self.open.as_mut().context("a file is open")?;
        writeln!(file, "---")?;
        Ok(file)
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        self.open.take().map_or(Ok(()), |mut file| file.flush()).map_err(Into::into)
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.flush()?;
        ensure!(self.written == PUBLIC, "{} entities were written", self.written);
        let mut root = BufWriter::new(File::create(self.folder.join("all.yaml"))?);
        writeln!(
            root,
            "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{ name: all }}\nspec:\n  targets:"
        )?;
        for i in 1..=self.files {
            writeln!(root, "    - ./part-{i:04}.yaml")?;
        }
        Ok(root.flush()?)
    }
}

fn write_head(out: &mut dyn Write, kind: &str, name: &str, i: u64) -> std::io::Result<()> {
    writeln!(out, "apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}")?;
    writeln!(out, "  title: {} {} {i}", pick(&NOUNS, i, 3), pick(&ROLES, i, 4))?;
    writeln!(out, "  description: Keeps the {} of every {} in order", pick(&NOUNS, i, 5), pick(&NOUNS, i, 6))?;
    writeln!(
        out,
        "  annotations:\n    example.com/cost-centre: cc-{}\n    example.com/id: '{i}'",
        scatter(i, 7) % 900
    )?;
    writeln!(out, "  tags: [{}, {}]\nspec:", pick(&TAGS[..5], i, 8), pick(&TAGS[5..], i, 9))
}

fn owner(i: u64, salt: u64) -> String {
    name("team", scatter(i, salt) % GROUPS)
}

fn system(i: u64, salt: u64) -> String {
    name("system", scatter(i, salt) % SYSTEMS)
}

fn write_list(out: &mut dyn Write, key: &str, items: impl Iterator<Item = String>) -> std::io::Result<()> {
    writeln!(out, "  {key}:")?;
    for item in items {
        writeln!(out, "    - {item}")?;
    }
    Ok(())
}

/// Owner, system, some 4.4 provided and 10.9 consumed APIs, 6.5 resources: all APIs have one provider.
fn write_component(out: &mut dyn Write, i: u64) -> std::io::Result<()> {
    write_head(out, "Component", &name("main", i), i)?;
    writeln!(out, "  type: {}\n  lifecycle: {}", pick(&TYPES, i, 10), pick(&LIFECYCLES, i, 11))?;
    writeln!(out, "  owner: {}\n  system: {}", owner(i, 12), system(i, 13))?;
    write_list(out, "providesApis", (i..APIS).step_by(COMPONENTS as usize).map(|api| name("spec", api)))?;
    write_list(out, "consumesApis", (0..11).map(|n| name("spec", scatter(i, 100 + n) % APIS)))?;
    write_list(out, "dependsOn", (0..6).map(|n| format!("resource:{}", name("res", scatter(i, 200 + n) % RESOURCES))))
}

fn write_subcomponent(out: &mut dyn Write, i: u64) -> std::io::Result<()> {
    write_head(out, "Component", &name("sub", i), i)?;
    writeln!(out, "  type: {}\n  lifecycle: {}", pick(&TYPES, i, 14), pick(&LIFECYCLES, i, 15))?;
    writeln!(out, "  owner: {}\n  system: {}", owner(i, 16), system(i, 17))?;
    writeln!(out, "  subcomponentOf: {}", name("main", i % COMPONENTS))?;
    let parts = 1 + i % 2;
    write_list(
        out,
        "dependsOn",
        (0..parts).map(|n| format!("component:{}", name("sub", scatter(i, 300 + n) % SUBCOMPONENTS))),
    )
}

fn write_api(out: &mut dyn Write, i: u64) -> std::io::Result<()> {
    write_head(out, "API", &name("spec", i), i)?;
    writeln!(
        out,
        "  type: {}\n  lifecycle: {}",
        ["openapi", "openapi", "grpc", "asyncapi"][(i % 4) as usize],
        pick(&LIFECYCLES, i, 18)
    )?;
    writeln!(out, "  owner: {}\n  system: {}", owner(i, 19), system(i, 20))?;
    writeln!(
        out,
        "  definition: |\n    openapi: 3.1.0\n    info: {{ title: {}, version: 1.{}.0 }}",
        name("spec", i),
        i % 30
    )?;
    writeln!(
        out,
        "    paths:\n      /{}: {{ get: {{ responses: {{ '200': {{ description: ok }} }} }} }}",
        pick(&NOUNS, i, 21)
    )
}

fn write_resource(out: &mut dyn Write, i: u64) -> std::io::Result<()> {
    write_head(out, "Resource", &name("res", i), i)?;
    let kind = ["database", "queue", "bucket", "topic"][(i % 4) as usize];
    writeln!(out, "  type: {kind}\n  owner: {}\n  system: {}", owner(i, 22), system(i, 23))
}

fn write_user(out: &mut dyn Write, i: u64) -> std::io::Result<()> {
    write_head(out, "User", &name("user", i), i)?;
    writeln!(out, "  profile: {{ displayName: User {i}, email: user{i}@example.com }}")?;
    write_list(out, "memberOf", (0..1 + i % 2).map(|n| owner(i, 24 + n)))
}

fn write_system(out: &mut dyn Write, i: u64) -> std::io::Result<()> {
    write_head(out, "System", &name("system", i), i)?;
    writeln!(out, "  owner: {}\n  domain: {}", owner(i, 26), name("domain", scatter(i, 27) % DOMAINS))
}

fn write_group(out: &mut dyn Write, i: u64) -> std::io::Result<()> {
    write_head(out, "Group", &name("team", i), i)?;
    writeln!(out, "  type: team\n  children: []")?;
    if i == 0 { Ok(()) } else { writeln!(out, "  parent: {}", name("team", i / 8)) }
}

fn write_domain(out: &mut dyn Write, i: u64) -> std::io::Result<()> {
    write_head(out, "Domain", &name("domain", i), i)?;
    writeln!(out, "  owner: {}", owner(i, 28))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each declared relation shows on both sides, so that an entity has twice as many as it declares on average.
    #[test]
    fn the_shape_has_the_relations_of_the_real_one() {
        let relations = |write: WriteEntity, count: u64| {
            let mut text = Vec::new();
            (0..100).for_each(|i| write(&mut text, i).unwrap());
            let text = String::from_utf8(text).unwrap();
            let keys = ["  owner:", "  system:", "  domain:", "  parent:", "  subcomponentOf:"];
            let single = text.lines().filter(|line| keys.iter().any(|key| line.starts_with(key))).count();
            let listed = text.lines().filter(|line| line.starts_with("    - ")).count();
            (single + listed) as f64 / 100.0 * count as f64
        };
        let declared = relations(write_component, COMPONENTS)
            + relations(write_subcomponent, SUBCOMPONENTS)
            + relations(write_api, APIS)
            + relations(write_resource, RESOURCES)
            + relations(write_user, USERS)
            + relations(write_system, SYSTEMS)
            + relations(write_group, GROUPS)
            + relations(write_domain, DOMAINS);
        let each = 2.0 * declared / PUBLIC as f64;
        assert!((8.0..8.6).contains(&each), "{each} relations each");
    }
}
