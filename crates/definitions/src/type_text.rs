//! Types as text with links in it.

/// A type as a reader writes it, with the names that lead somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeText(pub Vec<TypePart>);

/// A piece of a [`TypeText`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypePart {
    /// Text between names, and names that are not defined in the document.
    Text(String),
    /// The name of a [`Shape`](crate::Shape) of the same outline.
    Name(String),
}

impl TypeText {
    /// A type that is one piece of text.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        Self(vec![TypePart::Text(text.to_owned())])
    }

    /// Whether nothing is known of the type.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn push_text(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(TypePart::Text(last)) => last.push_str(text),
            _ => self.0.push(TypePart::Text(text.to_owned())),
        }
    }

    pub(crate) fn push_name(&mut self, name: &str) {
        self.0.push(TypePart::Name(name.to_owned()));
    }

    /// Turns names into text unless `is_known`.
    pub(crate) fn keep_names(&mut self, is_known: impl Fn(&str) -> bool) {
        self.rename(|name| is_known(name).then(|| name.to_owned()));
    }

    /// Gives names their full form; those that have none become text.
    pub(crate) fn rename(&mut self, full: impl Fn(&str) -> Option<String>) {
        for part in std::mem::take(&mut self.0) {
            match part {
                TypePart::Text(text) => self.push_text(&text),
                TypePart::Name(name) => match full(&name) {
                    Some(full) => self.0.push(TypePart::Name(full)),
                    None => self.push_text(&name),
                },
            }
        }
    }

    pub(crate) fn push_all(&mut self, other: Self) {
        for part in other.0 {
            match part {
                TypePart::Text(text) => self.push_text(&text),
                name @ TypePart::Name(_) => self.0.push(name),
            }
        }
    }
}

impl std::fmt::Display for TypeText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            TypePart::Text(text) | TypePart::Name(text) => f.write_str(text),
        })
    }
}
