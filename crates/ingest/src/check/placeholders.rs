//! `$text`, `$json` and `$yaml`: maps with exactly one such key are replaced by what they name.
//! Source of rules and words: Backstage's `PlaceholderProcessor`.

use std::sync::Arc;

use model::{ErrorChain, LocationRef};

use crate::{
    AttachmentError, AttachmentRequest, Attachments, codes,
    from_json::push_value,
    report::{Finding, Report},
    yaml::{Limits, NodeId, NodeRef, Tree, Value, YamlProblemKind, compose},
};

/// A placeholder as it stands in a document.
struct Placeholder<'a> {
    resolver: &'static str,
    value: NodeRef<'a>,
}

/// What a map is to the search for placeholders.
enum Seen<'a> {
    Placeholder(Placeholder<'a>),
    /// It has keys with a dollar sign that mean something else (`$ref`), so it is left as it is, with all below it.
    Foreign,
    Ordinary,
}

fn look_at(map: NodeRef<'_>) -> Seen<'_> {
    if !map.entries().any(|(key, _)| key.key().starts_with('$')) {
        return Seen::Ordinary;
    }
    let mut entries = map.entries();
    let (Some((key, value)), None) = (entries.next(), entries.next()) else { return Seen::Foreign };
    let resolver = match key.key() {
        "$text" => "text",
        "$json" => "json",
        "$yaml" => "yaml",
        _ => return Seen::Foreign,
    };
    Seen::Placeholder(Placeholder { resolver, value })
}

/// Lists what the placeholders of a document name.
pub(crate) fn find_placeholders(node: NodeRef<'_>, found: &mut Vec<AttachmentRequest>) {
    if node.is_list() {
        node.items().for_each(|item| find_placeholders(item, found));
    } else if node.is_map() {
        match look_at(node) {
            Seen::Foreign => {}
            Seen::Ordinary => node.entries().for_each(|(_, value)| find_placeholders(value, found)),
            Seen::Placeholder(Placeholder { resolver, value }) => {
                let Some(target) = value.as_str() else { return };
                if !found.iter().any(|request| request.resolver == resolver && request.target == target) {
                    found.push(AttachmentRequest { resolver, target: target.to_owned() });
                }
            }
        }
    }
}

/// Whether there is any placeholder.
pub(crate) fn holds_placeholder(node: NodeRef<'_>) -> bool {
    if node.is_list() {
        return node.items().any(holds_placeholder);
    }
    match look_at(node) {
        Seen::Placeholder(_) => true,
        Seen::Foreign => false,
        Seen::Ordinary => node.entries().any(|(_, value)| holds_placeholder(value)),
    }
}

/// Copies a document with its placeholders replaced. The copy keeps the places of the original.
pub(crate) fn resolve_placeholders(
    text: &Arc<str>,
    root: NodeRef<'_>,
    location: &LocationRef,
    attachments: Option<&Attachments>,
    report: &mut Report<'_>,
) -> Tree {
    let tree = Tree { text: text.clone(), owned: String::new(), nodes: Vec::new() };
    let mut copier = Copier { tree, location, attachments, report };
    copier.copy(root);
    let tree = copier.tree;
    if depth(tree.node(0)) > Limits::default().depth {
        report.add(Finding::new(codes::TOO_DEEP, "what the placeholders name is nested too deeply").at(root));
    }
    tree
}

fn depth(node: NodeRef<'_>) -> usize {
    let below = node.items().chain(node.entries().map(|(_, value)| value)).map(depth).max();
    below.map_or(0, |below| below + 1)
}

struct Copier<'c, 'r> {
    tree: Tree,
    location: &'c LocationRef,
    /// `None` when nothing can be fetched; any text then stands in for what is missing.
    attachments: Option<&'c Attachments>,
    report: &'c mut Report<'r>,
}

impl Copier<'_, '_> {
    fn copy(&mut self, node: NodeRef<'_>) {
        let seen = if node.is_map() { look_at(node) } else { Seen::Ordinary };
        match seen {
            Seen::Placeholder(placeholder) => self.replace(node, &placeholder),
            Seen::Foreign => copy_plain(&mut self.tree, node, None),
            Seen::Ordinary if node.is_map() || node.is_list() => {
                let (start, end) = node.span();
                let id = self.tree.push(start, end, Value::Null);
                for item in node.items() {
                    self.copy(item);
                }
                for (key, value) in node.entries() {
                    copy_plain(&mut self.tree, key, None);
                    self.copy(value);
                }
                close(&mut self.tree, id, node);
            }
            Seen::Ordinary => copy_plain(&mut self.tree, node, None),
        }
    }

    fn replace(&mut self, node: NodeRef<'_>, placeholder: &Placeholder<'_>) {
        let span = node.span();
        if let Err(refused) = self.try_replace(span, placeholder) {
            let error = ErrorChain::caused_by(
                "InputError",
                "Processor PlaceholderProcessor threw an error while preprocessing",
                ErrorChain::new("Error", refused.error),
            );
            let finding = Finding::new(refused.code, refused.message).at(placeholder.value).help(refused.help);
            self.report.add(finding.error(error));
            // A text stands in, so that what is missing is not reported once more as an empty field.
            let stand_in = self.tree.own("(not fetched)");
            self.tree.push(span.0, span.1, stand_in);
        }
    }

    fn try_replace(&mut self, span: (u32, u32), placeholder: &Placeholder<'_>) -> Result<(), Refused> {
        let resolver = placeholder.resolver;
        let Some(target) = placeholder.value.as_str() else { return Err(no_target(resolver)) };
        let Some(attachments) = self.attachments else {
            let stand_in = self.tree.own("(not fetched)");
            self.tree.push(span.0, span.1, stand_in);
            return Ok(());
        };
        let bytes = match attachments.get(target) {
            Some(Ok(bytes)) => bytes,
            Some(Err(AttachmentError::Unresolvable(why))) => return Err(self.unresolvable(resolver, target, why)),
            Some(Err(AttachmentError::Unreadable(why))) => return Err(unreadable(resolver, target, why)),
            None => return Err(unreadable(resolver, target, &ErrorChain::new("Error", "it was not fetched"))),
        };
        let text = String::from_utf8_lossy(bytes);
        match resolver {
            "text" => {
                let value = self.tree.own(&text);
                self.tree.push(span.0, span.1, value);
                Ok(())
            }
            "json" => match serde_json::from_str(&text) {
                Ok(value) => {
                    push_value(&mut self.tree, &value, span);
                    Ok(())
                }
                Err(error) => {
                    Err(malformed(resolver, target, "failed to parse JSON data at", &format!("SyntaxError: {error}")))
                }
            },
            _ => self.insert_yaml(span, target, &text),
        }
    }

    fn insert_yaml(&mut self, span: (u32, u32), target: &str, text: &str) -> Result<(), Refused> {
        let mut tree = Tree { text: text.into(), ..Tree::default() };
        let documents = compose(&mut tree, &Limits::default());
        let [document] = documents.as_slice() else {
            let message = format!(
                "Placeholder $yaml expected to find exactly one document of data at {target}, found {}",
                documents.len()
            );
            return Err(Refused {
                code: codes::PLACEHOLDER_CONTENT,
                message: format!("`{target}` holds {} YAML documents, not one", documents.len()),
                help: "keep exactly one document in the file".to_owned(),
                error: message,
            });
        };
        match &document.content {
            Ok(root) => {
                copy_plain(&mut self.tree, tree.node(*root), Some(span));
                Ok(())
            }
            Err(problem) => {
                let what = match &problem.kind {
                    YamlProblemKind::Syntax(message) => message.clone(),
                    other => format!("{other:?}"),
                };
                Err(malformed("yaml", target, "found an error in the data at", &format!("YAMLParseError: {what}")))
            }
        }
    }

    fn unresolvable(&self, resolver: &str, target: &str, why: &str) -> Refused {
        let error = if why.starts_with("Placeholder ") {
            why.to_owned()
        } else {
            format!(
                "Placeholder ${resolver} could not form a URL out of {} and {target}, {why}",
                self.location.target()
            )
        };
        let local = self.location.location_type() == "file";
        Refused {
            code: codes::PLACEHOLDER_TARGET,
            message: format!("`{target}` cannot be made into an address"),
            help: match local {
                true => {
                    "relative targets do not work in files that are read from the local disk; write a whole address"
                }
                false => "write a whole address, or a path in the same repository",
            }
            .to_owned(),
            error,
        }
    }
}

/// Why a placeholder could not be replaced.
struct Refused {
    code: &'static str,
    message: String,
    help: String,
    error: String,
}

fn no_target(resolver: &str) -> Refused {
    Refused {
        code: codes::PLACEHOLDER_VALUE,
        message: format!("`${resolver}` needs a text: an address or a relative path"),
        help: format!("write `${resolver}: ./file`"),
        error: format!(
            "Placeholder ${resolver} expected a string value parameter, in the form of an absolute URL or a relative path"
        ),
    }
}

fn unreadable(resolver: &str, target: &str, why: &ErrorChain) -> Refused {
    Refused {
        code: codes::PLACEHOLDER_UNREADABLE,
        message: format!("`{target}` could not be read: {}", why.message),
        help: "check that the file exists beside the descriptor and may be read".to_owned(),
        error: format!("Placeholder ${resolver} could not read location {target}, {}: {}", why.name, why.message),
    }
}

fn malformed(resolver: &str, target: &str, what: &str, why: &str) -> Refused {
    Refused {
        code: codes::PLACEHOLDER_CONTENT,
        message: format!("`{target}` is no valid {}", resolver.to_uppercase()),
        help: "mend the file, or use `$text` to take it as it is".to_owned(),
        error: format!("Placeholder ${resolver} {what} {target}, {why}"),
    }
}

/// Copies a node as it is. Nodes of another text get the place of what they replace, and their texts are kept.
fn copy_plain(tree: &mut Tree, node: NodeRef<'_>, foreign: Option<(u32, u32)>) {
    let (start, end) = foreign.unwrap_or_else(|| node.span());
    match node.value() {
        Value::List { .. } | Value::Map { .. } => {
            let id = tree.push(start, end, Value::Null);
            for item in node.items() {
                copy_plain(tree, item, foreign);
            }
            for (key, value) in node.entries() {
                copy_plain(tree, key, foreign);
                copy_plain(tree, value, foreign);
            }
            close(tree, id, node);
        }
        Value::Text(_) if foreign.is_none() => {
            tree.push(start, end, node.value());
        }
        Value::Text(_) | Value::OwnedText(_) => {
            let value = tree.own(node.key());
            tree.push(start, end, value);
        }
        value => {
            tree.push(start, end, value);
        }
    }
}

fn close(tree: &mut Tree, id: NodeId, like: NodeRef<'_>) {
    let after = tree.nodes.len() as NodeId;
    tree.nodes[id as usize].value = if like.is_map() { Value::Map { after } } else { Value::List { after } };
}
