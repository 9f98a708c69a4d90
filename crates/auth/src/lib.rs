//! Who may do what, and the only way to write: a [`Gate`] is made for one actor, decides, and writes through `store`.
//!
//! `auth` knows no routes and no HTTP. It reads credentials as text, keeps the signing keys, and decides from one table of
//! permissions. Readers get an `index::Visibility`; writers get a gate.

mod access;
mod actor;
mod boards;
mod door;
mod external;
mod gate;
mod keys;
mod live;
mod past;
mod permission;
mod recent;
mod settings;
mod unregister;
mod user_token;
mod verified;
mod webhook;

pub use access::{Access, Guest};
pub use store::{
    Attempt, ChangeAt, ChangeFilter, ChangeHead, Delivery, EventFilter, EventPlace, HistoryStart, Letter, LetterKind,
    ProblemCount, ProblemMoment, ProblemRecord, Progress, Root, RootOrigin, SheetHead, SigningSecret, Star, StarCount,
    Webhook, WebhookState,
};

pub use actor::{AccessRestriction, Actor, AuthError};
pub use boards::{Boards, to_problem};
pub use door::{Bell, Committed, Door, Ring};
pub use gate::{
    ChangePage, ChangeQuery, CompareQuery, Difference, Differences, EventReceipt, Gate, GateError, Happening,
    HistoryPage, HistoryPlace, HistoryQuery, Horizon, KnownWebhook, Near, NearPage, NewCallSheet, OpenedSheet,
    ReportedEvent, SeenChange, ToldChange, TruthDay, WebhookDraft, WhatHappened,
};
pub use keys::Jwk;
pub use live::Live;
pub use past::{Asked, NoSuchMoment, Past, PastError, PastMoment, Then};
pub use permission::{Action, Decision, Permission, PermissionSpec, find_permission, permissions, permissions_of};
pub use settings::{AccessSettings, Clock, GuestSettings, LegacyKey, SettingsError, StaticToken, system_clock};
pub use unregister::{UnregisterPlan, plan_unregister};
pub use webhook::{basic_password, is_same_secret, is_signed};
