//! Icons: one set, one sprite. An icon never carries a meaning alone; a word stands beside it.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::assets;

/// An icon by its name in `assets/icons`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Icon(pub(crate) &'static str);

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name) = self;
        write!(
            f,
            "<svg class=\"icon\" aria-hidden=\"true\" width=\"16\" height=\"16\"><use href=\"{}#{name}\"/></svg>",
            assets::url("icons.svg")
        )
    }
}

impl HtmlSafe for Icon {}

/// The icon of a kind, from its name in the table of kinds or the name of the kind itself.
pub(crate) fn of_kind(name: &str) -> Icon {
    match name.to_ascii_lowercase().as_str() {
        "component" => Icon("box"),
        "api" => Icon("plug"),
        "resource" => Icon("database"),
        "system" => Icon("boxes"),
        "domain" => Icon("layers"),
        "group" => Icon("users"),
        "user" => Icon("user-round"),
        "location" => Icon("map-pin"),
        "template" => Icon("file-plus-2"),
        other => of_word(other).unwrap_or(Icon("puzzle")),
    }
}

/// The icon for a word of a descriptor's `links[].icon` or `links[].type`, or of an own kind's `icon`. The words are those of
/// Backstage's default icons and those that its users write.
pub(crate) fn of_word(word: &str) -> Option<Icon> {
    let icon = match word.to_ascii_lowercase().as_str() {
        "dashboard" | "dashboards" | "grafana" | "monitoring" | "metrics" => Icon("chart-line"),
        "runbook" | "runbooks" | "book" | "playbook" => Icon("book-open"),
        "docs" | "documentation" | "doc" | "techdocs" | "wiki" => Icon("file-text"),
        "chat" | "slack" | "teams" | "discord" => Icon("message-circle"),
        "email" | "mail" => Icon("mail"),
        "phone" => Icon("phone"),
        "github" | "gitlab" | "source" | "code" | "repo" | "repository" | "git" => Icon("git-branch"),
        "alert" | "slo" | "gauge" => Icon("gauge"),
        "on-call" | "oncall" | "pager" | "pagerduty" | "opsgenie" | "siren" => Icon("siren"),
        "web" | "website" | "globe" | "open" => Icon("globe"),
        "help" => Icon("circle-help"),
        "user" => Icon("user-round"),
        "group" | "team" => Icon("users"),
        "cloud" => Icon("cloud"),
        "bug" | "errors" | "sentry" => Icon("bug"),
        "admin-gui" | "admin" | "console" => Icon("settings"),
        "route" | "journey" => Icon("route"),
        "server" => Icon("server"),
        "database" => Icon("database"),
        "queue" => Icon("list"),
        "package" => Icon("package"),
        "credit-card" | "payment" => Icon("credit-card"),
        "ticket" | "jira" | "issue" | "issues" => Icon("ticket"),
        "pipeline" | "ci" | "rocket" | "deploy" | "deployment" => Icon("rocket"),
        "security" | "shield" => Icon("shield"),
        "key" | "secret" => Icon("key"),
        "bell" => Icon("bell"),
        "flag" => Icon("flag"),
        "building" => Icon("building-2"),
        "calendar" => Icon("calendar"),
        "network" => Icon("network"),
        "zap" | "event" => Icon("zap"),
        _ => return None,
    };
    Some(icon)
}

#[cfg(test)]
mod tests {
    /// Every icon that code names is in the folder of icons; a missing one would be an empty square that nobody sees.
    #[test]
    fn every_icon_that_code_names_is_in_the_set() {
        let root = env!("CARGO_MANIFEST_DIR");
        let mut named = std::collections::BTreeSet::new();
        let mut folders =
            vec![std::path::PathBuf::from(root).join("src"), std::path::PathBuf::from(root).join("templates")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for (at, mark) in text.match_indices("Icon(\"") {
                    let name = &text[at + mark.len()..];
                    named.insert(name[..name.find('"').unwrap()].to_owned());
                }
            }
        }
        assert!(named.len() > 10, "{named:?}");
        for name in named {
            let file = format!("{root}/assets/icons/{name}.svg");
            assert!(std::path::Path::new(&file).is_file(), "{name}");
        }
    }
}
