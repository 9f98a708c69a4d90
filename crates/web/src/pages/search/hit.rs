//! A hit of a search: what it is, whose, and where the text is in it.

use std::ops::Range;

use askama::{Template, filters::HtmlSafe};
use index::{FieldMatch, SearchField, SearchHit};

use crate::{
    View,
    pages::{
        facts::Facts,
        link::{EntityLink, related},
        parts::Lifecycle,
    },
};

/// How much of a long text is shown, and how much of it stands before the first match, in bytes.
const EXCERPT: usize = 220;
const LEAD: usize = 60;

/// A text with marks.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(
    source = "{% for (is_marked, text) in self.0 %}{% if is_marked %}<mark>{{ text }}</mark>{% else %}{{ text }}{% endif %}{% endfor %}",
    ext = "html"
)]
pub(in crate::pages) struct Marked(Vec<(bool, String)>);

impl HtmlSafe for Marked {}

impl Marked {
    /// Marks ranges of a text, in bytes; in order and not overlapping.
    pub(in crate::pages) fn new(text: &str, ranges: &[Range<usize>]) -> Self {
        let mut parts = Vec::with_capacity(ranges.len() * 2 + 1);
        let mut at = 0;
        let mut push = |is_marked: bool, part: Option<&str>| {
            if let Some(part) = part.filter(|part| !part.is_empty()) {
                parts.push((is_marked, part.to_owned()));
            }
        };
        for range in ranges {
            push(false, text.get(at..range.start));
            push(true, text.get(range.clone()));
            at = range.end;
        }
        push(false, text.get(at..));
        Self(parts)
    }

    /// Cuts a long text to what stands around its first match.
    fn excerpt(text: &str, ranges: &[Range<usize>]) -> Self {
        if text.len() <= EXCERPT {
            return Self::new(text, ranges);
        }
        let first = ranges.first().map_or(0, |range| range.start);
        let start = if first <= LEAD { 0 } else { word_start(text, text.floor_char_boundary(first - LEAD)) };
        let end = word_end(text, text.floor_char_boundary((start + EXCERPT).min(text.len())));
        let inside = ranges.iter().filter(|range| range.start >= start && range.end <= end);
        let moved: Vec<_> = inside.map(|range| range.start - start..range.end - start).collect();
        let mut marked = Self::new(&text[start..end], &moved);
        if start > 0 {
            marked.0.insert(0, (false, "… ".to_owned()));
        }
        if end < text.len() {
            marked.0.push((false, " …".to_owned()));
        }
        marked
    }
}

/// The first beginning of a word from here, or here when the word is very long.
fn word_start(text: &str, at: usize) -> usize {
    text[at..].find(char::is_whitespace).filter(|blank| *blank < LEAD / 2).map_or(at, |blank| at + blank + 1)
}

/// The last end of a word up to here.
fn word_end(text: &str, at: usize) -> usize {
    if at == text.len() {
        return at;
    }
    text[..at].rfind(char::is_whitespace).filter(|blank| at - blank < LEAD / 2).unwrap_or(at)
}

/// A hit as the page shows it.
pub(super) struct Hit {
    pub(super) link: EntityLink,
    /// What people call it.
    pub(super) title: Marked,
    /// `kind:namespace/`, ahead of the name.
    pub(super) ref_start: String,
    pub(super) name: Marked,
    pub(super) kind: String,
    pub(super) entity_type: Option<String>,
    pub(super) lifecycle: Option<Lifecycle>,
    pub(super) owners: Vec<EntityLink>,
    pub(super) description: Option<Marked>,
    /// Where else the text is, by what it is called.
    pub(super) others: Vec<(&'static str, Vec<Marked>)>,
}

impl Hit {
    /// Reads what a hit shows.
    pub(super) fn new(view: &View, hit: &SearchHit) -> Self {
        let facts = Facts::of_descriptor(&hit.doc);
        let link = EntityLink::to_doc(&hit.doc);
        let entity_ref = &link.entity_ref;
        let marked = |text: &str, fields: &[SearchField]| {
            let found = hit.matches.iter().find(|found| fields.contains(&found.field) && found.text == text);
            Marked::new(text, found.map_or(&[], |found| found.ranges.as_slice()))
        };
        let in_description = hit.matches.iter().find(|found| found.field == SearchField::Description);
        let ranges = in_description.map_or(&[][..], |found| &found.ranges);
        Self {
            title: marked(&link.title, &[SearchField::Title, SearchField::Name]),
            ref_start: format!("{}:{}/", entity_ref.kind(), entity_ref.namespace()),
            name: marked(facts.name(), &[SearchField::Name]),
            kind: facts.kind().to_owned(),
            entity_type: facts.entity_type().map(str::to_owned),
            lifecycle: facts.lifecycle().map(|text| Lifecycle(text.to_owned())),
            owners: related(view, &hit.doc, "ownedBy"),
            description: facts.description().map(|text| Marked::excerpt(text, ranges)),
            others: others(&hit.matches),
            link,
        }
    }
}

/// Which operations match is always worth a line; which links and tags, when it is not the name that matches.
fn others(matches: &[FieldMatch]) -> Vec<(&'static str, Vec<Marked>)> {
    let by_name = matches.iter().any(|found| matches!(found.field, SearchField::Name | SearchField::Title));
    let all = [(SearchField::Operations, "Operations"), (SearchField::Links, "Links"), (SearchField::Tags, "Tags")];
    let fields = if by_name { &all[..1] } else { &all[..] };
    let of_field = |(field, label): &(SearchField, &'static str)| {
        let found = matches.iter().filter(|found| found.field == *field);
        let marked: Vec<_> = found.take(3).map(|found| Marked::excerpt(&found.text, &found.ranges)).collect();
        (!marked.is_empty()).then_some((*label, marked))
    };
    fields.iter().filter_map(of_field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_escaped_like_all_text() {
        let marked = Marked::new("<b>pay</b>", &[3..6, 6..10]);
        assert_eq!(marked.render().unwrap(), "&#60;b&#62;<mark>pay</mark><mark>&#60;/b&#62;</mark>");
        assert_eq!(
            Marked::new("ü", std::slice::from_ref(&(0..1))).render().unwrap(),
            "",
            "what is no text is left out"
        );
    }

    #[test]
    fn excerpts_stand_around_the_first_match() {
        let text = format!("{}the needle is here {}", "word ".repeat(60), "more ".repeat(60));
        let at = text.find("needle").unwrap();
        let html = Marked::excerpt(&text, std::slice::from_ref(&(at..at + 6))).render().unwrap();
        assert!(html.starts_with("… word") && html.ends_with("more …"), "{html}");
        assert!(html.contains("the <mark>needle</mark> is"), "{html}");
        assert!(html.len() < EXCERPT + 40, "{html}");
        assert_eq!(Marked::excerpt("short", &[]).render().unwrap(), "short");
        let html = Marked::excerpt(&"ü".repeat(900), &[]).render().unwrap();
        assert!(html.ends_with("ü …"), "{html}");
    }
}
