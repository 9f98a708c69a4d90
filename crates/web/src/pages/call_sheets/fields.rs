//! The fields of a form, of which some may be there more than once.

/// What a form sends.
pub(super) struct Fields(pub(super) Vec<(String, String)>);

impl Fields {
    /// The value of a field; blank is as if it were not there.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a field that are not blank.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// A text of one's own.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.one(name).map(str::to_owned)
    }
}
