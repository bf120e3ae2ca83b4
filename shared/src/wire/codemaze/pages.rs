//! Where the links in messages lead: to the app's pages. A request may ask for
//! other pages, on the origins that the operator has named.
//!
//! A link keeps only the path of the `clientURI` that a request asks for. A query
//! that an attacker wrote would stand before our token, and a fragment after it.

use url::Url;

use crate::app::App;

/// The pages of the articles' Angular app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// Sends token and e-mail address back.
    EmailConfirmation,
    /// Asks for the new password, with token and e-mail address.
    ResetPassword,
    /// Asks for the e-mail address that a reset is to go to.
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

/// The page that a request asks for (`clientURI`), if the page is on a named
/// origin; else the app's own page on the default origin. Without query and
/// fragment, because anybody may ask.
pub(super) fn link_page(app: &App, asked: Option<&str>, or: Page) -> Option<Url> {
    let links = &app.config.links;
    let asked = asked.and_then(|asked| links.allowed(asked));
    let mut page = asked.or_else(|| links.allowed(or.path()))?;
    page.set_query(None);
    page.set_fragment(None);
    Some(page)
}

/// Another of the app's pages on the origin of this one.
pub(super) fn beside(page: &Url, other: Page) -> Url {
    let mut beside = page.clone();
    beside.set_path(other.path());
    beside
}

/// The link to this page with the parameters that the app's pages read.
pub(super) fn with_token(app: &App, page: Url, token: &str, email: &str) -> String {
    let parameters = [("token", token), ("email", email)];
    app.config.links.to_url(page, &parameters)
}
