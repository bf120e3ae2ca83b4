//! The pages of the app that links in messages lead to. A request may name another page
//! on an origin that the operator has allowed.
//!
//! A link keeps only the path of the request's `clientURI`. If an attacker wrote a
//! query, it would stand before our token; a fragment would stand after it.

use url::Url;

use crate::app::App;

/// The pages of the Angular app in CodeMaze's articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// Sends the token and the e-mail address to this service.
    EmailConfirmation,
    /// Asks for the new password. Sends it with the token and the e-mail address.
    ResetPassword,
    /// Asks for the e-mail address that gets a reset link.
    ForgotPassword,
}

impl Page {
    fn path(self) -> &'static str {
        match self {
            Self::EmailConfirmation => "/authentication/emailconfirmation",
            Self::ResetPassword => "/authentication/resetpassword",
            Self::ForgotPassword => "/authentication/forgotpassword",
        }
    }
}

/// The page that the request asks for (`clientURI`) if its origin is allowed, or else
/// the app's own page on the default origin. Query and fragment are removed, because
/// anyone can send this request.
pub(crate) fn link_page(app: &App, asked: Option<&str>, or: Page) -> Option<Url> {
    let links = &app.config.links;
    let asked = asked.and_then(|asked| links.allowed(asked));
    let mut page = asked.or_else(|| links.allowed(or.path()))?;
    page.set_query(None);
    page.set_fragment(None);
    Some(page)
}

/// Another page of the app, on the same origin as `page`.
pub(crate) fn beside(page: &Url, other: Page) -> Url {
    let mut beside = page.clone();
    beside.set_path(other.path());
    beside
}

/// The link to this page, with the query parameters that the app reads.
pub(crate) fn with_token(app: &App, page: Url, token: &str, email: &str) -> String {
    let parameters = [("token", token), ("email", email)];
    app.config.links.to_url(page, &parameters)
}
