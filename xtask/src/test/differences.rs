//! `conformance/strict-differences.toml`: recorded cases in which Callboard answers otherwise on purpose.

use std::{collections::BTreeMap, fs};

use anyhow::{Context as _, bail};

use super::Count;
use crate::workspace;

/// Case names with the reason of each.
pub type Reasons = BTreeMap<String, String>;

/// The lists.
#[derive(Debug, Default)]
pub struct Differences {
    /// Cases whose answer is another one.
    pub plain: Reasons,
    /// Cases in which only the text of a message is another one.
    pub strict: Reasons,
    /// Cases that race with the server's own loops: Callboard may be quicker than the recorded answer, or not.
    pub races: Reasons,
}

/// Reads the file.
///
/// # Errors
/// When it is missing or malformed.
pub fn load() -> anyhow::Result<Differences> {
    let path = workspace::root().join("conformance/strict-differences.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    parse(&text)
}

/// Reads the little of TOML that the file uses: tables, comments, and `"name" = "reason"`.
fn parse(text: &str) -> anyhow::Result<Differences> {
    let mut differences = Differences::default();
    let mut table = String::new();
    for (number, line) in text.lines().enumerate().map(|(i, line)| (i + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            table = name.to_owned();
            continue;
        }
        let Some((name, reason)) = line.split_once(" = ") else {
            bail!("line {number}: write `\"case\" = \"reason\"`")
        };
        let reason = reason.trim().trim_matches('"').to_owned();
        if reason.is_empty() {
            bail!("line {number}: a difference needs its reason");
        }
        let list = match table.as_str() {
            "plain-differences" => &mut differences.plain,
            "strict-differences" => &mut differences.strict,
            "races" => &mut differences.races,
            other => bail!("line {number}: there is no table `{other}`"),
        };
        list.insert(name.trim().trim_matches('"').to_owned(), reason);
    }
    Ok(differences)
}

/// Judges a run: every difference must be listed, every listed one must have happened, unless it races.
pub fn judge(same: &[String], differing: &[(String, String)], listed: &[&Reasons], races: &Reasons) -> Count {
    let mut count = Count { passed: same.len() as u64, failed: 0 };
    let is_listed = |name: &str| listed.iter().any(|reasons| reasons.contains_key(name));
    for (name, why) in differing {
        if is_listed(name) || races.contains_key(name) {
            count.passed += 1;
        } else {
            println!("DIFFERS {name}: {why}");
            count.failed += 1;
        }
    }
    for name in same.iter().filter(|name| is_listed(name)) {
        println!("STALE   {name} is listed in conformance/strict-differences.toml, but it is the same now");
        count.failed += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_lists() {
        let text = "# why\n[plain-differences]\n\"a-b\" = \"healthy = kept\"\n\n[strict-differences]\nc = \"better\"\n";
        let lists = parse(text).unwrap();
        assert_eq!(lists.plain["a-b"], "healthy = kept");
        assert_eq!(lists.strict["c"], "better");
        assert!(parse("[plain-differences]\na = \"\"\n").is_err());
        assert!(parse("a = \"b\"\n").is_err());
    }

    #[test]
    fn unlisted_and_stale_differences_fail() {
        let lists = parse("[plain-differences]\nlisted = \"x\"\nstale = \"x\"\n[races]\nquick = \"x\"\nslow = \"x\"\n")
            .unwrap();
        let differing = ["listed", "new", "quick"].map(|name| (name.to_owned(), String::new()));
        let same = ["same", "stale", "slow"].map(str::to_owned);
        let count = judge(&same, &differing, &[&lists.plain], &lists.races);
        assert_eq!((count.passed, count.failed), (5, 2));
    }

    #[test]
    fn the_file_of_the_workspace_can_be_read() {
        load().unwrap();
    }
}
