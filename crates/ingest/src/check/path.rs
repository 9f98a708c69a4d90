//! The way from the root of an entity to one of its values, built on the stack and spelled only when something is wrong.

use std::fmt::Write as _;

/// A step on the way to a value, linked to the steps before it.
#[derive(Clone, Copy)]
pub(crate) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
    /// The bytes of the key, or of the item of a list.
    pub(crate) span: Option<(u32, u32)>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(crate) const ROOT: Path<'static> = Path { parent: None, step: Step::Root, span: None };

    pub(crate) fn key(&'a self, key: &'a str, span: (u32, u32)) -> Path<'a> {
        Path { parent: Some(self), step: Step::Key(key), span: Some(span) }
    }

    pub(crate) fn index(&'a self, index: usize, span: (u32, u32)) -> Path<'a> {
        Path { parent: Some(self), step: Step::Index(index), span: Some(span) }
    }

    fn steps(&self) -> Vec<Step<'a>> {
        let mut steps = Vec::new();
        let mut at = Some(*self);
        while let Some(path) = at {
            steps.push(path.step);
            at = path.parent.copied();
        }
        steps.reverse();
        steps
    }

    /// `spec.steps[7].id`, as diagnostics show it.
    pub(crate) fn dotted(&self) -> String {
        let mut out = String::new();
        for step in self.steps() {
            match step {
                Step::Root => {}
                Step::Key(key) => {
                    if !out.is_empty() {
                        out.push('.');
                    }
                    out.push_str(key);
                }
                Step::Index(index) => {
                    let _ = write!(out, "[{index}]");
                }
            }
        }
        out
    }

    /// `/spec/steps/7/id`, as Backstage's messages show it; the root is `<root>`.
    pub(crate) fn pointer(&self) -> String {
        let mut out = String::new();
        for step in self.steps() {
            match step {
                Step::Root => {}
                Step::Key(key) => {
                    out.push('/');
                    out.push_str(&key.replace('~', "~0").replace('/', "~1"));
                }
                Step::Index(index) => {
                    let _ = write!(out, "/{index}");
                }
            }
        }
        if out.is_empty() { "<root>".to_owned() } else { out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_the_way_in_both_manners() {
        let root = Path::ROOT;
        assert_eq!((root.dotted().as_str(), root.pointer().as_str()), ("", "<root>"));
        let spec = root.key("spec", (0, 1));
        let list = spec.key("a/b~c", (0, 1));
        let item = list.index(3, (0, 1));
        assert_eq!(item.dotted(), "spec.a/b~c[3]");
        assert_eq!(item.pointer(), "/spec/a~1b~0c/3");
    }
}
