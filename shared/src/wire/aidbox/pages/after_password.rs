//! Where a sign-in goes after the password.

use axum::response::Response;

use super::cookie;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::login::browser_sign_in::SignedInBrowser;
use crate::wire::aidbox::pages::ending::with_session;
use crate::wire::aidbox::pages::page::go_to;
use crate::wire::aidbox::pages::request::Journey;
use crate::wire::input::Input;

pub(super) const SIGN_IN: &str = "/auth/login";

/// To the step in which the password is changed, in the login that waits for it.
pub(super) fn change_step(journey: &Journey, token: &Secret) -> Result<Response, Failure> {
    let mut response = go_to(&journey.step(SIGN_IN, &[("step", "password")]))?;
    cookie::set_for_a_login(&mut response, token.expose());
    Ok(response)
}

/// Onward, with a new session.
pub(super) async fn signed_in(
    input: &Input,
    browser: &SignedInBrowser,
    journey: &Journey,
) -> Result<Response, Failure> {
    with_session(input, browser, go_to(&journey.onward())?).await
}
