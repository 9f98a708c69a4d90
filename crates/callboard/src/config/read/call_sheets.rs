//! Where call sheets are sent to, and which tools they point to.

use sheets::messages::Template;
use source::Secret;

use crate::config::{CallSheetsConfig, SenderConfig, section::Section};

const TEMPLATES: [(&str, Template); 3] =
    [("slack", Template::Slack), ("teams", Template::Teams), ("generic", Template::Generic)];

/// Reads `callboard.callSheets`.
pub(super) fn read(section: &Section<'_>) -> CallSheetsConfig {
    let mut senders: Vec<SenderConfig> = Vec::new();
    for item in section.at("senders").items() {
        let Some(sender) = sender(&item) else { continue };
        if senders.iter().any(|known| known.name == sender.name) {
            item.at("name").fault("is the name of another sender", "give each sender a name of its own");
        }
        senders.push(sender);
    }
    CallSheetsConfig { senders, links: section.at("links").items().iter().filter_map(link).collect() }
}

fn sender(section: &Section<'_>) -> Option<SenderConfig> {
    let template = section.at("template");
    let template = if template.is_set() { template.word(&TEMPLATES)? } else { Template::default() };
    let name = section.at("name").required();
    let url = section.at("url");
    // The address is a secret itself, so a fault does not repeat it.
    let address = url.required();
    let is_address = address.as_deref().is_some_and(|text| {
        url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    });
    if address.is_some() && !is_address {
        url.fault("is no web address", "write it with its scheme: `https://hooks.example.com/...`");
        return None;
    }
    let authorization = section.at("authorization").text().filter(|text| !text.is_empty()).map(Secret::new);
    Some(SenderConfig { name: name?, url: Secret::new(address?), template, authorization })
}

fn link(section: &Section<'_>) -> Option<web::LinkTemplate> {
    let (title, url) = (section.at("title").required(), section.at("url").required());
    Some(web::LinkTemplate { title: title?, url: url? })
}
