//! Sending messages from call sheets to chats and mail relays. Addresses come from the configuration alone.

use std::time::Duration;

use anyhow::Context as _;

use crate::config::SenderConfig;

/// How long the other side may take. Whoever presses the button waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The ways to send.
pub struct Senders {
    client: reqwest::Client,
    all: Vec<SenderConfig>,
}

impl Senders {
    /// Prepares to send.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(all: &[SenderConfig]) -> anyhow::Result<Self> {
        // A second call finds the provider in place, which is what is wanted.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("callboard/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("no client to send messages with")?;
        Ok(Self { client, all: all.to_vec() })
    }

    /// Sends a message.
    ///
    /// # Errors
    /// A sentence without the address, which is a secret.
    pub async fn send(&self, sender: &str, message: &serde_json::Value) -> Result<(), String> {
        let known = self.all.iter().find(|known| known.name == sender);
        let known = known.ok_or_else(|| format!("there is no sender `{sender}`"))?;
        let mut request = self.client.post(known.url.reveal()).json(message);
        if let Some(authorization) = &known.authorization {
            request = request.header(reqwest::header::AUTHORIZATION, authorization.reveal());
        }
        let answer = request.send().await.map_err(|error| failure_words(&error))?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(format!("the other side answered {}", answer.status()))
    }
}

/// Why nobody was reached, without the address.
fn failure_words(error: &reqwest::Error) -> String {
    match () {
        () if error.is_timeout() => format!("the other side did not answer within {} seconds", PATIENCE.as_secs()),
        () if error.is_connect() => "the other side cannot be reached".to_owned(),
        () => "the message could not be sent".to_owned(),
    }
}

/// What pages know of a sender.
pub fn show(sender: &SenderConfig) -> web::SenderInfo {
    web::SenderInfo { name: sender.name.clone(), template: sender.template }
}
