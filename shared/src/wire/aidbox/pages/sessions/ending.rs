//! How every sign-in ends: with a session that is a new one, or on to the first
//! factor as nobody. Either way the session that the browser had before is over.

use axum::response::Response;

use crate::failure::Failure;
use crate::usecase::login::browser_sign_in::SignedInBrowser;
use crate::usecase::sessions::sign_out::end_browser_session;
use crate::wire::aidbox::pages::authorization::request::Journey;
use crate::wire::aidbox::pages::cookie;
use crate::wire::aidbox::pages::form::session_cookie;
use crate::wire::aidbox::pages::page::go_to;
use crate::wire::input::Input;

/// The end of every sign-in: this answer, with a session that is always a new
/// one. The one that the browser had before ends.
pub(crate) async fn with_session(
    input: &Input,
    browser: &SignedInBrowser,
    mut response: Response,
) -> Result<Response, Failure> {
    end_before(input).await?;
    cookie::set(&mut response, cookie::SESSION, browser.cookie.expose());
    cookie::clear(&mut response, cookie::LOGIN);
    // A form that another tab shows stays good: what ties it to this browser does
    // not change with who is signed in.
    if cookie::read_text(&input.headers, cookie::JOURNEY).is_some() {
        cookie::clear(&mut response, cookie::JOURNEY);
    }
    Ok(response)
}

/// On to the page that sets a first factor up, as nobody: the session that the
/// browser had before ends here.
pub(crate) async fn to_first_factor(input: &Input, journey: &Journey) -> Result<Response, Failure> {
    end_before(input).await?;
    let mut response = go_to(&journey.path("/auth/two-factor/enable"))?;
    cookie::clear(&mut response, cookie::SESSION);
    Ok(response)
}

/// Ends the session that the browser had before a sign-in.
async fn end_before(input: &Input) -> Result<(), Failure> {
    match session_cookie(input) {
        Ok(before) => end_browser_session(&input.context, before).await,
        Err(_) => Ok(()),
    }
}
