//! `/webhooks`: who is told of changes over HTTP, how that goes, and what waits for somebody.

mod actions;
mod form;
mod show;
mod told;

use askama::Template;
use auth::{KnownWebhook, WebhookState};
use axum::response::Response;
use model::Timestamp;

pub(super) use self::{
    actions::{act_on_letters, confirm_removal, remove_webhook, rotate_secret, send_test, set_state},
    form::{change_webhook, create_webhook, show_edit_form, show_new_form},
    show::show_webhook,
};
use super::{Frame, frame::Section, icon::Icon, moment::Moment, parts::Empty, render};
use crate::{Gate, Problem, api::v1::cut_address};

#[derive(Template)]
#[template(path = "webhooks/list.html")]
struct WebhooksPage {
    frame: Frame,
    rows: Vec<WebhookRow>,
    empty: Option<Empty>,
    /// "2 webhooks fail", when some do.
    failing: Option<String>,
    may_manage: bool,
}

/// A webhook as lists show it.
struct WebhookRow {
    href: String,
    name: String,
    /// Scheme and host; the rest may be a secret.
    address: String,
    form: &'static str,
    filter: String,
    standing: Standing,
    delivered: u64,
    last_ok: Option<Moment>,
    dead_letters: u64,
    error: Option<String>,
    next_try: Option<Moment>,
}

/// How a webhook is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Good,
    Waiting,
    Failing,
    Paused,
}

impl Standing {
    fn of(known: &KnownWebhook) -> Self {
        let webhook = &known.webhook;
        match webhook.state {
            WebhookState::Paused => Self::Paused,
            WebhookState::Active if webhook.progress.failing_since.is_some() => Self::Failing,
            WebhookState::Active if webhook.progress.last_ok_at.is_none() => Self::Waiting,
            WebhookState::Active => Self::Good,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Good => "delivering",
            Self::Waiting => "nothing yet",
            Self::Failing => "failing",
            Self::Paused => "paused",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Failing => "error",
            Self::Waiting | Self::Paused => "waiting",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Good => Icon("circle-check"),
            Self::Failing => Icon("circle-x"),
            Self::Waiting => Icon("clock"),
            Self::Paused => Icon("minus"),
        }
    }
}

/// The address of a webhook's page.
fn href(id: model::Uid) -> String {
    format!("/webhooks/{id}")
}

/// Lists webhooks, failing ones first.
pub(super) async fn list_webhooks(gate: Gate, frame: Frame) -> Result<Response, Problem> {
    let mut known = gate.list_webhooks().await?;
    known.sort_by_key(|known| Standing::of(known) != Standing::Failing);
    let rows: Vec<_> = known.iter().map(|known| row(known, frame.now)).collect();
    let failing = rows.iter().filter(|row| row.standing == Standing::Failing).count();
    let may_manage = gate.require("callboard.webhook.manage").is_ok();
    let page = WebhooksPage {
        failing: (failing > 0)
            .then(|| if failing == 1 { "One webhook fails".to_owned() } else { format!("{failing} webhooks fail") }),
        empty: rows.is_empty().then(|| Empty {
            icon: Icon("send"),
            title: "Nobody is told yet".to_owned(),
            text:
                "A webhook sends a message whenever something changes: to a program, or to a channel in Slack or Teams."
                    .to_owned(),
            action: may_manage.then(|| ("Make a webhook".to_owned(), "/webhooks/new".to_owned())),
        }),
        rows,
        may_manage,
        frame: frame.titled("Webhooks", Section::Webhooks),
    };
    render(&page)
}

fn row(known: &KnownWebhook, now: Timestamp) -> WebhookRow {
    let KnownWebhook { webhook, dead_letters, .. } = known;
    let moment = |at| Moment { at, now };
    let progress = &webhook.progress;
    WebhookRow {
        href: href(webhook.id),
        name: webhook.name.clone(),
        address: cut_address(&webhook.url),
        form: told::form(&webhook.form),
        filter: told::filter(&webhook.filter),
        standing: Standing::of(known),
        delivered: webhook.delivered,
        last_ok: progress.last_ok_at.map(moment),
        dead_letters: *dead_letters,
        error: progress.last_error.clone().filter(|_| progress.failing_since.is_some()),
        next_try: progress.failing_since.map(|_| moment(progress.next_try_at)),
    }
}
