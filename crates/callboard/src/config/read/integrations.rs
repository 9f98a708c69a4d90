//! `integrations`, `backend.reading` and the limits of reading

use source::{
    GitHubApp, GitHubIntegration, Integrations, ReaderSettings, ReadingAllow, Secret, UnsupportedIntegration,
};

use crate::config::{keys, section::Section};

pub fn read(root: &Section<'_>) -> ReaderSettings {
    let mut settings = ReaderSettings {
        integrations: Integrations {
            github: root.at("integrations.github").items().iter().map(github).collect(),
            unsupported: unsupported(root),
        },
        reading_allow: root.at("backend.reading.allow").items().iter().map(reading_allow).collect(),
        ..ReaderSettings::default()
    };
    let limits = root.at("callboard.limits");
    if let Some(bytes) = limits.at("fileBytes").integer(1024..=1 << 30) {
        settings.limits.max_file_bytes = bytes;
    }
    if let Some(number) = limits.at("requestsPerHost").integer(1..=1000) {
        settings.limits.requests_per_host = number as usize;
    }
    settings
}

fn github(section: &Section<'_>) -> GitHubIntegration {
    let host = section.at("host").text().unwrap_or_else(|| "github.com".to_owned());
    if host.contains("://") || host.contains('/') {
        section.at("host").fault("is a host name, not an address", "write `github.example.com`");
    }
    GitHubIntegration {
        host,
        api_base_url: section.at("apiBaseUrl").web_address(),
        raw_base_url: section.at("rawBaseUrl").web_address(),
        token: section.at("token").text().map(|text| Secret::new(text.trim())),
        apps: section.at("apps").items().iter().filter_map(app).collect(),
    }
}

fn app(section: &Section<'_>) -> Option<GitHubApp> {
    let id = section.at("appId");
    if !id.is_set() {
        id.required();
    }
    let (app_id, private_key) = (id.integer(1..=u64::MAX >> 12), section.at("privateKey").required());
    let secret = |key: &str| section.at(key).text().map(Secret::new);
    Some(GitHubApp {
        app_id: app_id?,
        private_key: Secret::new(private_key?),
        client_id: section.at("clientId").text(),
        client_secret: secret("clientSecret"),
        webhook_secret: secret("webhookSecret"),
        allowed_installation_owners: section.at("allowedInstallationOwners").texts(),
    })
}

fn reading_allow(section: &Section<'_>) -> ReadingAllow {
    ReadingAllow {
        host: section.at("host").required().unwrap_or_default(),
        paths: section.at("paths").texts().unwrap_or_default(),
    }
}

fn unsupported(root: &Section<'_>) -> Vec<UnsupportedIntegration> {
    let mut found = Vec::new();
    for (key, family) in keys::OTHER_INTEGRATIONS {
        for item in root.at(&format!("integrations.{key}")).items() {
            if let Some(host) = item.at("host").text() {
                found.push(UnsupportedIntegration { family: (*family).to_owned(), host });
            }
        }
    }
    found
}
