//! Reading typed values out of the tree, collecting every fault on the way.

use std::{cell::RefCell, time::Duration};

use super::{
    Fault, duration, keys,
    tree::{Node, Spot, Value},
};

/// A spot of the tree by its path, whether or not something is there.
#[derive(Clone)]
pub struct Section<'a> {
    node: Option<&'a Node>,
    /// The nearest thing that is written: faults about missing values point there.
    near: &'a Spot,
    /// `catalog.locations[0].target`
    path: String,
    faults: &'a RefCell<Vec<Fault>>,
    warnings: &'a RefCell<Vec<Fault>>,
}

impl<'a> Section<'a> {
    pub fn root(node: &'a Node, faults: &'a RefCell<Vec<Fault>>, warnings: &'a RefCell<Vec<Fault>>) -> Self {
        Self { node: Some(node), near: &node.spot, path: String::new(), faults, warnings }
    }

    /// The section at a dotted path below this one.
    pub fn at(&self, path: &str) -> Self {
        let mut section = self.clone();
        for key in path.split('.') {
            let unread = section.node.filter(|node| node.value == Value::Unread);
            let next = unread.or_else(|| section.node?.entry(key));
            section.near = next.map_or(section.near, |node| &node.spot);
            section.node = next;
            if !section.path.is_empty() {
                section.path.push('.');
            }
            section.path.push_str(key);
        }
        debug_assert!(keys::is_known(&section.path), "`{}` is missing in the table of keys", section.path);
        section
    }

    /// The value, unless it is null or absent.
    pub fn node(&self) -> Option<&'a Node> {
        self.node.filter(|node| !matches!(node.value, Value::Null | Value::Absent(_) | Value::Unread))
    }

    pub fn is_set(&self) -> bool {
        self.node().is_some()
    }

    pub fn spot(&self) -> &'a Spot {
        self.near
    }

    pub fn fault(&self, message: &str, help: &str) {
        let fault = Fault::new(self.near.clone(), format!("`{}` {message}", self.path));
        self.faults.borrow_mut().push(if help.is_empty() { fault } else { fault.help(help) });
    }

    fn mistyped(&self, node: &Node, wanted: &str) {
        let fault = Fault::new(node.spot.clone(), format!("`{}` must be {wanted}, this is {}", self.path, node.kind()));
        self.faults.borrow_mut().push(fault);
    }

    /// Text; a number counts as its text.
    pub fn text(&self) -> Option<String> {
        let node = self.node()?;
        let text = self.text_or_number(node);
        if text.is_none() {
            self.mistyped(node, "text");
        }
        text
    }

    /// Text that must be there and not be empty.
    pub fn required(&self) -> Option<String> {
        match self.text() {
            Some(text) if !text.trim().is_empty() => Some(text),
            Some(_) => {
                self.fault("is empty", "");
                None
            }
            None if self.is_set() => None,
            None => {
                self.missing();
                None
            }
        }
    }

    fn missing(&self) {
        match self.node.map(|node| &node.value) {
            Some(Value::Absent(name)) => self.fault(
                &format!("is missing, because the environment variable {name} is not set"),
                &format!("set {name}, or give a default: `${{{name}:-...}}`"),
            ),
            Some(Value::Unread) => {}
            _ => self.fault("is missing", ""),
        }
    }

    /// A boolean; the texts that environment variables have for one count too. Source: Backstage's `getBoolean`.
    pub fn flag(&self) -> Option<bool> {
        let node = self.node()?;
        match &node.value {
            Value::Bool(b) => Some(*b),
            Value::Text(text) if matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on" | "y") => {
                Some(true)
            }
            Value::Text(text) if matches!(text.to_ascii_lowercase().as_str(), "false" | "0" | "no" | "off" | "n") => {
                Some(false)
            }
            _ => {
                self.mistyped(node, "`true` or `false`");
                None
            }
        }
    }

    /// A whole number of that range; a text of digits counts too.
    pub fn integer(&self, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
        let node = self.node()?;
        let number = match &node.value {
            Value::Number(n) if n.fract() == 0.0 && *n >= 0.0 => Some(*n as u64),
            Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.filter(|n| range.contains(n));
        if number.is_none() {
            let wanted = format!("a whole number from {} to {}", range.start(), range.end());
            match self.text_or_number(node) {
                Some(text) => self.fault(&format!("must be {wanted}, not `{text}`"), ""),
                None => self.mistyped(node, &wanted),
            }
        }
        number
    }

    fn text_or_number(&self, node: &Node) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            Value::Number(n) => Some(n.to_string()),
            _ => None,
        }
    }

    /// A duration.
    pub fn duration(&self) -> Option<Duration> {
        let node = self.node()?;
        let found = duration::read(node);
        if found.is_none() {
            let fault = Fault::new(node.spot.clone(), format!("`{}` is no duration", self.path));
            self.faults.borrow_mut().push(fault.help(duration::EXPECTED));
        }
        found
    }

    /// The items of a list.
    pub fn items(&self) -> Vec<Section<'a>> {
        let Some(node) = self.node() else { return Vec::new() };
        let Value::List(items) = &node.value else {
            self.mistyped(node, "a list");
            return Vec::new();
        };
        let item = |(i, node): (usize, &'a Node)| Section {
            node: Some(node),
            near: &node.spot,
            path: format!("{}[{i}]", self.path),
            faults: self.faults,
            warnings: self.warnings,
        };
        items.iter().enumerate().map(item).collect()
    }

    /// A list of texts; one text counts as a list of it.
    pub fn texts(&self) -> Option<Vec<String>> {
        match &self.node()?.value {
            Value::Text(text) => Some(vec![text.clone()]),
            _ => Some(self.items().iter().filter_map(Section::text).collect()),
        }
    }

    /// One of several words.
    pub fn word<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let list: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            self.fault(&format!("must be {}, not `{text}`", list.join(" or ")), "");
        }
        found
    }

    /// The entry whose name has a dot in it.
    pub fn field_with_dot(&self, name: &str) -> Option<Self> {
        let node = self.node?.get(name)?;
        Some(Self {
            node: Some(node),
            near: &node.spot,
            path: format!("{}.{name}", self.path),
            faults: self.faults,
            warnings: self.warnings,
        })
    }

    /// Whether this is exactly that text.
    pub fn text_is(&self, wanted: &str) -> bool {
        self.node().is_some_and(|node| matches!(&node.value, Value::Text(text) if text == wanted))
    }

    /// Whether this is `false`.
    pub fn is_false(&self) -> bool {
        self.node().is_some_and(|node| matches!(node.value, Value::Bool(false)))
    }

    /// Whether this is a map.
    pub fn is_map(&self) -> bool {
        self.node().is_some_and(|node| matches!(node.value, Value::Map(_)))
    }

    /// An address that a browser or client can use, without a slash at the end.
    pub fn web_address(&self) -> Option<String> {
        let text = self.text()?;
        let address = parse_web_address(&text);
        if address.is_none() {
            self.fault(&format!("is no web address: `{text}`"), ADDRESS_HELP);
        }
        address
    }

    /// The same for a key that Backstage's backend never looks at: what is no address is ignored with a warning.
    pub fn web_address_if_good(&self) -> Option<String> {
        let text = self.text()?;
        let address = parse_web_address(&text);
        if address.is_none() {
            let message = format!("`{}` is no web address and has no effect: `{text}`", self.path);
            self.warnings.borrow_mut().push(Fault::new(self.near.clone(), message).help(ADDRESS_HELP));
        }
        address
    }
}

const ADDRESS_HELP: &str = "write it with its scheme: `https://portal.example.com`";

fn parse_web_address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| text.trim_end_matches('/').to_owned())
}
