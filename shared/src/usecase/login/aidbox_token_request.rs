//! Aidbox's login has the password and the token of the second factor in the
//! same request. If a token has to be sent, a request without a token sends it.

use crate::domain::factors::two_factor::channel_of_default;
use crate::domain::login::next_step::NextStep;
use crate::failure::Failure;
use crate::usecase::client_context::ClientContext;
use crate::usecase::login::codemaze_second_step::send_at_login;
use crate::usecase::login::finished_login::LoginStep;
use crate::usecase::login::password_step::SecondFactor;

/// What a login without a token leads to.
pub enum TokenAsked {
    /// The next request has to show the token.
    Token,
    /// The user has to set up a second factor first.
    Next(NextStep),
}

/// Answers a right password that came without a token. A code is sent, unless
/// the user has an authenticator app. At most three requests to DynamoDB, five
/// if the send fails or came too soon.
///
/// # Errors
/// `SendTooSoon`, `SendsExhausted`, `DeliveryFailed`.
pub async fn ask_for_token(
    context: &ClientContext,
    needed: &SecondFactor,
) -> Result<TokenAsked, Failure> {
    let account = &needed.account;
    if account.active_factors().next().is_none() {
        return Ok(TokenAsked::Next(NextStep::Enrol));
    }
    if let Some(channel) = channel_of_default(account.active_factors()) {
        match send_at_login(context, needed, channel).await? {
            LoginStep::Done(()) => {}
            LoginStep::Next(next) => return Ok(TokenAsked::Next(next)),
        }
    }
    Ok(TokenAsked::Token)
}
