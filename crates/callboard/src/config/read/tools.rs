//! Where the tools are that annotations point to.

use crate::config::section::Section;

/// Keys of Backstage's plugins that say where a tool is, with the annotation, its name, and the rest of the address.
const KNOWN: &[(&str, &str, &str, &str)] = &[
    ("sonarqube.baseUrl", "sonarqube.org/project-key", "SonarQube", "/dashboard?id={value}"),
    ("jenkins.baseUrl", "jenkins.io/job-full-name", "Jenkins", "/job/{value}"),
    ("argocd.baseUrl", "argocd/app-name", "Argo CD", "/applications/{value}"),
    ("opsgenie.domain", "opsgenie.com/team", "Opsgenie team", "/teams/dashboard/{value}"),
    ("grafana.domain", "grafana/overview-dashboard", "Grafana overview", "/d/{value}"),
];

/// Reads `callboard.tools`, then the keys of Backstage's plugins.
pub(super) fn read(root: &Section<'_>) -> Vec<web::ToolSpec> {
    let mut tools: Vec<web::ToolSpec> = root.at("callboard.tools").items().iter().filter_map(tool).collect();
    for (key, annotation, name, rest) in KNOWN {
        let Some(base) = root.at(key).web_address_if_good() else { continue };
        let url = Some(format!("{base}{rest}"));
        tools.push(web::ToolSpec { annotation: (*annotation).to_owned(), name: (*name).to_owned(), icon: None, url });
    }
    if let Some(organization) = root.at("sentry.organization").text() {
        tools.push(web::ToolSpec {
            annotation: "sentry.io/project-slug".to_owned(),
            name: "Sentry".to_owned(),
            icon: None,
            url: Some(format!("https://sentry.io/organizations/{organization}/projects/{{value}}")),
        });
    }
    tools
}

fn tool(section: &Section<'_>) -> Option<web::ToolSpec> {
    let text = |key: &str| section.at(key).text().filter(|text| !text.is_empty());
    let Some(annotation) = text("annotation") else {
        section.fault("names no annotation", "add `annotation: example.com/id`");
        return None;
    };
    let url = text("url");
    if url.as_ref().is_some_and(|url| !url.contains("{value}")) {
        section.at("url").fault("has no `{value}`", "write `{value}` where the annotation's value belongs");
    }
    Some(web::ToolSpec {
        name: text("name").unwrap_or_else(|| annotation.clone()),
        icon: text("icon"),
        url,
        annotation,
    })
}
