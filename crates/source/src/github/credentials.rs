//! What a request to GitHub signs in with: the installation of an app, a token, or nothing.

use reqwest::header::HeaderValue;

use super::{GitHubHost, app::App};
use crate::{
    http::Fetcher,
    observation::ReadError,
    settings::{GitHubIntegration, Secret},
};

/// The ways to sign in at one host.
#[derive(Debug)]
pub(crate) struct Credentials {
    apps: Vec<App>,
    token: Option<Secret>,
}

impl Credentials {
    /// Takes them out of the settings.
    pub(super) fn new(settings: &GitHubIntegration) -> Self {
        let token = settings.token.clone().filter(|token| !token.reveal().trim().is_empty());
        Self { apps: settings.apps.iter().cloned().map(App::new).collect(), token }
    }

    /// Tells whether there is no way to sign in.
    pub(super) fn is_empty(&self) -> bool {
        self.apps.is_empty() && self.token.is_none()
    }

    /// Gives the `Authorization` header for the repositories of `owner`. The first app with an installation there goes
    /// before the token.
    ///
    /// # Errors
    /// When an app is meant but gets no token.
    pub(super) async fn authorization(
        &self,
        host: &GitHubHost,
        fetcher: &Fetcher,
        owner: &str,
    ) -> Result<Option<HeaderValue>, ReadError> {
        for app in self.apps.iter().filter(|app| app.may_serve(owner)) {
            if let Some(token) = app.token_for(host, fetcher, owner).await? {
                return bearer(&token).map(Some);
            }
        }
        self.token.as_ref().map(bearer).transpose()
    }
}

/// Makes the header; it is marked so that nothing logs it.
pub(super) fn bearer(token: &Secret) -> Result<HeaderValue, ReadError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.reveal().trim()))
        .map_err(|_| ReadError::failed("the token of the GitHub integration holds characters that no token has"))?;
    value.set_sensitive(true);
    Ok(value)
}
