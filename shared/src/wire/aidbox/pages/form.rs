//! Decides which forms are accepted: forms from this origin, with a token that was made
//! for this browser.

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;
use axum::response::Response;
use url::Url;

use crate::app::App;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::sessions::form_token::{Binding, check_form, form_token, new_binding};
use crate::wire::aidbox::pages::cookie;
use crate::wire::fields::Fields;
use crate::wire::input::Input;

/// Refuses a form from another origin. `Sec-Fetch-Site` decides if the header is
/// present, because a page cannot set it. Otherwise `Origin` decides. The value `null`
/// is accepted, because browsers send it from pages with `Referrer-Policy:
/// no-referrer`, as ours are. The form's token is checked in every case.
///
/// # Errors
/// `FormRejected`.
pub fn check_origin(app: &App, headers: &HeaderMap) -> Result<(), PageRefusal> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let own = match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, None | Some("null")) => true,
        (None, Some(origin)) => {
            let issuer = Url::parse(&app.config.issuer);
            issuer.is_ok_and(|issuer| issuer.origin().ascii_serialization() == origin)
        }
    };
    if own {
        Ok(())
    } else {
        Err(PageRefusal::FormRejected)
    }
}

/// The random value that a browser has in a cookie before and after the sign-in.
pub struct BrowserBinding<'a> {
    known: Option<&'a str>,
    fresh: Option<Secret>,
}

impl<'a> BrowserBinding<'a> {
    /// Of the browser that sent the request; a new value if the browser has none.
    ///
    /// # Errors
    /// `Broken` if there is no random number.
    pub fn of(input: &'a Input) -> Result<Self, Failure> {
        let known = cookie::read_cookie(&input.headers, cookie::VISITOR);
        let fresh = match known {
            Some(_) => None,
            None => Some(new_binding()?),
        };
        Ok(Self { known, fresh })
    }

    pub fn value(&self) -> &str {
        let fresh = self.fresh.as_ref().map(Secret::expose);
        self.known.or(fresh).unwrap_or_default()
    }

    /// Adds the cookie to the page, if the browser does not have it yet.
    pub fn with_cookie(&self, mut response: Response) -> Response {
        if let Some(value) = &self.fresh {
            cookie::set_cookie(&mut response, cookie::VISITOR, value.expose());
        }
        response
    }
}

/// A form before the sign-in: its token, and the random value in the browser's cookie
/// that the token belongs to.
pub struct VisitorForm<'a> {
    /// The form's token.
    pub csrf: Secret,
    browser: BrowserBinding<'a>,
}

impl<'a> VisitorForm<'a> {
    /// For the browser that sent the request.
    ///
    /// # Errors
    /// `Broken` if there are no keys.
    pub async fn of(input: &'a Input) -> Result<Self, Failure> {
        let browser = BrowserBinding::of(input)?;
        let binding = Binding::Visitor(browser.value());
        let csrf = form_token(&input.context, binding).await?;
        Ok(Self { csrf, browser })
    }

    /// Adds the cookie to the page, if the browser does not have it yet.
    pub fn with_cookie(&self, response: Response) -> Response {
        self.browser.with_cookie(response)
    }
}

/// Refuses a form that was not made for this browser. For forms before the sign-in.
///
/// # Errors
/// `FormRejected`.
pub async fn check_visitor_form(input: &Input, fields: &Fields) -> Result<(), Failure> {
    let value =
        cookie::read_cookie(&input.headers, cookie::VISITOR).ok_or(PageRefusal::FormRejected)?;
    check_submitted_form(input, fields, Binding::Visitor(value)).await
}

/// Refuses a form that was not made for this binding.
///
/// # Errors
/// `FormRejected`.
pub async fn check_submitted_form(
    input: &Input,
    fields: &Fields,
    binding: Binding<'_>,
) -> Result<(), Failure> {
    check_form(&input.context, binding, fields.get("csrf")).await
}

/// The session cookie of a signed-in browser.
///
/// # Errors
/// `SignInRequired`.
pub fn session_cookie(input: &Input) -> Result<&str, PageRefusal> {
    cookie::read_cookie(&input.headers, cookie::SESSION).ok_or(PageRefusal::SignInRequired)
}
