//! Aidbox's login has the password and the token of the second factor in the
//! same request. If a token has to be sent, a request without a token sends it.

use crate::domain::client::Client;
use crate::domain::factors::factor::{Channel, Factor, Method};
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::Context;
use crate::usecase::login::codemaze_second_step::send_at_login;
use crate::usecase::login::password_step::SecondFactor;

/// Answers a right password that came without a token. A code is sent, unless
/// the user has an authenticator app. The answer asks for the code. At most
/// three requests to DynamoDB, five if the send fails or came too soon.
///
/// # Errors
/// There always is an error: `CodeMissing` if all is well, `FactorsMissing` for
/// a user who has to enrol first; `SendTooSoon`, `SendsExhausted`,
/// `DeliveryFailed`.
pub async fn ask_for_token(context: &Context, client: &Client, needed: &SecondFactor) -> Failure {
    let account = &needed.account;
    let Some(first) = account.active_factors().next() else {
        return Refusal::FactorsMissing.into();
    };
    let method = first.method();
    let Some(channel) = channel_of_default(account.active_factors()) else {
        return Refusal::CodeMissing(method).into();
    };
    match send_at_login(context, client, needed, channel).await {
        Ok(()) => Refusal::CodeMissing(Method::from(channel)).into(),
        Err(failed) => failed,
    }
}

/// The channel of the first factor by rank. In Aidbox's dialect, the webhook
/// comes before e-mail, because Aidbox has no e-mail codes. `None` for an
/// authenticator app.
fn channel_of_default<'a>(mut factors: impl Iterator<Item = &'a Factor>) -> Option<Channel> {
    let (first, _) = factors.next()?.address()?;
    let is_webhook = |factor: &Factor| {
        let address = factor.address();
        address.is_some_and(|(channel, _)| channel == Channel::Webhook)
    };
    let webhook = first.is_weak() && factors.any(is_webhook);
    Some(if webhook { Channel::Webhook } else { first })
}
