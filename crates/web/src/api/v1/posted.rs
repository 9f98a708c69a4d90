//! The table of endpoints that take something. Routes and the OpenAPI document are both made from it.

use axum::routing::{MethodRouter, post};

use super::{post_events, receivers};
use crate::App;

/// One endpoint that is posted to.
pub(super) struct Posted {
    /// The path below `/api/v1`, as the router and OpenAPI spell it.
    pub(super) path: &'static str,
    /// The operation id.
    pub(super) name: &'static str,
    /// One sentence.
    pub(super) summary: &'static str,
    /// What else is worth knowing.
    pub(super) description: &'static str,
    /// The parameters of the path, each with its meaning.
    pub(super) parameters: &'static [(&'static str, &'static str)],
    /// The media types that it takes, each with the schema of its body.
    pub(super) bodies: &'static [(&'static str, &'static str)],
    /// The name of the schema of its answer.
    pub(super) schema: &'static str,
    /// Makes its handler.
    pub(super) handler: fn() -> MethodRouter<App>,
}

/// All of them.
pub(super) static TABLE: [Posted; 2] = [
    Posted {
        path: "/events",
        name: "postEvents",
        summary: "Records what has happened to entities, as CloudEvents 1.0.",
        description: "One event in structured or binary mode, or a batch of up to 500. An event that is on record already, \
                      by its source and id, changes nothing. It concerns the entities of `data.entityRefs`; else its \
                      subject, an entity reference or a name; else the entities that have one of `data.annotations`. \
                      Needs the permission `catalog.event.create`.",
        parameters: &[],
        bodies: &[
            ("application/cloudevents+json", "CloudEvent"),
            ("application/cloudevents-batch+json", "CloudEventBatch"),
        ],
        schema: "EventReceipt",
        handler: || post(post_events::post_events),
    },
    Posted {
        path: "/receivers/{name}",
        name: "receiveWebhook",
        summary: "Takes the webhooks of other programs as they send them.",
        description: "Needs no token: each webhook proves that it knows the secret of its receiver, and a receiver without \
                      a secret (`callboard.receivers`) takes nothing.",
        parameters: &[("name", "`github`, `gitlab`, `azure-devops` or `argocd`.")],
        bodies: &[("application/json", "ReceiverMessage")],
        schema: "EventReceipt",
        handler: || post(receivers::receive),
    },
];
