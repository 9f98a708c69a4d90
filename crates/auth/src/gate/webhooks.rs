//! Webhooks: who is told of changes over HTTP.
//!
//! A webhook carries the catalog out of the house, and whoever reads its messages is asked for nothing. So it takes a
//! permission of its own to make one, and the right to see everything that it could tell.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use index::Visibility;
use model::{ChangeFilter, MessageForm, Seq, Timestamp, Uid};
use store::{Delivery, Letter, LetterKind, Progress, SigningSecret, Webhook, WebhookChange, WebhookState};

use super::{Gate, GateError};
use crate::Ring;

/// See webhooks.
const READ: &str = "callboard.webhook.read";
/// Make, change and remove them.
const MANAGE: &str = "callboard.webhook.manage";
/// The longest name, in characters.
const LONGEST_NAME: usize = 80;
/// The longest address, in bytes.
const LONGEST_URL: usize = 2_000;
/// The longest time that an old secret stays good, in milliseconds.
const LONGEST_GRACE_MS: i64 = 7 * 24 * 3_600_000;

/// What a person says of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookDraft {
    /// What people call it.
    pub name: String,
    /// Where messages go; whoever knows about addresses has looked at it.
    pub url: String,
    /// Which changes.
    pub filter: ChangeFilter,
    /// What messages look like.
    pub form: MessageForm,
    /// Whether it is delivered to.
    pub is_active: bool,
}

/// A webhook with what waits for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownWebhook {
    /// The webhook.
    pub webhook: Webhook,
    /// How many dead letters it has.
    pub dead_letters: u64,
    /// How many changes it has not been looked at for yet.
    pub behind: u64,
}

impl Gate {
    /// Lists all webhooks, by name.
    ///
    /// # Errors
    /// `NotAllowed` without `callboard.webhook.read`.
    pub async fn list_webhooks(&self) -> Result<Vec<KnownWebhook>, GateError> {
        // Whoever may change them may see them.
        if self.require(MANAGE).is_err() {
            self.require(READ)?;
        }
        let webhooks = self.door.store.list_webhooks().await?;
        let counts = self.door.store.count_letters().await?;
        let newest = self.door.live.snapshot().seq();
        let known = |webhook: Webhook| KnownWebhook {
            dead_letters: counts.iter().find(|(id, ..)| *id == webhook.id).map_or(0, |(_, dead, _)| *dead),
            behind: newest.0.saturating_sub(webhook.progress.position.0),
            webhook,
        };
        Ok(webhooks.into_iter().map(known).collect())
    }

    /// Finds a webhook.
    ///
    /// # Errors
    /// `NotAllowed` without `callboard.webhook.read`, `NotFound`.
    pub async fn find_webhook(&self, id: Uid) -> Result<KnownWebhook, GateError> {
        let found = self.list_webhooks().await?.into_iter().find(|known| known.webhook.id == id);
        found.ok_or_else(|| GateError::NotFound(format!("there is no webhook `{id}`")))
    }

    /// Makes a webhook that is told of what happens from now on, or after a change. The answer is the only one with its secret.
    ///
    /// # Errors
    /// `NotAllowed` without `callboard.webhook.manage` or when the actor may not see everything, `Input`.
    pub async fn create_webhook(&self, draft: &WebhookDraft, after: Option<Seq>) -> Result<Webhook, GateError> {
        self.require_all()?;
        let WebhookChange { name, url, filter, form, state } = checked(draft)?;
        let newest = self.door.live.snapshot().seq();
        let webhook = Webhook {
            id: Uid(uuid::Uuid::new_v4().as_u128()),
            name,
            url,
            filter,
            form,
            secret: new_secret(),
            old_secret: None,
            state,
            reason: None,
            created_by: self.actor.name().to_owned(),
            created_at: self.now(),
            progress: Progress { position: after.map_or(newest, |after| after.min(newest)), ..Progress::default() },
            delivered: 0,
        };
        self.door.store.add_webhook(&webhook).await?;
        (self.door.bell)(Ring::Deliver);
        Ok(webhook)
    }

    /// Changes a webhook. What it has not been told yet is told in the new form and to the new address.
    ///
    /// # Errors
    /// As [`Gate::create_webhook`], and `NotFound`.
    pub async fn change_webhook(&self, id: Uid, draft: &WebhookDraft) -> Result<(), GateError> {
        self.require_all()?;
        self.door.store.change_webhook(id, &checked(draft)?).await?;
        (self.door.bell)(Ring::Deliver);
        Ok(())
    }

    /// Removes a webhook with its dead letters.
    ///
    /// # Errors
    /// `NotAllowed` without `callboard.webhook.manage`, `NotFound`.
    pub async fn remove_webhook(&self, id: Uid) -> Result<(), GateError> {
        self.require(MANAGE)?;
        Ok(self.door.store.remove_webhook(id).await?)
    }

    /// Gives a webhook another secret, and tells it. For a while messages are signed with the one before, too.
    ///
    /// # Errors
    /// `NotAllowed` without `callboard.webhook.manage`, `NotFound`.
    pub async fn rotate_webhook(&self, id: Uid, grace_ms: i64) -> Result<SigningSecret, GateError> {
        self.require(MANAGE)?;
        let secret = new_secret();
        let until = Timestamp(self.now().0.saturating_add(grace_ms.clamp(0, LONGEST_GRACE_MS)));
        self.door.store.rotate_webhook(id, &secret, until).await?;
        Ok(secret)
    }

    /// Has a test message sent. Returns its identity, under which it is found among the deliveries.
    ///
    /// # Errors
    /// `NotAllowed` without `callboard.webhook.manage`, `NotFound`.
    pub async fn test_webhook(&self, id: Uid) -> Result<String, GateError> {
        self.require(MANAGE)?;
        self.find_webhook_for_change(id).await?;
        let message = format!("msg_test_{}", uuid::Uuid::new_v4().simple());
        let letter = Letter {
            id: 0,
            message: message.clone(),
            kind: LetterKind::Test,
            first: Seq(0),
            last: Seq(0),
            changes: 0,
            at: self.now(),
            attempts: 0,
            last_error: None,
            body: None,
            is_wanted: true,
        };
        self.door.store.add_letter(id, &letter).await?;
        (self.door.bell)(Ring::Deliver);
        Ok(message)
    }

    /// Lists the newest attempts to tell a webhook something, newest first.
    ///
    /// # Errors
    /// `NotAllowed` without `callboard.webhook.read`, `NotFound`.
    pub async fn list_deliveries(&self, id: Uid, limit: u32) -> Result<Vec<Delivery>, GateError> {
        self.find_webhook(id).await?;
        Ok(self.door.store.list_deliveries(id, limit).await?)
    }

    /// Lists the dead letters of a webhook, oldest first, after a number.
    ///
    /// # Errors
    /// `NotAllowed` without `callboard.webhook.read`, `NotFound`.
    pub async fn list_dead_letters(&self, id: Uid, after: i64, limit: u32) -> Result<Vec<Letter>, GateError> {
        self.find_webhook(id).await?;
        let mut letters = self.door.store.list_letters(id, after, limit).await?;
        letters.retain(|letter| letter.kind != LetterKind::Test);
        if self.require_all().is_err() {
            // A message tells of every entity.
            letters.iter_mut().for_each(|letter| letter.body = None);
        }
        Ok(letters)
    }

    /// Has one dead letter sent again, or all. Returns how many.
    ///
    /// # Errors
    /// `NotAllowed` without `callboard.webhook.manage`, `NotFound`.
    pub async fn resend_letters(&self, id: Uid, letter: Option<i64>) -> Result<u64, GateError> {
        self.require(MANAGE)?;
        self.find_webhook_for_change(id).await?;
        let wanted = self.door.store.want_letters(id, letter).await?;
        (self.door.bell)(Ring::Deliver);
        require_letter(letter, wanted)
    }

    /// Throws one dead letter away, or all. Returns how many.
    ///
    /// # Errors
    /// `NotAllowed` without `callboard.webhook.manage`, `NotFound`.
    pub async fn drop_letters(&self, id: Uid, letter: Option<i64>) -> Result<u64, GateError> {
        self.require(MANAGE)?;
        self.find_webhook_for_change(id).await?;
        let gone = self.door.store.drop_letters(id, letter).await?;
        require_letter(letter, gone)
    }

    async fn find_webhook_for_change(&self, id: Uid) -> Result<(), GateError> {
        match self.door.store.find_webhook(id).await? {
            Some(_) => Ok(()),
            None => Err(GateError::NotFound(format!("there is no webhook `{id}`"))),
        }
    }

    fn require_all(&self) -> Result<(), GateError> {
        self.require(MANAGE)?;
        if self.visibility() == Visibility::Everything {
            return Ok(());
        }
        Err(GateError::NotAllowed("a webhook can only be made by somebody who may see every entity".to_owned()))
    }
}

fn require_letter(letter: Option<i64>, found: u64) -> Result<u64, GateError> {
    match letter {
        Some(letter) if found == 0 => {
            Err(GateError::NotFound(format!("there is no dead letter {letter} that could be sent or thrown away")))
        }
        _ => Ok(found),
    }
}

fn checked(draft: &WebhookDraft) -> Result<WebhookChange, GateError> {
    let name = draft.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(GateError::Input(format!("`name` must have 1 to {LONGEST_NAME} characters in one line")));
    }
    if draft.url.len() > LONGEST_URL {
        return Err(GateError::Input(format!("`url` may have {LONGEST_URL} bytes at most")));
    }
    draft.form.check().map_err(GateError::Input)?;
    Ok(WebhookChange {
        name: name.to_owned(),
        url: draft.url.clone(),
        filter: draft.filter.clone(),
        form: draft.form.clone(),
        state: if draft.is_active { WebhookState::Active } else { WebhookState::Paused },
    })
}

/// Thirty-two random bytes in the form that the Standard Webhooks specification gives secrets.
fn new_secret() -> SigningSecret {
    SigningSecret::new(format!("whsec_{}", STANDARD.encode(rand::random::<[u8; 32]>())))
}
