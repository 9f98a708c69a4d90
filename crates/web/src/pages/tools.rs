//! Annotations that point to tools: which annotation belongs to which, and how an address is made of its value.
//!
//! A table, not code: own rows come from `callboard.tools` of the configuration and go first. An address that needs to
//! know where an organisation's own installation is (`{host}`) is only made when the configuration says so.

use super::{
    facts::{DeclaredLink, Facts},
    icon,
    icon::Icon,
    urls,
};
use crate::ToolSpec;

/// What a tool is for; links are grouped by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    OnCall,
    Dashboards,
    Runbooks,
    Chat,
    Source,
    Delivery,
    Quality,
    Issues,
    Docs,
    Other,
}

impl Purpose {
    /// All of them, in the order in which they are shown.
    pub(crate) const ALL: [Self; 10] = [
        Self::OnCall,
        Self::Dashboards,
        Self::Runbooks,
        Self::Chat,
        Self::Source,
        Self::Delivery,
        Self::Quality,
        Self::Issues,
        Self::Docs,
        Self::Other,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::OnCall => "On call",
            Self::Dashboards => "Dashboards",
            Self::Runbooks => "Runbooks",
            Self::Chat => "Chat",
            Self::Source => "Source",
            Self::Delivery => "Delivery",
            Self::Quality => "Quality",
            Self::Issues => "Issues",
            Self::Docs => "Documentation",
            Self::Other => "Other",
        }
    }

    pub(crate) fn icon(self) -> Icon {
        match self {
            Self::OnCall => Icon("siren"),
            Self::Dashboards => Icon("chart-line"),
            Self::Runbooks => Icon("book-open"),
            Self::Chat => Icon("message-circle"),
            Self::Source => Icon("git-branch"),
            Self::Delivery => Icon("rocket"),
            Self::Quality => Icon("shield"),
            Self::Issues => Icon("ticket"),
            Self::Docs => Icon("file-text"),
            Self::Other => Icon("link"),
        }
    }

    /// The purpose of a link, by the words that its author gave it.
    pub(crate) fn of_words(words: &str) -> Self {
        let words = words.to_ascii_lowercase();
        let has = |any: &[&str]| any.iter().any(|word| words.contains(word));
        match () {
            () if has(&["on-call", "oncall", "on call", "pager", "opsgenie", "rota"]) => Self::OnCall,
            () if has(&["dashboard", "grafana", "metrics", "monitoring", "slo", "golden signal"]) => Self::Dashboards,
            () if has(&["runbook", "playbook"]) => Self::Runbooks,
            () if has(&["chat", "slack", "teams", "discord"]) => Self::Chat,
            () if has(&["source", "github", "gitlab", "repo", "code"]) => Self::Source,
            () if has(&["pipeline", "ci", "deploy", "argo"]) && !has(&["pricing"]) => Self::Delivery,
            () if has(&["jira", "issue", "ticket", "board"]) => Self::Issues,
            () if has(&["docs", "documentation", "wiki", "guide", "book"]) => Self::Docs,
            () => Self::Other,
        }
    }
}

/// A row of the table of tools.
struct Tool {
    annotation: &'static str,
    name: &'static str,
    purpose: Purpose,
    /// The address with `{value}`; `None` when only the configuration can know it.
    url: Option<&'static str>,
}

const fn tool(annotation: &'static str, name: &'static str, purpose: Purpose, url: Option<&'static str>) -> Tool {
    Tool { annotation, name, purpose, url }
}

/// The annotations that Backstage's plugins read. Sources: the READMEs of the plugins.
static TOOLS: &[Tool] = &[
    tool("pagerduty.com/service-id", "PagerDuty", Purpose::OnCall, None),
    tool("pagerduty.com/integration-key", "PagerDuty integration", Purpose::OnCall, None),
    tool("opsgenie.com/component-selector", "Opsgenie", Purpose::OnCall, None),
    tool("opsgenie.com/team", "Opsgenie team", Purpose::OnCall, None),
    tool("splunk.com/on-call-team", "Splunk On-Call", Purpose::OnCall, None),
    tool("ilert.com/integration-key", "ilert", Purpose::OnCall, None),
    tool("grafana/dashboard-selector", "Grafana dashboards", Purpose::Dashboards, None),
    tool("grafana/overview-dashboard", "Grafana overview", Purpose::Dashboards, None),
    tool("grafana/alert-label-selector", "Grafana alerts", Purpose::Dashboards, None),
    tool("datadoghq.com/dashboard-url", "Datadog", Purpose::Dashboards, Some("{value}")),
    tool("datadoghq.com/graph-token", "Datadog graph", Purpose::Dashboards, None),
    tool("dynatrace.com/dynatrace-entity-id", "Dynatrace", Purpose::Dashboards, None),
    tool(
        "newrelic.com/dashboard-guid",
        "New Relic",
        Purpose::Dashboards,
        Some("https://one.newrelic.com/redirect/entity/{value}"),
    ),
    tool("prometheus.io/rule", "Prometheus rule", Purpose::Dashboards, None),
    tool("prometheus.io/alert", "Prometheus alert", Purpose::Dashboards, None),
    tool("github.com/project-slug", "GitHub", Purpose::Source, Some("https://github.com/{value}")),
    tool("github.com/team-slug", "GitHub team", Purpose::Source, None),
    tool("gitlab.com/project-slug", "GitLab", Purpose::Source, Some("https://gitlab.com/{value}")),
    tool("bitbucket.org/project-key", "Bitbucket", Purpose::Source, None),
    tool("dev.azure.com/project-repo", "Azure Repos", Purpose::Source, None),
    tool("dev.azure.com/project", "Azure DevOps", Purpose::Delivery, None),
    tool("dev.azure.com/build-definition", "Azure Pipelines", Purpose::Delivery, None),
    tool("jenkins.io/job-full-name", "Jenkins", Purpose::Delivery, None),
    tool("argocd/app-name", "Argo CD", Purpose::Delivery, None),
    tool("argocd/app-selector", "Argo CD", Purpose::Delivery, None),
    tool(
        "circleci.com/project-slug",
        "CircleCI",
        Purpose::Delivery,
        Some("https://app.circleci.com/pipelines/{value}"),
    ),
    tool("buildkite.com/project-slug", "Buildkite", Purpose::Delivery, Some("https://buildkite.com/{value}")),
    tool("backstage.io/kubernetes-id", "Kubernetes", Purpose::Delivery, None),
    tool("harness.io/project-url", "Harness", Purpose::Delivery, Some("{value}")),
    tool("sonarqube.org/project-key", "SonarQube", Purpose::Quality, None),
    tool("snyk.io/org-name", "Snyk", Purpose::Quality, Some("https://app.snyk.io/org/{value}")),
    tool("codecov.io/repo", "Codecov", Purpose::Quality, None),
    tool("sentry.io/project-slug", "Sentry", Purpose::Quality, None),
    tool("rollbar.com/project-slug", "Rollbar", Purpose::Quality, Some("https://rollbar.com/{value}")),
    tool("bugsnag.com/project-key", "Bugsnag", Purpose::Quality, None),
    tool("lighthouse.com/website-url", "Lighthouse", Purpose::Quality, Some("{value}")),
    tool("airbrake.io/project-id", "Airbrake", Purpose::Quality, None),
    tool("jira/project-key", "Jira", Purpose::Issues, None),
    tool("jira/component", "Jira component", Purpose::Issues, None),
    tool("linear.app/team", "Linear", Purpose::Issues, None),
    tool("fossa.io/project-name", "FOSSA", Purpose::Quality, None),
    tool("launchdarkly.com/project-key", "LaunchDarkly", Purpose::Delivery, None),
    tool("goldilocks.fairwinds.com/namespace", "Goldilocks", Purpose::Delivery, None),
    tool("backstage.io/techdocs-ref", "TechDocs", Purpose::Docs, None),
    tool("backstage.io/adr-location", "Decision records", Purpose::Docs, None),
];

/// A link to somewhere that is about an entity, be it declared or made of an annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ToolLink {
    pub(crate) purpose: Purpose,
    pub(crate) icon: Icon,
    pub(crate) label: String,
    /// `None`: there is a value, but no address can be made of it.
    pub(crate) href: Option<String>,
    /// What stands in the descriptor, where that says more than the label.
    pub(crate) value: Option<String>,
    /// The annotation it is made of.
    pub(crate) annotation: Option<String>,
}

/// Links of one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinkGroup {
    pub(crate) purpose: Purpose,
    pub(crate) links: Vec<ToolLink>,
}

/// The links for some purposes, in the order of these, out of what an entity declares and its annotations.
pub(crate) fn links_for<'a>(
    purposes: &[Purpose],
    declared_links: Vec<DeclaredLink>,
    annotations: impl Iterator<Item = (&'a str, &'a str)>,
    own: &[ToolSpec],
) -> Vec<ToolLink> {
    let mut links: Vec<ToolLink> = declared_links.into_iter().map(declared).collect();
    links.extend(annotations.filter_map(|(name, value)| annotated(name, value, own)));
    links.retain(|link| purposes.contains(&link.purpose));
    links.sort_by_key(|link| link.purpose);
    links
}

/// All links of an entity, grouped by what they are for.
pub(crate) fn links_of(facts: &Facts, own: &[ToolSpec]) -> Vec<LinkGroup> {
    let annotations = facts.annotations();
    let annotations = annotations.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let links = links_for(&Purpose::ALL, facts.links(), annotations, own);
    let mut groups: Vec<LinkGroup> = Vec::new();
    for link in links {
        match groups.last_mut() {
            Some(group) if group.purpose == link.purpose => group.links.push(link),
            _ => groups.push(LinkGroup { purpose: link.purpose, links: vec![link] }),
        }
    }
    groups
}

fn declared(link: DeclaredLink) -> ToolLink {
    let words = [link.link_type.as_deref(), link.icon.as_deref(), Some(&link.title)];
    let purposes = words.into_iter().flatten().map(Purpose::of_words);
    let purpose = purposes.into_iter().find(|purpose| *purpose != Purpose::Other).unwrap_or(Purpose::Other);
    let word = link.icon.as_deref().or(link.link_type.as_deref()).unwrap_or_default();
    ToolLink {
        purpose,
        icon: icon::of_word(word).unwrap_or_else(|| purpose.icon()),
        href: urls::is_web_link(&link.url).then(|| link.url.clone()),
        value: None,
        annotation: None,
        label: link.title,
    }
}

/// The tool that an annotation points to, be it a known one or one of the configuration.
fn annotated(name: &str, value: &str, own: &[ToolSpec]) -> Option<ToolLink> {
    let configured = own.iter().find(|spec| spec.annotation == name);
    let known = TOOLS.iter().find(|tool| tool.annotation == name);
    let url = configured.and_then(|spec| spec.url.as_deref()).or_else(|| known.and_then(|tool| tool.url));
    let label = configured.map(|spec| spec.name.as_str()).or_else(|| known.map(|tool| tool.name))?;
    let purpose = known.map_or_else(|| Purpose::of_words(&format!("{name} {label}")), |tool| tool.purpose);
    let own_icon = configured.and_then(|spec| spec.icon.as_deref()).and_then(icon::of_word);
    let href = url.map(|url| fill(url, value)).filter(|href| urls::is_web_link(href));
    Some(ToolLink {
        purpose,
        icon: own_icon.unwrap_or_else(|| purpose.icon()),
        label: label.to_owned(),
        href,
        value: (!value.starts_with("http")).then(|| value.to_owned()),
        annotation: Some(name.to_owned()),
    })
}

/// What a value may hold as it is.
const IN_ADDRESS: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// Puts a value into an address: as it is when the address is nothing else, escaped but for slashes otherwise.
fn fill(url: &str, value: &str) -> String {
    if url == "{value}" {
        return value.trim().to_owned();
    }
    url.replace("{value}", &percent_encoding::utf8_percent_encode(value, IN_ADDRESS).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(annotation: &str, url: Option<&str>) -> ToolSpec {
        ToolSpec { annotation: annotation.into(), name: "Own".into(), icon: None, url: url.map(str::to_owned) }
    }

    #[test]
    fn an_address_is_made_of_a_value() {
        let link = annotated("github.com/project-slug", "acme/shop", &[]).unwrap();
        assert_eq!(link.href.as_deref(), Some("https://github.com/acme/shop"));
        assert_eq!((link.label.as_str(), link.purpose), ("GitHub", Purpose::Source));
    }

    #[test]
    fn the_configuration_knows_where_tools_are() {
        let specs = [own("pagerduty.com/service-id", Some("https://acme.pagerduty.com/service-directory/{value}"))];
        let link = annotated("pagerduty.com/service-id", "P1 2", &specs).unwrap();
        assert_eq!(link.href.as_deref(), Some("https://acme.pagerduty.com/service-directory/P1%202"));
        assert_eq!(annotated("pagerduty.com/service-id", "P1", &[]).unwrap().href, None);
        assert!(annotated("acme.example/unheard-of", "x", &[]).is_none());
    }

    #[test]
    fn a_value_never_makes_a_script_of_a_link() {
        assert_eq!(annotated("datadoghq.com/dashboard-url", "javascript:alert(1)", &[]).unwrap().href, None);
    }

    #[test]
    fn words_tell_what_a_link_is_for() {
        assert_eq!(Purpose::of_words("Golden signals"), Purpose::Dashboards);
        assert_eq!(Purpose::of_words("runbook"), Purpose::Runbooks);
        assert_eq!(Purpose::of_words("website"), Purpose::Other);
    }
}
