//! Extractors: who asks, what they may see, and the gate through which they may write.

use std::{ops::Deref, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{header, request::Parts},
};

use crate::{App, Problem, problem};

/// The one who asks. Found once per request, as a rule by the guard, and kept in its extensions.
#[derive(Clone, Debug)]
pub struct Caller(pub Arc<auth::Actor>);

/// The newest snapshot, cut to what the caller may see. Reading through it never waits.
#[derive(Clone)]
pub struct View {
    view: index::View,
    visibility: Arc<index::Visibility>,
}

/// The gate of the caller.
pub struct Gate(pub auth::Gate);

impl View {
    /// Returns what the caller may see; ETags depend on it.
    #[must_use]
    pub fn visibility(&self) -> &index::Visibility {
        &self.visibility
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
        let view = app.live().snapshot().view(visibility.clone());
        Ok(Self { view, visibility: Arc::new(visibility) })
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
        Ok(Self(app.door().gate(actor.as_ref().clone())))
    }
}
