//! Path patterns: `*`, `?` and `[..]` within a name, `**` across folders, `{a,b}` for alternatives. The same rules on disk
//! and in repositories, after the `glob` and `minimatch` packages: a wildcard does not match a leading dot.

use globset::{GlobBuilder, GlobMatcher};

/// More alternatives than this come from a mistake or an attack; the rest is left out.
const MAX_ALTERNATIVES: usize = 1_000;

/// Tells whether a path on disk may name several files.
pub(crate) fn is_pattern(path: &str) -> bool {
    path.contains('[') || is_clear_pattern(path)
}

/// Tells whether a path names several files where nobody can look whether a file is really called like that. Folders are
/// often called `[id]`, so brackets alone do not count. Source: Backstage's `UrlReaderProcessor`; braces are ours.
pub(crate) fn is_clear_pattern(path: &str) -> bool {
    path.contains(['*', '?']) || expand_braces(path).len() > 1
}

/// A pattern made ready: one list of segments per alternative.
pub(crate) struct Pattern {
    alternatives: Vec<Vec<Segment>>,
}

/// One part of a pattern between slashes.
pub(crate) enum Segment {
    /// A name without wildcards.
    Literal(String),
    /// A name with wildcards.
    Wild {
        /// Matches one name.
        matcher: GlobMatcher,
        /// True when the pattern itself starts with a dot, so that hidden names may match.
        wants_hidden: bool,
    },
    /// `**`: any number of folders.
    AnyDepth,
}

impl Segment {
    fn parse(text: &str) -> Self {
        if text == "**" {
            return Self::AnyDepth;
        }
        if !text.contains(['*', '?', '[']) {
            return Self::Literal(text.to_owned());
        }
        match GlobBuilder::new(text).literal_separator(true).backslash_escape(false).build() {
            Ok(glob) => Self::Wild { matcher: glob.compile_matcher(), wants_hidden: text.starts_with('.') },
            // An unclosed bracket is an ordinary character, as in a shell.
            Err(_) => Self::Literal(text.to_owned()),
        }
    }

    /// Tells whether one name matches.
    pub(crate) fn matches(&self, name: &str) -> bool {
        match self {
            Self::Literal(text) => text == name,
            Self::Wild { matcher, wants_hidden } => (*wants_hidden || !name.starts_with('.')) && matcher.is_match(name),
            Self::AnyDepth => !name.starts_with('.'),
        }
    }
}

impl Pattern {
    /// Makes a pattern ready. Nothing fails: what is no valid wildcard stands for itself.
    pub(crate) fn parse(text: &str) -> Self {
        let alternatives = expand_braces(text);
        Self { alternatives: alternatives.iter().map(|one| split(one).map(Segment::parse).collect()).collect() }
    }

    /// The lists of segments, one per alternative.
    pub(crate) fn alternatives(&self) -> &[Vec<Segment>] {
        &self.alternatives
    }

    /// Tells whether a whole path (without a leading slash) matches.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let names: Vec<&str> = split(path).collect();
        self.alternatives.iter().any(|segments| matches_all(segments, &names))
    }

    /// Tells whether a file below the folder `path` could match.
    pub(crate) fn may_match_below(&self, path: &str) -> bool {
        let names: Vec<&str> = split(path).collect();
        self.alternatives.iter().any(|segments| reaches_below(segments, &names))
    }
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".")
}

fn matches_all(segments: &[Segment], names: &[&str]) -> bool {
    match segments.split_first() {
        None => names.is_empty(),
        Some((Segment::AnyDepth, rest)) => {
            let mut skip = 0;
            loop {
                if matches_all(rest, &names[skip..]) {
                    return true;
                }
                if skip == names.len() || !Segment::AnyDepth.matches(names[skip]) {
                    return false;
                }
                skip += 1;
            }
        }
        Some((segment, rest)) => match names.split_first() {
            Some((name, others)) => segment.matches(name) && matches_all(rest, others),
            None => false,
        },
    }
}

fn reaches_below(segments: &[Segment], names: &[&str]) -> bool {
    match (segments.split_first(), names.split_first()) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some((Segment::AnyDepth, rest)), Some((name, others))) => {
            reaches_below(rest, names) || (Segment::AnyDepth.matches(name) && reaches_below(segments, others))
        }
        (Some((segment, rest)), Some((name, others))) => segment.matches(name) && reaches_below(rest, others),
    }
}

/// Writes out `{a,b}`, also nested ones. Braces without a comma or without an end stand for themselves.
fn expand_braces(text: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut open = vec![text.to_owned()];
    while let Some(one) = open.pop() {
        match find_group(&one) {
            Some((start, end, parts)) if done.len() + open.len() + parts.len() <= MAX_ALTERNATIVES => {
                open.extend(parts.iter().rev().map(|part| format!("{}{part}{}", &one[..start], &one[end..])));
            }
            _ => done.push(one),
        }
    }
    done
}

/// Finds the first brace group with a comma: its start, the byte after its end, and its parts.
fn find_group(text: &str) -> Option<(usize, usize, Vec<&str>)> {
    text.match_indices('{').find_map(|(start, _)| {
        let mut depth = 0_usize;
        let mut commas = Vec::new();
        for (offset, c) in text[start..].char_indices() {
            match c {
                '{' => depth += 1,
                ',' if depth == 1 => commas.push(start + offset),
                '}' => {
                    depth -= 1;
                    if depth == 0 {
                        return (!commas.is_empty())
                            .then(|| (start, start + offset + 1, cut(text, start, &commas, start + offset)));
                    }
                }
                _ => {}
            }
        }
        None
    })
}

fn cut<'a>(text: &'a str, start: usize, commas: &[usize], end: usize) -> Vec<&'a str> {
    let mut parts = Vec::with_capacity(commas.len() + 1);
    let mut from = start + 1;
    for &comma in commas {
        parts.push(&text[from..comma]);
        from = comma + 1;
    }
    parts.push(&text[from..end]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_like_minimatch() {
        for (pattern, path, expected) in [
            ("services/*/catalog-info.yaml", "services/shop/catalog-info.yaml", true),
            ("services/*/catalog-info.yaml", "services/a/b/catalog-info.yaml", false),
            ("**/catalog-info.yaml", "catalog-info.yaml", true),
            ("**/catalog-info.yaml", "a/b/c/catalog-info.yaml", true),
            ("**/catalog-info.yaml", ".hidden/catalog-info.yaml", false),
            ("a/**", "a/b/c", true),
            ("a/**/z", "a/z", true),
            ("*.yaml", ".secret.yaml", false),
            (".*.yaml", ".secret.yaml", true),
            (".backstage/*.yaml", ".backstage/x.yaml", true),
            ("?.yaml", "a.yaml", true),
            ("?.yaml", "ab.yaml", false),
            ("{a,b/c}/x.{yaml,yml}", "b/c/x.yml", true),
            ("{a,b/c}/x.{yaml,yml}", "b/x.yml", false),
            ("{a,{b,c}}.yaml", "c.yaml", true),
            ("[ab].yaml", "b.yaml", true),
            ("[ab.yaml", "[ab.yaml", true),
            ("{solo}.yaml", "{solo}.yaml", true),
        ] {
            assert_eq!(Pattern::parse(pattern).matches(path), expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn knows_which_folders_can_hold_matches() {
        let pattern = Pattern::parse("services/*/catalog-info.yaml");
        assert!(pattern.may_match_below("services") && pattern.may_match_below("services/shop"));
        assert!(!pattern.may_match_below("docs") && !pattern.may_match_below("services/shop/deep"));
        assert!(Pattern::parse("**/x.yaml").may_match_below("any/where"));
    }

    #[test]
    fn brace_bombs_end() {
        let bomb = "{a,b}".repeat(40);
        assert!(expand_braces(&bomb).len() <= MAX_ALTERNATIVES);
        assert!(is_pattern("a{b,c}") && !is_pattern("a{b}") && !is_pattern("plain/path.yaml"));
        assert!(is_pattern("[id]/x.yaml") && !is_clear_pattern("[id]/x.yaml"));
    }
}
