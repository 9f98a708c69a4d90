//! Parts of the path, decoded; a path that cannot be decoded is the client's fault.

use axum::{
    extract::{FromRequestParts, Path},
    http::{Uri, request::Parts},
};
use serde::de::DeserializeOwned;

use super::query_string::Parameters;
use crate::{Problem, problem};

/// The parameters of a route.
pub(super) struct Params<T>(pub(super) T);

impl<T, S> FromRequestParts<S> for Params<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(params) = Path::from_request_parts(parts, state).await.map_err(|_| problem::undecodable_path())?;
        Ok(Self(params))
    }
}

/// Refuses any query parameter, for endpoints that take none.
///
/// # Errors
/// 400 naming the parameter.
pub(super) fn no_parameters(uri: &Uri) -> Result<(), Problem> {
    Parameters::parse(uri.query(), &[]).map(|_| ())
}
