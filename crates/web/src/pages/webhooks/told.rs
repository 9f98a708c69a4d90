//! Filters and forms in words.

use model::{ChangeFilter, ChangeKind, EntityRef, MessageForm};

/// What a form is called.
pub(super) fn form(form: &MessageForm) -> &'static str {
    match form {
        MessageForm::Callboard { .. } => "Callboard JSON",
        MessageForm::Cloudevents { .. } => "CloudEvents",
        MessageForm::CloudeventsBatch { .. } => "CloudEvents, batched",
        MessageForm::Slack => "Slack message",
        MessageForm::Teams => "Teams card",
        MessageForm::Template { .. } => "Own template",
    }
}

/// What a filter lets pass, as a sentence without an end.
pub(super) fn filter(filter: &ChangeFilter) -> String {
    if filter.is_empty() {
        return "every change".to_owned();
    }
    let mut text = match filter.kinds.as_slice() {
        [] => "entities".to_owned(),
        kinds => format!("{} entities", joined(kinds, "and")),
    };
    let mut push = |words: &str, list: Vec<String>| {
        if !list.is_empty() {
            text.push_str(words);
            text.push_str(&joined(&list, "or"));
        }
    };
    push(" called ", filter.refs.iter().map(ToString::to_string).collect());
    push(" in namespace ", filter.namespaces.clone());
    push(" owned by ", filter.owners.iter().map(short_owner).collect());
    push(", when ", filter.happened.iter().map(|kind| verb(*kind).to_owned()).collect());
    push(", only where a relation changes: ", filter.relations.clone());
    text
}

/// An owner as people write it.
pub(super) fn short_owner(owner: &EntityRef) -> String {
    match (owner.kind(), owner.namespace()) {
        ("group", "default") => owner.name().to_owned(),
        _ => owner.to_string(),
    }
}

/// What happened.
pub(super) fn verb(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "added",
        ChangeKind::Changed => "changed",
        ChangeKind::Removed => "removed",
    }
}

fn joined(list: &[String], last: &str) -> String {
    match list {
        [] => String::new(),
        [one] => one.clone(),
        [many @ .., end] => format!("{} {last} {end}", many.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_read_like_sentences() {
        assert_eq!(filter(&ChangeFilter::default()), "every change");
        let all = ChangeFilter {
            kinds: vec!["api".to_owned(), "component".to_owned()],
            namespaces: vec!["default".to_owned()],
            refs: Vec::new(),
            owners: vec![EntityRef::new("group", "default", "team-a"), EntityRef::new("user", "default", "jane")],
            relations: vec!["dependsOn".to_owned()],
            happened: vec![ChangeKind::Added, ChangeKind::Removed],
        };
        assert_eq!(
            filter(&all),
            "api and component entities in namespace default owned by team-a or user:default/jane, when added or \
             removed, only where a relation changes: dependsOn"
        );
    }
}
