//! `callboard.webhooks`

use std::time::Duration;

use source::SenderSettings;

use crate::{
    config::{WebhooksConfig, section::Section},
    deliver::{AT_ONCE, Schedule},
};

pub fn read(section: &Section<'_>) -> WebhooksConfig {
    let seconds = |key: &str, usual: u64| section.at(key).duration().unwrap_or(Duration::from_secs(usual));
    let allow = section.at("allow");
    let hosts = allow.texts().unwrap_or_default();
    for host in hosts.iter().filter(|host| host.contains('/')) {
        allow.fault(
            &format!("names `{host}`, which is no host"),
            "write `hooks.example.com` or `hooks.example.com:8080`",
        );
    }
    WebhooksConfig {
        sender: SenderSettings { allow: hosts, timeout: seconds("timeout", 15), at_once: AT_ONCE },
        schedule: Schedule { first_retry: seconds("firstRetry", 5), give_up_after: seconds("giveUpAfter", 86_400) },
    }
}
