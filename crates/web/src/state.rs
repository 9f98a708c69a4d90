//! What every handler can reach: the live catalog, the access rules, the door for writes, the workshop and the settings.

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use crate::{Workshop, meter::Meter, packs::Packs, pages::call_sheets::SheetBell};

/// The application state. Cheap to clone; all clones share everything.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    live: Arc<auth::Live>,
    access: Arc<auth::Access>,
    door: auth::Door,
    workshop: Arc<dyn Workshop>,
    settings: WebSettings,
    streams: Arc<Semaphore>,
    boards: Arc<auth::Boards>,
    packs: Packs,
    sheet_bell: SheetBell,
    past: Arc<auth::Past>,
    meter: Meter,
}

/// How many streams of changes may be open. Each wakes up at every change; what it holds in memory is shared with the others.
pub(crate) const MOST_STREAMS: usize = 2000;

/// The settings of the HTTP side, as plain values. `callboard` fills them from the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSettings {
    /// What the portal is called (`app.title`).
    pub title: String,
    /// Whose estate it shows (`organization.name`).
    pub organization: Option<String>,
    /// The kinds that are known, Backstage's own first.
    pub kinds: Vec<KindInfo>,
    /// Tools that annotations point to, before those that are built in (`callboard.tools`).
    pub tools: Vec<ToolSpec>,
    /// Where the world reaches this server, without a trailing slash (`backend.baseUrl`).
    pub base_url: String,
    /// Version of the program; part of every ETag, so that an update never answers "not modified" with old shapes.
    pub version: String,
    /// Tells this catalog apart from another one that was served at the same address before; part of every ETag.
    pub etag_salt: u64,
    /// `catalog.readonly`: registering, changing and removing locations answers 403.
    pub catalog_readonly: bool,
    /// `catalog.defaultLocationConflictStrategy`.
    pub location_conflict: ConflictStrategy,
    /// Requests without credentials are taken from this machine only, straight and under its own names. For servers that
    /// are open because they listen at a loopback address.
    pub local_names_only: bool,
    /// `backend.cors`; `None` sends no CORS headers at all.
    pub cors: Option<CorsSettings>,
    /// How large and how slow a request may be.
    pub limits: Limits,
    /// Where call sheets are sent to, and which tools they point to (`callboard.callSheets`).
    pub call_sheets: CallSheetSettings,
    /// `callboard.receivers`: who may send webhooks.
    pub receivers: ReceiverSettings,
}

/// The settings of call sheets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallSheetSettings {
    /// Where messages can be sent to. The addresses are not known here; they are secrets.
    pub senders: Vec<SenderInfo>,
    /// Links into tools that manage events.
    pub links: Vec<LinkTemplate>,
}

/// A way to send a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderInfo {
    /// What people call it.
    pub name: String,
    /// The form of its messages.
    pub template: sheets::messages::Template,
}

/// A link that every call sheet has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTemplate {
    /// What people call it.
    pub title: String,
    /// The address, in which `{id}`, `{title}` and `{roots}` stand for those of the sheet.
    pub url: String,
}

impl LinkTemplate {
    /// Makes the address for a sheet.
    pub(crate) fn fill(&self, sheet: &sheets::Sheet) -> String {
        let encode =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let roots: Vec<&str> = sheet.impact.roots.iter().map(|root| root.entity_ref.as_str()).collect();
        let url = self.url.replace("{id}", &encode(&sheet.id)).replace("{title}", &encode(&sheet.title));
        url.replace("{roots}", &encode(&roots.join(",")))
    }
}

/// The secrets of the receivers of webhooks; one without a secret is switched off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiverSettings {
    /// Of GitHub.
    pub github: Option<ReceiverSecret>,
    /// Of GitLab.
    pub gitlab: Option<ReceiverSecret>,
    /// Of Azure DevOps.
    pub azure_devops: Option<ReceiverSecret>,
    /// Of Argo CD.
    pub argocd: Option<ReceiverSecret>,
}

/// A secret that a sender of webhooks proves to know.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiverSecret(String);

impl ReceiverSecret {
    /// Hides a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ReceiverSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What pages show of a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindInfo {
    /// As written in `kind:`.
    pub name: String,
    /// For headings and menus.
    pub plural: String,
    /// Name of an icon.
    pub icon: String,
    /// What lists of the kind show beside the name.
    pub columns: Vec<KindColumn>,
    /// Whether it is one of Backstage's own.
    pub is_builtin: bool,
}

/// A column of a list of entities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindColumn {
    /// The heading.
    pub title: String,
    /// Where the value is, as a dotted path (`spec.type`).
    pub path: String,
}

/// A tool that an annotation points to: one of `callboard.tools`, or a built-in one whose address the configuration knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolSpec {
    /// The annotation, such as `pagerduty.com/service-id`.
    pub annotation: String,
    /// What people call the tool.
    pub name: String,
    /// Name of an icon.
    pub icon: Option<String>,
    /// The address, in which `{value}` stands for the annotation's value; absent: the value is shown without a link.
    pub url: Option<String>,
}

/// What `POST /locations` does with a location that is registered already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConflictStrategy {
    /// Answers 409 (the default).
    #[default]
    Reject,
    /// Reads the existing location again and answers 201 with it.
    Refresh,
}

/// `backend.cors`, with the meaning of Express' `cors` package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsSettings {
    /// Allowed origins; `*` inside one is a wildcard.
    pub origins: Vec<String>,
    /// Allowed methods.
    pub methods: Vec<String>,
    /// Allowed request headers; empty echoes what the preflight asks for.
    pub allowed_headers: Vec<String>,
    /// Headers that scripts may read.
    pub exposed_headers: Vec<String>,
    /// Whether cookies and credentials may be sent.
    pub credentials: bool,
    /// For how many seconds a preflight may be remembered.
    pub max_age_seconds: Option<u64>,
}

/// Limits on what one request may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest JSON body in bytes; Backstage's default is 100 kB (102,400).
    pub body_bytes: usize,
    /// How long a handler may take before 503.
    pub request_timeout: Duration,
    /// How many requests may be under way at once.
    pub concurrent_requests: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 102_400, request_timeout: Duration::from_secs(60), concurrent_requests: 4096 }
    }
}

impl App {
    /// Joins the parts.
    #[must_use]
    pub fn new(
        live: Arc<auth::Live>,
        access: Arc<auth::Access>,
        door: auth::Door,
        workshop: Arc<dyn Workshop>,
        settings: WebSettings,
    ) -> Self {
        let boards = auth::Boards::new(door.store.clone(), Arc::clone(&live));
        let past = auth::Past::new(door.store.clone(), Arc::clone(&live));
        Self(Arc::new(Inner {
            boards,
            packs: Packs::default(),
            sheet_bell: SheetBell::default(),
            past,
            meter: Meter::default(),
            live,
            access,
            door,
            workshop,
            settings,
            streams: Arc::new(Semaphore::new(MOST_STREAMS)),
        }))
    }

    /// The newest moment of the catalog, and the way to wait for a newer one.
    #[must_use]
    pub fn live(&self) -> &Arc<auth::Live> {
        &self.0.live
    }

    /// Who is asking, and what they may do.
    #[must_use]
    pub fn access(&self) -> &auth::Access {
        &self.0.access
    }

    /// Makes gates, the only way to write.
    #[must_use]
    pub fn door(&self) -> &auth::Door {
        &self.0.door
    }

    /// Dry runs, validation and the state of the loops.
    #[must_use]
    pub fn workshop(&self) -> &dyn Workshop {
        self.0.workshop.as_ref()
    }

    /// Everything that is wrong with the catalog, built once for everybody.
    #[must_use]
    pub fn boards(&self) -> &Arc<auth::Boards> {
        &self.0.boards
    }

    /// Rung when a call sheet was written to here.
    pub(crate) fn sheet_bell(&self) -> &SheetBell {
        &self.0.sheet_bell
    }

    /// The packs that were made last.
    pub(crate) fn packs(&self) -> &Packs {
        &self.0.packs
    }

    /// Moments of the past.
    #[must_use]
    pub fn past(&self) -> &Arc<auth::Past> {
        &self.0.past
    }

    /// How much the senders of events may send.
    pub(crate) fn meter(&self) -> &Meter {
        &self.0.meter
    }

    /// One permit for each stream of changes that may still be opened.
    pub(crate) fn free_streams(&self) -> &Arc<Semaphore> {
        &self.0.streams
    }

    /// The moment at which a page is made.
    pub(crate) fn now(&self) -> model::Timestamp {
        (self.0.door.clock)()
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &WebSettings {
        &self.0.settings
    }
}
