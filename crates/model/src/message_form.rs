//! What a message about changes looks like to the one who gets it.

use serde::{Deserialize, Serialize};

/// The form of the messages of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum MessageForm {
    /// Callboard's own JSON: `{type, timestamp, data: {changes}}`, up to a hundred changes in a message.
    Callboard {
        /// Whether changes carry the entity before and after.
        #[serde(default)]
        bodies: bool,
    },
    /// One CloudEvent in structured mode for each change.
    Cloudevents {
        /// Whether changes carry the entity before and after.
        #[serde(default)]
        bodies: bool,
    },
    /// CloudEvents in a batch.
    CloudeventsBatch {
        /// Whether changes carry the entity before and after.
        #[serde(default)]
        bodies: bool,
    },
    /// A message of Slack's incoming webhooks.
    Slack,
    /// An adaptive card as the workflows of Microsoft Teams take it.
    Teams,
    /// A text of one's own with `{{placeholders}}`, one message for each change.
    Template {
        /// The media type of the text.
        content_type: String,
        /// The text.
        text: String,
    },
}

impl MessageForm {
    /// The word that names the form.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Callboard { .. } => "callboard",
            Self::Cloudevents { .. } => "cloudevents",
            Self::CloudeventsBatch { .. } => "cloudevents-batch",
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Template { .. } => "template",
        }
    }

    /// Whether messages carry the entity before and after.
    #[must_use]
    pub fn has_bodies(&self) -> bool {
        match self {
            Self::Callboard { bodies } | Self::Cloudevents { bodies } | Self::CloudeventsBatch { bodies } => *bodies,
            Self::Slack | Self::Teams | Self::Template { .. } => false,
        }
    }
}

/// The placeholders of a template.
pub const PLACEHOLDERS: [&str; 17] = [
    "ref",
    "kind",
    "namespace",
    "name",
    "title",
    "owner",
    "happened",
    "summary",
    "seq",
    "at",
    "actor",
    "author",
    "location",
    "commit",
    "url",
    "message",
    "portal",
];

impl MessageForm {
    /// Looks whether messages can be made in this form.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the template.
    pub fn check(&self) -> Result<(), String> {
        let Self::Template { content_type, text } = self else { return Ok(()) };
        if !content_type.contains('/') || !content_type.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
            return Err(format!("`{content_type}` is no media type such as application/json"));
        }
        if text.len() > LONGEST_TEMPLATE {
            return Err(format!("a template has at most {LONGEST_TEMPLATE} bytes"));
        }
        let mut unknown = None;
        let sample = expand(content_type, text, |name| {
            if !PLACEHOLDERS.contains(&name) {
                unknown.get_or_insert_with(|| name.to_owned());
            }
            "\"sample\"".to_owned()
        });
        if let Some(name) = unknown {
            return Err(format!("there is no placeholder `{name}`; known are: {}", PLACEHOLDERS.join(", ")));
        }
        if is_json(content_type)
            && let Err(error) = serde_json::from_str::<serde_json::Value>(&sample)
        {
            return Err(format!("with values put in, the template is no JSON: {error}"));
        }
        Ok(())
    }
}

/// The longest template, in bytes.
const LONGEST_TEMPLATE: usize = 16 * 1024;

fn is_json(content_type: &str) -> bool {
    content_type.to_ascii_lowercase().contains("json")
}

/// Puts values in the place of `{{placeholders}}`. In JSON they belong between quotation marks, and are escaped for there.
pub fn expand(content_type: &str, text: &str, mut value: impl FnMut(&str) -> String) -> String {
    let is_json = is_json(content_type);
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        out.push_str(before);
        let value = value(name.trim());
        if is_json {
            let quoted = serde_json::to_string(&value).unwrap_or_default();
            out.push_str(quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default());
        } else {
            out.push_str(&value);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(content_type: &str, text: &str) -> MessageForm {
        MessageForm::Template { content_type: content_type.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn templates_are_checked_with_values_put_in() {
        assert_eq!(template("application/json", r#"{"text":"{{ref}} {{ happened }}"}"#).check(), Ok(()));
        assert_eq!(template("text/plain", "{{ref}} {{").check(), Ok(()), "what is no placeholder stays");
        for (form, why) in [
            (template("application/json", r#"{"text":"{{reef}}"}"#), "no placeholder `reef`"),
            (template("application/json", r#"{"text":{{ref}}}"#), "no JSON"),
            (template("json", "{}"), "no media type"),
        ] {
            let error = form.check().unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn values_cannot_break_out_of_json() {
        let put_in = |content_type: &str| expand(content_type, r#"{"a":"{{x}}"}"#, |_| "\"}\n{\"".to_owned());
        assert_eq!(put_in("application/json"), r#"{"a":"\"}\n{\""}"#);
        assert_eq!(put_in("text/plain"), "{\"a\":\"\"}\n{\"\"}");
    }

    #[test]
    fn forms_are_read_by_their_word() {
        for (text, word) in [
            (r#"{"type":"callboard"}"#, "callboard"),
            (r#"{"type":"cloudevents","bodies":true}"#, "cloudevents"),
            (r#"{"type":"cloudevents-batch"}"#, "cloudevents-batch"),
            (r#"{"type":"slack"}"#, "slack"),
            (r#"{"type":"teams"}"#, "teams"),
            (r#"{"type":"template","contentType":"text/plain","text":"{{ref}}"}"#, "template"),
        ] {
            let form: MessageForm = serde_json::from_str(text).unwrap();
            assert_eq!(form.word(), word);
            assert_eq!(serde_json::from_str::<MessageForm>(&serde_json::to_string(&form).unwrap()).unwrap(), form);
        }
        assert!(serde_json::from_str::<MessageForm>(r#"{"type":"fax"}"#).is_err());
    }
}
