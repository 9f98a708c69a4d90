//! `POST /receivers/{name}`: the webhooks of other programs, as they send them. Each proves that it knows the receiver's secret;
//! a receiver without a secret takes nothing.

mod argocd;
mod azure_devops;
mod github;
mod gitlab;

use auth::{Actor, ReportedEvent, basic_password, is_same_secret, is_signed};
use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use model::EventKind;
use serde_json::Value;

use super::{
    cloud_event::{cut, link_of},
    post_events::{ReceiptWire, read_body, record},
};
use crate::{App, Problem, ReceiverSecret, ReceiverSettings, answer, problem};

/// What a webhook says.
enum Reading {
    /// Something to record.
    Event(Box<ReportedEvent>),
    /// Nothing that belongs on a timeline, and why.
    Ignored(&'static str),
    /// Something that this receiver cannot read.
    Unreadable(&'static str),
}

/// A receiver.
struct Receiver {
    /// Its part of the address.
    name: &'static str,
    /// Its part of the configuration key.
    key: &'static str,
    secret: fn(&ReceiverSettings) -> Option<&ReceiverSecret>,
    /// Tells whether the sender knows the secret.
    verifies: fn(&str, &HeaderMap, &[u8]) -> bool,
    /// Where the secret is looked for, for whoever gets it wrong.
    proof: &'static str,
    read: fn(&HeaderMap, &Value) -> Reading,
}

static RECEIVERS: [Receiver; 4] = [
    Receiver {
        name: "github",
        key: "github",
        secret: |settings| settings.github.as_ref(),
        verifies: |secret, headers, body| is_signed(secret, body, text_of(headers, "x-hub-signature-256")),
        proof: "the header X-Hub-Signature-256 must be the signature of the body with the secret of the webhook",
        read: github::read,
    },
    Receiver {
        name: "gitlab",
        key: "gitlab",
        secret: |settings| settings.gitlab.as_ref(),
        verifies: |secret, headers, _| is_same_secret(secret, text_of(headers, "x-gitlab-token")),
        proof: "the header X-Gitlab-Token must be the secret",
        read: gitlab::read,
    },
    Receiver {
        name: "azure-devops",
        key: "azureDevOps",
        secret: |settings| settings.azure_devops.as_ref(),
        verifies: |secret, headers, _| {
            basic_password(text_of(headers, "authorization")).is_some_and(|given| is_same_secret(secret, &given))
        },
        proof: "the password of basic authentication must be the secret",
        read: azure_devops::read,
    },
    Receiver {
        name: "argocd",
        key: "argocd",
        secret: |settings| settings.argocd.as_ref(),
        verifies: |secret, headers, _| {
            let given = text_of(headers, header::AUTHORIZATION.as_str()).strip_prefix("Bearer ");
            given.is_some_and(|given| is_same_secret(secret, given))
        },
        proof: "the header Authorization must be `Bearer` and the secret",
        read: argocd::read,
    },
];

/// Takes a webhook.
pub(super) async fn receive(
    State(app): State<App>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let receiver = RECEIVERS.iter().find(|receiver| receiver.name == name).ok_or_else(|| {
        let known: Vec<_> = RECEIVERS.iter().map(|receiver| receiver.name).collect();
        problem::not_found(format!("there is no receiver `{name}`; there are {}", known.join(", ")))
    })?;
    let secret = (receiver.secret)(&app.settings().receivers).ok_or_else(|| {
        let key = receiver.key;
        problem::not_allowed(format!("this receiver is switched off; set `callboard.receivers.{key}.secret` to use it"))
    })?;
    let (parts, body) = request.into_parts();
    let body = read_body(body).await?;
    if !(receiver.verifies)(secret.reveal(), &parts.headers, &body) {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "AuthenticationError", receiver.proof));
    }
    let value: Value =
        serde_json::from_slice(&body).map_err(|error| problem::input(format!("the body is no JSON: {error}")))?;
    match (receiver.read)(&parts.headers, &value) {
        Reading::Event(event) => {
            let subject = format!("receiver:{}", receiver.name);
            let gate = app.door().gate(Actor::Service { subject, restrictions: Vec::new() });
            record(&app, &gate, vec![*event]).await
        }
        Reading::Ignored(why) => {
            let receipt = ReceiptWire { accepted: 0, known: 0, unmatched: 0, ignored: Some(why) };
            Ok(answer::json_value(StatusCode::OK, &receipt))
        }
        Reading::Unreadable(what) => Err(problem::input(what)),
    }
}

fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The first of some places in a body that has a text or a number.
fn at(body: &Value, pointers: &[&str]) -> Option<String> {
    let value = |pointer: &&str| match body.pointer(pointer)? {
        Value::String(text) if !text.trim().is_empty() => Some(cut(text.trim())),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    pointers.iter().find_map(value)
}

/// The first of some places in a body that has an address.
fn link_at(body: &Value, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|pointer| link_of(body.pointer(pointer)?))
}

/// A deployment in words.
fn deployment_title(what: &str, environment: Option<&str>, outcome: &str) -> String {
    let whereto = environment.map(|environment| format!(" to {environment}")).unwrap_or_default();
    match outcome {
        "success" => format!("Deployed {what}{whereto}"),
        "running" => format!("Deploying {what}{whereto}"),
        "canceled" => format!("Deployment of {what}{whereto} canceled"),
        _ => format!("Deployment of {what}{whereto} failed"),
    }
}

/// Begins the identities of what ready receivers record. Nobody else may use it: an event that is on record stays as it is, so
/// that a forged one would keep the real one away.
pub(super) const RECEIVED: &str = "received:";

/// An event with the fields that all receivers fill; the others are empty.
fn event(source: String, id: String, kind: EventKind, event_type: &str, title: String) -> ReportedEvent {
    ReportedEvent {
        source,
        id: format!("{RECEIVED}{id}"),
        kind,
        event_type: event_type.to_owned(),
        at: None,
        subject: None,
        refs: Vec::new(),
        annotations: Vec::new(),
        title: cut(&title),
        link: None,
        actor: None,
        outcome: None,
    }
}

fn recorded(event: ReportedEvent) -> Reading {
    Reading::Event(Box::new(event))
}
