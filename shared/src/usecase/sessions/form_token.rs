//! The token that a form must carry: a MAC over what the form's browser holds.
//! So no other site can send the form (cross-site request forgery).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::keyring::random_bytes;
use crate::usecase::context::Context;

/// What ties a form to its browser.
#[derive(Clone, Copy, Debug)]
pub enum Binding<'a> {
    /// The cookie of a signed-in browser.
    Session(&'a str),
    /// The token of a pending login.
    Login(&'a str),
    /// A random value, before a user has signed in.
    Visitor(&'a str),
    /// The session that begins to enrol a factor, and the factor. The token is no form's: an
    /// app shows it beside the first code.
    Enrolment(&'a str),
    /// The text that a page shows after a redirect. Only the service may choose
    /// this text.
    Said(&'a str),
}

impl Binding<'_> {
    fn text(self) -> String {
        match self {
            Self::Session(cookie) => format!("session {cookie}"),
            Self::Login(token) => format!("login {token}"),
            Self::Visitor(random) => format!("before {random}"),
            Self::Enrolment(text) => format!("enrolment {text}"),
            Self::Said(text) => format!("said {text}"),
        }
    }
}

/// A random value for `Binding::Visitor`: 128 bits in base64url.
///
/// # Errors
/// `Broken` if the system gives no random bytes.
pub fn new_binding() -> Result<Secret, Broken> {
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(random_bytes::<16>()?)))
}

/// The token of a form. No request to DynamoDB.
///
/// # Errors
/// `Broken` if there are no keys.
pub async fn form_token(context: &Context, binding: Binding<'_>) -> Result<Secret, Broken> {
    let ring = context.ring().await?;
    ring.form_mac(&binding.text())
}

/// Refuses a form whose token was made for another browser, or not by this
/// service.
///
/// # Errors
/// `FormRejected`.
pub async fn check_form(
    context: &Context,
    binding: Binding<'_>,
    shown: Option<&str>,
) -> Result<(), Failure> {
    let ring = context.ring().await?;
    let right = shown.is_some_and(|shown| ring.form_token_is_right(&binding.text(), shown));
    if right {
        Ok(())
    } else {
        Err(PageRefusal::FormRejected.into())
    }
}
