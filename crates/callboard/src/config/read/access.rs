//! `backend.auth`, `auth` and `permission`

use std::time::Duration;

use auth::{AccessRestriction, GuestSettings, LegacyKey, StaticToken};

use crate::config::{AccessConfig, section::Section};

/// Source: Backstage's static token handler.
const SHORTEST_TOKEN: usize = 8;
const USUAL_LIFETIME: Duration = Duration::from_secs(3600);

pub fn read(root: &Section<'_>) -> AccessConfig {
    let mut access = AccessConfig {
        static_tokens: Vec::new(),
        legacy_keys: Vec::new(),
        guest: guest(&root.at("auth.providers.guest")),
        token_lifetime: root.at("auth.backstageTokenExpiration").duration().unwrap_or(USUAL_LIFETIME),
        default_policy_disabled: root.at("backend.auth.dangerouslyDisableDefaultAuthPolicy").flag().unwrap_or(false),
        permissions_enabled: root.at("permission.enabled").flag().unwrap_or(false),
    };
    for section in root.at("backend.auth.externalAccess").items() {
        external(&section, &mut access);
    }
    for section in root.at("backend.auth.keys").items() {
        // A key without its variable is no key: the server simply has one way in less.
        if let Some(secret) = section.at("secret").text() {
            let subject = "backstage-plugin".to_owned();
            access.legacy_keys.push(LegacyKey { secret, subject, restrictions: Vec::new() });
        }
    }
    access
}

fn external(section: &Section<'_>, access: &mut AccessConfig) {
    #[derive(Clone, Copy)]
    enum Kind {
        Static,
        Legacy,
        Jwks,
    }
    let kind = section.at("type");
    if !kind.is_set() {
        kind.required();
        return;
    }
    let words = [("static", Kind::Static), ("legacy", Kind::Legacy), ("jwks", Kind::Jwks)];
    let restrictions: Vec<AccessRestriction> =
        section.at("accessRestrictions").items().iter().map(restriction).collect();
    let options = section.at("options");
    match kind.word(&words) {
        Some(Kind::Static) => {
            let (token, subject) = (options.at("token"), options.at("subject"));
            if let (Some(text), Some(name)) = (token.required(), subject.required()) {
                if text.chars().count() < SHORTEST_TOKEN || text.contains(char::is_whitespace) {
                    token.fault(
                        "must have at least 8 characters and no blanks",
                        "make one with `openssl rand -base64 24`",
                    );
                }
                access.static_tokens.push(StaticToken { token: text, subject: name, restrictions });
            }
        }
        Some(Kind::Legacy) => {
            if let (Some(secret), Some(subject)) = (options.at("secret").required(), options.at("subject").required()) {
                access.legacy_keys.push(LegacyKey { secret, subject, restrictions });
            }
        }
        // Said in the reference: tokens of other issuers are refused, which is the safe side.
        Some(Kind::Jwks) | None => {}
    }
}

fn restriction(section: &Section<'_>) -> AccessRestriction {
    let words = |path: &str| -> Vec<String> {
        let texts = section.at(path).texts().unwrap_or_default();
        texts.iter().flat_map(|text| text.split([',', ' '])).filter(|t| !t.is_empty()).map(str::to_owned).collect()
    };
    AccessRestriction {
        plugin: section.at("plugin").required().unwrap_or_default(),
        permissions: words("permission"),
        actions: words("permissionAttribute.action"),
    }
}

fn guest(section: &Section<'_>) -> Option<GuestSettings> {
    if !section.is_set() {
        return None;
    }
    let usual = GuestSettings::default();
    let user = section.at("userEntityRef");
    if let Some(text) = user.text()
        && let Err(error) = model::EntityRef::parse(&text)
    {
        user.fault(&format!("is no entity reference: {error}"), "write `user:default/guest`");
    }
    Some(GuestSettings {
        user_entity_ref: user.text().unwrap_or(usual.user_entity_ref),
        ownership_entity_refs: section.at("ownershipEntityRefs").texts(),
        allow_outside_development: section.at("dangerouslyAllowOutsideDevelopment").flag().unwrap_or(false),
    })
}
