//! Where the browser goes after the password.

use axum::response::Response;

use crate::domain::id::UserId;
use crate::domain::login::next_step::NextStep;
use crate::failure::Failure;
use crate::usecase::accounts::send_confirmation::confirm_again;
use crate::usecase::login::finished_login::SignedInBrowser;
use crate::wire::aidbox::pages::accounts::mailed_link::confirmation_link;
use crate::wire::aidbox::pages::authorization::request::Journey;
use crate::wire::aidbox::pages::cookie;
use crate::wire::aidbox::pages::page::go_to;
use crate::wire::aidbox::pages::page_step::PageStep;
use crate::wire::aidbox::pages::sessions::finish_sign_in::to_first_factor;
use crate::wire::aidbox::pages::sessions::finish_sign_in::with_session;
use crate::wire::for_next_step;
use crate::wire::input::Input;

pub(crate) const SIGN_IN: &str = "/auth/login";

/// Redirects to the page of the login's next step.
pub(crate) async fn next_page(
    input: &Input,
    journey: &Journey,
    next: &NextStep,
) -> Result<Response, Failure> {
    match next {
        NextStep::ConfirmAddress { user, .. } => {
            let make_link =
                |user: UserId, token: &str| confirmation_link(&input.context.app, user, token);
            let sent = confirm_again(&input.context, next, &make_link).await;
            let user = user.to_string();
            let mut more = vec![PageStep::Unconfirmed.parameter(), ("user", user.as_str())];
            more.extend(sent.then_some(("sent", "true")));
            let mut response = go_to(&journey.step(SIGN_IN, &more))?;
            journey.keep(&mut response);
            Ok(for_next_step(response, next))
        }
        NextStep::ChangePassword { token, .. } => {
            let mut response = go_to(&journey.step(SIGN_IN, &[PageStep::Password.parameter()]))?;
            cookie::set_for_a_login(&mut response, token.expose());
            Ok(response)
        }
        // The code confirmed the address. Now the user enrols the first factor.
        NextStep::Enrol => to_first_factor(input, journey).await,
    }
}

/// Redirects onward with a new session.
pub(crate) async fn signed_in(
    input: &Input,
    browser: &SignedInBrowser,
    journey: &Journey,
) -> Result<Response, Failure> {
    with_session(input, browser, go_to(&journey.onward())?).await
}
