//! `docs/benchmarks.md`

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::goals;

/// What Backstage was measured with on the same kind of machine and the same files, at 50,000 entities, after a restart on a
/// quiet machine: milliseconds at the median, and CPU milliseconds of Node.js and PostgreSQL together for one request.
const PEER_READS: &[(&str, f64, f64)] = &[
    ("list20-kind-sorted", 94.7, 101.54),
    ("list20-fulltext", 286.6, 618.74),
    ("list20-type-owner", 3.2, 4.34),
    ("facets3", 140.8, 147.43),
    ("by-name", 0.8, 0.98),
    ("by-refs-100", 1.9, 2.53),
    ("ancestry", 1.8, 1.94),
    ("full-list-kind", 334.4, 550.0),
];

const HEAD: &str = "\
# Benchmarks

Made by `cargo xtask bench`, which harvests generated estates with the release binary through the normal path, in the environment \
that the files in `deploy/` give it, restarts it, and then asks one request after the other over loopback on one kept connection. CPU time is that of the process as the kernel counts \
it; it is taken with so many clients at work as stand beside it, because a server that falls asleep after each answer pays the \
kernel for waking up more than for a small answer. `--entities 50000 --database sqlite` measures a part, \
`--report` measures nothing and writes this page from `benchmarks.json`.

The figures of Backstage are from catalog-backend 4.0.0 on Node.js 20 with PostgreSQL 15, on a machine of the same kind with the \
same 50,000 entities: harvest 363 s with 521 CPU seconds, start to the first answer 2.0 s, memory 2,274 + 270 MB at the peak of \
the harvest and 187 + 270 MB at rest, 1,538 MB on disk.
";

/// Renders all results.
pub fn render(results: &Map<String, Value>) -> String {
    let mut out = HEAD.to_owned();
    if let Some(newest) = results.values().next_back() {
        let _ =
            writeln!(out, "\nMachine: {}. Other work may have run on it at the same time.", text(&newest["machine"]));
    }
    out.push_str(&goals::render(results));
    out.push_str(
        "\n## Harvest, restart, size\n\n| Entities | Database | Date | Harvest to all visible s | CPU s | Database CPU s | Peak MB | Restart to first 200 s \
         | Restart to all s | At rest MB | Disk MB | File written to visible ms | Database to visible ms |\n\
         | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for row in results.values() {
        let (harvest, restart) = (&row["harvest"], &row["restart"]);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row["entities"],
            text(&row["database"]),
            text(&row["date"]),
            number(&harvest["visible"], 2),
            number(&harvest["cpu"], 2),
            number(&harvest["databaseCpu"], 2),
            number(&harvest["peak"], 0),
            number(&restart["first200"], 2),
            number(&restart["all"], 2),
            number(&restart["memory"], 0),
            number(&row["disk"], 0),
            number(&row["changeVisible"], 0),
            number(&row["changeAfterWrite"], 0),
        );
    }
    feeds(results, &mut out);
    for row in results.values() {
        reads(row, &mut out);
    }
    out
}

/// The change feed and webhooks, of the runs that measured them.
fn feeds(results: &Map<String, Value>, out: &mut String) {
    let measured: Vec<&Value> = results.values().filter(|row| row["feed"].is_object()).collect();
    if measured.is_empty() {
        return;
    }
    out.push_str(
        "\n## Change feed and webhooks\n\nA thousand listeners of `/api/v1/changes` hear of one change, from the request that makes it; \
         the CPU time is that of the server for all of them. A webhook on loopback is told of the whole history, a hundred changes \
         in a message and one in a message.\n\n| Entities | Database | Listeners | p50 ms | p95 ms | The last ms | CPU ms | Changes/s, \
         batched | Changes/s, single | CPU ms a change, batched | CPU ms a change, single |\n\
         | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for row in measured {
        let feed = &row["feed"];
        let (fan_out, many, single) = (&feed["fanOut"], &feed["webhookBatched"], &feed["webhookSingle"]);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row["entities"],
            text(&row["database"]),
            fan_out["listeners"],
            number(&fan_out["p50"], 1),
            number(&fan_out["p95"], 1),
            number(&fan_out["last"], 1),
            number(&fan_out["cpu"], 0),
            number(&many["changesPerSecond"], 0),
            number(&single["changesPerSecond"], 0),
            number(&many["cpu"], 3),
            number(&single["cpu"], 3),
        );
    }
}

fn reads(row: &Value, out: &mut String) {
    let compared = row["entities"] == 50_000;
    let _ = writeln!(out, "\n## Reads, {} entities, {}\n", row["entities"], text(&row["database"]));
    let clients = row["clients"].as_u64().unwrap_or(1);
    let _ = write!(out, "| Request | Bytes | p50 ms | p95 ms | Requests/s | CPU ms, clients: {clients} |");
    out.push_str(if compared { " Backstage p50 ms | Backstage CPU ms |\n" } else { "\n" });
    out.push_str("| --- | ---: | ---: | ---: | ---: | ---: |");
    out.push_str(if compared { " ---: | ---: |\n" } else { "\n" });
    for read in row["reads"].as_array().into_iter().flatten() {
        let _ = write!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            text(&read["name"]),
            read["bytes"],
            number(&read["p50"], 3),
            number(&read["p95"], 3),
            number(&read["perSecond"], 0),
            number(&read["cpu"], 3),
        );
        if compared {
            let peer = PEER_READS.iter().find(|(name, ..)| read["name"] == *name);
            let _ =
                write!(out, "{}", peer.map_or_else(|| " | |".to_owned(), |(_, p50, cpu)| format!(" {p50} | {cpu} |")));
        }
        out.push('\n');
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn number(value: &Value, digits: usize) -> String {
    value.as_f64().map_or_else(String::new, |number| format!("{number:.digits$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_stands_beside_the_peer() {
        let row = serde_json::json!({"entities": 50_000, "database": "sqlite", "machine": "m", "date": "d",
            "harvest": {"visible": 4.5}, "reads": [{"name": "by-name", "bytes": 10, "p50": 0.1, "cpu": 0.02}]});
        let page = render(&[("0050000-sqlite".to_owned(), row)].into_iter().collect());
        assert!(page.contains("| 50000 | sqlite | d | 4.50 |"), "{page}");
        assert!(page.contains("| by-name | 10 | 0.100 |  |  | 0.020 | 0.8 | 0.98 |"), "{page}");
        assert!(!page.contains("Change feed"), "a run of before has not measured it");
    }
}
