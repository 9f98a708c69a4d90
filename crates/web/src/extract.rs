//! Extractors: who asks, what they may see, and the gate through which they may write. Where a request is about the past, what
//! they give is of that moment.

use std::{ops::Deref, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{header, request::Parts},
};
use index::problems::Board;

use crate::{App, Problem, past::Looking, problem};

/// The one who asks. Found once per request, as a rule by the guard, and kept in its extensions.
#[derive(Clone, Debug)]
pub struct Caller(pub Arc<auth::Actor>);

/// The newest snapshot, or that of the moment that the request is about, cut to what the caller may see. Reading through it never waits.
#[derive(Clone)]
pub struct View {
    view: index::View,
    visibility: Arc<index::Visibility>,
    looking: Option<Looking>,
}

/// The gate of the caller.
pub struct Gate(pub auth::Gate);

impl View {
    /// Returns what the caller may see; ETags depend on it.
    #[must_use]
    pub fn visibility(&self) -> &index::Visibility {
        &self.visibility
    }

    /// What is wrong with the catalog of this moment.
    pub(crate) async fn board(&self, app: &App) -> Result<Arc<Board>, Problem> {
        match self.looking.as_ref().and_then(Looking::board) {
            Some(board) => Ok(Arc::clone(board)),
            None => Ok(app.boards().newest().await?),
        }
    }

    /// What is wrong with it, as far as it is known without waiting.
    pub(crate) fn board_at_hand(&self, app: &App) -> Arc<Board> {
        match self.looking.as_ref().and_then(Looking::board) {
            Some(board) => Arc::clone(board),
            None => app.boards().latest(),
        }
    }

    /// The moment that the request is about, when it is not now.
    pub(crate) fn looking(&self) -> Option<&Looking> {
        self.looking.as_ref()
    }
}

impl Deref for View {
    type Target = index::View;
    fn deref(&self) -> &index::View {
        &self.view
    }
}

impl Deref for Gate {
    type Target = auth::Gate;
    fn deref(&self) -> &auth::Gate {
        &self.0
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let app = App::from_ref(state);
        let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let caller = Self(Arc::new(app.access().identify(authorization).await?));
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

impl<S> FromRequestParts<S> for View
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Caller(actor) = Caller::from_request_parts(parts, state).await?;
        let app = App::from_ref(state);
        if !app.live().is_loaded() {
            // An empty answer would be taken for an empty catalog.
            return Err(problem::still_loading());
        }
        let visibility = app.access().visibility(&actor);
        let looking = parts.extensions.get::<Looking>().cloned();
        let snapshot = looking.as_ref().map_or_else(|| app.live().snapshot(), |looking| looking.snapshot().clone());
        Ok(Self { view: snapshot.view(visibility.clone()), visibility: Arc::new(visibility), looking })
    }
}

impl<S> FromRequestParts<S> for Gate
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Caller(actor) = Caller::from_request_parts(parts, state).await?;
        let app = App::from_ref(state);
        let gate = app.door().gate(actor.as_ref().clone());
        Ok(Self(match parts.extensions.get::<Looking>().and_then(Looking::horizon) {
            Some(horizon) => gate.as_of(horizon),
            None => gate,
        }))
    }
}
