//! How every sign-in ends: with a new session, or without a session at the enrolment of
//! a first factor. In both cases, the browser's earlier session ends.

use axum::response::Response;

use crate::failure::Failure;
use crate::usecase::login::finished_login::SignedInBrowser;
use crate::usecase::sessions::sign_out::end_browser_session;
use crate::wire::aidbox::pages::authorization::request::Journey;
use crate::wire::aidbox::pages::cookie;
use crate::wire::aidbox::pages::form::session_cookie;
use crate::wire::aidbox::pages::page::go_to;
use crate::wire::input::Input;

/// Ends a sign-in: adds the cookie of the new session to the response. The browser's
/// earlier session ends.
pub(crate) async fn with_session(
    input: &Input,
    browser: &SignedInBrowser,
    mut response: Response,
) -> Result<Response, Failure> {
    end_before(input).await?;
    cookie::set_cookie(&mut response, cookie::SESSION, browser.cookie.expose());
    cookie::clear_cookie(&mut response, cookie::LOGIN);
    let seconds = input.context.app.config.trusted_device_seconds;
    if let (Some(trusted), Some(seconds)) = (&browser.trusted, seconds) {
        cookie::set_for(&mut response, cookie::TRUSTED, trusted.expose(), seconds);
    }
    // The cookie that binds forms to the browser does not change here, so a form in
    // another tab stays valid.
    if cookie::read_text(&input.headers, cookie::JOURNEY).is_some() {
        cookie::clear_cookie(&mut response, cookie::JOURNEY);
    }
    Ok(response)
}

/// Redirects to the page that enrols a first factor. The browser's earlier session
/// ends, and the browser has no session until the enrolment is complete.
pub(crate) async fn to_first_factor(input: &Input, journey: &Journey) -> Result<Response, Failure> {
    end_before(input).await?;
    let mut response = go_to(&journey.path("/auth/two-factor/enable"))?;
    cookie::clear_cookie(&mut response, cookie::SESSION);
    Ok(response)
}

/// Ends the browser's earlier session.
async fn end_before(input: &Input) -> Result<(), Failure> {
    match session_cookie(input) {
        Ok(before) => end_browser_session(&input.context, before).await,
        Err(_) => Ok(()),
    }
}
