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
    places_after(segments, names)[segments.len()]
}

fn reaches_below(segments: &[Segment], names: &[&str]) -> bool {
    places_after(segments, names)[..segments.len()].contains(&true)
}

/// Before which segments one can stand when all names are used up; the last place is behind all segments. All ways are
/// followed at once: one by one there would be too many of them when `**` stands several times.
fn places_after(segments: &[Segment], names: &[&str]) -> Vec<bool> {
    let mut places = vec![false; segments.len() + 1];
    places[0] = true;
    pass_over(segments, &mut places);
    for name in names {
        let mut next = vec![false; segments.len() + 1];
        for (place, segment) in segments.iter().enumerate().filter(|(place, _)| places[*place]) {
            if segment.matches(name) {
                let stays = matches!(segment, Segment::AnyDepth);
                next[if stays { place } else { place + 1 }] = true;
            }
        }
        pass_over(segments, &mut next);
        places = next;
    }
    places
}

/// `**` also stands for no folder at all.
fn pass_over(segments: &[Segment], places: &mut [bool]) {
    for (place, segment) in segments.iter().enumerate() {
        if places[place] && matches!(segment, Segment::AnyDepth) {
            places[place + 1] = true;
        }
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

/// Finds the first brace group with a comma: its start, the byte after its end, and its parts. Reads the text once.
fn find_group(text: &str) -> Option<(usize, usize, Vec<&str>)> {
    let mut open: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut first: Option<(usize, usize, Vec<usize>)> = None;
    for (at, c) in text.char_indices() {
        match c {
            '{' => open.push((at, Vec::new())),
            ',' => open.last_mut().into_iter().for_each(|(_, commas)| commas.push(at)),
            '}' => match open.pop() {
                Some((start, commas)) if !commas.is_empty() && first.as_ref().is_none_or(|(s, ..)| start < *s) => {
                    first = Some((start, at, commas));
                }
                _ => {}
            },
            _ => {}
        }
        if open.is_empty() && first.is_some() {
            break;
        }
    }
    first.map(|(start, end, commas)| (start, end + 1, cut(text, start, &commas, end)))
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
    fn many_stars_end() {
        let pattern = Pattern::parse(&"**/a*/".repeat(40));
        let path = "a/".repeat(60);
        assert!(!pattern.matches(&format!("{path}b")) && pattern.matches(&path));
        assert!(pattern.may_match_below(&path) && !pattern.may_match_below("b/.hidden"));
    }

    #[test]
    fn brace_bombs_end() {
        let bomb = "{a,b}".repeat(40);
        assert!(expand_braces(&bomb).len() <= MAX_ALTERNATIVES);
        assert!(is_pattern("a{b,c}") && !is_pattern("a{b}") && !is_pattern("plain/path.yaml"));
        assert_eq!(expand_braces("{a{b,c}"), ["{ab", "{ac"]);
        assert_eq!(expand_braces(&"{a,b}".repeat(9)).len(), 512);
        // Looking at every open brace again and again would take minutes.
        assert!(expand_braces(&format!("{}{}", "{a,b}".repeat(9), "{".repeat(20_000))).len() > 1);
        assert!(is_pattern("[id]/x.yaml") && !is_clear_pattern("[id]/x.yaml"));
    }
}
