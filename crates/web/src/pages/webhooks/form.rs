//! The form that makes and changes webhooks.

use askama::Template;
use auth::{GateError, Webhook, WebhookDraft, WebhookState};
use axum::{
    extract::{Path, RawForm, State},
    response::Response,
};
use model::{ChangeFilter, ChangeKind, MessageForm, PLACEHOLDERS};
use url::form_urlencoded;

use super::{
    actions::{go_to, show_secret},
    href,
    show::{find, framed},
    told,
};
use crate::{
    App, Gate, Problem,
    api::v1::{parse_owner, parse_ref},
    pages::{Frame, icon::Icon, render},
};

/// What a new webhook's own template begins as.
const FIRST_TEMPLATE: &str = "{\"text\": \"{{summary}}\", \"link\": \"{{url}}\"}";

#[derive(Template)]
#[template(path = "webhooks/form.html")]
struct FormPage {
    frame: Frame,
    fields: Fields,
    kinds: Vec<(String, bool)>,
    happened: Vec<(&'static str, bool)>,
    forms: Vec<FormChoice>,
    placeholders: String,
    /// What is wrong with what was sent.
    error: Option<String>,
    action: String,
    back: String,
    is_new: bool,
}

struct FormChoice {
    word: &'static str,
    label: &'static str,
    hint: &'static str,
    is_chosen: bool,
}

const FORMS: [(&str, &str, &str); 6] = [
    ("callboard", "Callboard JSON", "up to a hundred changes in a message, for programs"),
    ("cloudevents", "CloudEvents", "one event a message"),
    ("cloudevents-batch", "CloudEvents, batched", "up to a hundred events a message"),
    ("slack", "Slack message", "for an incoming webhook of a channel"),
    ("teams", "Teams card", "for a workflow of a channel"),
    ("template", "Own template", "one message a change, in your words"),
];

/// The form as text.
#[derive(Clone, Debug, Default)]
struct Fields {
    name: String,
    url: String,
    kinds: Vec<String>,
    happened: Vec<String>,
    owners: String,
    refs: String,
    namespaces: String,
    relations: String,
    form: String,
    bodies: bool,
    content_type: String,
    template: String,
}

impl Fields {
    fn new() -> Self {
        Self {
            form: "callboard".to_owned(),
            content_type: "application/json".to_owned(),
            template: FIRST_TEMPLATE.to_owned(),
            ..Self::default()
        }
    }

    fn of(webhook: &Webhook) -> Self {
        let Webhook { name, url, filter, form, .. } = webhook;
        let joined = |list: Vec<String>| list.join(", ");
        let mut fields = Self {
            name: name.clone(),
            url: url.clone(),
            kinds: filter.kinds.clone(),
            happened: filter.happened.iter().map(|kind| told::verb(*kind).to_owned()).collect(),
            owners: joined(filter.owners.iter().map(told::short_owner).collect()),
            refs: joined(filter.refs.iter().map(ToString::to_string).collect()),
            namespaces: joined(filter.namespaces.clone()),
            relations: joined(filter.relations.clone()),
            form: form.word().to_owned(),
            bodies: form.has_bodies(),
            ..Self::new()
        };
        if let MessageForm::Template { content_type, text } = form {
            (fields.content_type, fields.template) = (content_type.clone(), text.clone());
        }
        fields
    }

    fn parse(body: &[u8]) -> Self {
        let mut fields = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            let value = value.trim().to_owned();
            match name.as_ref() {
                "name" => fields.name = value,
                "url" => fields.url = value,
                "kind" => fields.kinds.push(value.to_lowercase()),
                "happened" => fields.happened.push(value),
                "owners" => fields.owners = value,
                "refs" => fields.refs = value,
                "namespaces" => fields.namespaces = value,
                "relations" => fields.relations = value,
                "form" => fields.form = value,
                "bodies" => fields.bodies = true,
                "contentType" => fields.content_type = value,
                "template" => fields.template = value,
                _ => {}
            }
        }
        fields
    }

    fn to_draft(&self, is_active: bool) -> Result<WebhookDraft, String> {
        let of = |what: &'static str| move |why: String| format!("{what} {why}");
        let refs =
            split(&self.refs).map(|text| parse_ref(text).map_err(of("each entity"))).collect::<Result<_, _>>()?;
        let owners =
            split(&self.owners).map(|text| parse_owner(text).map_err(of("each owner"))).collect::<Result<_, _>>()?;
        let happened = self.happened.iter().filter_map(|word| match word.as_str() {
            "added" => Some(ChangeKind::Added),
            "changed" => Some(ChangeKind::Changed),
            "removed" => Some(ChangeKind::Removed),
            _ => None,
        });
        let bodies = self.bodies;
        let form = match self.form.as_str() {
            "callboard" => MessageForm::Callboard { bodies },
            "cloudevents" => MessageForm::Cloudevents { bodies },
            "cloudevents-batch" => MessageForm::CloudeventsBatch { bodies },
            "slack" => MessageForm::Slack,
            "teams" => MessageForm::Teams,
            "template" => {
                MessageForm::Template { content_type: self.content_type.clone(), text: self.template.clone() }
            }
            _ => return Err("choose what messages look like".to_owned()),
        };
        let words = |text: &str| split(text).map(str::to_owned).collect::<Vec<_>>();
        Ok(WebhookDraft {
            name: self.name.clone(),
            url: self.url.clone(),
            filter: ChangeFilter {
                kinds: self.kinds.clone(),
                namespaces: words(&self.namespaces.to_lowercase()),
                refs,
                owners,
                relations: words(&self.relations),
                happened: happened.collect(),
            },
            form,
            is_active,
        })
    }
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '\n', ' ']).map(str::trim).filter(|part| !part.is_empty())
}

/// Shows the empty form.
pub(in crate::pages) async fn show_new_form(
    State(app): State<App>,
    gate: Gate,
    frame: Frame,
) -> Result<Response, Problem> {
    gate.require("callboard.webhook.manage")?;
    render(&page(&app, framed(frame, "New webhook", &[]), Fields::new(), None, None))
}

/// Makes a webhook and shows its secret.
pub(in crate::pages) async fn create_webhook(
    State(app): State<App>,
    gate: Gate,
    frame: Frame,
    RawForm(body): RawForm,
) -> Result<Response, Problem> {
    gate.require("callboard.webhook.manage")?;
    let fields = Fields::parse(&body);
    let created = match read(&app, &fields, true) {
        Ok(draft) => gate.create_webhook(&draft, None).await,
        Err(why) => Err(GateError::Input(why)),
    };
    match created {
        Ok(webhook) => show_secret(frame, &webhook.name, href(webhook.id), webhook.secret.reveal(), false),
        Err(GateError::Input(why)) => render(&page(&app, framed(frame, "New webhook", &[]), fields, None, Some(why))),
        Err(error) => Err(error.into()),
    }
}

/// Shows the form of a webhook.
pub(in crate::pages) async fn show_edit_form(
    State(app): State<App>,
    gate: Gate,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    gate.require("callboard.webhook.manage")?;
    let webhook = find(&gate, &id).await?.webhook;
    let frame = framed(frame, "Change", &[(&webhook.name, href(webhook.id))]);
    render(&page(&app, frame, Fields::of(&webhook), Some(href(webhook.id)), None))
}

/// Changes a webhook.
pub(in crate::pages) async fn change_webhook(
    State(app): State<App>,
    gate: Gate,
    frame: Frame,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, Problem> {
    gate.require("callboard.webhook.manage")?;
    let webhook = find(&gate, &id).await?.webhook;
    let fields = Fields::parse(&body);
    let changed = match read(&app, &fields, webhook.state == WebhookState::Active) {
        Ok(draft) => gate.change_webhook(webhook.id, &draft).await,
        Err(why) => Err(GateError::Input(why)),
    };
    match changed {
        Ok(()) => Ok(go_to(href(webhook.id))),
        Err(GateError::Input(why)) => {
            let frame = framed(frame, "Change", &[(&webhook.name, href(webhook.id))]);
            render(&page(&app, frame, fields, Some(href(webhook.id)), Some(why)))
        }
        Err(error) => Err(error.into()),
    }
}

fn read(app: &App, fields: &Fields, is_active: bool) -> Result<WebhookDraft, String> {
    let draft = fields.to_draft(is_active)?;
    app.workshop().check_receiver(&draft.url)?;
    Ok(draft)
}

/// The form with what was written so far; `of` is the page of a webhook that is there already.
fn page(app: &App, frame: Frame, fields: Fields, of: Option<String>, error: Option<String>) -> FormPage {
    let mut kinds: Vec<(String, bool)> = app
        .settings()
        .kinds
        .iter()
        .map(|kind| (kind.name.clone(), fields.kinds.contains(&kind.name.to_lowercase())))
        .collect();
    let unknown = fields.kinds.iter().filter(|kind| !kinds.iter().any(|(name, _)| name.eq_ignore_ascii_case(kind)));
    let unknown: Vec<_> = unknown.map(|kind| (kind.clone(), true)).collect();
    kinds.extend(unknown);
    let is_chosen = |word: &str| fields.happened.iter().any(|chosen| chosen == word);
    FormPage {
        happened: ["added", "changed", "removed"].map(|word| (word, is_chosen(word))).to_vec(),
        forms: FORMS
            .iter()
            .map(|(word, label, hint)| FormChoice { word, label, hint, is_chosen: fields.form == *word })
            .collect(),
        placeholders: PLACEHOLDERS.map(|name| format!("{{{{{name}}}}}")).join(" "),
        action: of.as_ref().map_or_else(|| "/webhooks/new".to_owned(), |page| format!("{page}/edit")),
        is_new: of.is_none(),
        back: of.unwrap_or_else(|| "/webhooks".to_owned()),
        error: error.map(|why| sentence(&why)),
        kinds,
        fields,
        frame,
    }
}

/// Begins with a capital letter, unless it begins with a word of the form.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
